package inbox

import (
	"errors"
	"time"

	"nasdesk"
	"nasdesk/parser"
)

// A MessageReader makes a message of raw bytes: parser.Read.
type MessageReader func(raw []byte, o parser.Options) *nasdesk.Message

// A Recogniser says what a message asks in the light of its case:
// *parser.Reader.
type Recogniser interface {
	Recognise(m *nasdesk.Message, c *nasdesk.Case) nasdesk.Heard
}

// DefaultPatience is how long a message may take to be read, and again to be
// understood. The slowest within the parser's limits takes a tenth of it.
const DefaultPatience = 5 * time.Second

// overTime is the detail of the finding over-limit of a message that was held
// because reading it took too long.
const overTime = "time"

var errOverTime = errors.New("neither the message nor its header could be read in time")

// read makes a message of the bytes. One whose text takes too long is held
// unread: its header alone tells who sent it.
func (l *Line) read(raw []byte, at Location) (*nasdesk.Message, error) {
	if m, ok := within(l.patience(), func() *nasdesk.Message { return l.Read(raw, l.Options) }); ok {
		return m, nil
	}
	l.Log.Error("reading a message took too long: it is held unread", "at", at.String())
	if m, ok := within(l.patience(), func() *nasdesk.Message { return parser.ReadHead(raw, l.Options, overTime) }); ok {
		return m, nil
	}
	return nil, errOverTime
}

// recognise says what a message asks. One beyond the limits has asked nothing
// that we know. Where understanding takes too long, it is held as such a one.
func (l *Line) recognise(m *nasdesk.Message, c *nasdesk.Case, at Location) (*nasdesk.Message, nasdesk.Heard) {
	if m.Found(nasdesk.FoundOverLimit) {
		return m, nasdesk.Heard{}
	}
	h, ok := within(l.patience(), func() nasdesk.Heard { return l.Reader.Recognise(m, c) })
	if ok {
		return m, h
	}
	l.Log.Error("understanding a message took too long: it is held unread", "at", at.String())
	held := *m // the other may still be looked at
	held.Findings = append([]nasdesk.Finding{{Code: nasdesk.FoundOverLimit, Detail: overTime}}, m.Findings...)
	return &held, nasdesk.Heard{}
}

func (l *Line) patience() time.Duration {
	if l.Patience > 0 {
		return l.Patience
	}
	return DefaultPatience
}

// within does something, and leaves it alone when it takes too long: it ends by
// itself and nobody hears of it. A panic of it becomes the caller's.
func within[T any](long time.Duration, do func() T) (v T, ok bool) {
	type outcome struct {
		v     T
		fault any
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			o.fault = recover()
			done <- o
		}()
		o.v = do()
	}()
	late := time.NewTimer(long)
	defer late.Stop()
	select {
	case o := <-done:
		if o.fault != nil {
			panic(o.fault)
		}
		return o.v, true
	case <-late.C:
		return v, false
	}
}
