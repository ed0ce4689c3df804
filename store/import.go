package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"nasdesk"
)

// A Source is what came from outside about the register: a whole world, or a file
// of another office that knows some columns of some rows. Laid over the register
// as it is, it gives the rows as they are to be.
type Source interface {
	Over(have World) Laid
}

// A Laid is a source laid over the register.
type Laid struct {
	World   World    // the rows that the source speaks of, as they are to be
	Covers  World    // the register's rows that it should speak of: what World lacks of them vanished
	Unknown []string // what the source knows and the register does not, for people to read
	Notes   []string // what people should look at: nothing is done about it
	Expect  int      // of Covers, how many in a hundred World must hold; 0 is usualExpect

	where func(key string) string // the file and line of an account, a mailbox or a link; nil where no file is
}

// usualExpect is how many of a hundred rows that the register has a file must hold
// before it is taken to be whole.
const usualExpect = 80

// Over implements Source. A table of which a world holds no row at all is not
// compared: a file that was not given takes nothing away.
func (w World) Over(have World) Laid {
	if len(w.Mailboxes) == 0 {
		have.Mailboxes = nil
	}
	if len(w.Accounts) == 0 {
		have.Accounts = nil
	}
	if len(w.Memberships) == 0 {
		have.Memberships = nil
	}
	if len(w.Approvals) == 0 {
		have.Approvals = nil
	}
	return Laid{World: w, Covers: have}
}

// Expecting is a source of which another share of the register's rows is expected
// than usual: percent from 0, which takes any, to 100.
func Expecting(src Source, percent int) Source { return expecting{src, percent} }

type expecting struct {
	Source
	percent int
}

func (e expecting) Over(have World) Laid {
	l := e.Source.Over(have)
	if l.Expect = e.percent; e.percent <= 0 {
		l.Expect = -1
	}
	return l
}

// An ImportFile is a file as it came.
type ImportFile struct {
	Name  string // for messages: its base name
	Bytes []byte
}

// A Provenance says what was read, for the journal.
type Provenance struct {
	Format string
	Rows   int
	Digest string // the first twelve hex digits of the SHA-256 of the files in their order
	Detail string // such as the editions of a toolkit's file; may be ""
}

// String is a provenance in a line: no personal data, and no file name.
func (p Provenance) String() string {
	s := fmt.Sprintf("%s, %d rows, sha256 %s", p.Format, p.Rows, p.Digest)
	if p.Detail != "" {
		s += ", " + p.Detail
	}
	return s
}

func provenance(format string, rows int, files []ImportFile) Provenance {
	h := sha256.New()
	for _, f := range files {
		h.Write(f.Bytes)
	}
	return Provenance{Format: format, Rows: rows, Digest: hexed(h.Sum(nil))[:12]}
}

// Faults are all that is wrong with what was to be imported, each with its file and
// line. As an error they are one a line, and of very many the first.
type Faults []error

const mostFaults = 200

func (f Faults) Error() string {
	var b strings.Builder
	for i, err := range f {
		if i == mostFaults {
			fmt.Fprintf(&b, "\nand %d more", len(f)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(err.Error())
	}
	return b.String()
}

func (f Faults) Unwrap() []error { return f }

// err is nil where there are no faults.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

func (f *Faults) add(file, format string, args ...any) {
	*f = append(*f, fmt.Errorf("%s: %s", file, fmt.Sprintf(format, args...)))
}

func (f *Faults) at(file string, line int, format string, args ...any) {
	*f = append(*f, fmt.Errorf("%s line %d: %s", file, line, fmt.Sprintf(format, args...)))
}

// A row is a line of a CSV file: by its columns, where a header names them, else
// by their numbers.
type row struct {
	faults *Faults
	file   string
	line   int
	cells  []string
	cell   map[string]string
	bad    bool
}

func (w *row) fault(column, format string, args ...any) {
	w.bad = true
	*w.faults = append(*w.faults, fmt.Errorf("%s line %d, %s: %s", w.file, w.line, column, fmt.Sprintf(format, args...)))
}

func (w *row) place() string { return fmt.Sprintf("%s line %d", w.file, w.line) }

// textOf reads the bytes of a file as text: UTF-8, or what spreadsheets save: UTF-16
// with a byte order mark, else Windows-1252. It says which, "" of UTF-8.
func textOf(b []byte) (text, enc string, err error) {
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		return "", "", errors.New("is a spreadsheet or an archive: open it and save the sheet as CSV")
	}
	var e encoding.Encoding
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		e, enc = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), "utf-16"
	case bytes.IndexByte(b, 0) >= 0:
		return "", "", errors.New("is no text: it holds bytes that no CSV or JSON file has")
	case utf8.Valid(b):
		return strings.TrimPrefix(string(b), "\ufeff"), "", nil
	default:
		e, enc = charmap.Windows1252, "windows-1252"
	}
	out, err := e.NewDecoder().Bytes(b)
	return string(out), enc, err
}

