package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"nasdesk"
	"nasdesk/outbox/directory/graph"
	"nasdesk/outbox/directory/graph/graphtest"
)

// nth answers the n-th request from here in the server's place.
func (w *tenant) nth(n int, a graphtest.Answer) graphtest.Mode {
	calls, _ := w.Log()
	first := len(calls)
	return graphtest.Mode{Before: func(c graphtest.Call) *graphtest.Answer {
		if c.N == first+n {
			return &a
		}
		return nil
	}}
}

// The wait is as told, to the second, and nothing is asked before it is over.
func TestRetryAfterIsKept(t *testing.T) {
	for _, c := range []struct {
		status int
		after  func(now time.Time) string
		wait   time.Duration
	}{
		{429, func(time.Time) string { return "17" }, 17 * time.Second},
		{503, func(time.Time) string { return "120" }, 2 * time.Minute},
		{504, func(time.Time) string { return "1" }, time.Second},
		{509, func(time.Time) string { return "61" }, 61 * time.Second},
		{429, func(now time.Time) string { return now.Add(95 * time.Second).Format(http.TimeFormat) }, 95 * time.Second},
		{429, func(now time.Time) string { return now.Add(-time.Hour).Format(http.TimeFormat) }, time.Second},
		{429, func(time.Time) string { return "0" }, time.Second},
		{429, func(time.Time) string { return "" }, 30 * time.Second},
	} {
		w := newTenant(t, graphtest.Mode{})
		d := w.open(t)
		after := c.after(w.clock.now())
		w.Set(w.nth(5, graphtest.Answer{Status: c.status, Code: "TooManyRequests", RetryAfter: after}))
		r, err := d.Do(t.Context(), create("k"))
		if err != nil || r.State != nasdesk.WorkPending || r.Again.Time().Sub(w.clock.now()) != c.wait {
			t.Errorf("%d, Retry-After %q: pending for %v, %v, want %v", c.status, after, r.Again.Time().Sub(w.clock.now()), err, c.wait)
		}
		w.clock.move(c.wait - time.Second/10)
		other := on("other", nasdesk.DisableAccount)
		for _, a := range []nasdesk.Action{create("k"), other} {
			if r, err := d.Do(t.Context(), a); err != nil || r.State != nasdesk.WorkPending {
				t.Errorf("%d: in the silence, %s is %+v, %v", c.status, a.Name, r, err)
			}
		}
		if calls, _ := w.Log(); len(calls) != 5 {
			t.Errorf("%d: Graph was asked in the silence: %d requests", c.status, len(calls))
		}
		w.clock.move(time.Second / 10)
		w.done(t, d, create("k"))
	}
}

// Every request of every action may be throttled, and nothing is done twice.
func TestThrottledAnywhere(t *testing.T) {
	for _, s := range stories() {
		for n := 1; n < 14; n++ {
			w := newTenant(t, graphtest.Mode{})
			d := w.open(t)
			for _, b := range s.before {
				w.done(t, d, b)
			}
			w.clock.move(time.Hour)
			w.Set(w.nth(n, graphtest.Answer{Status: 429, RetryAfter: "10"}))
			w.done(t, d, s.action)
			calls, _ := w.Log()
			if err := twice(calls, true); err != nil {
				t.Errorf("%s, request %d: %v", s.name, n, err)
			}
			if err := s.holds(w); err != nil {
				t.Errorf("%s, request %d: %v", s.name, n, err)
			}
		}
	}
}

// What Graph answers to the first request decides who hears of it.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		state  nasdesk.WorkState
		fails  bool
	}{
		{400, nasdesk.WorkFailed, false}, {403, "", true}, {408, "", true}, {409, nasdesk.WorkPending, false}, {423, nasdesk.WorkPending, false},
		{500, "", true}, {502, "", true}, {503, "", true}, {504, "", true}, {302, "", true},
	} {
		w := newTenant(t, graphtest.Mode{})
		w.Set(w.nth(1, graphtest.Answer{Status: c.status, Code: "Code_Of_It"}))
		r, err := w.open(t).Do(t.Context(), create("k"))
		if (err != nil) != c.fails || r.State != c.state {
			t.Errorf("%d: %+v, %v", c.status, r, err)
		}
		if told := fmt.Sprint(r.Detail, err); c.status > 399 && !strings.Contains(told, "Code_Of_It") || !strings.Contains(told, fmt.Sprint(c.status)) {
			t.Errorf("%d is not told: %s", c.status, told)
		}
	}
}

