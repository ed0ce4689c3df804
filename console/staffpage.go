package console

import (
	"net/http"

	"nasdesk/store"
)

var staffRoutes = []route{
	{"GET /staff", lead, staffPage},
	{"GET /staff/{name}", lead, memberPage},
	{"POST /staff/{name}", lead, changeMember},
}

// A staffRow is one line of the list of staff.
type staffRow struct {
	store.Staff
	Local, Locked, You bool
}

func (v *visit) staffRow(s store.Staff) staffRow {
	return staffRow{Staff: s, Local: s.Hash != "", Locked: s.LockedUntil > v.now, You: s.Name == v.staff.Staff}
}

func staffPage(v *visit) error {
	all, err := v.office.Store.StaffAll(v.ctx())
	if err != nil {
		return err
	}
	rows := make([]staffRow, len(all))
	for i, s := range all {
		rows[i] = v.staffRow(s)
	}
	return v.show("staff", rows)
}

// A memberData is the page of one member of staff.
type memberData struct {
	staffRow
	Roles  []Option
	Faults Faults
}

func (v *visit) member() (memberData, error) {
	s, err := v.office.Store.StaffNamed(v.ctx(), v.PathValue("name"))
	return memberData{staffRow: v.staffRow(s), Roles: []Option{
		{Value: string(store.Agent), Text: "Agent", Hint: "Works the queues"},
		{Value: string(store.Lead), Text: "Lead", Hint: "The register and the staff too"},
		{Value: string(store.Auditor), Text: "Auditor", Hint: "Reads everything, changes nothing"},
	}}, found(err)
}

func memberPage(v *visit) error {
	d, err := v.member()
	if err != nil {
		return err
	}
	return v.show("member", d)
}

var notYourself = problem{http.StatusConflict, "You cannot change your own account", "Nothing was done. Another lead can, so that there is always one who can sign in."}

// changeMember gives a member of staff another role, keeps them out or lets them
// in. The role of one who signs in by OpenID Connect is the groups' to give.
func changeMember(v *visit) error {
	d, err := v.member()
	if err != nil {
		return err
	}
	if err := v.ParseForm(); err != nil {
		return err
	}
	if d.You {
		return notYourself
	}
	s, what, says := d.Staff, "", ""
	role := store.StaffRole(v.PostForm.Get("role"))
	switch does := v.PostForm.Get("do"); {
	case does == "disable":
		s.Disabled, what, says = true, "disabled", " is kept out from now on."
	case does == "enable":
		s.Disabled, what, says = false, "enabled", " is let in again."
	case does == "role" && d.Local && (role == store.Agent || role == store.Lead || role == store.Auditor):
		s.Role, what, says = role, "role "+string(role), " has the new role from the next page on."
	case does == "password" && d.Local:
		return v.newPassword(d)
	default:
		d.Faults.Add(true, "role", "Choose a role")
		return v.showStatus(http.StatusUnprocessableEntity, "member", d)
	}
	if err := v.office.Store.ChangeStaff(v.ctx(), s, what, v.staff.Staff, v.now); err != nil {
		return err
	}
	return v.back("/staff", s.Display+says)
}

// newPassword gives a member of staff who cannot sign in any more another
// password, which a lead tells them. It lifts the lock of wrong ones, and ends
// the sessions of whoever has the old one.
func (v *visit) newPassword(d memberData) error {
	fresh := v.PostForm.Get("new")
	if err := CheckPassword(d.Name, fresh); err != nil {
		d.Faults.Add(true, "new", upperFirst(err.Error()))
		return v.showStatus(http.StatusUnprocessableEntity, "member", d)
	}
	if err := v.office.Store.SetPassword(v.ctx(), d.Name, HashPassword(fresh), v.staff.Staff, "", v.now); err != nil {
		return err
	}
	return v.back("/staff", d.Display+" has a new password, and can sign in with it.")
}
