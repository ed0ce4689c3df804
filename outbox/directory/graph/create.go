package graph

import (
	"crypto/rand"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
)

// create makes an account, gives it its licence, without which there is no
// mailbox, and its mobile as the way to choose a password; it is done when the
// mailbox is there.
func (t *turn) create() error {
	if err := t.proposal(); err != nil {
		return err
	}
	u, err := t.person()
	if err != nil {
		return err
	}
	if u == nil {
		if u, err = t.make(); err != nil {
			return err
		}
	}
	t.account = u.address()
	if err := t.adopt(u); err != nil {
		return err
	}
	if _, ours := u.stamps.of(t.key); !ours {
		return t.another(u)
	}
	if err := t.licence(u); err != nil {
		return err
	}
	if err := t.phone(u); err != nil {
		return err
	}
	if u.Mail == "" {
		return t.wait(10, "the mailbox is being made")
	}
	return t.handOver()
}

// proposal checks the address proposed: Graph takes A-Z a-z 0-9 and ' . - _ ! # ^ ~
// in a userPrincipalName.
func (t *turn) proposal() error {
	a := t.a.Account
	if a.Local() == "" || a.Domain() != t.Domain {
		return failure("no " + t.Domain + " address is proposed")
	}
	for _, r := range a.Local() {
		if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("'.-_!#^~", r)) {
			return failure("the address proposed has a character that no account name may have")
		}
	}
	return nil
}

// adopt takes the account that somebody has for the one that is made, where it was
// deleted: it is restored by now, and still carries the leaver's stamp.
func (t *turn) adopt(u *user) error {
	if !u.stamps.leaving() {
		return nil
	}
	return t.patchWith(u, "enable", u.stamps.settled().with(t.key, begun{}, t.room()), map[string]any{"accountEnabled": true})
}

// another ends the making of an account for somebody who has one.
func (t *turn) another(u *user) error {
	if !u.AccountEnabled {
		return failure("the person has an account already, and it is disabled")
	}
	if u.Mail == "" {
		return t.wait(10, "the person has an account already, whose mailbox is being made")
	}
	t.so = true
	return nil
}

// person returns the account of the person, or nil: the one that carries our
// stamp, or that has their mobile and their name. It is brought back where it was
// deleted.
func (t *turn) person() (*user, error) {
	if u := t.memory.made[t.a.Key]; u != nil {
		return t.madeBefore(u)
	}
	if t.a.Mobile == "" {
		return t.namesake()
	}
	found, err := t.users("look-mobile", "/users", t.byMobile(), "live")
	if err != nil {
		return nil, err
	}
	if u, err := t.theirs(found); u != nil || err != nil {
		return u, err
	}
	if u, err := t.namesake(); u != nil || err != nil {
		return u, err
	}
	found, err = t.deleted(t.byMobile())
	if err != nil {
		return nil, err
	}
	u, err := t.theirs(found)
	if u == nil || err != nil {
		return nil, err
	}
	return u, t.undelete(u)
}

// madeBefore is an account that this process made for the action, also while no
// read shows it.
func (t *turn) madeBefore(made *user) (*user, error) {
	u, err := t.userAt("look-made", "/users/"+url.PathEscape(made.ID)+"?$select="+t.selected())
	if u == nil && err == nil {
		again := *made
		u = &again
	}
	return u, err
}

// byMobile is the filter for the ways in which a mobile may have been written.
func (t *turn) byMobile() string {
	m := string(t.a.Mobile)
	return "mobilePhone in (" + quoted("+44 "+m[1:]) + "," + quoted("+44"+m[1:]) + "," + quoted(m) + ")"
}

// theirs returns the person's account among those with their mobile. Another name
// there is nothing to guess at.
func (t *turn) theirs(found []*user) (*user, error) {
	for _, u := range found {
		if _, ours := u.stamps.of(t.key); ours || numbered(t.a.Account, u.address()) {
			return u, nil
		}
	}
	if len(found) > 0 {
		return nil, failure("the mobile number is that of an account with another name, " + string(found[0].address()))
	}
	return nil, nil
}

// numbered reports whether an address is the one proposed, or it with a number.
func numbered(proposed, is nasdesk.Address) bool {
	number, ok := strings.CutPrefix(is.Local(), proposed.Local())
	return ok && is.Domain() == proposed.Domain() && strings.Trim(number, "0123456789") == ""
}

// namesake goes along the addresses that the person may have until one is free,
// and returns their account, or nil. The lists that filters search may be older
// than what asking for a name shows.
func (t *turn) namesake() (*user, error) {
	_, u, err := t.walk()
	return u, err
}

// crowd is how many namesakes there may be.
const crowd = 200

func (t *turn) walk() (free nasdesk.Address, theirs *user, err error) {
	for n := 1; n <= crowd; n++ {
		at := address(t.a.Account, n)
		if t.memory.taken(t.a.Key, at) {
			continue
		}
		u, err := t.live(at)
		switch {
		case err != nil:
			return "", nil, err
		case u == nil:
			gone, err := t.deletedAt(at)
			if gone == nil || err != nil {
				return at, nil, err
			}
			continue // it may be restored for 30 days
		}
		if _, ours := u.stamps.of(t.key); ours || t.a.Mobile != "" && u.mobile() == t.a.Mobile {
			return "", u, nil
		}
	}
	return "", nil, failure(fmt.Sprintf("more than %d people have that name", crowd))
}

func address(a nasdesk.Address, n int) nasdesk.Address {
	if n == 1 {
		return a
	}
	return nasdesk.Address(a.Local() + strconv.Itoa(n) + "@" + a.Domain())
}

