package parser

import (
	"strings"
)

// An rtfReader walks through rich text.
type rtfReader struct {
	b     []byte
	i     int
	out   *strings.Builder
	stack []rtfState
	rtfState
	uc   int // characters that stand in for a \u
	skip int // of them, still to pass over
}

type rtfState struct {
	mute bool // a group that is no text
	html bool // \htmlrtf: text for RTF readers only, within HTML kept in RTF
}

var rtfMuted = map[string]bool{"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true, "object": true, "header": true,
	"footer": true, "headerl": true, "headerr": true, "footerl": true, "footerr": true, "themedata": true, "generator": true, "listtable": true,
	"listoverridetable": true, "fldinst": true, "mmathPr": true, "xmlnstbl": true, "latentstyles": true, "datastore": true, "footnote": true, "rsidtbl": true}

func (r *rtfReader) run() {
	for r.i < len(r.b) && r.out.Len() < maxText {
		c := r.b[r.i]
		r.i++
		switch c {
		case '{':
			if len(r.stack) < 200 {
				r.stack = append(r.stack, r.rtfState)
			}
		case '}':
			if n := len(r.stack); n > 0 {
				r.rtfState, r.stack = r.stack[n-1], r.stack[:n-1]
			}
		case '\\':
			r.control()
		case '\r', '\n', 0:
		default:
			r.char(string(fromWindows1252([]byte{c})))
		}
	}
}

func (r *rtfReader) char(s string) {
	if r.skip > 0 {
		r.skip--
		return
	}
	if !r.mute && !r.html {
		r.out.WriteString(s)
	}
}

func (r *rtfReader) control() {
	if r.i >= len(r.b) {
		return
	}
	c := r.b[r.i]
	r.i++
	switch {
	case c == '\'':
		if r.i+1 < len(r.b) && isHex(r.b[r.i]) && isHex(r.b[r.i+1]) {
			r.char(fromWindows1252([]byte{unhex(r.b[r.i])<<4 | unhex(r.b[r.i+1])}))
			r.i += 2
		}
	case c == '*':
		r.mute = true
	case c == '~':
		r.char("\u00a0")
	case c == '_':
		r.char("-")
	case c == '\\' || c == '{' || c == '}':
		r.char(string(rune(c)))
	case c == '\r' || c == '\n':
		r.char("\n")
	case isAlnum(c):
		r.i--
		r.word()
	}
}

// word reads a control word and its number.
func (r *rtfReader) word() {
	start := r.i
	for r.i < len(r.b) && isAlnum(r.b[r.i]) && (r.b[r.i] < '0' || r.b[r.i] > '9') && r.i-start < 32 {
		r.i++
	}
	name := string(r.b[start:r.i])
	n, has := r.number()
	if r.i < len(r.b) && r.b[r.i] == ' ' {
		r.i++
	}
	switch name {
	case "par", "line", "sect", "page", "row":
		r.char("\n")
	case "tab", "cell":
		r.char("\t")
	case "u":
		if n < 0 {
			n += 65536
		}
		r.char(string(rune(n)))
		r.skip = r.uc
	case "uc":
		r.uc = min(max(n, 0), 10)
	case "htmlrtf":
		r.html = !has || n != 0
	case "emdash", "endash":
		r.char("-")
	case "lquote", "rquote":
		r.char("'")
	case "ldblquote", "rdblquote":
		r.char(`"`)
	case "bullet":
		r.char("•")
	case "bin":
		r.i = min(len(r.b), r.i+max(n, 0))
	default:
		r.mute = r.mute || rtfMuted[name]
	}
}

// number reads the number behind a control word, maxText at most.
func (r *rtfReader) number() (n int, has bool) {
	minus := r.i < len(r.b) && r.b[r.i] == '-'
	if minus {
		r.i++
	}
	for r.i < len(r.b) && '0' <= r.b[r.i] && r.b[r.i] <= '9' {
		n = min(n*10+int(r.b[r.i]-'0'), maxText)
		has = true
		r.i++
	}
	if minus {
		n = -n
	}
	return n, has
}