// eachRow reads a CSV file and gives every row that is one: a row that the format
// itself breaks is a fault, and so is each after it that breaks it again.
func (f *Faults) eachRow(file, text string, take func(*row)) {
	c := csv.NewReader(strings.NewReader(text))
	c.FieldsPerRecord = -1
	for {
		cells, err := c.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			f.csv(file, err)
			continue
		}
		if len(cells) == 1 && strings.TrimSpace(cells[0]) == "" {
			continue
		}
		line, _ := c.FieldPos(0)
		take(&row{faults: f, file: file, line: line, cells: cells})
	}
}

// csv says in words what breaks the format.
func (f *Faults) csv(file string, err error) {
	var p *csv.ParseError
	switch {
	case !errors.As(err, &p):
		f.add(file, "%v", err)
	case errors.Is(err, csv.ErrBareQuote):
		f.at(file, p.Line, `a quotation mark inside a cell that does not begin with one: put the cell in quotation marks and double those within`)
	case p.Line > p.StartLine:
		f.at(file, p.StartLine, `a cell that begins here with a quotation mark has no end`)
	default:
		f.at(file, p.Line, `a quotation mark that is not doubled, in a cell within quotation marks`)
	}
}

// cut brings a row to n cells, where it has empty ones too many: spreadsheets
// leave commas behind.
func (w *row) cut(n int) bool {
	for len(w.cells) > n && strings.TrimSpace(w.cells[len(w.cells)-1]) == "" {
		w.cells = w.cells[:len(w.cells)-1]
	}
	if len(w.cells) != n {
		w.fault("row", "%d columns where there should be %d", len(w.cells), n)
		return false
	}
	return true
}

// headed reads a CSV file whose header names its columns, of which those in must
// have to be there. Further ones are passed over.
func (f *Faults) headed(file, text string, must []string, take func(*row)) {
	var head []string
	bad := false
	f.eachRow(file, text, func(w *row) {
		switch {
		case bad:
		case head == nil:
			head = w.header()
			bad = !w.hasColumns(head, must)
		case w.cut(len(head)):
			w.name(head)
			take(w)
		}
	})
	if head == nil {
		f.add(file, "is empty: its first line names the columns")
	}
}

func (w *row) header() []string {
	var head []string
	for _, h := range w.cells {
		head = append(head, nasdesk.Clean(strings.TrimSpace(h)))
	}
	for len(head) > 1 && head[len(head)-1] == "" {
		head = head[:len(head)-1]
	}
	return head
}

func (w *row) hasColumns(head, must []string) bool {
	for _, m := range must {
		if !slices.Contains(head, m) {
			w.fault("header", "column %q is missing: it has %s", m, strings.Join(head, ", "))
		}
	}
	for i, h := range head {
		if slices.Index(head, h) < i && slices.Contains(must, h) {
			w.fault("header", "column %q stands twice", h)
		}
	}
	return !w.bad
}

// name gives the cells their columns.
func (w *row) name(head []string) {
	w.cell = make(map[string]string, len(head))
	for i, h := range head {
		if h != "" {
			w.cell[h] = nasdesk.Clean(w.cells[i])
		}
	}
}

// code reads an ODS code of any sort: three letters or digits and up. Which sort
// it is cannot be told from it.
func (w *row) code(column, written string) nasdesk.ODSCode {
	c, ok := codeOf(written)
	if !ok {
		w.fault(column, "%q is no ODS code", written)
	}
	return c
}

func codeOf(written string) (nasdesk.ODSCode, bool) {
	c := strings.ToUpper(strings.TrimSpace(nasdesk.Clean(written)))
	ok := len(c) >= 3 && len(c) <= 12 && !strings.ContainsFunc(c, func(r rune) bool { return !('A' <= r && r <= 'Z' || '0' <= r && r <= '9') })
	return nasdesk.ODSCode(c), ok
}

// dayOf reads a date as the offices write it: 20240422, 2024-04-22 and 22/04/2024,
// the latter two with or without a time behind it.
func dayOf(written string) (nasdesk.Date, error) {
	s, _, _ := strings.Cut(strings.TrimSpace(written), " ")
	s, _, _ = strings.Cut(s, "T")
	switch {
	case len(s) == 8 && !strings.ContainsAny(s, "/-"):
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	case len(s) == 10 && s[2] == '/' && s[5] == '/':
		s = s[6:] + "-" + s[3:5] + "-" + s[:2]
	}
	d, err := nasdesk.ParseDate(s)
	if err != nil {
		return "", fmt.Errorf("%q is no date: write it as 2024-04-22 or 22/04/2024", written)
	}
	return d, nil
}

// encodingNote says what a file was read as, where that is worth knowing.
// eachText hands over the text of every file that has one, and notes which was in
// another alphabet than UTF-8.
func (f *Faults) eachText(files []ImportFile, notes *[]string, take func(name, text string)) {
	for _, file := range files {
		text, enc, err := textOf(file.Bytes)
		if err != nil {
			f.add(file.Name, "%v", err)
			continue
		}
		*notes = append(*notes, encodingNote(file.Name, enc)...)
		take(file.Name, text)
	}
}

func encodingNote(file, enc string) []string {
	if enc == "" {
		return nil
	}
	return []string{file + ": read as " + enc + ": look whether names with accents are right"}
}

// counted is "1 row" or "3 rows".
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
