package console

import (
	"strings"

	"nasdesk"
)

// What a reason means, for somebody who meets it for the first time.
type explained struct {
	Short string // in a list
	Why   string // one sentence: why it came to staff, or stands where it stands
	Helps string // what usually helps
}

// explanations of the contract's closed list, the fields' aside.
var explanations = map[nasdesk.Reason]explained{
	nasdesk.SenderNotAuthorised: {"The sender may not ask for this",
		"The sender is proved, but this may only be asked for from the shared mailbox, or by an owner of it.",
		"Nothing to do: the refusal says to write from the shared mailbox. If the register is out of date, set it right and ask them to write again."},
	nasdesk.RestoreWindowPassed: {"Too late to restore the account",
		"The account was deleted, or marked as a leaver, more than 30 days ago. It cannot be brought back.",
		"Nothing to do: the refusal holds the form for a new account."},
	nasdesk.DisableWindowPassed: {"Too late to enable the account",
		"The account was disabled more than 18 months ago. It cannot be enabled again.",
		"Nothing to do: the person needs a new account."},
	nasdesk.LastOwner: {"The mailbox would have no owner",
		"It would leave the shared mailbox without an owner.",
		"Another account has to become owner first. Ask who that is to be."},
	nasdesk.LastMember: {"The mailbox would have no active account",
		"It would leave the shared mailbox without an active account.",
		"Another account has to be linked first, or the mailbox is to be closed: ask which."},
	nasdesk.AlreadyLinked: {"Linked already", "The account is linked to the mailbox already, with that role.",
		"Nothing to do."},
	nasdesk.NotLinked: {"Not linked", "The account is not linked to the mailbox, so there is no link to remove.",
		"Look at the accounts of the mailbox below: perhaps another address is meant."},
	nasdesk.MailboxClosed: {"The mailbox is closed", "A closed mailbox cannot ask for account work.",
		"The continuing pharmacy has to ask from its own mailbox."},
	nasdesk.PersonalName: {"A personal account", "The address is a person's account. Only a mailbox that nobody uses by name can become an application account.",
		"Nothing to do: the refusal says so."},
	nasdesk.DSPTNotMet: {"The DSPT is not met", "The organisation's Data Security and Protection Toolkit does not meet the standards, so its mailbox cannot move to the new code.",
		"Once the toolkit is published, set its standing right in the register and ask them to write again."},
	nasdesk.ODSInUse: {"The ODS code is in use", "Another mailbox has the new ODS code.",
		"Compare both mailboxes. It may be a consolidation rather than a change of code."},
	nasdesk.NothingToDo: {"Nothing to do", "The account is already as they ask for it to be.",
		"Nothing to do."},
	nasdesk.Declined: {"Declined", "The region, the other mailbox or the sender said no.",
		"Nothing to do."},

	nasdesk.RegionalApproval: {"Waits for the region", "The mailbox would hold more accounts than it may. The regional team was asked to approve it.",
		"Wait. If the region does not answer, ask it again, or approve with a second person once you have its word."},
	nasdesk.MailboxConsent: {"Waits for the other mailbox", "The other pharmacy has to agree, and was asked.",
		"Wait. If it cannot answer, because nobody there has access any more, approve with a second person on other proof."},

	nasdesk.DuplicatePerson: {"The person may have an account",
		"The mobile number or the alternative address belongs to an account that exists. A person has one account.",
		"Compare the names. The same person: ask whether the account is to be linked instead, or correct the kind. Another person: the number was typed wrongly or changed hands; ask."},
	nasdesk.AccountNotFound: {"The account is not in the register",
		"No account with that address, or that mobile number, is in the register.",
		"Look for a slip of typing among the accounts below and correct the field. If it is not there, ask for the exact address."},
	nasdesk.IdentityMismatch: {"The mobile number does not match",
		"The account exists, but the mobile number given is not the one registered for it.",
		"Do not tell them the number that is registered. Ask for the registered number, or have the owner confirm the person on a number that you know."},
	nasdesk.MailboxAddressFormat: {"The mailbox's address is wrong: urgent",
		"The mailbox's address does not have the form pharmacy.ODSCODE@nhs.net. Prescriptions and referrals may not arrive.",
		"Deal with it first. Check the ODS code, then approve the renaming, or refuse it with the rule."},
	nasdesk.ReplyToDiffers: {"Answers would go elsewhere",
		"The mail is proved, but names an address outside nhs.net for answers. That is how a mailbox that was taken over is used.",
		"Ask the pharmacy at its registered mailbox whether it wrote this. Approve only when it says so."},
	nasdesk.StaffOnly: {"Staff decide this",
		"The rules leave this to people, because something has to be checked that the program cannot see.",
		"Check what the rule on this page names. Then approve, refuse with the rule, or ask."},
	nasdesk.NotUnderstood: {"Not understood",
		"No request that we know was found in the message, or its answer did not fit the thread it came in.",
		"Read the mail. Correct the kind if you see what is asked; reply if it is a question; merge it if it belongs to another request; else it is not a request."},
	nasdesk.Unreadable: {"No text could be read",
		"The mail is encrypted, or holds only a picture or a file that gave no text.",
		"Open the attachment with care. Ask them to write the request into the mail itself."},
	nasdesk.Conflict: {"It contradicts what we know",
		"The account or an earlier message is in a state that does not fit the request, or a letter of another alphabet stands in a name, address or code.",
		"Compare the fields with the register beside them, and with the journal. Ask if it stays unclear."},

	nasdesk.SenderUnverified: {"The sender is not proved",
		"The mail servers do not vouch for the address in From. Anybody may have written it.",
		"Read why below. Condemn it if it is no genuine mail. Release it only if you know by another way that they wrote it; a colleague has to agree."},
	nasdesk.SenderAmbiguous: {"The sender cannot be told",
		"The mail names no sender, several, or a Sender that contradicts its From.",
		"Read why below. Most are condemned. If you know who wrote it, ask them to write again from the shared mailbox."},

	nasdesk.AutoReply:        {"An automatic answer", "A program answered, not a person.", "Nothing to do."},
	nasdesk.Bounce:           {"A mail came back", "A mail server reports that a mail could not be delivered.", "Look at the mail that came back."},
	nasdesk.Receipt:          {"A receipt", "A program reports that a mail was read or delivered.", "Nothing to do."},
	nasdesk.OwnMail:          {"Our own mail", "A mail of ours came back to us.", "Nothing to do."},
	nasdesk.DuplicateMessage: {"A second copy", "The same message came before.", "Nothing to do."},
	nasdesk.Bulk:             {"A mailing", "It was sent to many.", "Nothing to do."},
}

