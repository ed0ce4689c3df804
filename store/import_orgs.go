package store

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"nasdesk"
)

// An OrganisationState is what the Organisation Data Service says of an organisation.
type OrganisationState string

const (
	OrganisationOpen     OrganisationState = "open"
	OrganisationClosed   OrganisationState = "closed"
	OrganisationDormant  OrganisationState = "dormant"
	OrganisationProposed OrganisationState = "proposed"
)

// An Organisation is one that the Organisation Data Service (ODS) knows.
type Organisation struct {
	Code           nasdesk.ODSCode
	Name           string // as ODS writes it, which is in capitals
	Place          string // its address in a line; of a list of the ORD interface the postcode
	State          OrganisationState
	Opened, Closed nasdesk.Date // "" where ODS does not say
	Where          string       // the file and line
}

// Organisations is what files of the Organisation Data Service say. Laid over the
// register they bring the names of a sector's mailboxes up to date, and close a
// mailbox whose organisation is closed and which no account is linked to any more.
// All else is for people: codes that the register does not know, mailboxes that are
// closed there and have accounts here, those that have vanished.
type Organisations struct {
	List       []Organisation
	Sector     nasdesk.Sector // whose mailboxes the files speak of
	One        bool           // organisations one by one: they say nothing of others
	Provenance Provenance
	notes      []string
}

// odsColumns is how many columns the ODS files have, none of them named: code, name,
// national grouping, health geography, five of the address, postcode, open and close
// date, status, sub-type, and others that we do not need.
const odsColumns = 27

// ReadODS reads pharmacy files of the Organisation Data Service as of a day: CSV
// without a header, 27 columns a row. The error is of type [Faults].
func ReadODS(files []ImportFile, sector nasdesk.Sector, today nasdesk.Date) (Organisations, error) {
	r := &organisationReader{today: today, seen: map[nasdesk.ODSCode]Organisation{}, Organisations: Organisations{Sector: sector}}
	r.faults.eachText(files, &r.notes, func(name, text string) {
		n := r.rows
		r.faults.eachRow(name, text, r.ods)
		if r.rows == n && len(r.faults) == 0 {
			r.faults.add(name, "is empty: fetch it again")
		}
	})
	return r.done("ods", files)
}

// An organisationReader gathers organisations and all that is wrong with them.
type organisationReader struct {
	Organisations
	today  nasdesk.Date
	faults Faults
	rows   int
	twice  int
	seen   map[nasdesk.ODSCode]Organisation
}

func (r *organisationReader) done(format string, files []ImportFile) (Organisations, error) {
	if r.twice > 0 {
		r.notes = append(r.notes, fmt.Sprintf("%s twice, word for word: the second time is passed over", oneStands(r.twice)))
	}
	r.Provenance = provenance(format, r.rows, files)
	return r.Organisations, r.faults.err()
}

func oneStands(n int) string {
	if n == 1 {
		return "1 row stands"
	}
	return counted(n, "row") + " stand"
}

func (r *organisationReader) ods(w *row) {
	r.rows++
	if !w.cut(odsColumns) {
		return
	}
	for i := range w.cells {
		w.cells[i] = nasdesk.Clean(w.cells[i])
	}
	o := Organisation{Code: w.code("column 1, the code", w.cells[0]), Name: w.cells[1], Place: inALine(w.cells[4:10]), Where: w.place(),
		Opened: w.odsDate("column 11, the open date", w.cells[10]), Closed: w.odsDate("column 12, the close date", w.cells[11])}
	if o.Name == "" {
		w.fault("column 2, the name", "is empty")
	}
	o.State = r.state(w, o)
	if !w.bad {
		r.add(o)
	}
}

// state reads the status. Some files leave it empty: then the close date tells.
func (r *organisationReader) state(w *row, o Organisation) OrganisationState {
	switch s := w.cells[12]; s {
	case "A":
		if o.Closed != "" && o.Closed <= r.today {
			r.notes = append(r.notes, fmt.Sprintf("%s: %s is active and has a close date that has passed: taken as open", w.place(), o.Code))
		}
	case "C":
		return OrganisationClosed
	case "D":
		return OrganisationDormant
	case "P":
		return OrganisationProposed
	case "":
		if o.Closed != "" && o.Closed <= r.today {
			return OrganisationClosed
		}
	default:
		w.fault("column 13, the status", "%q is none of A, C, D, P", s)
	}
	return OrganisationOpen
}

func (w *row) odsDate(column, written string) nasdesk.Date {
	if written == "" {
		return ""
	}
	d, err := dayOf(written)
	if err != nil {
		w.fault(column, "%q is no date of the form 20240422", written)
	}
	return d
}

func inALine(parts []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), ", ")
}

