package store

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
)

// A Standing is what the Data Security and Protection Toolkit says of an
// organisation.
type Standing struct {
	Code    nasdesk.ODSCode
	DSPT    nasdesk.DSPT
	Edition string // the year it was reached in, as 24-25; "" where nothing was published
	Where   string
}

// Standings is what files of the toolkit's search say. Laid over the register they
// bring the standing of every mailbox up to date whose code they hold.
type Standings struct {
	List       []Standing
	Oldest     string // the oldest edition that counts, as 24-25; "" for any
	Provenance Provenance
	notes      []string
}

// ReadDSPT reads files of the toolkit's organisation search: CSV with a header, of
// which Code and Status (in older files Latest Status) are needed. Each status names
// its edition. Where a code has several, that of the newest edition holds. The error
// is of type [Faults].
func ReadDSPT(files []ImportFile, oldest string) (Standings, error) {
	r := &standingReader{newest: map[nasdesk.ODSCode]Standing{}}
	if oldest != "" {
		var ok bool
		if r.Oldest, ok = editionOf(oldest); !ok {
			r.faults.add("the oldest edition", "%q: write it as 24-25", oldest)
		}
	}
	r.faults.eachText(files, &r.notes, func(name, text string) {
		status := "Status"
		if head, _, _ := strings.Cut(text, "\n"); strings.Contains(head, "Latest Status") {
			status = "Latest Status"
		}
		r.faults.headed(name, text, []string{"Code", status}, func(w *row) { r.standing(w, status) })
	})
	return r.done(files)
}

type standingReader struct {
	Standings
	faults Faults
	rows   int
	newest map[nasdesk.ODSCode]Standing
}

func (r *standingReader) standing(w *row, column string) {
	r.rows++
	s := Standing{Code: w.code("Code", w.cell["Code"]), Where: w.place()}
	var err error
	if s.DSPT, s.Edition, err = standingOf(w.cell[column]); err != nil {
		w.fault(column, "%v", err)
	}
	if w.bad {
		return
	}
	other, ok := r.newest[s.Code]
	switch {
	case !ok || other.Edition < s.Edition:
		r.newest[s.Code] = s
	case other.Edition == s.Edition && other.DSPT != s.DSPT:
		w.fault(column, "%s has another status of the same edition in %s: take the wrong one out", s.Code, other.Where)
	}
}

// done puts the standings in the order of their codes, and counts their editions.
func (r *standingReader) done(files []ImportFile) (Standings, error) {
	editions, late := map[string]int{}, 0
	for _, code := range slices.Sorted(maps.Keys(r.newest)) {
		s := r.newest[code]
		editions[cmp.Or(s.Edition, "none")]++
		if s.Edition != "" && s.Edition < r.Oldest && s.DSPT != nasdesk.NotPublished {
			s.DSPT = nasdesk.NotPublished
			late++
		}
		r.List = append(r.List, s)
	}
	var counts []string
	for _, e := range slices.Sorted(maps.Keys(editions)) {
		counts = append(counts, fmt.Sprintf("%s: %d", e, editions[e]))
	}
	r.Provenance = provenance("dspt", r.rows, files)
	r.Provenance.Detail = "editions " + strings.Join(counts, ", ")
	if late > 0 {
		r.notes = append(r.notes, fmt.Sprintf("%s with an edition older than %s: read as not published", counted(late, "standing"), r.Oldest))
	}
	return r.Standings, r.faults.err()
}

// standingWords are looked for in this order: "not met" holds "met". What else has a
// "not" in it, as older editions do, is none of ours.
var standingWords = []struct {
	words string
	dspt  nasdesk.DSPT
}{
	{"standards not met", nasdesk.StandardsNotMet},
	{"not met", nasdesk.StandardsNotMet},
	{"not published", nasdesk.NotPublished},
	{"not ", ""},
	{"approaching standards", nasdesk.ApproachingStandards},
	{"standards exceeded", nasdesk.StandardsExceeded},
	{"standards met", nasdesk.StandardsMet},
}

var editionAndWords = regexp.MustCompile(`^\s*(\d{2}|\d{4})\s*[-/]\s*(\d{2}|\d{4})\b\s*(.*)$`)

// standingOf reads a status such as "24-25 Standards Met": the words, and the edition
// as 24-25. Only of what was never published the edition may be lacking.
func standingOf(written string) (nasdesk.DSPT, string, error) {
	words, edition := written, ""
	if m := editionAndWords.FindStringSubmatch(written); m != nil {
		var ok bool
		if edition, ok = editionOf(m[1] + "-" + m[2]); !ok {
			return "", "", fmt.Errorf("%q names no edition: two years in a row, as in 24-25", written)
		}
		words = m[3]
	}
	words = strings.ToLower(strings.Join(strings.Fields(words), " "))
	for _, s := range standingWords {
		if !strings.Contains(words, s.words) {
			continue
		}
		switch {
		case s.dspt == "":
			return "", "", unknownStanding(written)
		case edition == "" && s.dspt != nasdesk.NotPublished:
			return "", "", fmt.Errorf("%q names no edition, as 24-25 Standards Met does", written)
		}
		return s.dspt, edition, nil
	}
	return "", "", unknownStanding(written)
}

func unknownStanding(written string) error {
	return fmt.Errorf("%q is no status that we know: Standards Met, Standards Exceeded, Approaching Standards, Standards Not Met or Not Published, behind its edition", written)
}

// editionOf reads the two years of an edition, with or without the century.
func editionOf(written string) (string, bool) {
	a, b, ok := strings.Cut(written, "-")
	if !ok || len(a) < 2 || len(b) < 2 {
		return "", false
	}
	a, b = a[len(a)-2:], b[len(b)-2:]
	first, err1 := strconv.Atoi(a)
	second, err2 := strconv.Atoi(b)
	return a + "-" + b, err1 == nil && err2 == nil && second == first+1
}

// Over implements Source.
func (s Standings) Over(have World) Laid {
	l := Laid{Notes: slices.Clone(s.notes)}
	here := map[nasdesk.ODSCode]nasdesk.Mailbox{}
	for _, m := range have.Mailboxes {
		if m.ODS != "" {
			here[m.ODS] = m
		}
	}
	there := map[nasdesk.ODSCode]bool{}
	for _, standing := range s.List {
		if m, ok := here[standing.Code]; ok {
			there[m.ODS] = true
			m.DSPT = standing.DSPT
			l.World.Mailboxes = append(l.World.Mailboxes, m)
		}
	}
	for _, m := range have.Mailboxes {
		if m.ODS != "" && (there[m.ODS] || m.Status == nasdesk.Active) {
			l.Covers.Mailboxes = append(l.Covers.Mailboxes, m)
		}
	}
	if n := len(s.List) - len(there); n > 0 {
		l.Notes = append(l.Notes, counted(n, "organisation")+" of the toolkit's that the register has no mailbox of: passed over")
	}
	return l
}
