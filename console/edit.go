package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"nasdesk"
)

// The register is set right by hand on a form of its own for each sort of change.
// Each needs a reason, is foreseen before it is done, and goes the way of every
// other act of staff.

// An editForm is one such form.
type editForm struct {
	What   string
	Title  string
	Back   string // the page that it was opened from
	Fields []field
	Hidden [][2]string
	Faults Faults
	values url.Values // as typed, or nil
}

// edits are the sorts of change, each with what makes its form and what reads it.
var edits = map[string]struct {
	title string
	form  func(*editForm, *editing)
	read  func(*editForm, *editing) nasdesk.Edit
}{
	"mailbox":  {"Change a mailbox", (*editForm).mailbox, (*editForm).readMailbox},
	"account":  {"Change an account", (*editForm).account, (*editForm).readAccount},
	"link":     {"Link an account", (*editForm).link, (*editForm).readLink},
	"unlink":   {"Remove a link", (*editForm).unlink, (*editForm).readUnlink},
	"approval": {"Record an approval", (*editForm).approval, (*editForm).readApproval},
}

// An editing is what an edit is about.
type editing struct {
	mailbox, account nasdesk.Address
	m                *nasdesk.Mailbox // nil for a new one
	a                *nasdesk.Account // nil for a new one
	role             nasdesk.Role     // as linked now
}

// editOf makes the form for what the address or the form itself names. With typed
// the values are those.
func (v *visit) editOf(from, typed url.Values) (*editForm, *editing, error) {
	kind, ok := edits[v.PathValue("what")]
	if !ok {
		return nil, nil, notFound
	}
	e := &editing{}
	_ = e.mailbox.Set(from.Get("mailbox")) // what is no address stays empty, and is asked for again
	_ = e.account.Set(from.Get("account"))
	c, err := v.office.Store.Pull(v.ctx(), nasdesk.Keys{Addresses: addressesOf(e.mailbox, e.account)})
	if err != nil {
		return nil, nil, err
	}
	e.m, e.a, e.role = c.Mailbox(e.mailbox), c.Account(e.account), c.Role(e.mailbox, e.account)
	f := &editForm{What: v.PathValue("what"), Title: kind.title, Back: "/register", values: typed}
	switch {
	case e.m != nil:
		f.Back = "/register/mailboxes/" + url.PathEscape(string(e.m.Address))
	case e.a != nil:
		f.Back = "/register/accounts/" + url.PathEscape(string(e.a.Address))
	}
	kind.form(f, e)
	f.add(field{Name: "reason", Label: "Reason", Hint: "For colleagues. It stands in the history of what you change."}, "")
	return f, e, nil
}

func addressesOf(all ...nasdesk.Address) []nasdesk.Address {
	var out []nasdesk.Address
	for _, a := range all {
		if a != "" {
			out = append(out, a)
		}
	}
	return out
}

// add adds a field with what was typed, or what the register has.
func (f *editForm) add(x field, now string) {
	x.ID, x.Value = x.Name, now
	if x.Type == "" {
		x.Type = "text"
	}
	if f.values != nil {
		x.Value = f.values.Get(x.Name)
	}
	f.Fields = append(f.Fields, x)
}

func (f *editForm) hide(name, value string) { f.Hidden = append(f.Hidden, [2]string{name, value}) }

// row hides the address and the version of a row that is there.
func (f *editForm) row(name string, at nasdesk.Address, version int64) {
	f.hide(name, string(at))
	if f.values != nil {
		f.hide("version", f.values.Get("version")) // that which was looked at
		return
	}
	f.hide("version", strconv.FormatInt(version, 10))
}

func choices[T ~string](values ...T) []Option {
	var out []Option
	for _, v := range values {
		out = append(out, Option{Value: string(v), Text: upperFirst(strings.ReplaceAll(string(v), "-", " "))})
	}
	return out
}

