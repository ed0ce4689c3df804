package console

import (
	"strconv"
	"strings"

	"nasdesk"
)

// An Order is a piece of account work as it is done in the NHS.net portal: which
// page, and what each of its boxes gets.
type Order struct {
	Title  string   // what is to be done, as a person says it
	Page   []string // the way to the page in the portal, menu by menu
	Fields []OrderField
	Mind   []string // what to look at first, and what must not be done
	New    bool     // an account is made: it is given an address, and is pending at first
}

// An OrderField is one box of a page in the portal.
type OrderField struct {
	Name  string // as the page calls it
	Value string // what is copied into it
	Hint  string // "" where there is nothing to say
}

// The portal's menus. Seed "Create User Account".
var (
	addUser     = []string{"Admin", "User Management", "Add", "User"}
	manageUser  = []string{"Admin", "User Management"}
	manageBoxes = []string{"Admin", "Shared Mailbox"}
	manageTeams = []string{"Admin", "Teams"}
)

// MakeOrder says what the portal asks for an action. The case holds the request
// that it belongs to, the mailbox, the account and its namesakes, as far as there
// are any; what it does not hold is left out.
func MakeOrder(a nasdesk.Action, c *nasdesk.Case) Order {
	o := ordering{a: a, c: c, r: requestOf(a, c)}
	if a.Mailbox == "" && o.r != nil {
		o.a.Mailbox = o.r.Mailbox
	}
	o.m = c.Mailbox(o.a.Mailbox)
	fill, ok := orders[a.Name]
	if !ok {
		return Order{Title: "Do " + string(a.Name) + ", which the portal has no page for", Page: manageUser}
	}
	fill(&o)
	return o.Order
}

// orders says for each action what its page asks.
var orders = map[nasdesk.ActionName]func(*ordering){
	nasdesk.CreateAccount:             (*ordering).createAccount,
	nasdesk.LinkMember:                (*ordering).linkMember,
	nasdesk.UnlinkMember:              (*ordering).unlinkMember,
	nasdesk.RestoreAccount:            (*ordering).restore,
	nasdesk.DisableAccount:            (*ordering).disable,
	nasdesk.EnableAccount:             (*ordering).enable,
	nasdesk.MarkLeaver:                (*ordering).leaver,
	nasdesk.MarkJoiner:                (*ordering).joiner,
	nasdesk.ResetPassword:             (*ordering).resetPassword,
	nasdesk.RenameMailbox:             (*ordering).renameMailbox,
	nasdesk.CloseMailbox:              (*ordering).closeMailbox,
	nasdesk.CreateTeam:                (*ordering).createTeam,
	nasdesk.ConvertApplicationAccount: (*ordering).convert,
}

// An ordering is an order while it is written.
type ordering struct {
	Order
	a nasdesk.Action
	c *nasdesk.Case
	r *nasdesk.Request // may be nil
	m *nasdesk.Mailbox // may be nil
}

func requestOf(a nasdesk.Action, c *nasdesk.Case) *nasdesk.Request {
	for i := range c.Requests {
		for _, b := range c.Requests[i].Actions {
			if a.Key != "" && b.Key == a.Key {
				return &c.Requests[i]
			}
		}
	}
	return nil
}

func (o *ordering) on(page []string, title string) { o.Page, o.Title = page, title }

// field adds a box. One without a value stands only where the hint says what to
// do with it.
func (o *ordering) field(name, value, hint string) {
	if value != "" || hint != "" {
		o.Fields = append(o.Fields, OrderField{name, value, hint})
	}
}

func (o *ordering) mind(says string) { o.Mind = append(o.Mind, says) }

