package console

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
	"nasdesk/store"
)

// A requestPage is all that staff see of a request. It is made of a dossier and
// of the mails in it by functions without any door to the world.
type requestPage struct {
	ID        int64
	Seen      int64 // version of the request that this page shows
	Reference string
	Asked     string
	AskedAs   string // where it was judged as another kind
	State     Tag
	Outcome   nasdesk.Outcome
	Came      []explained
	Urgent    bool
	Party     nasdesk.Address
	Mailbox   nasdesk.Address
	Who       string // the organisation
	Made      nasdesk.Timestamp
	Since     nasdesk.Timestamp
	Waits     string
	Assignee  string
	Snoozed   nasdesk.Date
	Awaits    nasdesk.Address
	Fields    []fieldRow
	Mails     []mailView // theirs, the one that made the request first
	Left      int        // mails of theirs that are not shown, for there are many
	Rule      ruleView
	Box       *boxView
	Named     []accountRow // accounts beside the mailbox's own that the request touches
	Letters   []letterView
	Journal   []journalRow
	Looks     bool   // who looked at it stands there too
	OtherLook string // the address of the page with them, or without
	Notes     []store.StaffNote
	Work      []workView
	Dates     []dateView
	Clicks    []clickView
	Similar   []queueRow
	Acts      []actForm
	Errors    Faults
	Back      string
	May       bool // whoever looks may act
	Busy      bool // an act waits: no other can be done
}

// A fieldRow is one field of the request beside what the register says of it.
type fieldRow struct {
	ID       string
	Label    string
	Hint     string
	Value    string
	Written  string // as it stands in the mail, where that is not the value
	Trouble  string // "Missing", "Two different values", "Cannot be used"
	Register string // what the register says of the value
	Marks    []mark
	How      string // how it was read: "behind its label", "from a sentence", "confirmed"
}

// A ruleView is a published sentence and where it stands.
type ruleView struct {
	Says, Source, Link, ID string
	Dated                  nasdesk.Date
}

func ruleInWords(r nasdesk.Rule) ruleView {
	v := ruleView{Says: r.Says, Source: r.Source, ID: r.ID, Dated: r.Dated}
	if i := strings.Index(r.Source, "https://"); i >= 0 && !strings.ContainsAny(r.Source[i:], " \t") {
		v.Link, v.Source = r.Source[i:], strings.TrimRight(r.Source[:i], " ,:")
		if v.Source == "" {
			v.Source = v.Link
		}
	}
	return v
}

// A boxView is the mailbox's case.
type boxView struct {
	nasdesk.Mailbox
	DSPTWords string
	Owners    int
	Counted   int
	Limit     int
	Accounts  []accountRow
	Approvals []nasdesk.Approval
	Closed    bool
}

// An accountRow is one account, with what links it to the mailbox.
type accountRow struct {
	nasdesk.Account
	Role    nasdesk.Role // "" where it is not linked
	Link    string
	Touched bool   // a field of the request names it
	Why     string // of an account that is not linked: what names it
}

// A letterView is one mail of the conversation.
type letterView struct {
	store.Letter
	N        int
	Passages []passage // theirs
	Standing string    // ours: how it stands
	Shown    bool      // theirs: its text is here
}

type journalRow struct {
	At           nasdesk.Timestamp
	What, Detail string
}

type workView struct {
	ID      int64
	Says    string
	State   string
	At      nasdesk.Timestamp
	Ended   nasdesk.Timestamp
	Detail  string
	Account nasdesk.Address
}

type dateView struct {
	What string
	At   nasdesk.Timestamp
}

// A clickView is an act of staff that waits, or what became of it.
type clickView struct {
	ID       int64
	Says     string
	Of       string // what it is done to, where the page does not say it
	By       string
	Second   string
	State    string
	At       nasdesk.Timestamp
	Why      nasdesk.Hindrance
	Waiting  bool // it can be undone
	Proposed bool // it waits for a second person
	Hindered bool // Why says why it was not done
	Text     string
}