// add takes an organisation. Files overlap, and hold a row twice now and then: that
// does no harm where the two agree.
func (r *organisationReader) add(o Organisation) {
	if s, ok := r.seen[o.Code]; ok {
		at := s.Where
		s.Where = o.Where
		if r.twice++; s != o {
			r.faults.add(o.Where, "%s stands in %s already, and says something else there: take the wrong one out", o.Code, at)
		}
		return
	}
	r.seen[o.Code] = o
	r.List = append(r.List, o)
}

// ReadORD reads answers of the ODS ORD interface, lists of organisations and single
// ones alike. The error is of type [Faults].
func ReadORD(files []ImportFile, sector nasdesk.Sector, today nasdesk.Date) (Organisations, error) {
	r := &organisationReader{today: today, seen: map[nasdesk.ODSCode]Organisation{}, Organisations: Organisations{Sector: sector, One: true}}
	for _, f := range files {
		text, _, err := textOf(f.Bytes)
		if err != nil {
			r.faults.add(f.Name, "%v", err)
			continue
		}
		j := &ordFile{r: r, name: f.Name, text: text, dec: json.NewDecoder(strings.NewReader(text)), line: 1}
		j.read()
	}
	return r.done("ord", files)
}

// An ordFile is an answer of the interface being read.
type ordFile struct {
	r    *organisationReader
	name string
	text string
	dec  *json.Decoder
	line int // at offset at
	at   int64
	said bool
}

// lineHere returns the line of the next value.
func (j *ordFile) lineHere() int {
	to := j.dec.InputOffset()
	for to < int64(len(j.text)) && strings.IndexByte(" \t\r\n,:", j.text[to]) >= 0 {
		to++
	}
	j.line += strings.Count(j.text[j.at:to], "\n")
	j.at = to
	return j.line
}

func (j *ordFile) fault(line int, format string, args ...any) {
	j.r.faults.at(j.name, line, format, args...)
}

// broken says what is wrong with the JSON, and reports whether nothing more can be
// read.
func (j *ordFile) broken(line int, err error) bool {
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return false
	case errors.As(err, &kind):
		j.fault(line, "%s is not as the interface writes it: a %s", kind.Field, kind.Value)
		return false
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
		j.fault(strings.Count(strings.TrimSpace(j.text), "\n")+1, "the file ends in the middle: fetch it again")
	default:
		j.fault(line, "is no JSON: %v", err)
	}
	return true
}

func (j *ordFile) read() {
	if strings.TrimSpace(j.text) == "" {
		j.r.faults.add(j.name, "is empty: fetch it again")
		return
	}
	t, err := j.dec.Token()
	if j.broken(j.line, err) {
		return
	}
	if t != json.Delim('{') {
		j.fault(1, "is no answer of the ORD interface: it begins with %v", t)
		return
	}
	for j.dec.More() {
		if !j.member() {
			return
		}
	}
	if _, err = j.dec.Token(); j.broken(j.lineHere(), err) {
		return
	}
	if _, err = j.dec.Token(); err != io.EOF {
		j.fault(j.lineHere(), "something stands behind the answer: each answer needs a file of its own")
	}
	if !j.said {
		j.fault(1, `holds neither "Organisations" nor "Organisation"`)
	}
}

// member reads one member of the answer, and reports whether to go on.
func (j *ordFile) member() bool {
	key, err := j.dec.Token()
	if j.broken(j.lineHere(), err) {
		return false
	}
	line := j.lineHere()
	switch key {
	case "Organisations":
		j.said, j.r.One = true, false
		return j.list()
	case "Organisation":
		j.said = true
		return j.single(line)
	case "errorText", "errorCode":
		j.said = true
		j.fault(line, "is an error of the interface, no list: fetch it again")
	}
	var rest json.RawMessage
	return !j.broken(line, j.dec.Decode(&rest))
}

func (j *ordFile) list() bool {
	t, err := j.dec.Token()
	if j.broken(j.lineHere(), err) {
		return false
	}
	if t != json.Delim('[') {
		j.fault(j.line, "Organisations is no list")
		return false
	}
	for j.dec.More() {
		line := j.lineHere()
		var o struct{ Name, OrgId, Status, PostCode string }
		err := j.dec.Decode(&o)
		if j.broken(line, err) {
			return false
		}
		j.r.rows++
		if err == nil {
			j.take(line, o.OrgId, o.Name, o.Status, Organisation{Place: nasdesk.Clean(o.PostCode)})
		}
	}
	_, err = j.dec.Token()
	return !j.broken(j.lineHere(), err)
}

func (j *ordFile) single(line int) bool {
	var o struct {
		Name, Status string
		OrgId        struct{ Extension string }
		Date         []struct{ Type, Start, End string }
		GeoLoc       struct {
			Location struct{ AddrLn1, AddrLn2, AddrLn3, Town, County, PostCode string }
		}
	}
	err := j.dec.Decode(&o)
	if err != nil {
		return !j.broken(line, err)
	}
	j.r.rows++
	l := o.GeoLoc.Location
	out := Organisation{Place: nasdesk.Clean(inALine([]string{l.AddrLn1, l.AddrLn2, l.AddrLn3, l.Town, l.County, l.PostCode}))}
	for _, d := range o.Date {
		if d.Type == "Operational" || out.Opened == "" && out.Closed == "" {
			out.Opened, out.Closed = j.day(line, d.Start), j.day(line, d.End)
		}
	}
	j.take(line, o.OrgId.Extension, o.Name, o.Status, out)
	return true
}

