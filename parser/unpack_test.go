package parser

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Unpack reads what Read reads, and has the bytes of every attachment that the
// message names, in the same order.
func TestUnpackReadsTheSame(t *testing.T) {
	files, err := filepath.Glob("../testdata/messages/*.eml")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	var html, held int
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Own: "helpdesk@nhs.net"}
		m, c := Unpack(raw, o)
		if plain := Read(raw, o); plain.Text != m.Text || plain.Digest != m.Digest {
			t.Errorf("%s: is read differently", name)
		}
		if len(c.Files) != len(m.Attachments) {
			t.Fatalf("%s: %d attachments, %d files", name, len(m.Attachments), len(c.Files))
		}
		for i, f := range c.Files {
			if f.Attachment != m.Attachments[i] || len(f.Data) != f.Size {
				t.Errorf("%s: file %d is %+v with %d bytes, the message says %+v", name, i, f.Attachment, len(f.Data), m.Attachments[i])
			}
			held += len(f.Data)
		}
		html += len(c.HTML)
	}
	if html < 20 || held == 0 {
		t.Errorf("%d HTML documents and %d bytes of files: the fixtures have more", html, held)
	}
}

func TestUnpackLooksInsideWrappings(t *testing.T) {
	for name, want := range map[string]string{"173-winmail-attachment-only": "", "171-winmail-html": "<"} {
		raw, err := os.ReadFile("../testdata/messages/" + name + ".eml")
		if err != nil {
			t.Fatal(err)
		}
		_, c := Unpack(raw, Options{})
		if want == "" && len(c.Files) < 2 {
			t.Errorf("%s: %d files: the ones inside winmail.dat are not there", name, len(c.Files))
		}
		if want != "" && (len(c.HTML) != 1 || !bytes.Contains([]byte(c.HTML[0]), []byte(want))) {
			t.Errorf("%s: HTML %q", name, c.HTML)
		}
	}
}