// dossierPage puts a dossier into words. Mails are the messages of theirs that
// were read, by their kept id.
func (v *visit) dossierPage(d *store.Dossier, mails map[int64]readMail, back string) requestPage {
	r, desk := &d.Request, v.office.Desk
	k := desk.Kind(r.Kind)
	p := requestPage{ID: r.ID, Seen: r.Version, Reference: r.Reference, Asked: v.office.kindTitle(r.Kind), State: stateTag(r.State), Outcome: r.Outcome,
		Came: came(r, k), Urgent: slices.Contains(r.Reasons, nasdesk.MailboxAddressFormat), Party: r.Party, Mailbox: r.Mailbox, Made: r.MadeAt,
		Assignee: r.Assignee, Snoozed: r.Snoozed, Back: back, Notes: d.Notes, May: worker.allows(v.staff.Role)}
	if r.Asked != "" && r.Asked != r.Kind {
		p.AskedAs = v.office.kindTitle(r.Asked)
	}
	if r.State.Open() {
		p.Awaits = r.From
	}
	if !r.State.Ended() {
		p.Since = cmp.Or(r.DecidedAt, r.MadeAt)
		p.Waits = serviceTime(v.office.Hours(p.Since, v.now))
	}
	p.mails(d, mails, k)
	p.Rule = ruleInWords(desk.Why(r))
	p.Box, p.Named = boxOf(r, d.Case, k)
	if p.Box != nil {
		p.Who = p.Box.Name
	}
	here := "/requests/" + strconv.FormatInt(r.ID, 10)
	p.Looks, p.OtherLook = v.withLooks(), otherLook(here, back, !v.withLooks())
	p.history(d)
	for _, s := range d.Similar {
		p.Similar = append(p.Similar, v.row(s, cmp.Or(back, here)))
	}
	for _, c := range d.Clicks {
		p.Clicks = append(p.Clicks, v.clickInWords(c))
	}
	return p
}

// mails marks in each mail of theirs what was read from it, and fills the
// fields and the conversation.
func (p *requestPage) mails(d *store.Dossier, mails map[int64]readMail, k *nasdesk.Kind) {
	marks := map[string][]mark{}
	marked := map[int64][]mark{}
	for _, l := range inOrder(d) {
		m, ok := mails[l.Message]
		if !ok {
			p.Left++
			continue
		}
		marked[l.Message] = marksIn(m.Message, l.Message, d.Request.Answers, k, marks)
		p.Mails = append(p.Mails, m.view(l.Message, l.At, marked[l.Message]))
	}
	p.Fields = fieldRows(&d.Request, d.Case, k, marks)
	for i, l := range d.Letters {
		x := letterView{Letter: l, N: i + 1, Standing: letterStands(l)}
		if m, ok := mails[l.Message]; ok && !l.Ours {
			x.Passages, x.Shown = passages(m.Message, nil), true
		}
		p.Letters = append(p.Letters, x)
	}
}

