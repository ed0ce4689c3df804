package parser

import (
	"strings"
	"testing"
)

// The label of a line, and whether it is one that a request holds.
func TestFormLabel(t *testing.T) {
	long := strings.Repeat("x", 80)
	for text, want := range map[string]string{
		"Role: member": "role", "*Role:* member": "role", "Role - member": "role", "Are you an owner? yes": "are you an owner", "Role": "role", "Full name": "full name", "Hello": "", "Hello there you": "",
		"a b c d e f g h i j k l m: x": "a b c d e f g h i j k l m", "a b c d e f g h i j k l m n: x": "", long + ": x": long, long + "x: x": "", "Role\tmember": "role", "x: y - z?": "x", "x - y?": "x",
	} {
		l := bodyLine{text: text}
		if strings.Contains(text, "\t") {
			l.cells = strings.Split(text, "\t")
		}
		if got := formLabel(l); got != want {
			t.Errorf("%q: label %q, want %q", text, got, want)
		}
	}
	if got := formLabel(bodyLine{text: "Hello", cells: []string{"Hello"}}); got != "" {
		t.Errorf("a row of one cell has the label %q", got)
	}
	if !isFormLine(bodyLine{text: "x", cells: []string{"x"}}) || isFormLine(bodyLine{text: "x"}) || !isFormLine(bodyLine{text: "x:"}) {
		t.Error("a row and a label are lines of a form, a word is none")
	}
	for text, want := range map[string]bool{"Full name: Ada": true, "Mobile: 07": false, "Hello": false, "Team name: x": true} {
		if got := asksLabel(bodyLine{text: text}); got != want {
			t.Errorf("%q asks: %v", text, got)
		}
	}
	for text, want := range map[string]bool{"Role": true, "Role:": true, " *role* ": true, "Ruler": false, "Alternative email address" + strings.Repeat(" ", 14): true, "Alternative email address" + strings.Repeat(" ", 15): false} {
		if got := signBareLabel(text); got != want {
			t.Errorf("%q is a label alone: %v", text, got)
		}
	}
}

