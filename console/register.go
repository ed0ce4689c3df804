package console

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"nasdesk"
	"nasdesk/store"
)

var registerRoutes = []route{
	{"GET /register", reader, registerPage},
	{"GET /register/health", reader, healthPage},
	{"GET /register/mailboxes/{address}", reader, registeredMailbox},
	{"GET /register/accounts/{address}", reader, registeredAccount},
	{"GET /register/edit/{what}", lead, editPage},
	{"POST /register/edit/{what}/preview", lead, previewEdit},
	{"POST /register/edit/{what}/act", lead, doEdit},
	{"GET /register/import", lead, importPage},
	{"POST /register/import", lead, previewImport},
	{"POST /register/import/apply", lead, applyImport},
}

// A page of the register holds so many rows; the page of health so many of each
// ailment.
const (
	registerRows = 50
	healthRows   = 20
	searchMost   = 200 // bytes of what is looked for
)

// recommended says of each ailment what the guidance recommends.
var recommended = map[store.Ailment]string{
	store.NoOwner:     "Nobody can manage who has access. Ask the pharmacy from its shared mailbox who is to be its owner.",
	store.OneUser:     "The guidance recommends at least two users for every shared mailbox, so that nobody is shut out when one person is away or leaves. Suggest that they add a colleague.",
	store.WrongFormat: "A pharmacy's shared mailbox is pharmacy.ODScode@nhs.net. The address has to be changed, and the old one kept as an alias.",
	store.DSPTLapsed:  "A shared mailbox needs a Data Security and Protection Toolkit status of Standards met or better; in social care Approaching standards will do. Remind them to publish.",
	store.DatesDue:    "An account or a request of this mailbox has a date within 30 days: after it, an account cannot be restored, joined or enabled any more.",
	store.Full:        "It holds as many accounts as it may: ten, or as many as the region approved. The next one needs the region's approval.",
}

var ailments = []store.Ailment{store.NoOwner, store.OneUser, store.WrongFormat, store.DSPTLapsed, store.DatesDue, store.Full}

// An ailmentView is an ailment with its advice.
type ailmentView struct {
	Name, Advice, Href string
}

func viewOf(a store.Ailment) ailmentView {
	return ailmentView{ailmentTitle(a), recommended[a], "/register?" + url.Values{"ails": {string(a)}}.Encode()}
}

// A registerView is the list of mailboxes, and the accounts that were looked for.
type registerView struct {
	Text, Ails string
	After      bool
	Mailboxes  []mailboxLine
	Accounts   []accountLine
	NextPage   string
}

type mailboxLine struct {
	store.MailboxRow
	Ails []string
}

type accountLine struct {
	nasdesk.Account
	Role nasdesk.Role // on a mailbox's page
}

// Ailing are the choices of the filter.
func (registerView) Ailing() []Option {
	out := []Option{{Value: "", Text: "All mailboxes"}}
	for _, a := range ailments {
		out = append(out, Option{Value: string(a), Text: ailmentTitle(a)})
	}
	return out
}

func linesOf(rows []store.MailboxRow) []mailboxLine {
	var out []mailboxLine
	for _, r := range rows {
		l := mailboxLine{MailboxRow: r}
		for _, a := range r.Ails {
			l.Ails = append(l.Ails, ailmentTitle(a))
		}
		out = append(out, l)
	}
	return out
}

func registerPage(v *visit) error {
	q := v.URL.Query()
	p := registerView{Text: strings.TrimSpace(q.Get("q")), Ails: q.Get("ails"), After: q.Get("after") != ""}
	if p.Ails != "" && !slices.Contains(ailments, store.Ailment(p.Ails)) {
		return notFound
	}
	if len(p.Text) > searchMost {
		p.Text = strings.ToValidUTF8(p.Text[:searchMost], "")
	}
	rows, next, err := v.office.Store.Mailboxes(v.ctx(), store.MailboxFilter{Text: p.Text, Today: v.today, Ails: store.Ailment(p.Ails), After: q.Get("after"), Limit: registerRows})
	if err != nil {
		return err
	}
	p.Mailboxes = linesOf(rows)
	if next != "" {
		p.NextPage = "/register?" + url.Values{"q": {p.Text}, "ails": {p.Ails}, "after": {next}}.Encode()
	}
	if p.Text != "" && !p.After {
		found, _, err := v.office.Store.Accounts(v.ctx(), p.Text, "", registerRows)
		if err != nil {
			return err
		}
		for _, a := range found {
			p.Accounts = append(p.Accounts, accountLine{Account: a})
		}
	}
	if err := v.viewed("register", 0, ""); err != nil {
		return err
	}
	return v.show("register", p)
}