// createAccount fills the page "Add, User". First and last name hold letters and
// digits only there; the display name is the portal's own. Seed "Create User
// Account", steps 3 to 12.
func (o *ordering) createAccount() {
	name := o.a.Person
	o.New = true
	o.on(addUser, "Create an account for "+orWords(string(name), "a new user"))
	o.mind("Look for an account first: search the portal for the name and for the mobile number. If the person has one, send this back and say which.")
	o.mind("Change nothing on the new account, its email alias least of all, until its status is Active and its mailbox is in Exchange Online. That takes 1 to 24 hours.")
	o.field("Title", titleOf(o.answer("full_name")), "")
	first, last := portalNames(name)
	o.field("First Name", first, lettersHint(name.First(), first))
	o.field("Last Name", last, lettersHint(name.Last(), last))
	o.field("Display Name", strings.TrimSpace(first+" "+last), "the portal fills it in")
	o.field("Mobile", string(o.a.Mobile), "the first password is sent to it")
	o.field("Email Alias", string(o.a.Account), aliasHint(o.a.Account))
	for i, free := range Free(o.a.Account, o.c, 3) {
		o.field("Email Alias, if taken ("+strconv.Itoa(i+1)+")", string(free), "")
	}
	o.organisation()
	o.field("Notes", o.note("Created for "+string(o.a.Mailbox)+o.as()), "other administrators see it")
	if o.a.Alternative != "" {
		o.field("Alternative email", string(o.a.Alternative), "for the register; send nothing personal to it")
	}
}

// as is the role in which an account that is made will be linked.
func (o *ordering) as() string {
	if o.a.Role != "" {
		return " as " + string(o.a.Role)
	}
	if o.r == nil {
		return ""
	}
	for _, b := range o.r.Actions {
		if b.Name == nasdesk.LinkMember && b.Account == o.a.Account {
			return " as " + string(b.Role)
		}
	}
	return ""
}

func (o *ordering) linkMember() {
	role := o.a.Role
	o.on(manageBoxes, "Make "+string(o.a.Account)+" "+anOwner(role)+" of "+string(o.a.Mailbox))
	o.mailbox()
	o.account()
	o.field("Permission", capital(string(role)), linkHint(o.c.Role(o.a.Mailbox, o.a.Account)))
}

func (o *ordering) unlinkMember() {
	o.on(manageBoxes, "Take "+string(o.a.Account)+" off "+string(o.a.Mailbox))
	o.mind("Take away every permission on the mailbox: owner, member and send as. The account itself stays.")
	o.mailbox()
	o.account()
}

// restore brings a deleted account back, which can be done for 30 days. Seed
// "NHS.net Connect FAQs".
func (o *ordering) restore() {
	o.on(manageUser, "Restore the deleted account "+string(o.a.Account))
	o.account()
	if acc := o.c.Account(o.a.Account); acc != nil && acc.Since != "" && acc.Status == nasdesk.Deleted {
		o.mind("It was deleted on " + acc.Since.Long() + ": it can be restored until " + acc.Since.AddDays(30).Long() + ".")
	}
	o.organisation()
	o.field("Notes", o.note("Restored"), "")
}

// disable keeps an account for 18 months. Seed "NHS.net Connect FAQs"; the note is
// of the sort that the seed "Create User Account" recommends.
func (o *ordering) disable() {
	o.on(manageUser, "Disable "+string(o.a.Account)+" for long-term leave")
	o.account()
	note := "Disabled for long-term leave"
	if day := o.day(); day != "" {
		note = "On long-term leave from " + short(day) + ": enable it by " + short(day.AddMonths(18).AddDays(-1))
	}
	o.field("Notes", o.note(note), "if they told us a day of return, add it")
}

func (o *ordering) enable() {
	o.on(manageUser, "Enable "+string(o.a.Account)+" again")
	o.account()
	o.field("Notes", o.note("Enabled again"), "take the note on the leave out")
}

// leaver: an account is deleted 30 days after it was marked. Seed "NHS.net
// Connect FAQs".
func (o *ordering) leaver() {
	o.on(manageUser, "Mark "+string(o.a.Account)+" as a leaver")
	o.mind("An account marked as a leaver is deleted after 30 days, unless an organisation marks it as a joiner.")
	o.account()
	o.field("Leaving date", string(o.day()), "")
	o.field("Notes", o.note("Leaver"), "")
}