// What closes a letter, and what only begins like it; "thanks" may open one too.
func TestSignOff(t *testing.T) {
	for text, want := range map[string]string{
		"Kind regards": "closes", "Regards,": "closes", "regards Tom": "closes", "Thanks": "closes, thanks", "Many thanks!": "closes, thanks", "TA": "closes, thanks", "Cheers Tom": "closes, thanks", "Diolch": "closes, thanks", "Thanks for your help": "closes, thanks",
		"Best": "closes", "Bestseller": "", "Thanks, yes please": "", "Thanks, add Ada": "", "Thanks to you all, 07700": "", "Kind regards Tom Ash Elm Oak": "closes", "Kind regards Tom Ash Elm Oak Fir": "", "Thanks :)": "", "Thanks -)": "closes, thanks",
		"Thanks She": "", "Thanks It": "closes, thanks", "Thanks Our": "", "Thanks ada@example.com": "", "Thanks ☺": "closes, thanks", "Thanks ☺1": "", "Thanks Yes": "", "Thanks Tom2": "", "Thanks I'm": "closes, thanks", "Ta'": "", "Tao": "", "Ta1": "", "Taé": "",
		"Kind regards " + strings.Repeat("x ", 38) + "x": "closes", "Kind regards " + strings.Repeat("x ", 38) + "xx": "",
	} {
		got := ""
		closes, thanks := signOff(text)
		if closes {
			got = "closes"
		}
		if thanks {
			got += ", thanks"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for c := range 256 {
		if want := isAlnum(byte(c)) || c == '\'' || c >= 0x80; isWordByte(byte(c)) != want {
			t.Errorf("byte %#x is of a word: %v", c, !want)
		}
	}
}

// What sort of line it is, by each test that the signature is told by.
func TestSignatureLines(t *testing.T) {
	for _, c := range []struct {
		name string
		is   func(string) bool
		yes  []string
		no   []string
	}{
		{"a sentence", signSentence, []string{"she is new", "b c d e f g h j k l m n o"}, []string{"she is", "a b c d e f g h j k l m", "Elm Pharmacy Road", ""}},
		{"words for the request", signSpeaks, []string{"her mobile", "please add him", "please now add Ada", "PS x"}, []string{"add Ada", "Ada add", "please call", "please", "add please", "our opening hours"}},
		{"a postscript", isPostscript, []string{"PS x", "P.S. x", "NB: x"}, []string{"PSx", "xPS "}},
		{"an office note", isOfficeNote, []string{"Open 9-5", "Please note we close"}, []string{"We opened", "Please note she"}},
		{"an answer", signAnswer, []string{"Yes", "Member", "a b c d e yes"}, []string{"Tom", "a b c d e f yes", ""}},
		{"a note of a program", isClientNote, []string{"Sent from my phone", "Get Outlook for iOS", "Sent from " + strings.Repeat("x", 89)}, []string{"Sent to you", "Sent from " + strings.Repeat("x", 90)}},
		{"a greeting", signGreeting, []string{"Hi", "Dear all", "Hello " + strings.Repeat("x", 53)}, []string{"Ada", "Hi she is new", "Hello " + strings.Repeat("x", 54)}},
		{"a word of the office", signOfficeWord, []string{"Elm Pharmacy", "www.example.com", "https://example.com", "PHARMACY,"}, []string{"Ada Quill", "pharmac"}},
		{"a mobile", signMobile, []string{"M: 07700 900111", "+44 7700 900111", "0044 7700 900111", "(07700) 900-111"}, []string{"01632 960111", "07700 9001", "Ada"}},
		{"a landline", signLandline, []string{"01632 960111", "020 7946 0000", "0300 123 1234", "0800 123 1234", "+44 1632 960111", "T: 0632 960 111"}, []string{"07700 900111", "01632 9601", "T: 0", "T: 07700 900111", "0632 960 111"}},
		{"a name", signName, []string{"Ada", "Ada Quill", "Ada Quill, member", "Ada | Elm", "Ada de la Q", "Joyce ☎ 01632 960111", "Joyce 01632 960111", "A B C D E", "Owner Pharmacist", strings.Repeat("A", 50), "Superintendent", "Ada-"},
			[]string{"", "ada", "Ada quill", "Ada 1", "Ada: x", "Ada?", "Ada!", "Ada@x", "Role", "Hi", "A B C D E F", "Add Ada", "LEAVER", "New User", "Yes", "Owner", "1", "Joyce01632 960111", "Joyce 0163", "01632 960111", "the", "-", strings.Repeat("A", 51)}},
		{"an announcement", signAnnounces, []string{"Add:", "The following", "See below.", "x. As follows", strings.Repeat("x", 84) + " below"}, []string{"Add Ada", "See below. Thank you", strings.Repeat("x", 85) + " below", "Add: x"}},
	} {
		for _, s := range c.yes {
			if !c.is(s) {
				t.Errorf("%q is not taken for %s", s, c.name)
			}
		}
		for _, s := range c.no {
			if c.is(s) {
				t.Errorf("%q is taken for %s", s, c.name)
			}
		}
	}
	for text, want := range map[string]string{"M: 07700 900111 x": "07700900111", "+44 7700 900111": "+447700900111", "1+44 7700 900111": "447700900111", "07700 9001": "", "12/07700 900111": "07700900111", "0123456789": "0123456789", "012345678": "", "0123456789x1": "0123456789", "012345678x0123456789": "0123456789", "(01632)-960.111": "01632960111"} {
		if got := signDigits(text); got != want {
			t.Errorf("%q: digits %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{"NEW STARTER": true, "new user": true, "new": false, "new Ada": false, "old user": false, "new user now": false, "leavers": true, "Ada": false} {
		if got := signHeading(strings.Fields(text)); got != want {
			t.Errorf("%q is a heading: %v", text, got)
		}
	}
	words := senderWords("Elm2 Pharmacy Ltd <fzz11@nhs.net>")
	for w, want := range map[string]bool{"elm2": true, "pharmacy": true, "ltd": false, "fzz11": true, "nhs": false} {
		if words[w] != want {
			t.Errorf("%q is a word of the sender: %v", w, !want)
		}
	}
}