// A healthView lists the mailboxes that are not as the guidance recommends.
type healthView struct{ Ailments []ailing }

type ailing struct {
	ailmentView
	Mailboxes []mailboxLine
	More      bool
}

func healthPage(v *visit) error {
	var p healthView
	for _, a := range ailments {
		rows, next, err := v.office.Store.Mailboxes(v.ctx(), store.MailboxFilter{Ails: a, Today: v.today, Limit: healthRows})
		if err != nil {
			return err
		}
		p.Ailments = append(p.Ailments, ailing{viewOf(a), linesOf(rows), next != ""})
	}
	if err := v.viewed("register", 0, ""); err != nil {
		return err
	}
	return v.show("health", p)
}

// address reads an address from the path.
func (v *visit) address() (nasdesk.Address, error) {
	var a nasdesk.Address
	if a.Set(v.PathValue("address")) != nil {
		return "", notFound
	}
	return a, nil
}

// A mailboxView is all that staff see of a mailbox.
type mailboxView struct {
	store.MailboxPage
	Ailing   []ailmentView
	Facts    []Pair
	Linked   []accountLine
	Allowed  []nasdesk.Approval
	Requests []store.Row
	Lines    historyView
}

func registeredMailbox(v *visit) error {
	address, err := v.address()
	if err != nil {
		return err
	}
	m, err := v.office.Store.MailboxPage(v.ctx(), address, v.today)
	if err != nil {
		return found(err)
	}
	if err := v.viewed("mailbox", 0, string(m.Address)); err != nil {
		return err
	}
	p := mailboxView{MailboxPage: *m, Requests: m.Requests, Facts: factsOf(m)}
	if p.Lines, err = v.history(m.Journal, m.Address, m.Alias); err != nil {
		return err
	}
	for _, a := range m.Ails {
		p.Ailing = append(p.Ailing, viewOf(a))
	}
	p.Linked = linkedTo(m.Address, m.Case)
	for _, a := range m.Case.Approvals {
		if a.Mailbox == m.Address {
			p.Allowed = append(p.Allowed, a)
		}
	}
	return v.show("mailbox", p)
}

func factsOf(m *store.MailboxPage) []Pair {
	facts := []Pair{{Key: "Address", Value: string(m.Address)}, {Key: "ODS code", Value: string(m.ODS)}, {Key: "Sector", Value: upperFirst(string(m.Sector))},
		{Key: "Region", Value: orWords(string(m.Region), "None: staff decide instead of it")}, {Key: "DSPT status", Value: dsptWords(m.DSPT)},
		{Key: "Status", Value: upperFirst(string(m.Status))}, {Key: "Accounts", Value: number(m.Accounts) + " of " + number(m.Limit)}}
	if m.Alias != "" {
		facts = append(facts, Pair{Key: "Former address", Value: string(m.Alias)})
	}
	return facts
}

func dsptWords(d nasdesk.DSPT) string { return upperFirst(strings.ReplaceAll(string(d), "-", " ")) }

// linkedTo are the accounts of a mailbox, owners first.
func linkedTo(mailbox nasdesk.Address, c *nasdesk.Case) []accountLine {
	var out []accountLine
	for _, a := range c.Linked(mailbox) {
		out = append(out, accountLine{*a, c.Role(mailbox, a.Address)})
	}
	slices.SortStableFunc(out, func(a, b accountLine) int {
		return cmp.Or(cmp.Compare(b.Role, a.Role), cmp.Compare(a.Address, b.Address))
	})
	return out
}

// An accountView is all that staff see of an account.
type accountView struct {
	store.AccountPage
	Facts  []Pair
	Linked []linkLine
	Ahead  []dateLine
	Lines  historyView
}

// A dateLine is a long date of an account, and who is told of it before.
type dateLine struct {
	What      string
	Day, Last string
	Told      nasdesk.Address // "" where nobody is
	Next      string
}

