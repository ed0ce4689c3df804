package parser

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"nasdesk"
)

const testHead = "From: Elm Pharmacy <pharmacy.fzz11@nhs.net>\nTo: helpdesk@nhs.net\nSubject: A request\n"

// readParts reads a mail whose header ends with the given fields.
func readParts(t *testing.T, rest string) *nasdesk.Message {
	t.Helper()
	if !strings.HasSuffix(rest, "\n") {
		rest += "\n"
	}
	m := Read([]byte(testHead+rest), testOptions)
	checkMessage(t, m)
	return m
}

func TestBodies(t *testing.T) {
	long := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("Please add Ada Quill. ", 20)))
	for name, c := range map[string]struct{ rest, want, finding string }{
		"no content type, 8-bit":  {"\nSi\xe2n", "Siân", "charset"},
		"utf-8 said latin":        {"Content-Type: text/plain; charset=iso-8859-1\n\nSi\xc3\xa2n", "Siân", "charset"},
		"windows said ascii":      {"Content-Type: text/plain; charset=us-ascii\n\nSi\xe2n \x93x\x94", `Siân "x"`, "charset"},
		"windows said latin":      {"Content-Type: text/plain; charset=iso-8859-1\n\n\x93x\x94", `"x"`, ""},
		"unknown charset":         {"Content-Type: text/plain; charset=x-foo\n\nSi\xc3\xa2n", "Siân", "charset"},
		"utf-7":                   {"Content-Type: text/plain; charset=utf-7\n\nSi+AOI-n", "Siân", ""},
		"utf-16":                  {"Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte("H\x00i\x00")), "Hi", ""},
		"bad parameters":          {"Content-Type: text/plain; charset=utf-8; format; name=my file (1).txt; charset=x\n\nHi", "Hi", ""},
		"no semicolon":            {"Content-Type: text/plain charset=iso-8859-1\n\nSi\xe2n", "Siân", ""},
		"type that is none":       {"Content-Type: text\n\nHi", "Hi", ""},
		"unknown encoding":        {"Content-Transfer-Encoding: 8-bit\n\nHi", "Hi", "transfer-encoding"},
		"quoted encoding":         {"Content-Transfer-Encoding: \"base64\"\n\nSGk=", "Hi", ""},
		"quoted-printable":        {"Content-Transfer-Encoding: quoted-printable\n\nA=20long=\n line =3D a= \nnd=ZZ ", "A long line = and=ZZ", ""},
		"base64 that is text":     {"Content-Transfer-Encoding: base64\n\nPlease add Ada, thanks. She's new!", "Please add Ada, thanks. She's new!", "transfer-encoding"},
		"base64 cut short":        {"Content-Transfer-Encoding: base64\n\n" + long[:30], "Please add Ada Quill.", "transfer-encoding"},
		"uuencode":                {"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n\"2&D \n`\nend\n", "Hi", ""},
		"flowed":                  {"Content-Type: text/plain; format=flowed\n\nShe is \nnew.\n stuffed\n-- \nTom", "She is new.\nstuffed", ""},
		"flowed, delsp":           {"Content-Type: text/plain; format=flowed; delsp=yes\n\n07700 900 \n111", "07700 900111", ""},
		"artefacts":               {"\nwrite to a@example.com<mailto:a@example.com> [cid:x.png@1] or <b@example.com>", "write to a@example.com or <b@example.com>", ""},
		"boundary with =":         {"Content-Type: multipart/mixed; boundary=a=b\n\n--a=b\n\nHi\n--a=b--\n", "Hi", ""},
		"no closing boundary":     {"Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\nHi\n--b\n\nthere\n", "Hi\nthere", "truncated"},
		"boundary missing":        {"Content-Type: multipart/mixed\n\n--xyzzy\nContent-Type: text/plain\n\nHi\n--xyzzy--\n", "Hi", "boundary"},
		"boundary wrong":          {"Content-Type: multipart/mixed; boundary=abc\n\n--xyzzy\nContent-Type: text/plain\n\nHi\n--xyzzy--\n", "Hi", "boundary"},
		"boundary wrong, no part": {"Content-Type: multipart/mixed; boundary=abc\n\nHi", "Hi", "boundary"},
		"boundary begins another": {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--bc is no end\nHi\n--b--\n", "--bc is no end\nHi", ""},
		"two texts":               {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: text/html\n\n<p>there\n--b--\n", "Hi\nthere", ""},
		"a mail attached":         {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: message/rfc822\n\nFrom: x@example.com\n\nPlease add Ada\n--b--\n", "Hi", ""},
		"a text attached":         {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: text/plain; name=\"a.txt\"\nContent-Disposition: attachment\n\nPlease add Ada\n--b--\n", "Hi", ""},
		"plain says more":         {"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nPlease add Ada Quill as a member, thank you\n--b\nContent-Type: text/html\n\n<p>See the plain text</p>\n--b--\n", "Please add Ada Quill as a member, thank you", ""},
		"html has the table":      {"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nName\nAda\n--b\nContent-Type: text/html\n\n<table><tr><td>Name<td>Ada</table>\n--b--\n", "Name\tAda", ""},
		"html, charset in it":     {"Content-Type: text/html\n\n<html><head><meta charset=\"iso-8859-1\"></head><p>Si\xe2n</html>", "Siân", ""},
		"tabs":                    {"\nFull name\tAda Quill\nMobile\t07700 900111", "Full name\tAda Quill\nMobile\t07700 900111", ""},
		"columns":                 {"\nFull name   Ada Quill\nMobile      07700 900111", "Full name\tAda Quill\nMobile\t07700 900111", ""},
		"two blanks are no table": {"\nShe is new.  Please add her.\nIt is urgent.  Really.", "She is new. Please add her.\nIt is urgent. Really.", ""},
		"rich text":               {"Content-Type: application/rtf\n\n{\\rtf1{\\fonttbl{\\f0 Arial;}}\\f0 Please add Zo\\'eb\\par as \\u8220?member\\u8221?}", "Please add Zoë\nas \"member\"", ""},
	} {
		m := readParts(t, c.rest)
		if got := ownText(m); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if c.finding != "" && !m.Found(c.finding) || c.finding == "" && len(m.Findings) > 0 {
			t.Errorf("%s: findings %v, want %q", name, m.Findings, c.finding)
		}
	}
}

func TestNoText(t *testing.T) {
	for name, c := range map[string]struct {
		rest string
		want bool
	}{
		"empty, with a subject": {"\n", false},
		"picture only":          {"Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\niVBORw0K", true},
		"empty, and a PDF":      {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n \n--b\nContent-Type: application/pdf; name=a.pdf\n\n%PDF\n--b--", true},
		"PGP":                   {"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--b--", true},
		"PGP in the text":       {"\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----", false},
		"enveloped":             {"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHA6CAMIACAQA=", true},
		"words, and a PDF":      {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: application/pdf; name=a.pdf\n\n%PDF\n--b--", false},
	} {
		m := readParts(t, c.rest)
		want := c.want || strings.HasPrefix(name, "PGP")
		if m.Found(nasdesk.FoundNoText) != want {
			t.Errorf("%s: findings %v", name, m.Findings)
		}
	}
}

func TestAttachmentNames(t *testing.T) {
	for in, want := range map[string]string{
		`attachment; filename="new starters.csv"`:                                 "new starters.csv",
		`attachment; filename*=utf-8''caf%C3%A9.csv`:                              "café.csv",
		`attachment; filename*0="new "; filename*1="starters.csv"`:                "new starters.csv",
		`attachment; filename*0*=utf-8''caf%C3; filename*1*=%A9; filename*2=.csv`: "café.csv",
		`attachment; filename="=?utf-8?q?caf=C3=A9.csv?="`:                        "café.csv",
		`attachment; filename="..\\..\\a.csv"`:                                    "a.csv",
		`attachment; filename=my file (1).csv`:                                    "my file (1).csv",
	} {
		m := readParts(t, "Content-Type: application/x-thing\nContent-Disposition: "+in+"\n\nx")
		if len(m.Attachments) != 1 || m.Attachments[0].Name != want {
			t.Errorf("%s: got %v, want %s", in, m.Attachments, want)
		}
	}
}

// der wraps bodies in one element.
func der(tag byte, bodies ...[]byte) []byte {
	body := bytes.Join(bodies, nil)
	switch n := len(body); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	default:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...)
	}
}

func TestOpaqueSigned(t *testing.T) {
	inner := []byte("Content-Type: text/plain; charset=utf-8\r\n\r\n" + strings.Repeat("Please add Ada Quill.\r\n", 10))
	build := func(octets []byte) []byte {
		content := der(0x30, der(0x06, oidData), der(0xa0, octets))
		signed := der(0x30, der(0x02, []byte{1}), der(0x31), content, der(0x31))
		return der(0x30, der(0x06, oidSignedData), der(0xa0, signed))
	}
	indefinite := append([]byte{0x24, 0x80}, append(append(der(0x04, inner[:100]), der(0x04, inner[100:])...), 0, 0)...)
	for name, cms := range map[string][]byte{"definite": build(der(0x04, inner)), "in pieces": build(indefinite)} {
		m := readParts(t, "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n"+base64.StdEncoding.EncodeToString(cms))
		if !strings.HasPrefix(ownText(m), "Please add Ada Quill.") || m.Found(nasdesk.FoundNoText) {
			t.Errorf("%s: text %q, findings %v", name, ownText(m), m.Findings)
		}
		for i := range cms { // cut anywhere, it must only not fail
			checkMessage(t, readParts(t, "Content-Type: application/pkcs7-mime\n\n"+string(cms[:i])))
		}
	}
}

// tnefAttr writes one attribute of a winmail.dat.
func tnefAttr(level byte, id uint16, data []byte) []byte {
	n := len(data)
	return append([]byte{level, byte(id), byte(id >> 8), 0, 0, byte(n), byte(n >> 8), 0, 0}, append(data, 0, 0)...)
}

func TestTNEF(t *testing.T) {
	head := []byte{0x78, 0x9f, 0x3e, 0x22, 1, 0}
	file := bytes.Join([][]byte{tnefAttr(2, tnefAttachStart, make([]byte, 14)), tnefAttr(2, tnefAttachTitle, []byte("form.pdf\x00")), tnefAttr(2, tnefAttachData, []byte("%PDF"))}, nil)
	text := "Please add Ada Quill."
	padded := append([]byte(text), 0, 0, 0)
	props := append([]byte{1, 0, 0, 0, typeString8, 0, 0, 0x10, 1, 0, 0, 0, byte(len(text)), 0, 0, 0}, padded...)
	rtf := "{\\rtf1 Please add Ada Quill.}"
	packed := append([]byte{byte(len(rtf) + 12), 0, 0, 0, byte(len(rtf)), 0, 0, 0, 'M', 'E', 'L', 'A', 0, 0, 0, 0}, rtf...)
	for len(packed)%4 != 0 {
		packed = append(packed, 0)
	}
	rtfProps := append([]byte{1, 0, 0, 0, 2, 1, 9, 0x10, 1, 0, 0, 0, byte(16 + len(rtf)), 0, 0, 0}, packed...)
	for name, body := range map[string][]byte{"text": tnefAttr(1, tnefBodyText, []byte(text+"\x00")), "property": tnefAttr(1, tnefProps, props), "rich text": tnefAttr(1, tnefProps, rtfProps)} {
		data := bytes.Join([][]byte{head, body, file}, nil)
		rest := "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
		m := readParts(t, rest+base64.StdEncoding.EncodeToString(data)+"\n--b--")
		if ownText(m) != text || len(m.Attachments) != 2 || m.Attachments[1].Name != "form.pdf" || m.Attachments[1].Size != 4 {
			t.Errorf("%s: text %q, attachments %v, findings %v", name, ownText(m), m.Attachments, m.Findings)
		}
		for i := range data {
			checkMessage(t, readParts(t, rest+base64.StdEncoding.EncodeToString(data[:i])+"\n--b--"))
		}
	}
}

func TestInflateRTF(t *testing.T) {
	// The example of [MS-OXRTFCP], 3.1.1.
	packed := []byte{0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42,
		0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0}
	if got := string(inflateRTF(packed)); got != "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n" {
		t.Errorf("got %q", got)
	}
}

func TestInlineUU(t *testing.T) {
	m := readParts(t, "\nHi\n\nbegin 644 form.pdf\n\"2&D \n`\nend\nBye now, she is new.")
	if ownText(m) != "Hi\nBye now, she is new." || len(m.Attachments) != 1 || m.Attachments[0].Name != "form.pdf" || m.Attachments[0].Size != 2 {
		t.Errorf("text %q, attachments %v", ownText(m), m.Attachments)
	}
}

func TestDigest(t *testing.T) {
	one := Read([]byte(testHead+"Date: Tue, 21 Apr 2026 10:00:00 +0100\nMessage-ID: <a@example.com>\nContent-Type: text/plain; charset=utf-8\n\nPlease add Zoë\n\n"), testOptions)
	same := Read([]byte("Received: from x\n"+testHead+"Date: Tue, 21 Apr 2026 09:00:00 GMT\nMessage-ID: <b@example.com>\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nPlease add Zo=EB\n--b--"), testOptions)
	other := Read([]byte(testHead+"Date: Tue, 21 Apr 2026 10:00:00 +0100\n\nPlease add Zoe"), testOptions)
	if one.Digest != same.Digest {
		t.Error("a mail rebuilt on its way has another digest")
	}
	if one.Digest == other.Digest {
		t.Error("another text has the same digest")
	}
}