// make makes the account under the first free address. That it is free only Graph
// knows for certain: a name is given once.
func (t *turn) make() (*user, error) {
	free, theirs, err := t.walk()
	if err != nil || theirs != nil {
		return theirs, err
	}
	u := new(user)
	err = t.write("create-user", http.MethodPost, "/users", t.newUser(free), u)
	if no := refused(err); no != nil && no.Status == http.StatusBadRequest {
		return nil, t.notFree(free, no)
	}
	if err != nil {
		return nil, err
	}
	u.stamps = stamps{t.key}
	t.memory.made[t.a.Key] = u
	t.memory.expect("stamp/"+u.ID, t.key, t.now)
	return u, nil
}

// notFree waits for an account to be seen under a name that Graph says is taken:
// it may be ours, made just before a crash. What stays unseen is taken by something
// that is no account, and the next number is tried.
func (t *turn) notFree(at nasdesk.Address, no *Refusal) error {
	if err := t.patient("a free name", nil); err != nil || !no.Conflict {
		return orElse(err, no)
	}
	t.memory.expect("taken/"+t.a.Key+"/"+string(at), "", t.now)
	t.memory.found(t.a.Key + " a free name")
	return t.wait(1, "the name is taken by something that is no account")
}

func orElse(err error, otherwise *Refusal) error {
	if err != nil {
		return err
	}
	return otherwise
}

func (t *turn) newUser(at nasdesk.Address) map[string]any {
	name := or(string(t.a.Person), at.Local())
	body := map[string]any{
		"accountEnabled":    true,
		"displayName":       clip(name, 256),
		"mailNickname":      at.Local(),
		"userPrincipalName": string(at),
		"usageLocation":     "GB", // asked for by assignLicense
		"passwordProfile":   newPassword(),
	}
	maps.Copy(body, t.holding(stamps{t.key}))
	for property, value := range map[string]string{"givenName": clip(t.a.Person.First(), 64), "surname": clip(t.a.Person.Last(), 64), "mobilePhone": dialled(t.a.Mobile)} {
		if value != "" {
			body[property] = value
		}
	}
	if t.a.Alternative != "" {
		body["otherMails"] = []string{string(t.a.Alternative)}
	}
	return body
}

// dialled is a mobile as Graph takes it: the space behind +44 is required.
func dialled(m nasdesk.Mobile) string {
	if m == "" {
		return ""
	}
	return "+44 " + string(m[1:])
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// newPassword is a password that nobody knows: it is in one request, and nowhere
// else. A letter of each sort, a digit and a mark are what Entra asks for.
func newPassword() map[string]any {
	sorts := []string{"ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "!#%*+-=?@_"}
	var b strings.Builder
	for i := range 32 {
		set := sorts[i%len(sorts)]
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(set))))
		if err != nil {
			panic("graph: no randomness: " + err.Error()) // crypto/rand says that it never happens
		}
		b.WriteByte(set[n.Int64()])
	}
	return map[string]any{"forceChangePasswordNextSignIn": true, "password": b.String()}
}

// licence gives an account the licences that it lacks.
func (t *turn) licence(u *user) error {
	var lacks []map[string]any
	for _, sku := range t.Licences {
		if !slices.ContainsFunc(u.AssignedLicenses, func(l struct{ SkuID string }) bool { return strings.EqualFold(l.SkuID, sku) }) {
			lacks = append(lacks, map[string]any{"skuId": sku, "disabledPlans": []string{}})
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	if !t.memory.shows("licence/"+u.ID, func(string) bool { return false }, t.now) {
		return t.wait(1, "Graph does not show the licence yet")
	}
	if u.UsageLocation == "" && t.acting {
		if err := t.writeTo(u, "usage-location", http.MethodPatch, "", map[string]any{"usageLocation": "GB"}, nil); err != nil {
			return err
		}
	}
	if err := t.writeTo(u, "assign-licence", http.MethodPost, "/assignLicense", map[string]any{"addLicenses": lacks, "removeLicenses": []string{}}, nil); err != nil {
		return err
	}
	t.memory.expect("licence/"+u.ID, "", t.now)
	return nil
}

// phone gives an account its mobile as the way to choose a password.
func (t *turn) phone(u *user) error {
	if !t.SelfService || t.a.Mobile == "" {
		return nil
	}
	part := "/authentication/phoneMethods"
	methods, err := pages[struct{ PhoneType string }](t, "look-phone", "/users/"+url.PathEscape(u.ID)+part)
	if err != nil || slices.Contains(methods, struct{ PhoneType string }{"mobile"}) {
		return err
	}
	if !t.memory.shows("phone/"+u.ID, func(string) bool { return false }, t.now) {
		return nil // this process gave it
	}
	err = t.writeTo(u, "add-phone", http.MethodPost, part, map[string]any{"phoneNumber": dialled(t.a.Mobile), "phoneType": "mobile"}, nil)
	if no := refused(err); no != nil && no.Status == http.StatusBadRequest {
		return t.patient("the mobile", no) // there is one, or the number will not do
	}
	if err == nil {
		t.memory.expect("phone/"+u.ID, "", t.now)
	}
	return err
}

// handOver ends a making. Where nobody can choose a password without help, people
// give the first one, under the same key.
func (t *turn) handOver() error {
	if t.SelfService || t.Orders == nil {
		return nil
	}
	r, err := t.order(t.ctx, t.a, t.acting)
	switch {
	case err != nil:
		return err
	case r.State == nasdesk.WorkDone:
		return nil
	case r.State == nasdesk.WorkPending:
		return waiting{until: r.Again.Time(), why: "the account is made; its first password is to be given"}
	case r.State == "":
		return errToDo
	}
	return failure("the account is made; its first password: " + r.Detail)
}
