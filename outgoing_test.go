package nasdesk

import (
	"testing"
	"time"
)

func TestMailID(t *testing.T) {
	a, b := MailID("m1/pharmacy.fa123@nhs.net", "nhs.net"), MailID("m1/pharmacy.fa124@nhs.net", "nhs.net")
	if a == b {
		t.Errorf("two keys share the id %s", a)
	}
	if got := MailID("", "example.org"); got != "e3b0c44298fc1c149afbf4c8996fb924@example.org" {
		t.Errorf("MailID of the empty key = %s", got)
	}
	if len(a) != len("@nhs.net")+32 {
		t.Errorf("MailID = %s, not 32 digits and the domain", a)
	}
}

func TestTimestampKeepsMicroseconds(t *testing.T) {
	at := time.Date(2026, 4, 22, 9, 30, 0, 123456789, London)
	if got := TimestampOf(at).Time(); !got.Equal(at.Truncate(time.Microsecond)) || got.Location() != time.UTC {
		t.Errorf("there and back: %v, want %v in UTC", got, at.Truncate(time.Microsecond))
	}
}
