package graph

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nasdesk"
)

var noon = time.Date(2026, 4, 22, 12, 0, 0, 0, time.UTC)

func TestStampsGoThereAndBack(t *testing.T) {
	team, op := strings.Repeat("a", 36), strings.Repeat("b", 36)
	for _, want := range []begun{{}, {at: noon}, {at: noon, leaver: true}, {at: noon, team: team, op: op}} {
		s := stamps{"0123", "~4567.x", "-", "-4567"}.with("abcdef012345", want, 1024)
		got, ok := stamps(strings.Fields(s.String())).of("abcdef012345")
		if !ok || !got.at.Equal(want.at) || got.leaver != want.leaver || got.team != want.team || got.op != want.op {
			t.Errorf("%+v comes back as %+v, %v", want, got, ok)
		}
		if _, ok := s.settled().of("abcdef012345"); !ok || s.leaving() != want.leaver || s.settled().leaving() {
			t.Errorf("%s settled is %s", s, s.settled())
		}
	}
}

func TestStampsOfAnotherHandAreNone(t *testing.T) {
	for _, text := range []string{"", "abc", "abcde", "~", "-", "~.", "~abcd.!", "Finance department abcd1"} {
		s := stamps(strings.Fields(text))
		if b, ok := s.of("abcd"); ok {
			t.Errorf("%q holds %+v", text, b)
		}
		if !strings.HasSuffix(s.with("abcd", begun{}, 1024).String(), "abcd") {
			t.Errorf("%q takes no stamp", text)
		}
	}
}

func TestTheOldestStampsGo(t *testing.T) {
	var s stamps
	for i := range 500 {
		s = s.with(hash(fmt.Sprint(i)), begun{}, 1024)
	}
	if n := len(s.String()); n > 1024 || len(s) != 78 {
		t.Errorf("%d stamps of %d characters", len(s), n)
	}
	if _, ok := s.of(hash("499")); !ok {
		t.Error("the last one is gone")
	}
	if s = s.with(hash("499"), begun{at: noon}, 1024); s.String() == "" || len(s) > 78 {
		t.Errorf("replaced, there are %d", len(s))
	}
}

func TestRetryAt(t *testing.T) {
	for after, want := range map[string]time.Duration{
		"1": time.Second, " 90 ": 90 * time.Second, "0": time.Second, "": time.Minute, "-5": time.Minute, "soon": time.Minute, "99999999999": time.Minute,
		noon.Add(2 * time.Hour).Format(http.TimeFormat): 2 * time.Hour,
		noon.Add(3 * time.Hour).Format(time.RFC850):     3 * time.Hour,
		noon.Add(-time.Hour).Format(http.TimeFormat):    time.Second,
	} {
		if got := retryAt(noon, after, time.Minute).Sub(noon); got != want {
			t.Errorf("Retry-After %q: %v, want %v", after, got, want)
		}
	}
}

func TestOperationOf(t *testing.T) {
	const team, op = "dbd8de4f-5d47-48da-87f1-594bed003375", "3a6fdce1-c261-48bc-89de-1cfef658c0d5"
	for at, ok := range map[string]bool{
		"/teams('" + team + "')/operations('" + op + "')":                                 true,
		"/teams/" + team + "/operations/" + op:                                            true,
		"https://graph.microsoft.com/v1.0/teams('" + team + "')/operations('" + op + "')": true,
		"": false, "/teams('x')/operations('y')": false, "/teams('" + team + "')": false, "/teams('" + team + "')/operations('" + op + "')/../x": false,
	} {
		if gotTeam, gotOp := operationOf(at); (gotTeam == team && gotOp == op) != ok {
			t.Errorf("%q: %q, %q", at, gotTeam, gotOp)
		}
	}
}

func TestRequestIDs(t *testing.T) {
	a, b, c := requestID("k1", "x"), requestID("k1", "y"), requestID("k2", "x")
	if !guid(a) || a != requestID("k1", "x") || a == b || a[:18] != b[:18] || a[:18] == c[:18] {
		t.Errorf("%s, %s, %s", a, b, c)
	}
	if a[14] != '8' || !strings.ContainsRune("89ab", rune(a[19])) {
		t.Errorf("%s is no UUID of version 8", a)
	}
}

func TestNumbered(t *testing.T) {
	for is, want := range map[nasdesk.Address]bool{
		"ann.lee@nhs.net": true, "ann.lee2@nhs.net": true, "ann.lee17@nhs.net": true, "ann.leeds@nhs.net": false, "ann.lee@example.com": false, "joann.lee@nhs.net": false, "ann.lee2b@nhs.net": false,
	} {
		if numbered("ann.lee@nhs.net", is) != want {
			t.Errorf("%s: %v", is, !want)
		}
	}
}

// What is old is forgotten where much has come together, and nothing else.
func TestMemoryForgets(t *testing.T) {
	m := newMemory(time.Minute)
	r := nasdesk.WorkReport{State: nasdesk.WorkDone}
	for i := range remembered + 1 {
		m.keep(fmt.Sprint("old", i), r, noon)
		m.expect(fmt.Sprint("old", i), "", noon)
		m.since(fmt.Sprint("old", i), noon)
	}
	later := noon.Add(72 * time.Hour)
	m.keep("new", r, later)
	if _, ok := m.recall("new", later); !ok || len(m.reports) != 1 || len(m.expects) != 0 || len(m.firsts) != 0 {
		t.Errorf("%d reports, %d expectations, %d firsts", len(m.reports), len(m.expects), len(m.firsts))
	}
}

// A code of Graph's is words of a code: nothing else of an answer is told.
func TestWord(t *testing.T) {
	for in, want := range map[string]string{"Request_BadRequest": "Request_BadRequest", "Ann <ann@example.com>": "Annannexample.com", "": "", strings.Repeat("x", 99): strings.Repeat("x", 64)} {
		if got := word(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestClip(t *testing.T) {
	if clip("Zoë", 2) != "Zo" || clip("Zoë", 3) != "Zoë" {
		t.Error("a name is clipped elsewhere than between letters")
	}
}

func FuzzStamps(f *testing.F) {
	for _, s := range []string{"", "abcdef012345 ~abcdef012345.t0.a.b", "-x.1 ~. .", "~abcdef012345."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := stamps(strings.Fields(text))
		s.of("abcdef012345")
		with := s.with("abcdef012345", begun{at: noon}, 1024)
		if b, ok := with.of("abcdef012345"); !ok || !b.at.Equal(noon) {
			t.Errorf("%q with a stamp is %q", text, with)
		}
		if s.settled().leaving() {
			t.Errorf("%q settled is %q", text, s.settled())
		}
	})
}
