package inbox

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
)

// An ear keeps the last bytes that went over the connection. The client drops
// the text of a BYE, which is all that a server says of why it hangs up
// (trap T5). It listens only after login, for it hears what is sent as well.
type ear struct {
	open atomic.Bool
	mu   sync.Mutex
	tail []byte
}

const earSize = 1 << 10

// Write implements io.Writer.
func (e *ear) Write(p []byte) (int, error) {
	if !e.open.Load() {
		return len(p), nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tail = append(e.tail, p[max(0, len(p)-earSize):]...)
	e.tail = append(e.tail[:0], e.tail[max(0, len(e.tail)-earSize):]...)
	return len(p), nil
}

var ownCommand = regexp.MustCompile(`^(DONE|T\d+ (UID |IDLE|NOOP|LOGOUT|LIST|CREATE|SUBSCRIBE|SELECT|CAPABILITY).*)$`)

// bye returns the text of a BYE, if that was the last thing the server said.
// Only the last line counts: a mail can hold such a line too.
func (e *ear) bye() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	lines := bytes.Split(bytes.TrimSuffix(e.tail, []byte("\r\n")), []byte("\r\n"))
	for i := len(lines) - 1; i >= 0; i-- {
		line := string(lines[i])
		if ownCommand.MatchString(line) {
			continue
		}
		if len(line) > 6 && strings.EqualFold(line[:6], "* BYE ") {
			return oneLine(line[6:])
		}
		break
	}
	return ""
}

// heard reports whether some words were among the last.
func (e *ear) heard(words string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return bytes.Contains(e.tail, []byte(words))
}

// oneLine makes words of a server fit for a log.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return s[:min(len(s), 200)]
}

var backoffTime = regexp.MustCompile(`(?i)suggested backoff time: *(\d{1,12}) *milliseconds`)

// maxAsked is the longest pause that a server is granted. Exchange Online has
// been seen to ask for fifty minutes.
const maxAsked = time.Hour

// askedPause reads how long a throttling server wants to be left alone, as in
// "Request is throttled. Suggested Backoff Time: 299961 milliseconds".
func askedPause(err error) time.Duration {
	if err == nil {
		return 0
	}
	m := backoffTime.FindStringSubmatch(err.Error())
	if m == nil {
		return 0
	}
	ms, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return maxAsked
	}
	return min(time.Duration(ms)*time.Millisecond, maxAsked)
}
