package inbox

import (
	"bytes"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nasdesk/parser"
)

// FuzzProof reads any bytes as a mail and asks who wrote it. Nobody is proved by a
// From that was repaired, doubled, or one of two to a reader that is less
// lenient than ours.
func FuzzProof(f *testing.F) {
	files, err := filepath.Glob("../testdata/messages/*.eml")
	if err != nil || len(files) == 0 {
		f.Fatal("no messages", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(b) < 4000 {
			f.Add(b)
		}
	}
	var profiles []Profile
	for _, name := range []string{"rfc8601:mx.nhs.net", "exchange-online"} {
		p, err := ParseTrust(name)
		if err != nil {
			f.Fatal(err)
		}
		profiles = append(profiles, p)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := parser.Read(raw, parser.Options{Own: "helpdesk@nhs.net"})
		for _, p := range profiles {
			proof := p.Prove(m)
			if proof.Sender.Proved() == (proof.Reason != "") {
				t.Fatalf("proved %q with the reason %q", proof.Sender.Address(), proof.Reason)
			}
			if !proof.Sender.Proved() {
				continue
			}
			from := 0
			for _, h := range m.Header {
				if strings.EqualFold(h.Name, "From") {
					from++
					if h.Repaired {
						t.Fatalf("a repaired From proves %q", proof.Sender.Address())
					}
				}
			}
			if from != 1 {
				t.Fatalf("%d From fields prove %q", from, proof.Sender.Address())
			}
			strictReader(t, raw, string(proof.Sender.Address()))
		}
	})
}

// strictReader holds a proof against the standard library, where that can read
// the message at all: the same author, and no other.
func strictReader(t *testing.T, raw []byte, address string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil || len(m.Header["From"]) == 0 {
		return
	}
	for _, v := range m.Header["From"] {
		list, err := mail.ParseAddressList(v)
		for _, a := range list {
			if err == nil && !strings.EqualFold(a.Address, address) {
				t.Fatalf("proved %q, and others read %v", address, m.Header["From"])
			}
		}
	}
}