var (
	sectorChoices = choices(nasdesk.Pharmacy, nasdesk.Optometry, nasdesk.Dentistry, nasdesk.SocialCare, nasdesk.Midwifery)
	dsptChoices   = choices(nasdesk.StandardsMet, nasdesk.StandardsExceeded, nasdesk.ApproachingStandards, nasdesk.StandardsNotMet, nasdesk.NotPublished)
	boxChoices    = choices(nasdesk.Active, nasdesk.Closed)
	statusChoices = choices(nasdesk.Pending, nasdesk.Active, nasdesk.Inactive, nasdesk.Disabled, nasdesk.Leaver, nasdesk.Deleted)
	roleChoices   = choices(nasdesk.Member, nasdesk.Owner)
)

func (f *editForm) mailbox(e *editing) {
	m := nasdesk.Mailbox{Status: nasdesk.Active, DSPT: nasdesk.StandardsMet, Sector: nasdesk.Pharmacy}
	if e.m != nil {
		m = *e.m
		f.Title = "Change the mailbox " + string(m.Address)
		f.row("mailbox", m.Address, m.Version)
	} else {
		f.Title = "Add a mailbox"
		f.add(field{Name: "mailbox", Label: "Address", Type: "email", Hint: "Such as pharmacy.fa123@nhs.net", Width: "20"}, "")
		f.add(field{Name: "ods", Label: "ODS code", Width: "10"}, "")
		f.add(field{Name: "sector", Label: "Sector", Options: sectorChoices}, string(m.Sector))
	}
	f.add(field{Name: "name", Label: "Name of the organisation"}, m.Name)
	f.add(field{Name: "region", Label: "Region's address", Type: "email", Hint: "Who approves more than ten accounts. Leave it empty if there is none."}, string(m.Region))
	f.add(field{Name: "dspt", Label: "DSPT status", Options: dsptChoices}, string(m.DSPT))
	f.add(field{Name: "status", Label: "Status", Options: boxChoices}, string(m.Status))
}

func (f *editForm) readMailbox(e *editing) nasdesk.Edit {
	m := nasdesk.Mailbox{Address: e.mailbox, ODS: nasdesk.ODSCode(strings.ToUpper(f.get("ods"))), Sector: nasdesk.Sector(f.get("sector"))}
	if e.m != nil {
		m = *e.m
	} else {
		f.Faults.Add(!e.mailbox.NHS(), "mailbox", "Enter the mailbox's address at nhs.net")
		f.Faults.Add(!m.ODS.WellFormed(m.Sector), "ods", "Enter the ODS code of that sector, such as FA123")
	}
	m.Version = f.version()
	m.Name, m.DSPT, m.Status = nasdesk.Clean(f.get("name")), nasdesk.DSPT(f.get("dspt")), nasdesk.Status(f.get("status"))
	f.Faults.Add(m.Name == "", "name", "Enter the name of the organisation")
	m.Region = f.address("region", "Enter the region's address, or leave it empty")
	return nasdesk.Edit{Mailbox: &m}
}

func (f *editForm) account(e *editing) {
	a := nasdesk.Account{Status: nasdesk.Active}
	if e.a != nil {
		a = *e.a
		f.Title = "Change the account " + string(a.Address)
		f.row("account", a.Address, a.Version)
	} else {
		f.Title = "Add an account"
		f.add(field{Name: "account", Label: "Address", Type: "email", Hint: "At nhs.net", Width: "20"}, string(e.account))
	}
	f.add(field{Name: "name", Label: "Full name", Autocomplete: "off"}, string(a.Name))
	f.add(field{Name: "mobile", Label: "Mobile number", Type: "tel", Hint: "Beginning 07", Width: "20", Autocomplete: "off"}, string(a.Mobile))
	f.add(field{Name: "alternative", Label: "Alternative email", Type: "email", Hint: "Not at nhs.net", Autocomplete: "off"}, string(a.Alternative))
	f.add(field{Name: "status", Label: "Status", Options: statusChoices}, string(a.Status))
	f.add(field{Name: "since", Label: "Since", Type: "date", Hint: "The day on which the status began", Width: "10"}, string(a.Since))
}