func (j *ordFile) day(line int, written string) nasdesk.Date {
	if written == "" {
		return ""
	}
	d, err := dayOf(written)
	if err != nil {
		j.fault(line, "%v", err)
	}
	return d
}

// take checks an organisation and adds it.
func (j *ordFile) take(line int, code, name, status string, o Organisation) {
	n := len(j.r.faults)
	o.Name, o.Where = nasdesk.Clean(name), fmt.Sprintf("%s line %d", j.name, line)
	c, ok := codeOf(code)
	if o.Code = c; !ok {
		j.fault(line, "OrgId: %q is no ODS code", code)
	}
	if o.Name == "" {
		j.fault(line, "Name: is empty")
	}
	switch status {
	case "Active":
		o.State = OrganisationOpen
	case "Inactive":
		o.State = OrganisationClosed
	default:
		j.fault(line, "Status: %q is neither Active nor Inactive", status)
	}
	if len(j.r.faults) == n {
		j.r.add(o)
	}
}

// Over implements Source.
func (o Organisations) Over(have World) Laid {
	l := Laid{Notes: slices.Clone(o.notes)}
	here, live := map[nasdesk.ODSCode]nasdesk.Mailbox{}, linkedTo(have)
	for _, m := range have.Mailboxes {
		if m.ODS != "" {
			here[m.ODS] = m
		}
	}
	there := map[nasdesk.ODSCode]string{}
	for _, org := range o.List {
		there[org.Code] = org.Where
		m, ok := here[org.Code]
		switch {
		case !ok && org.State == OrganisationOpen:
			l.Unknown = append(l.Unknown, fmt.Sprintf("%s %s, %s", org.Code, org.Name, org.Place))
		case ok && m.Sector != o.Sector:
			l.Notes = append(l.Notes, fmt.Sprintf("%s: %s is %s in the register, not %s: left as it is", org.Where, org.Code, m.Sector, o.Sector))
		case ok:
			l.World.Mailboxes = append(l.World.Mailboxes, l.brought(m, org, live[m.Address]))
		}
	}
	for _, m := range have.Mailboxes {
		if m.Sector == o.Sector && m.ODS != "" && (there[m.ODS] != "" || m.Status == nasdesk.Active && !o.One) {
			l.Covers.Mailboxes = append(l.Covers.Mailboxes, m)
		}
	}
	l.where = func(key string) string {
		i := slices.IndexFunc(l.World.Mailboxes, func(m nasdesk.Mailbox) bool { return string(m.Address) == key })
		if i < 0 {
			return ""
		}
		return there[l.World.Mailboxes[i].ODS]
	}
	return l
}

// linkedTo counts the accounts of each mailbox that are not deleted.
func linkedTo(have World) map[nasdesk.Address]int {
	deleted := map[nasdesk.Address]bool{}
	for _, a := range have.Accounts {
		deleted[a.Address] = a.Status == nasdesk.Deleted
	}
	out := map[nasdesk.Address]int{}
	for _, m := range have.Memberships {
		if !deleted[m.Account] {
			out[m.Mailbox]++
		}
	}
	return out
}

// brought brings a mailbox up to what ODS says of its organisation. A name that
// differs in capitals alone stays: ODS writes all of it in them.
func (l *Laid) brought(m nasdesk.Mailbox, org Organisation, accounts int) nasdesk.Mailbox {
	if !strings.EqualFold(m.Name, org.Name) {
		m.Name = org.Name
	}
	note := func(format string, args ...any) {
		l.Notes = append(l.Notes, fmt.Sprintf("%s: %s ", org.Where, org.Code)+fmt.Sprintf(format, args...))
	}
	switch {
	case org.State == OrganisationClosed && m.Status == nasdesk.Active && accounts > 0:
		note("is closed%s and %s linked to %s: left open", since(org.Closed), areLinked(accounts), m.Address)
	case org.State == OrganisationClosed:
		m.Status = nasdesk.Closed
	case m.Status == nasdesk.Closed:
		note("is %s, and %s is closed: left closed", org.State, m.Address)
	case org.State != OrganisationOpen:
		note("is %s: %s is left as it is", org.State, m.Address)
	}
	return m
}

func areLinked(n int) string {
	return counted(n, "account") + cmp.Or(map[int]string{1: " is"}[n], " are")
}

func since(d nasdesk.Date) string {
	if d == "" {
		return ""
	}
	return " since " + string(d)
}
