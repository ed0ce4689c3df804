package main

import (
	"bytes"
	"io"

	"github.com/emersion/go-message/mail"
)

// plainPart returns the plain text of a mail of ours, with its subject on top.
func plainPart(raw []byte) string {
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		return ""
	}
	subject, _ := r.Header.Subject()
	p, err := r.NextPart()
	if err != nil {
		return subject
	}
	text, _ := io.ReadAll(p.Body)
	return "Subject: " + subject + "\n\n" + string(bytes.ReplaceAll(text, []byte("\r"), nil))
}