func TestTokens(t *testing.T) {
	w := newTenant(t, graphtest.Mode{})
	d := w.open(t)
	tokens := func() int { _, n := w.Log(); return n }
	w.done(t, d, create("k1"))
	if tokens() != 1 {
		t.Errorf("%d tokens for one action", tokens())
	}
	w.clock.move(54*time.Minute - w.clock.now().Sub(time.Date(2026, 4, 22, 12, 0, 0, 0, time.UTC)))
	w.done(t, d, on("k2", nasdesk.DisableAccount))
	if tokens() != 1 {
		t.Errorf("a token of an hour was renewed in less than 55 minutes")
	}
	w.clock.move(2 * time.Minute)
	w.done(t, d, on("k3", nasdesk.EnableAccount))
	if tokens() != 2 {
		t.Errorf("%d tokens after 56 minutes, want a second one before the first ends", tokens())
	}
	w.EndTokens()
	w.done(t, d, on("k4", nasdesk.DisableAccount))
	if tokens() != 3 {
		t.Errorf("%d tokens after a 401, want one more", tokens())
	}
	w.Set(graphtest.Mode{Before: func(graphtest.Call) *graphtest.Answer { return &graphtest.Answer{Status: 401} }})
	if _, err := d.Do(t.Context(), on("k5", nasdesk.EnableAccount)); err == nil || tokens() != 4 {
		t.Errorf("refused twice: %v, %d tokens", err, tokens())
	}
}

func TestSigningInMayBeThrottled(t *testing.T) {
	w := newTenant(t, graphtest.Mode{Token: &graphtest.Answer{Status: 429, RetryAfter: "40"}})
	d := w.open(t)
	r, err := d.Do(t.Context(), create("k"))
	if err != nil || r.State != nasdesk.WorkPending || r.Again.Time().Sub(w.clock.now()) != 40*time.Second {
		t.Fatalf("%+v, %v", r, err)
	}
	w.Set(graphtest.Mode{})
	w.done(t, d, create("k"))
}

func TestSigningInFails(t *testing.T) {
	w := newTenant(t, graphtest.Mode{})
	for name, change := range map[string]func(*graph.Settings){
		"another secret": func(s *graph.Settings) { write(t, s.SecretFile, "wrong-secret") },
		"no secret":      func(s *graph.Settings) { s.SecretFile += ".gone" },
		"another client": func(s *graph.Settings) { s.Client = "somebody" },
		"no server":      func(s *graph.Settings) { s.Login = "http://127.0.0.1:1" },
	} {
		s := w.settings
		change(&s)
		d, err := graph.New(s)
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.Do(t.Context(), create("k"))
		if err == nil || strings.Contains(err.Error(), "secret-of") || strings.Contains(err.Error(), "wrong-secret") {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What goes wrong is told without a name, a mobile, a password, a token or the
// secret: at each request by a broken connection, by every kind of refusal, whose
// bodies here name all of them, and by an answer that is no JSON.
func TestNothingPrivateIsTold(t *testing.T) {
	private := []string{"Sample", "7700900", "example.com", graphtest.Secret, "token-", "password\":"}
	for _, s := range stories() {
		for n := 1; n < 14; n += 2 {
			for _, status := range []int{0, 400, 403, 404, 500} {
				w := newTenant(t, graphtest.Mode{FailTeams: true})
				d := w.open(t)
				for _, b := range s.before {
					w.done(t, d, b)
				}
				if status == 0 {
					w.cutAt(n, graphtest.Mode{})
				} else {
					w.Set(w.nth(n, graphtest.Answer{Status: status, Code: "Some_Code", RetryAfter: "5"}))
				}
				r, err := d.Do(t.Context(), s.action)
				told := fmt.Sprintf("%+v %v", r, err)
				calls, _ := w.Log()
				told += passwords(calls, told)
				told += fmt.Sprintf("%+v", w.look(t, d, s.action))
				for _, p := range private {
					if strings.Contains(told, p) {
						t.Fatalf("%s, %d at request %d: %q is told: %s", s.name, status, n, p, told)
					}
				}
			}
		}
	}
}

func (w *tenant) look(t *testing.T, d *graph.Directory, a nasdesk.Action) string {
	r, err := d.Look(t.Context(), a)
	return fmt.Sprintf("%+v %v", r, err)
}

// passwords returns what must not stand in told, if a password does.
func passwords(calls []graphtest.Call, told string) string {
	for _, c := range calls {
		if p, ok := c.Body["passwordProfile"].(map[string]any); ok && strings.Contains(told, fmt.Sprint(p["password"])) {
			return `password":`
		}
	}
	return ""
}

// A settings value that is printed by mistake holds no secret: only the file's name.
func TestSettingsHoldNoSecret(t *testing.T) {
	s := newTenant(t, graphtest.Mode{}).settings
	s.Now = nil
	text, err := json.Marshal(struct{ Settings any }{fmt.Sprintf("%+v", s)})
	if err != nil || strings.Contains(string(text), graphtest.Secret) {
		t.Errorf("%s, %v", text, err)
	}
}