func (o *ordering) joiner() {
	o.on(manageUser, "Mark "+string(o.a.Account)+" as a joiner")
	o.mind("It must be marked as a leaver by its old organisation. If it is not, send this back.")
	o.account()
	o.organisation()
	o.field("Notes", o.note("Joiner, to "+string(o.a.Mailbox)), "")
}

// resetPassword: the password goes by text to the owner's registered mobile, and
// into no mail. Contract, rule 11.
func (o *ordering) resetPassword() {
	o.on(manageUser, "Reset the password of "+string(o.a.Account))
	o.mind("The password goes by text to the mobile below, which belongs to an owner of the shared mailbox. Write it nowhere else.")
	o.account()
	o.field("Send password to", o.answer("mobile"), "the mailbox owner's registered mobile")
	o.field("Owner", o.answer("owner_email"), "")
}

// renameMailbox gives a mailbox the address of its new code; the old one stays an
// alias. Contract, rule 13.
func (o *ordering) renameMailbox() {
	o.on(manageBoxes, "Move "+string(o.a.Mailbox)+" to its new ODS code "+o.a.Other)
	o.field("Shared mailbox", string(o.a.Mailbox), "it stays as an alias: mail to it must still arrive")
	o.field("New primary address", string(o.a.Account), "")
	o.field("ODS code", o.a.Other, "")
	name := o.a.OtherName
	if name == "" && o.m != nil {
		name = o.m.Name
	}
	o.field("Organisation", name, "")
	local, _, _ := strings.Cut(o.a.Account.Local(), ".")
	if o.a.Account != "" {
		o.field("Display Name", capital(local)+"."+o.a.Other+" ("+name+")", "add the town")
	}
	o.mind("We send a test message to the new address when this is done.")
}

func (o *ordering) closeMailbox() {
	o.on(manageBoxes, "Close the shared mailbox "+string(o.a.Mailbox))
	o.mind("Look that its owners and members are linked to the continuing mailbox: their orders come before this one.")
	o.mailbox()
	o.field("Notes", o.note("Closed: consolidation"), "")
}

// createTeam: names hold at most 100 letters, digits and blanks, and a public
// Team could be joined by all of NHS.net.
func (o *ordering) createTeam() {
	o.on(manageTeams, "Create the Team "+o.a.Other)
	name := portalWords(o.a.Other)
	o.field("Name", name, lettersHint(o.a.Other, name))
	o.field("Description", teamFor(o.m), "")
	o.field("Privacy", "Private", "a public Team can be found and joined by all of NHS.net")
	o.field("Owner", string(o.a.Account), "")
	if len(name) > 100 {
		o.mind("The name is longer than the 100 letters that the portal takes: send this back.")
	}
}

func (o *ordering) convert() {
	o.on(manageUser, "Turn "+string(o.a.Account)+" into an application account")
	o.mind("Its name must say what it sends. A personal address must not be converted.")
	o.mind("Its password is changed once a year and has at least 20 characters.")
	o.account()
	o.field("Purpose", o.answer("purpose"), "")
}

func (o *ordering) mailbox() {
	o.field("Shared mailbox", string(o.a.Mailbox), "")
}

// account names the account, and by what a colleague can tell that it is the one.
func (o *ordering) account() {
	o.field("User", string(o.a.Account), "")
	if acc := o.c.Account(o.a.Account); acc != nil {
		o.field("Name", string(acc.Name), "")
		o.field("Mobile", string(acc.Mobile), "as registered: compare it with the portal's")
		if acc.Status == nasdesk.Pending {
			o.mind("The account is still pending in the register. Wait until the portal shows it as Active.")
		}
	}
}

func (o *ordering) organisation() {
	if o.m == nil {
		o.field("Shared mailbox", string(o.a.Mailbox), "")
		return
	}
	o.field("Organisation", o.m.Name, "")
	o.field("Site", o.m.Name+" ("+string(o.m.ODS)+")", "if the organisation has sites")
	o.field("ODS code", string(o.m.ODS), "")
	o.field("Shared mailbox", string(o.m.Address), "")
}