func datesAhead(dates []nasdesk.Deadline) []dateLine {
	var out []dateLine
	for _, x := range dates {
		l := dateLine{What: whatWords(string(x.Cause)), Day: x.Ends.Long(), Last: x.Last.Long(), Told: x.Mailbox}
		if x.Mailbox != "" && x.Step > 0 {
			l.Next = nasdesk.DateOf(x.At.Time()).Long()
		}
		out = append(out, l)
	}
	return out
}

type linkLine struct {
	Mailbox nasdesk.Mailbox
	Role    nasdesk.Role
}

func registeredAccount(v *visit) error {
	address, err := v.address()
	if err != nil {
		return err
	}
	a, err := v.office.Store.AccountPage(v.ctx(), address, v.today)
	if err != nil {
		return found(err)
	}
	if err := v.viewed("account", 0, string(a.Address)); err != nil {
		return err
	}
	p := accountView{AccountPage: *a, Facts: []Pair{{Key: "Address", Value: string(a.Address)}, {Key: "Name", Value: string(a.Name)},
		{Key: "Mobile", Value: orWords(string(a.Mobile), "None")}, {Key: "Alternative email", Value: orWords(string(a.Alternative), "None")},
		{Key: "Status", Value: statusSince(a.Account)}}}
	if last := lastDay(a.Account); last != "" {
		p.Facts = append(p.Facts, Pair{Key: "Last day", Value: last})
	}
	p.Ahead = datesAhead(a.Dates)
	if p.Lines, err = v.history(a.Journal, a.Address); err != nil {
		return err
	}
	for _, m := range a.Case.MailboxesOf(a.Address) {
		p.Linked = append(p.Linked, linkLine{*m, a.Case.Role(m.Address, a.Address)})
	}
	return v.show("accountpage", p)
}

// A historyView is what the journal says of a mailbox or an account, newest
// first. Who looked at it stands there only where that is asked for: looks are
// many, and would hide what was done.
type historyView struct {
	Lines []store.JournalLine
	Looks bool   // who looked stands among them
	Other string // the address of the page with them, or without
}

func (v *visit) history(lines []store.JournalLine, addresses ...nasdesk.Address) (historyView, error) {
	h := historyView{Lines: lines, Looks: v.withLooks(), Other: v.URL.EscapedPath() + "?looks=yes#history"}
	if !h.Looks {
		return h, nil
	}
	h.Other = v.URL.EscapedPath() + "#history"
	looks, err := v.office.Store.Looks(v.ctx(), addresses...)
	h.Lines = append(slices.Clip(h.Lines), looks...)
	slices.SortFunc(h.Lines, func(a, b store.JournalLine) int { return cmp.Compare(b.ID, a.ID) })
	return h, err
}

// withLooks reports whether the visitor asks who looked, too.
func (v *visit) withLooks() bool { return v.URL.Query().Get("looks") == "yes" }

func statusSince(a nasdesk.Account) string {
	s := upperFirst(string(a.Status))
	if a.Since != "" {
		s += " since " + short(a.Since)
	}
	return s
}

// lastDay says until when something can still be done with an account that is not
// in use. Contract, rules 8 to 10.
func lastDay(a nasdesk.Account) string {
	if a.Since == "" {
		return ""
	}
	switch a.Status {
	case nasdesk.Deleted:
		return "It can be restored until " + a.Since.AddDays(30).Long()
	case nasdesk.Leaver:
		return "It can be marked as a joiner until " + a.Since.AddDays(30).Long()
	case nasdesk.Disabled:
		return "It can be enabled until " + a.Since.AddMonths(18).AddDays(-1).Long()
	}
	return ""
}

// StatusSince is the account's status, and since when.
func (l accountLine) StatusSince() string { return statusSince(l.Account) }

// A mailboxTable is a table of mailboxes with its caption.
type mailboxTable struct {
	Caption string
	Rows    []mailboxLine
}

// MailboxTable is the list of mailboxes as a table.
func (p registerView) MailboxTable() mailboxTable { return mailboxTable{"Mailboxes", p.Mailboxes} }

var registerCrumbs = []Link{{"Register", "/register"}}

func (healthView) Crumbs() []Link    { return registerCrumbs }
func (mailboxView) Crumbs() []Link   { return registerCrumbs }
func (accountView) Crumbs() []Link   { return registerCrumbs }
func (*editForm) Crumbs() []Link     { return registerCrumbs }
func (importView) Crumbs() []Link    { return registerCrumbs }
func (importPreview) Crumbs() []Link { return registerCrumbs }
