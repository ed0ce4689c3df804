package nasdesk_test

import (
	"testing"
	"unicode/utf8"

	"nasdesk"
)

// FuzzValues reads anything as every sort of value. What is taken has a normal
// form that is text, that is taken again, and that is itself then.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"", "07700 900123", "+44 (0)7700-900123", "0044 7700 900 123", "pharmacy.fa123@nhs.net", "<A@B.example>", "a@nhs.net, b@nhs.net; c@nhs.net",
		"SURNAME, First", "Dr Zoë O\u2019Neill", "owner", "Member.", "F A123", "fa123", "pharmacy.fa123", "1 May 2026", "01/05/26", "twelve", "12", "NAS-0000000I", "\"Team\"", "\x00\xff\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var (
			mobile    nasdesk.Mobile
			address   nasdesk.Address
			ods       nasdesk.ODSCode
			mailbox   nasdesk.MailboxName
			person    nasdesk.PersonName
			role      nasdesk.Role
			count     nasdesk.Count
			reference nasdesk.ReferenceNumber
			nhs       nasdesk.NHSAddress
			list      nasdesk.Addresses
			title     nasdesk.Title
			words     nasdesk.Text
		)
		for _, v := range []nasdesk.Value{&mobile, &address, &ods, &mailbox, &person, &role, &count, &reference, &nhs, &list, &title, &words} {
			if v.Set(s) != nil {
				continue
			}
			once := v.String()
			if !utf8.ValidString(once) && utf8.ValidString(s) {
				t.Errorf("%s: %q becomes %q, which is no text", v.Type(), s, once)
			}
			if err := v.Set(once); err != nil || v.String() != once {
				t.Errorf("%s: %q becomes %q, and that %q (%v)", v.Type(), s, once, v.String(), err)
			}
		}
	})
}