// note is a line for the portal's box Notes: what, at whose request, and where to
// read about it.
func (o *ordering) note(what string) string {
	if o.r == nil {
		return what + "."
	}
	what += ". Asked for by " + string(o.r.Party)
	if o.r.MadeAt != 0 {
		what += " on " + short(nasdesk.DateOf(o.r.MadeAt.Time()))
	}
	return what + ", " + o.r.Reference + "."
}

// day is the day from which the action holds: that which it waited for, else that
// on which the request was decided.
func (o *ordering) day() nasdesk.Date {
	switch {
	case o.a.On != "":
		return o.a.On
	case o.r != nil && o.r.DecidedAt != 0:
		return nasdesk.DateOf(o.r.DecidedAt.Time())
	}
	return ""
}

// answer is what the request says in a field: its value, or of a name the words
// as written, which have the title.
func (o *ordering) answer(field string) string {
	if o.r == nil {
		return ""
	}
	a := nasdesk.AnswerTo(o.r.Answers, field)
	switch {
	case a == nil || a.Ambiguous:
		return ""
	case field == "full_name":
		return a.Written
	}
	return a.Value
}

// titleOf is the form of address that a name as written begins with, or "".
func titleOf(written string) string {
	w, _, _ := strings.Cut(strings.TrimSpace(written), " ")
	if !nasdesk.IsTitle(w) {
		return ""
	}
	return strings.TrimSuffix(w, ".")
}

// portalNames are the first and the last name in the portal's letters. A name of
// one word is a first name, and stands in both boxes, which are mandatory.
func portalNames(n nasdesk.PersonName) (first, last string) {
	first = nasdesk.PersonName(n.First()).Portal()
	if n.Last() == "" {
		return first, first
	}
	return first, nasdesk.PersonName(n.Last()).Portal()
}

func portalWords(s string) string { return nasdesk.PersonName(s).Portal() }

func lettersHint(written, portal string) string {
	switch {
	case portal == "":
		return "letters and digits only: ask how the name is written in Latin letters"
	case written == "":
		return "they gave one name: the box must not stay empty"
	case written != portal:
		return "written " + written + "; the portal takes letters and digits only"
	}
	return ""
}

func aliasHint(a nasdesk.Address) string {
	if a == "" {
		return "choose what the portal proposes"
	}
	return "choose it from the list"
}

func linkHint(now nasdesk.Role) string {
	if now == "" {
		return ""
	}
	return "the register has " + string(now) + " by now"
}

func anOwner(r nasdesk.Role) string {
	if r == nasdesk.Owner {
		return "an owner"
	}
	return "a member"
}

func teamFor(m *nasdesk.Mailbox) string {
	if m == nil {
		return ""
	}
	return "Team of " + m.Name + " (" + string(m.ODS) + ")"
}

// Free returns the next n addresses behind a proposed one that no account or
// mailbox of the case has: the number behind the name counted on. Addresses of
// deleted accounts are not free: the service keeps them back.
func Free(proposed nasdesk.Address, c *nasdesk.Case, n int) []nasdesk.Address {
	if proposed == "" {
		return nil
	}
	stem := strings.TrimRight(proposed.Local(), "0123456789")
	at, err := strconv.Atoi(strings.TrimPrefix(proposed.Local(), stem))
	if err != nil || at < 1 || at > 1e6 {
		at = 1
	}
	var out []nasdesk.Address
	for len(out) < n {
		at++
		a := nasdesk.Address(stem + strconv.Itoa(at) + "@" + proposed.Domain())
		if c.Account(a) == nil && c.Mailbox(a) == nil {
			out = append(out, a)
		}
	}
	return out
}

func orWords(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// short writes a day as the portal's notes do: 20 June 2026.
func short(d nasdesk.Date) string {
	_, day, _ := strings.Cut(d.Long(), " ")
	return day
}
