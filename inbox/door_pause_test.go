package inbox

import (
	"errors"
	"testing"
	"time"
)

func TestPause(t *testing.T) {
	set := Settings{RetryMin: time.Second, RetryMax: 5 * time.Minute}
	broke := errors.New("unexpected EOF")
	for _, c := range []struct {
		tries  int
		err    error
		chance float64
		want   time.Duration
	}{
		{0, broke, 0, time.Second},
		{0, broke, 1, 500 * time.Millisecond},
		{3, broke, 0, 8 * time.Second},
		{3, broke, 0.5, 6 * time.Second},
		{9, broke, 0, 5 * time.Minute},
		{1000, broke, 0, 5 * time.Minute},
		{0, errors.New("BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds"), 1, 299961 * time.Millisecond},
		{0, errors.New("suggested backoff time: 99999999999 milliseconds"), 0, time.Hour},
		{9, errors.New("Suggested Backoff Time: 5 milliseconds"), 0, 5 * time.Minute},
	} {
		if got := set.pause(c.tries, c.err, c.chance); got != c.want {
			t.Errorf("pause(%d, %v, %v) = %v, want %v", c.tries, c.err, c.chance, got, c.want)
		}
	}
}

func TestEarHearsOnlyTheLastWord(t *testing.T) {
	for heard, want := range map[string]string{
		"* BYE Connection is closed. 13\r\n":                  "Connection is closed. 13",
		"T7 OK done\r\n* bye gone\r\n":                        "gone",
		"* BYE gone\r\nDONE\r\n":                              "gone",
		"* BYE gone\r\nT12 UID SEARCH ALL\r\n":                "gone",
		"* BYE in a mail\r\nmore of the mail\r\n":             "",
		"* BYE in a mail\r\nT12 OK done\r\n":                  "",
		"* OK still here\r\n":                                 "",
		"* BYE \x1b[31mred\x00\r\n":                           " [31mred ",
		"* 1 FETCH (BODY[] {30}\r\nFrom: a\r\n* BYE x\r\n)\r": "",
	} {
		var e ear
		e.Write([]byte("* BYE before login\r\n"))
		if e.bye() != "" {
			t.Fatal("heard before login")
		}
		e.open.Store(true)
		for _, b := range []byte(heard) {
			e.Write([]byte{b})
		}
		if got := e.bye(); got != want {
			t.Errorf("%q: heard %q, want %q", heard, got, want)
		}
		e.Write(make([]byte, 3*earSize))
		if len(e.tail) != earSize {
			t.Errorf("%d bytes are kept", len(e.tail))
		}
	}
}
