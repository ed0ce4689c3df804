package parser

import (
	"strings"
	"testing"
)

// Where another reader of mail shows more than we did, or something else.
func TestReadAsOthersReadIt(t *testing.T) {
	prose := "Please add Ada Quill to the list of members and tell us when that is done"
	for name, c := range map[string]struct{ rest, want string }{
		"a delimiter right below the header":      {"Content-Type: multipart/mixed; boundary=b\n--b\nContent-Type: text/plain\n\nHi\n--b--\n", "Hi"},
		"a delimiter below a blank":               {"Content-Type: multipart/mixed; boundary=b\n \n--b\nContent-Type: text/plain\n\nHi\n--b--\n", "Hi"},
		"a delimiter above another field of mail": {"Content-Type: multipart/mixed; boundary=b\n--b\nX-A: b\nContent-Language: cy\n\n--b\n\nHi\n--b--\n", "Hi"},
		"a line above a field of mail":            {"Content-Type: text/plain\njunk\nContent-Language: cy\n\nHi\n", "Hi"},
		"a line, a delimiter, and fields":         {"Content-Type: multipart/mixed; boundary=b\njunk\nContent-Language: cy\n--b\nContent-Type: text/plain\n\nHi\n--b--\n", "Hi"},
		"a line above a delimiter":                {"Content-Type: multipart/mixed; boundary=b\njunk\n--b\nContent-Type: text/plain\n\nHi\n--b--\n", "Hi"},
		"a line above a name alone":               {"Content-Type: text/plain\njunk\nsubject\n\nHi\n", "junk\nsubject\nHi"},
		"prose that is called base64":             {"Content-Transfer-Encoding: base64\n\n" + prose, prose},
		"prose on two lines":                      {"Content-Transfer-Encoding: base64\n\n" + prose + "\n" + prose, prose + "\n" + prose},
		"three words":                             {"Content-Transfer-Encoding: base64\n\nadd Ada Quill", "i×@u¤.ŠY"},
		"four words":                              {"Content-Transfer-Encoding: base64\n\nadd Ada Quill please", "add Ada Quill please"},
		"base64 with blanks in it":                {"Content-Transfer-Encoding: base64\n\nUGxlYXNl IGFkZCBB ZGEgUXVp bGwgdG9kYXkuIFRoYW5rIHlvdSB2ZXJ5IG11Y2gh\n", "Please add Ada Quill today. Thank you very much!"},
		"a bare link behind a tab":                {"\nSee:\n\t<mailto:ada@example.com>", "See:\n<mailto:ada@example.com>"},
		"bare links in a list":                    {"\nSee <mailto:a@example.com>,<mailto:b@example.com>;<mailto:c@example.com>(<mailto:d@example.com>)", "See <mailto:a@example.com>,<mailto:b@example.com>;<mailto:c@example.com>(<mailto:d@example.com>)"},
		"white words":                             {"Content-Type: text/html\n\nAda<font color=white>x</font>Quill", "Ada Quill"},
		"words too small to take up room":         {"Content-Type: text/html\n\nAda<font style='font-size:0;color:white'>x</font>Quill", "AdaQuill"},
	} {
		if got := ownText(readParts(t, c.rest)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A Subject that is not encoded is in the character set of the text.
func TestSubjectNotEncoded(t *testing.T) {
	for name, c := range map[string]struct{ head, want string }{
		"Polish":                    {"Subject: \xa3ukasz\nContent-Type: text/plain; charset=iso-8859-2\n", "Łukasz"},
		"Polish, folded":            {"Subject: Dr\n \xa3ukasz\nContent-Type: text/plain; charset=iso-8859-2\n", "Dr Łukasz"},
		"no character set":          {"Subject: Si\xe2n\nContent-Type: text/plain\n", "Siân"},
		"no text":                   {"Subject: Si\xe2n\n", "Siân"},
		"UTF-8, in a Polish text":   {"Subject: Si\xc3\xa2n\nContent-Type: text/plain; charset=iso-8859-2\n", "Siân"},
		"the topmost Subject":       {"Subject: Ada\nSubject: \xa3\nContent-Type: text/plain; charset=iso-8859-2\n", "Ada"},
		"the topmost of two broken": {"Subject: \xa3ukasz\nSubject: Si\xe2n\nContent-Type: text/plain; charset=iso-8859-2\n", "Łukasz"},
		"another field":             {"Comments: \xa3\nSubject: Ada\nContent-Type: text/plain; charset=iso-8859-2\n", "Ada"},
	} {
		m := Read([]byte("From: a@example.com\n"+c.head+"\nHi\n"), testOptions)
		if m.Subject != c.want {
			t.Errorf("%s: %q, want %q", name, m.Subject, c.want)
		}
		if strings.Contains(name, "Polish") && !m.Found("header-repaired") && !strings.HasPrefix(name, "UTF-8") {
			t.Errorf("%s: no finding", name)
		}
	}
}

// What stands above the first part of a multipart is no text of its sender: a
// mail that ends there has lost it.
func TestMultipartWithoutItsFirstPart(t *testing.T) {
	for rest, want := range map[string]bool{
		"\nThis is a multi-part mess":                          true,
		"\nThis is a multi-part message.\n--b":                 true,
		"\nHi there.\n":                                        false,
		"\n--other\nContent-Type: text/plain\n\nHi\n--other--": false,
	} {
		raw := []byte(testHead + "Content-Type: multipart/mixed; boundary=b12\n" + rest)
		if m := Read(raw, testOptions); m.Found("damaged") != want {
			t.Errorf("%q: damaged %v, want %v", rest, m.Found("damaged"), want)
		}
	}
}

func TestProseIsNoBase64(t *testing.T) {
	word := strings.Repeat("abcd", 5)
	for text, want := range map[string]bool{
		word + " " + word + " " + word[:10] + " " + word[:9]:  true,
		word + " " + word + " " + word[:10] + " " + word[:10]: false, // as long as twenty signs a blank
		"add Ada Quill":               false,
		"add Ada\nQuill as\na member": true,
		strings.Repeat("abcd\n", 8) + "Ada is no member here": false,
		strings.Repeat(word, 20) + " Ada is no member here":   false,
		"": false,
	} {
		if got := isProse([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
