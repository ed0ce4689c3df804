package console

import (
	"net/url"
	"testing"
)

func credentials(name, password string) url.Values {
	return url.Values{"name": {name}, "password": {password}, "next": {"/account"}}
}

func TestSignInAndOut(t *testing.T) {
	_, b := openOffice(t)
	p := b.get("/account").says("Sign in")
	if p.path != "/sign-in?next=%2Faccount" {
		t.Errorf("sent to %s to sign in", p.path)
	}
	b.submit(p, "/sign-in", url.Values{"name": {" Agent"}, "password": {password}}).is(200).says("Your account", "Agent Example", "Sign out")
	before := b.cookies["nasdesk-session"]
	b.post("/sign-out", nil).says("Sign in", "You are signed out.")
	b.get("/sign-in").lacks("You are signed out.")
	b.cookies["nasdesk-session"] = before
	b.get("/account").says("Sign in").lacks("Agent Example")
}
