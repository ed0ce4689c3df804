package workflows

import "nasdesk"

// Wording returns the lines of our letters that may come back unquoted: the
// empty lines of every form, with their hints, and our standing sentences. They
// are nobody's words (contract, rule 2).
func Wording() []string {
	out := []string{sayCheck, sayConfirm, sayThanks, sayReply, sayReference, sayApprove, sayTeam, sayTeamWrote, sayDone}
	for _, k := range Kinds {
		form, _ := k.FormOf()
		for _, f := range form.Fields {
			out = append(out, lineOf(f)+":")
		}
	}
	for _, r := range Rules {
		out = append(out, r.Says)
	}
	return out
}

// Sentences that stand in many letters.
const (
	sayCheck     = "Nothing has been done yet. Please check what we read in your message:"
	sayConfirm   = "If this is right, reply YES and we will carry it out. If it is not, reply with the right details. To stop the request, reply NO."
	sayThanks    = "Thank you. We need a little more from you before we can go on."
	sayReply     = "Please reply to this message with:"
	sayReference = "Please keep the reference in the subject when you reply."
	sayTeam      = "This was decided by the NAS helpdesk team."
	sayTeamWrote = "This was written by the NAS helpdesk team."
	sayDone      = "A member of our staff has dealt with this."
	sayApprove   = "Please reply APPROVED or DECLINED."
)

func para(s string) nasdesk.Block { return nasdesk.Block{Para: s} }