func (f *editForm) readAccount(e *editing) nasdesk.Edit {
	a := nasdesk.Account{Address: e.account}
	f.Faults.Add(e.a == nil && !e.account.NHS(), "account", "Enter the account's address at nhs.net")
	a.Version = f.version()
	f.Faults.Add(a.Name.Set(f.get("name")) != nil, "name", "Enter the full name")
	if s := f.get("mobile"); s != "" {
		f.Faults.Add(a.Mobile.Set(s) != nil, "mobile", "Enter a mobile number beginning 07, or leave it empty")
	}
	a.Alternative = f.address("alternative", "Enter an alternative email address, or leave it empty")
	f.Faults.Add(a.Alternative.NHS(), "alternative", "The alternative email address must not be at nhs.net")
	a.Status = nasdesk.Status(f.get("status"))
	a.Since = f.day("since", "Enter the day on which the status began")
	return nasdesk.Edit{Account: &a}
}

func (f *editForm) link(e *editing) {
	f.Title = "Link an account to " + string(e.mailbox)
	f.hide("mailbox", string(e.mailbox))
	if e.role != "" {
		f.Title = "Change the role of " + string(e.account) + " in " + string(e.mailbox)
		f.hide("account", string(e.account))
	} else {
		f.add(field{Name: "account", Label: "Account", Type: "email", Hint: "Its address at nhs.net", Width: "20"}, string(e.account))
	}
	f.add(field{Name: "role", Label: "Role", Options: roleChoices}, string(e.role))
}

func (f *editForm) readLink(e *editing) nasdesk.Edit {
	f.Faults.Add(e.a == nil, "account", "Enter the address of an account that is in the register")
	return nasdesk.Edit{Link: &nasdesk.Membership{Mailbox: e.mailbox, Account: e.account, Role: nasdesk.Role(f.get("role"))}}
}

func (f *editForm) unlink(e *editing) {
	f.Title = "Remove the link of " + string(e.account) + " to " + string(e.mailbox)
	f.hide("mailbox", string(e.mailbox))
	f.hide("account", string(e.account))
}

func (f *editForm) readUnlink(e *editing) nasdesk.Edit {
	return nasdesk.Edit{Unlink: &nasdesk.Membership{Mailbox: e.mailbox, Account: e.account, Role: e.role}}
}

func (f *editForm) approval(e *editing) {
	f.Title = "Record an approval for " + string(e.mailbox)
	f.hide("mailbox", string(e.mailbox))
	region := ""
	if e.m != nil {
		region = string(e.m.Region)
	}
	f.add(field{Name: "most", Label: "How many accounts it may hold", Inputmode: "numeric", Width: "3"}, "")
	f.add(field{Name: "by", Label: "Who approved it", Type: "email", Hint: "The region's address", Width: "20"}, region)
	f.add(field{Name: "on", Label: "Approved on", Type: "date", Width: "10"}, "")
}

func (f *editForm) readApproval(e *editing) nasdesk.Edit {
	a := nasdesk.Approval{Mailbox: e.mailbox}
	n, err := strconv.Atoi(f.get("most"))
	f.Faults.Add(err != nil || n < 1 || n > 9999, "most", "Enter a number of accounts, such as 14")
	a.Max = n
	a.ApprovedBy = f.address("by", "Enter the address of whoever approved it")
	f.Faults.Add(f.get("by") == "", "by", "Enter the address of whoever approved it")
	a.ApprovedOn = f.day("on", "Enter the day of the approval")
	return nasdesk.Edit{Approval: &a}
}

func (f *editForm) get(name string) string { return strings.TrimSpace(f.values.Get(name)) }

func (f *editForm) version() int64 {
	n, _ := strconv.ParseInt(f.get("version"), 10, 64) // what is none is no row's
	return n
}