// fieldWords are those of the reasons that name a field.
var fieldWords = map[string]explained{
	"missing":   {"Missing: %", "The % is missing. The pharmacy was asked for it.", "Wait for the answer, or correct the field if you know it for certain."},
	"invalid":   {"Not usable: %", "The % cannot be used as it was written. The pharmacy was asked for another.", "Wait for the answer, or correct the field if it is a plain slip."},
	"ambiguous": {"Two values: %", "More than one % was found, and we do not guess. The pharmacy was asked which is meant.", "Wait for the answer, or correct the field if the mail makes it certain."},
}

// reasonOf returns the words of a reason; those of a field name it as the form
// of the kind does (nil: as the contract does).
func reasonOf(r nasdesk.Reason, k *nasdesk.Kind) explained {
	if w, ok := explanations[r]; ok {
		return w
	}
	what, field, _ := strings.Cut(string(r), ":")
	w, ok := fieldWords[what]
	if !ok {
		return explained{Short: string(r), Why: string(r) + ".", Helps: "Read the mail and decide."}
	}
	label := lowered(labelOf(k, field))
	w.Short = strings.ReplaceAll(w.Short, "%", label)
	w.Why = strings.ReplaceAll(w.Why, "%", label)
	return w
}

// labelOf is the name of a field as it stands on our form.
func labelOf(k *nasdesk.Kind, field string) string {
	if k != nil {
		f, _ := k.FormOf()
		if x := f.Field(field); x != nil {
			return x.Label
		}
	}
	s := strings.ReplaceAll(field, "_", " ")
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// lowered begins a label with a small letter, names aside.
func lowered(label string) string {
	if label == "" || strings.HasPrefix(label, "NHS") || strings.HasPrefix(label, "ODS") {
		return label
	}
	return strings.ToLower(label[:1]) + label[1:]
}

// came says why a request is where it is: the words of its reasons, or of its
// state where it has none.
func came(r *nasdesk.Request, k *nasdesk.Kind) []explained {
	var out []explained
	for _, why := range r.Reasons {
		out = append(out, reasonOf(why, k))
	}
	if r.Bounced != 0 {
		out = append(out, explained{"A mail came back", "A mail of ours about this request could not be delivered.",
			"Check the address in the register, write again or call, and mark the bounce as seen to."})
	}
	if r.State == nasdesk.StateReferred && r.Outcome == nasdesk.Accepted {
		out = append(out, explained{"The account work failed", "The request was accepted, but the account system could not do the work.",
			"See what it says under account work. Correct what is wrong and approve again, or tell the pharmacy."})
	}
	if r.State.Ended() || len(out) == 0 {
		out = append([]explained{stateWords[r.State]}, out...)
	}
	for i := range out[1:] {
		if r.State.Ended() {
			out[i+1].Helps = ""
		}
	}
	return out
}

// stateWords are those of the states, for a request without a reason.
var stateWords = map[nasdesk.State]explained{
	nasdesk.StateAsking:     {"The pharmacy is asked", "The pharmacy was asked for what is missing.", "Wait: it is reminded by itself."},
	nasdesk.StateConfirming: {"The pharmacy is to confirm", "The request was read from sentences. It was read back, and waits for a YES.", "Wait: it is reminded by itself."},
	nasdesk.StateSeeking:    {"Another party is asked", "Another party has to agree.", "Wait, or approve with a second person."},
	nasdesk.StateReferred:   {"Staff decide this", "The rules leave this to people.", "Approve, refuse with a rule, or ask."},
	nasdesk.StateDated:      {"Accepted for a later day", "It is accepted, and waits for its day.", "Nothing to do."},
	nasdesk.StateDoing:      {"Accepted, work goes on", "It is accepted, and the account work goes on.", "Nothing to do."},
	nasdesk.StateDone:       {"Done", "It is done.", "Nothing to do."},
	nasdesk.StateRefused:    {"Refused", "It was refused.", "Nothing to do."},
	nasdesk.StateWithdrawn:  {"Withdrawn", "The pharmacy took it back.", "Nothing to do."},
	nasdesk.StateLapsed:     {"Lapsed", "The pharmacy did not answer, nor after a reminder.", "Nothing to do."},
}

// findingWords say what reading had to repair. A code that is not here is shown
// as it is.
var findingWords = map[string]string{
	nasdesk.FoundNoText:    "No text could be read from it.",
	nasdesk.FoundOverLimit: "It is larger or deeper than we read, and was held unread.",
	nasdesk.FoundHeader:    "Its header was malformed, and had to be repaired.",
	nasdesk.FoundSpoofNote: "NHSmail put its own warning on it: the address only looks like nhs.net.",
	nasdesk.FoundOutside:   "NHSmail marked it as coming from outside.",
	nasdesk.FoundDamaged:   "Part of it is missing or damaged.",
	nasdesk.FoundDiffer:    "Its plain text and its HTML ask for different things.",
	"boundary":             "The border between its parts was wrong, and had to be guessed.",
	"charset":              "Its letters are not in the alphabet that it names.",
	"content-type":         "It names a kind of content that does not exist.",
	"encrypted":            "It, or a part of it, is encrypted.",
	"hidden-text":          "It holds text that a reader would not see.",
	"html-unparsed":        "Its HTML could not be read.",
	"part-header-repaired": "The header of a part was malformed, and had to be repaired.",
	"sheet-unreadable":     "An attached table could not be read.",
	"signed":               "It is signed, and was read from inside its signature.",
	"tnef":                 "An attached winmail.dat could not be read.",
	"transfer-encoding":    "It was not encoded as it says.",
	"truncated":            "It ends too soon.",
}
