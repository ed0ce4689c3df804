package parser

import (
	"encoding/base64"
	"strings"
	"testing"

	"nasdesk"
)

const twoTexts = "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nPlease add Ada Quill\n--b\nContent-Type: text/html\n\n<html><body><p>Please add Ada Quill</p></body></html>\n--b--\n"

// A mail whose bytes are missing says so; one that merely lacks its last
// boundary does not.
func TestDamaged(t *testing.T) {
	long := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("Please add Ada Quill. ", 20)))
	for name, c := range map[string]struct {
		rest string
		want bool
	}{
		"whole":                           {"\nHi\n", false},
		"no end of line":                  {"\nPlease add Ada Quill.\nThanks", false},
		"half an address":                 {"\nHi\nEmail: ada@", true},
		"half a domain":                   {"\nHi\nEmail: <ada@example", true},
		"a domain and its dot":            {"\nHi\nada@example.", true},
		"an address outside nhs.net":      {"\nHi\nada@example.co", true},
		"an address at nhs.net":           {"\nHi\nTom.Ash@NHS.net", false},
		"half a year":                     {"\nHi\nLast day: 30 April 20", true},
		"half a year, in digits":          {"\nHi\nLast day: 30/04/20", true},
		"half a day":                      {"\nHi\nLast day:3", true},
		"a number alone":                  {"\nHi\n20", true},
		"a year":                          {"\nHi\nLast day: 30 April 2026", false},
		"a year, in digits":               {"\nHi\nLast day: 30/04/2026", false},
		"a telephone number":              {"\nHi\nTel: 01632 960 123", false},
		"an ODS code":                     {"\nHi\nElm Pharmacy FA123", false},
		"an at sign":                      {"\nHi\nsee you @", false},
		"half a warning of NHSmail":       {"\nHi\n\nThis message was sent from an email addr", true},
		"a sentence like it":              {"\nHi\n\nThis message was sent by Ada", false},
		"a label alone":                   {"\nHi\nRole: ", true},
		"half a character":                {"\nHi\nZo\xc3", true},
		"two thirds of a character":       {"\nHi\n\xe2\x82", true},
		"a whole character":               {"\nHi\nZo\xc3\xab", false},
		"a character of windows-1252":     {"\nHi\nZo\xeb\nor Zo\xeb", false},
		"flows on":                        {"Content-Type: text/plain; format=flowed\n\nPlease add Ada ", true},
		"flows no more":                   {"Content-Type: text/plain; format=flowed\n\nPlease add \nAda", false},
		"flowed to its signature":         {"Content-Type: text/plain; format=flowed\n\nPlease add Ada\n-- ", false},
		"a blank at the end":              {"\nPlease add Ada ", false},
		"base64 with padding, unended":    {"Content-Transfer-Encoding: base64\n\nSGk=", false},
		"base64 without, unended":         {"Content-Transfer-Encoding: base64\n\nSGkhSGkh", true},
		"half an escape":                  {"Content-Transfer-Encoding: quoted-printable\n\nZo=C", true},
		"an escape, unended":              {"Content-Transfer-Encoding: quoted-printable\n\nZo=C3=AB", false},
		"a soft break, unended":           {"Content-Transfer-Encoding: quoted-printable\n\nPlease add=", true},
		"a multipart without line end":    {strings.TrimSuffix(twoTexts, "\n"), false},
		"cut in a part":                   {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nPlease add Ada", true},
		"ends in the header":              {"X-A: b\n", true},
		"ends in a field":                 {"X-A", true},
		"no text at all":                  {"\n", false},
		"a multipart that is one text":    {"Content-Type: multipart/mixed; boundary=abc\n\nHi\n", false},
		"a multipart of nothing":          {"Content-Type: multipart/mixed; boundary=abc\n\n \n", true},
		"a soft break in q":               {"Content-Transfer-Encoding: q\n\nPlease add=", true},
		"a soft break in quotedprintable": {"Content-Transfer-Encoding: quotedprintable\n\nPlease add=", true},
		"half an address below a whole":   {twoTexts + "see ada@", false},
		"a piece of HTML cut in a tag":    {"Content-Type: text/html\n\n<p>Hi</\n", true},
		"one byte, quoted-printable":      {"Content-Transfer-Encoding: quoted-printable\n\nx", false},
		"a code with zeros":               {"\nHi\nElm FA01", false},
		"ten digits":                      {"\nHi\nTel: 0163 296 019", false},
		"nine digits":                     {"\nHi\nTel: 0163 296 01", true},
		"a number and a dash":             {"\nHi\nRoom 20 -", false},
		"a word that begins a warning":    {"\nHi\nThis", false},
		"two words that begin a warning":  {"\nHi\nThis m", true},
		"no blank line, nor a line end":   {"Please add Ada\nthanks", true},
		"no blank line":                   {"Please add Ada\nthanks\n", false},
		"a bare CR at the end":            {"\nEmail: ada@\r", false},
		"HTML without any tag":            {"Content-Type: text/html\n\nHi\n", false},
		"an unended part within a whole":  {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Transfer-Encoding: base64\n\nSGk\n--b--\n", false},
		"the first part of an unended":    {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nSGk\n--b\n\nHi\n", false},
		"the last part of an unended":     {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b\nContent-Transfer-Encoding: base64\n\nSGk\n", true},
		"whole multipart":                 {twoTexts, false},
		"no last boundary":                {strings.TrimSuffix(twoTexts, "--b--\n"), false},
		"cut behind the header":           {twoTexts[:strings.Index(twoTexts, "--b")], true},
		"uuencoded, without an end":       {"\nHi\n\nbegin 644 a.txt\n\"2&D \n", true},
		"begin as a word":                 {"\nHi\n\nbegin 644 times\nthanks\n", false},
		"cut in the HTML":                 {twoTexts[:strings.Index(twoTexts, " Quill</p>")] + "\n", true},
		"cut in a tag":                    {twoTexts[:strings.Index(twoTexts, "p></body")] + "\n", true},
		"HTML without an html tag":        {"Content-Type: text/html\n\n<p>Hi</p>\n", false},
		"HTML that never ends":            {"Content-Type: text/html\n\n<html><p>Hi</p>\n", true},
		"base64":                          {"Content-Transfer-Encoding: base64\n\n" + long + "\n", false},
		"base64 cut":                      {"Content-Transfer-Encoding: base64\n\n" + long[:31] + "\n", true},
		"base64 with a hole":              {"Content-Transfer-Encoding: base64\n\n" + long[:80] + "*" + long[80:] + "\n", true},
		"base64 not padded, in a part":    {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nSGk\n--b--\n", false},
		"quoted-printable, a soft break":  {"Content-Transfer-Encoding: quoted-printable\n\nPlease add=\n", true},
		"quoted-printable":                {"Content-Transfer-Encoding: quoted-printable\n\nPlease add=\n Ada\n", false},
	} {
		if m := Read([]byte(testHead+c.rest), testOptions); m.Found(nasdesk.FoundDamaged) != c.want {
			t.Errorf("%s: findings %v, want damaged %v", name, m.Findings, c.want)
		}
	}
}

// Two alternatives that ask for different things are told apart from two forms
// of one text.
func TestAlternativesDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		plain, html string
		want        bool
	}{
		"the same":               {"Add Ada, 07700 900111, member", "<p>Add <b>Ada</b>, 07700900111, member</p>", false},
		"two mobiles":            {"Add Ada, 07700 900111", "<p>Add Ada, 07700 900112</p>", true},
		"two addresses":          {"Remove tom.ash@nhs.net", "<p>Remove ada.quill@nhs.net</p>", true},
		"owner and member":       {"Ada Quill, owner", "<p>Ada Quill, member</p>", true},
		"yes and no":             {"Yes", "<p>No</p>", true},
		"one denies":             {"Please do not remove Tom Ash", "<p>Please do remove Tom Ash</p>", true},
		"placeholder":            {"This mail is HTML: your program does not show it.", "<p>Add Ada, 07700 900111, a.quill@example.com</p>", false},
		"a signature as picture": {"Add Ada 07700 900111\nTom, 07700 900222", "<p>Add Ada 07700 900111</p>", false},
		"only HTML":              {"", "<p>Add Ada, 07700 900111</p>", false},
	} {
		m := readParts(t, "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n"+c.plain+"\n--b\nContent-Type: text/html\n\n"+c.html+"\n--b--\n")
		if m.Found(nasdesk.FoundDiffer) != c.want {
			t.Errorf("%s: findings %v, want alternatives-differ %v", name, m.Findings, c.want)
		}
	}
}

// A header that was cut, or holds a NUL, proves nobody.
func TestHeaderThatProvesNothing(t *testing.T) {
	h := readHeader([]byte("From: x\x00 <a@nhs.net>\nTo: b\n\n"), DefaultLimits)
	if f := h.fields[0]; !f.Repaired || f.Value != "x <a@nhs.net>" || h.fields[1].Repaired {
		t.Errorf("a NUL: %+v", h.fields)
	}
	big := "From: a@nhs.net\n" + strings.Repeat("X-A: b\n", DefaultLimits.HeaderBytes/7+1) + "From: c@nhs.net\n\nHi\n"
	for name, raw := range map[string]string{"header": big, "size": big + strings.Repeat("x", DefaultLimits.Size)} {
		m := Read([]byte(raw), testOptions)
		if len(m.Findings) == 0 || m.Findings[len(m.Findings)-1] != (nasdesk.Finding{Code: nasdesk.FoundOverLimit, Detail: "header"}) {
			t.Errorf("beyond the limit of %s: findings %v", name, m.Findings)
		}
	}
	m := ReadHead([]byte("From: a@nhs.net\nSubject: x\n\nHi\n"), testOptions, "time")
	if m.Text != "x" || len(m.Findings) != 1 || m.Findings[0].Detail != "time" || m.Header.Get("From") != "a@nhs.net" {
		t.Errorf("the header alone: %+v", m)
	}
}