// inOrder returns their letters, the one that made the request first.
func inOrder(d *store.Dossier) []store.Letter {
	var out []store.Letter
	for _, l := range d.Letters {
		if !l.Ours && l.Message != 0 && !slices.ContainsFunc(out, func(x store.Letter) bool { return x.Message == l.Message }) {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b store.Letter) int {
		return cmp.Compare(oneIf(b.MessageID == d.Request.Message), oneIf(a.MessageID == d.Request.Message))
	})
	return out
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// fieldRows lists the fields of the kind's form, then whatever else was read.
func fieldRows(r *nasdesk.Request, c *nasdesk.Case, k *nasdesk.Kind, marks map[string][]mark) []fieldRow {
	var out []fieldRow
	seen := map[string]bool{}
	add := func(f nasdesk.Field) {
		seen[f.Name] = true
		a := nasdesk.AnswerTo(r.Answers, f.Name)
		if a == nil && !f.Needed {
			return
		}
		out = append(out, fieldInWords(r, c, f, a, marks[f.Name]))
	}
	if k != nil {
		form, _ := k.FormOf()
		for _, f := range form.Fields {
			add(f)
		}
	}
	for _, a := range r.Answers {
		if !seen[a.Field] {
			add(nasdesk.Field{Name: a.Field, Label: labelOf(k, a.Field), Value: new(nasdesk.Text)})
		}
	}
	if r.Effective != "" {
		out = append(out, fieldRow{ID: "field-effective", Label: "From the day", Value: r.Effective.Long()})
	}
	return out
}

func fieldInWords(r *nasdesk.Request, c *nasdesk.Case, f nasdesk.Field, a *nasdesk.Answer, marks []mark) fieldRow {
	row := fieldRow{ID: fieldID(f.Name), Label: f.Label, Hint: f.Hint, Marks: marks}
	for _, why := range r.Reasons {
		if what, name, _ := strings.Cut(string(why), ":"); name == f.Name {
			row.Trouble = troubles[what]
		}
	}
	if a == nil {
		row.Trouble = cmp.Or(row.Trouble, "Missing")
		return row
	}
	row.Value = a.Value
	if w := nasdesk.Clean(a.Written); w != a.Value {
		row.Written = w
	}
	switch {
	case a.Ambiguous:
		row.Trouble = "Two different values"
	case a.Frozen:
		row.How = "confirmed by the sender"
	case a.Labelled:
		row.How = "stood behind its label"
	case len(a.Spans) > 0:
		row.How = "read from a sentence"
	}
	if !a.Ambiguous && c != nil {
		row.Register = registerSays(r, c, f, a.Value)
	}
	return row
}

var troubles = map[string]string{"missing": "Missing", "invalid": "Cannot be used", "ambiguous": "Two different values"}

// registerSays is what the register knows of a value, by its type.
func registerSays(r *nasdesk.Request, c *nasdesk.Case, f nasdesk.Field, value string) string {
	switch f.Value.Type() {
	case nasdesk.MobileType:
		return mobileSays(r, c, nasdesk.Mobile(value))
	case nasdesk.NHSType, nasdesk.AddressType:
		return addressSays(r, c, nasdesk.Address(value))
	case nasdesk.AddressesType:
		var out []string
		for a := range strings.FieldsSeq(value) {
			out = append(out, a+": "+addressSays(r, c, nasdesk.Address(a)))
		}
		return strings.Join(out, "; ")
	case nasdesk.ODSType:
		if m := c.MailboxByODS(nasdesk.ODSCode(value)); m != nil {
			return m.Name + ", " + string(m.Address)
		}
		return "no mailbox has this code"
	case nasdesk.MailboxType:
		if m := c.MailboxNamed(nasdesk.MailboxName(value)); m != nil {
			return m.Name + " (" + string(m.ODS) + ")"
		}
		return "no such mailbox"
	}
	return ""
}

// mobileSays compares a number with the one registered for the account that the
// request names: the owner's, where the number is the owner's.
func mobileSays(r *nasdesk.Request, c *nasdesk.Case, m nasdesk.Mobile) string {
	says := "no account has it"
	whose := c.AccountByMobile(m)
	if whose != nil {
		says = "registered for " + string(whose.Name) + ", " + string(whose.Address) + " (" + string(whose.Status) + ")"
	}
	field := "nhs_email"
	if r.Kind == "password-reset" {
		field = "owner_email"
	}
	if a := c.Account(nasdesk.Address(r.Answer(field))); a != nil && a.Mobile != m {
		says += "; " + string(a.Address) + " has another number registered: " + string(a.Mobile)
	}
	return says
}

func addressSays(r *nasdesk.Request, c *nasdesk.Case, a nasdesk.Address) string {
	if acc := c.Account(a); acc != nil {
		return accountSays(r, c, acc)
	}
	if m := c.Mailbox(a); m != nil {
		return "a shared mailbox: " + m.Name
	}
	if acc := c.AccountByAlternative(a); acc != nil {
		return "the alternative address of " + string(acc.Name) + ", " + string(acc.Address)
	}
	if a.NHS() {
		return "no such account"
	}
	return "no account has it"
}

func accountSays(r *nasdesk.Request, c *nasdesk.Case, acc *nasdesk.Account) string {
	says := string(acc.Name) + ", " + string(acc.Status)
	if acc.Since != "" {
		says += " since " + short(acc.Since)
	}
	if r.Mailbox == "" {
		return says
	}
	if role := c.Role(r.Mailbox, acc.Address); role != "" {
		return says + ", " + string(role) + " of this mailbox"
	}
	return says + ", not linked to this mailbox"
}

// boxOf is the request's mailbox with its accounts, and what else of the
// register the request touches.
func boxOf(r *nasdesk.Request, c *nasdesk.Case, k *nasdesk.Kind) (*boxView, []accountRow) {
	if c == nil {
		return nil, nil
	}
	var box *boxView
	m := c.Mailbox(r.Mailbox)
	if m != nil {
		owners, _ := c.Owners(m.Address, "")
		box = &boxView{Mailbox: *m, DSPTWords: strings.ReplaceAll(string(m.DSPT), "-", " "), Owners: owners, Counted: c.Counted(m.Address),
			Limit: c.Limit(m.Address), Closed: m.Status == nasdesk.Closed}
		for _, a := range c.Approvals {
			if a.Mailbox == m.Address {
				box.Approvals = append(box.Approvals, a)
			}
		}
		for _, a := range c.Linked(m.Address) {
			box.Accounts = append(box.Accounts, accountRow{Account: *a, Role: c.Role(m.Address, a.Address), Link: registerLink("accounts", a.Address), Touched: touches(r, a) != ""})
		}
		slices.SortStableFunc(box.Accounts, func(a, b accountRow) int {
			return cmp.Or(-cmp.Compare(a.Role, b.Role), cmp.Compare(a.Address, b.Address))
		})
	}
	var named []accountRow
	for i := range c.Accounts {
		a := &c.Accounts[i]
		if m != nil && c.Role(m.Address, a.Address) != "" {
			continue
		}
		if why := touches(r, a); why != "" {
			named = append(named, accountRow{Account: *a, Link: registerLink("accounts", a.Address), Why: why, Touched: true})
		}
	}
	return box, named
}

// touches says by what a request names an account, "" if it does not.
func touches(r *nasdesk.Request, a *nasdesk.Account) string {
	for _, x := range r.Answers {
		switch {
		case slices.Contains(strings.Fields(x.Value), string(a.Address)):
			return "named by its address"
		case a.Mobile != "" && x.Value == string(a.Mobile):
			return "has the mobile number"
		case a.Alternative != "" && x.Value == string(a.Alternative):
			return "has the alternative address"
		case x.Field == "full_name" && strings.EqualFold(x.Value, string(a.Name)):
			return "has the same name"
		}
	}
	for _, x := range r.Actions {
		if x.Account == a.Address {
			return "account work on it was granted"
		}
	}
	if a.Address == r.Party {
		return "wrote the request"
	}
	return ""
}

func registerLink(what string, a nasdesk.Address) string {
	return "/register/" + what + "/" + url.PathEscape(string(a))
}

// otherLook is the address of a request's page, with or without who looked at it.
func otherLook(page, back string, looks bool) string {
	q := url.Values{}
	if looks {
		q.Set("looks", "yes")
	}
	if back != "" {
		q.Set("back", back)
	}
	if len(q) > 0 {
		page += "?" + q.Encode()
	}
	return page + "#journal"
}

// history puts the journal, the work and the dates into words.
func (p *requestPage) history(d *store.Dossier) {
	for _, j := range d.Journal {
		if j.What == "viewed" && !p.Looks {
			continue
		}
		p.Journal = append(p.Journal, journalRow{j.At, journalWords(j.What), j.Detail})
	}
	for _, w := range d.Work {
		p.Work = append(p.Work, workView{w.ID, actionInWords(w.Action), workStates[w.State], w.At, w.EndedAt, w.Detail, w.Account})
	}
	for _, x := range d.Dates {
		p.Dates = append(p.Dates, dateView{whatWords(string(x.What)), x.At})
	}
}

var workStates = map[string]string{"ready": "To do", "running": "Being done", "pending": "Begun, not finished", "done": "Done", "failed": "Failed", "cancelled": "Cancelled"}

func letterStands(l store.Letter) string {
	if !l.Ours {
		return ""
	}
	switch l.State {
	case "sent":
		return "Sent"
	case "unconfirmed":
		return "Sent; the mail server did not confirm it"
	case "failed":
		return "Could not be sent: " + l.Code
	case "cancelled":
		return "Not sent: taken back"
	}
	return "Waits to be sent"
}

// journalWords makes a sentence of the word in a journal line.
func journalWords(what string) string {
	if w, ok := journalled[what]; ok {
		return w
	}
	return capital(strings.ReplaceAll(what, "-", " "))
}

var journalled = map[string]string{
	"request-accepted": "The request was accepted", "request-refused": "The request was refused", "request-needs-info": "The pharmacy was asked",
	"request-confirm": "The request was read back", "request-awaiting": "Another party was asked", "request-exception": "The request went to staff",
	"request-reminded": "The pharmacy was reminded", "request-lapsed": "The request lapsed", "viewed": "A colleague looked at it",
	"mail-planned": "A mail was planned", "mail-sent": "A mail was sent", "mail-bounced": "A mail came back",
	"work-done": "Account work was done", "work-pending": "Account work was begun", "work-failed": "Account work failed",
	"answer-settles-nothing": "An answer came that settles nothing", "test-answered": "The test message was answered",
}

// actionInWords says what is done to which account and mailbox.
func actionInWords(a nasdesk.Action) string {
	says := ""
	switch a.Name {
	case nasdesk.CreateAccount:
		says = "Create the account " + string(a.Account) + " for " + string(a.Person) + ", mobile " + string(a.Mobile)
	case nasdesk.LinkMember:
		says = "Make " + string(a.Account) + " " + anOwner(a.Role) + " of " + string(a.Mailbox)
	case nasdesk.UnlinkMember:
		says = "Take " + string(a.Account) + " off " + string(a.Mailbox)
	case nasdesk.RestoreAccount:
		says = "Bring back the deleted account " + string(a.Account)
	case nasdesk.DisableAccount:
		says = "Disable the account " + string(a.Account)
	case nasdesk.EnableAccount:
		says = "Enable the account " + string(a.Account)
	case nasdesk.MarkLeaver:
		says = "Mark the account " + string(a.Account) + " as a leaver"
	case nasdesk.MarkJoiner:
		says = "Mark the account " + string(a.Account) + " as a joiner"
	case nasdesk.ResetPassword:
		says = "Reset the password of " + string(a.Account)
	case nasdesk.RenameMailbox:
		says = "Move the mailbox " + string(a.Mailbox) + " to the code " + a.Other
	case nasdesk.CloseMailbox:
		says = "Close the mailbox " + string(a.Mailbox)
	case nasdesk.CreateTeam:
		says = "Create the Team " + a.Other + ", owned by " + string(a.Account)
	case nasdesk.ConvertApplicationAccount:
		says = "Turn " + string(a.Account) + string(a.Mailbox) + " into an application account"
	default:
		says = string(a.Name)
	}
	if a.On != "" {
		says += ", on " + a.On.Long()
	}
	return says
}

// changeInWords says what changes in the register.
func changeInWords(ch nasdesk.Change) []string {
	var out []string
	for _, m := range ch.Mailboxes {
		out = append(out, "Mailbox "+string(m.Address)+": "+m.Name+" ("+string(m.ODS)+"), "+string(m.Status))
	}
	for _, a := range ch.Accounts {
		out = append(out, "Account "+string(a.Address)+": "+string(a.Status)+" since "+short(a.Since))
	}
	for _, l := range ch.Linked {
		out = append(out, string(l.Account)+" is "+string(l.Role)+" of "+string(l.Mailbox))
	}
	for _, l := range ch.Unlinked {
		out = append(out, string(l.Account)+" is no longer linked to "+string(l.Mailbox))
	}
	for _, a := range ch.Approvals {
		out = append(out, string(a.Mailbox)+" may hold "+plural(a.Max, "account", "accounts")+", approved by "+string(a.ApprovedBy))
	}
	return out
}