// address reads an address that may be absent.
func (f *editForm) address(name, says string) nasdesk.Address {
	var a nasdesk.Address
	if s := f.get(name); s != "" {
		f.Faults.Add(a.Set(s) != nil, name, says)
	}
	return a
}

func (f *editForm) day(name, says string) nasdesk.Date {
	d, err := nasdesk.ParseDate(f.get(name))
	f.Faults.Add(err != nil, name, says)
	return d
}

func editPage(v *visit) error {
	f, e, err := v.editOf(v.URL.Query(), nil)
	if err != nil {
		return err
	}
	if f.lacks(e) {
		return notFound
	}
	if err := v.viewed("register", 0, orWords(string(e.account), string(e.mailbox))); err != nil {
		return err
	}
	return v.show("edit", f)
}

// lacks reports whether what the edit is about is not in the register.
func (f *editForm) lacks(e *editing) bool {
	switch f.What {
	case "mailbox":
		return f.values == nil && e.mailbox != "" && e.m == nil
	case "account":
		return f.values == nil && e.account != "" && e.a == nil
	case "unlink":
		return e.role == ""
	}
	return e.m == nil
}

// readEdit reads a form that was sent. A nil event stands for one with faults,
// which has been shown again.
func (v *visit) readEdit() (*editForm, *nasdesk.StaffEvent, error) {
	if err := v.ParseForm(); err != nil {
		return nil, nil, err
	}
	f, e, err := v.editOf(v.PostForm, v.PostForm)
	if err != nil {
		return nil, nil, err
	}
	if f.lacks(e) {
		return nil, nil, stale
	}
	edit := edits[f.What].read(f, e)
	reason := f.get("reason")
	f.Faults.Add(reason == "", "reason", "Give the reason")
	f.Faults.Add(len(reason) > 500, "reason", "Give the reason in 500 letters")
	if len(f.Faults) > 0 {
		return f, nil, v.editAgain(f)
	}
	return f, &nasdesk.StaffEvent{By: v.staff.Staff, Act: nasdesk.ActRegister, Text: reason, Edit: &edit}, nil
}

func (v *visit) editAgain(f *editForm) error {
	for i := range f.Fields {
		f.Fields[i].Fault = f.Faults.Of(f.Fields[i].ID)
	}
	return v.showStatus(http.StatusUnprocessableEntity, "edit", f)
}

func previewEdit(v *visit) error {
	f, ev, err := v.readEdit()
	if err != nil || ev == nil {
		return err
	}
	dec, second, err := v.foresee(*ev)
	if err != nil {
		return err
	}
	if dec.Hindered != "" {
		return v.editHindered(f, dec.Hindered)
	}
	p := v.previewOf(*ev, dec, second)
	p.Title, p.Do, p.Look = f.Title, "/register/edit/"+f.What+"/act", f.Back
	return v.show("preview", p)
}

func doEdit(v *visit) error {
	f, ev, err := v.readEdit()
	if err != nil || ev == nil {
		return err
	}
	plan, err := v.office.act(v.ctx(), *ev)
	if err != nil {
		return err
	}
	if plan.Hindered != "" {
		return v.editHindered(f, plan.Hindered)
	}
	return v.planned(*ev, plan, lowered(f.What), f.Back)
}

// editHindered says why the register was not changed.
func (v *visit) editHindered(f *editForm, why nasdesk.Hindrance) error {
	first := f.Fields[0].ID
	switch why {
	case nasdesk.NotWellFormed:
		f.Faults.Add(true, first, "What was typed cannot be used. Check it and try again")
	case nasdesk.AgainstRegister:
		f.Faults.Add(true, first, "The register does not allow it: a mailbox keeps an owner, a mobile number belongs to one person, an ODS code to one mailbox")
	default:
		return v.changed(why, f.Back)
	}
	return v.editAgain(f)
}
