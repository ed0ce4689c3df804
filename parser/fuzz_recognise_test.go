package parser_test

import (
	"testing"
	"unicode/utf8"

	"nasdesk"
	"nasdesk/workflows"
)

// FuzzRecognise: whatever the text, nothing panics, every span lies within it,
// kinds and fields are known, and what is called valid is a value of its type.
func FuzzRecognise(f *testing.F) {
	for _, s := range []string{
		"Please create a new account\n\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n",
		"Please link Hester Vane to us as an owner, hester.vane@nhs.net, 07700 900389.\n",
		"Name\tMobile\tRole\nA B\t07700 900412\t[x] Owner [ ] Member\n",
		"YES for Tom only, not for Sarah\n", "[05/05/2026, 18:22:07] Tamar: 07700 900208\n", "from 30 April to the end of the month", "Role: ☐ Owner ☒ Member",
		"(", "):", "- \n*\n", "\u200b:\u202e@", "+44 (0) 7700 900 123 07700900124", "\xff\xfe: \x80",
	} {
		f.Add("New user", s, false)
		f.Add("Re: NAS-0123ABCD", s, true)
	}
	open := waiting(nasdesk.Request{Answers: answersOf("full_name=Wilfred Anstey")}, nasdesk.Request{Kind: "disable"}, nasdesk.Request{Kind: "team", State: nasdesk.StateConfirming})
	f.Fuzz(func(t *testing.T, subject, body string, reply bool) {
		if len(subject)+len(body) > 4000 || !utf8.ValidString(subject) {
			return
		}
		c, head := register(), ""
		if reply {
			c, head = open, "In-Reply-To: <q@example.org>\n"
		}
		m := mailOf(subject, body, head)
		h := reader.Recognise(m, c)
		for _, r := range append(h.Readings, h.Values...) {
			checkReading(t, m, r)
		}
	})
}

func checkReading(t *testing.T, m *nasdesk.Message, r nasdesk.Reading) {
	t.Helper()
	kind := workflows.KindNamed(r.Kind)
	if kind == nil && r.Kind != "" {
		t.Fatalf("no such kind: %q", r.Kind)
	}
	if a := r.Asked; a.Start < 0 || a.End > len(m.Text) || a.Start > a.End {
		t.Fatalf("asked span %v outside the text (%d)", a, len(m.Text))
	}
	seen := map[string]bool{}
	for _, a := range r.Answers {
		if kind != nil {
			if form, _ := kind.FormOf(); form.Field(a.Field) == nil {
				t.Fatalf("%s has no field %q", r.Kind, a.Field)
			}
		}
		if seen[a.Field] || a.Ambiguous && a.Value != "" || !a.Ambiguous && a.Value == "" {
			t.Fatalf("answer %+v is told twice, or has a value although it is ambiguous, or none", a)
		}
		seen[a.Field] = true
		for _, s := range a.Spans {
			if s.Start < 0 || s.End > len(m.Text) || s.Start > s.End {
				t.Fatalf("span %v of %s outside the text (%d)", s, a.Field, len(m.Text))
			}
		}
	}
}

func BenchmarkRecognise(b *testing.B) {
	for name, body := range map[string]string{
		"labelled": "Please create a new nhs.net account for our new dispenser.\n\nFull name: Hannah Whitcombe\nMobile: 07700 900412\nAlternative email: hannah.w@example.com\nRole: Member\n\nThanks\nMargaret\n",
		"prose":    "Hi, our new dispenser Hannah Whitcombe needs an nhs.net account. You can text her on 07700 900412 or email hannah.w@example.com. She'll be a member of the mailbox. Thanks ever so much for your help with this, it has been a busy week and we are all rather tired.\n",
	} {
		m, c := mailOf("New starter", body), register()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				reader.Recognise(m, c)
			}
		})
	}
}
