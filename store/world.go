package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"nasdesk"
)

// A World is a register: what the contract's CSV files hold.
type World struct {
	Mailboxes   []nasdesk.Mailbox
	Accounts    []nasdesk.Account
	Memberships []nasdesk.Membership
	Approvals   []nasdesk.Approval
}

// Import puts a world into the register, whole or not at all. Rows that are
// there already are overwritten; none is taken away.
func (s *Store) Import(ctx context.Context, w World) error {
	rows := s.rowsOfWorld(w)
	err := s.writeAlone(ctx, merged(rows))
	if isUnique(err) {
		err = s.writeAlone(ctx, rows) // one by one, to tell which it is
	}
	return clash(err)
}

func (s *Store) writeAlone(ctx context.Context, rows []Statement) error {
	return s.db.tx(ctx, func(q Q) ([]Statement, error) {
		if err := s.aloneWithRegister(ctx, q); err != nil {
			return nil, err
		}
		return nil, inChunks(ctx, q, rows, nil)
	})
}

// aloneWithRegister keeps every decision away from the register until the
// transaction ends.
func (s *Store) aloneWithRegister(ctx context.Context, q Q) error {
	lock, ok := s.db.dialect().lock([]lockKey{{id: importLock, write: true}})
	if !ok {
		return nil
	}
	return q.Do(ctx, lock)
}

// inChunks runs statements a few at a time, and says how far it is.
func inChunks(ctx context.Context, q Q, stmts []Statement, progress func(done, of int)) error {
	done := 0
	for chunk := range slices.Chunk(stmts, 100) {
		if err := q.Do(ctx, chunk...); err != nil {
			return err
		}
		if done += len(chunk); progress != nil {
			progress(done, len(stmts))
		}
	}
	return nil
}

// mostTogether is how many rows one statement writes. SQLite finds each argument
// of a statement by going through those before it.
const mostTogether = 40

var oneRow = regexp.MustCompile(`^((?s:.*)\bvalues )\((?:\$\d+,? ?)+\)((?s:.*))$`)

// merged makes one insert of inserts of one row that stand behind one another
// and are alike: of a statement, a row costs little.
func merged(stmts []Statement) []Statement {
	var out []Statement
	for i := 0; i < len(stmts); {
		n := i + 1
		for n < len(stmts) && n-i < mostTogether && stmts[n].SQL == stmts[i].SQL {
			n++
		}
		parts := oneRow.FindStringSubmatch(stmts[i].SQL)
		if n == i+1 || parts == nil {
			out = append(out, stmts[i:n]...)
		} else {
			rows := make([][]any, n-i)
			for j := range rows {
				rows[j] = stmts[i+j].Args
			}
			of, _, _ := strings.Cut(stmts[i].Of, " ")
			out = append(out, rowsOf(of, parts[1], parts[2], rows))
		}
		i = n
	}
	return out
}

func clash(err error) error {
	if isUnique(err) {
		return fmt.Errorf("%w: another row not deleted has its mobile or its ODS code already: mend one of the two and import again", err)
	}
	return err
}

func (s *Store) rowsOfWorld(w World) []Statement {
	var rows []Statement
	for _, m := range w.Mailboxes {
		rows = append(rows, s.putMailbox(m))
	}
	for _, a := range w.Accounts {
		rows = append(rows, s.putAccount(a))
	}
	for _, m := range w.Memberships {
		rows = append(rows, putMembership(m))
	}
	for _, a := range w.Approvals {
		rows = append(rows, putApproval(a))
	}
	return append(rows, w.moved()...)
}

// moved moves the versions on of all whose links or approvals come.
func (w World) moved() []Statement {
	mailboxes, accounts := linksOf(nasdesk.Change{Linked: w.Memberships, Approvals: w.Approvals})
	return []Statement{
		{SQL: `update mailbox set version = version + 1 where address in ($1...)`, Args: []any{mailboxes}},
		{SQL: `update account set version = version + 1 where address in ($1...)`, Args: []any{accounts}},
	}
}

// Export returns the whole register in the order in which it was first kept.
func (s *Store) Export(ctx context.Context) (w World, err error) {
	err = s.db.tx(ctx, func(q Q) ([]Statement, error) {
		w, err = s.register(ctx, q)
		return nil, err
	})
	return w, err
}

// register reads the whole register.
func (s *Store) register(ctx context.Context, q Q) (World, error) {
	p := &pulled{s: s, mailboxes: map[int64]nasdesk.Mailbox{}, accounts: map[int64]nasdesk.Account{},
		memberships: map[int64]nasdesk.Membership{}, approvals: map[int64]nasdesk.Approval{}, reads: facts{}}
	err := q.Do(ctx,
		Statement{SQL: `select ` + mailboxColumns + ` from mailbox`, Each: p.closureMailbox},
		Statement{SQL: `select ` + accountColumns + ` from account`, Each: p.closureAccount},
		Statement{SQL: `select id, mailbox, account, role from membership`, Each: p.membership},
		Statement{SQL: `select id, mailbox, max, approved_by, approved_on from approval`, Each: p.approval})
	c := p.kase()
	return World{c.Mailboxes, c.Accounts, c.Memberships, c.Approvals}, err
}

// ReadWorldDir reads the world in a folder.
func ReadWorldDir(dir string) (World, error) {
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return World{}, fmt.Errorf("world %s: no such folder: name one that holds mailboxes.csv, accounts.csv and memberships.csv", dir)
	}
	return ReadWorld(os.DirFS(dir))
}

// ReadWorld reads mailboxes.csv, accounts.csv, memberships.csv and, if it is
// there, approvals.csv: UTF-8 with or without a byte order mark, a header row,
// columns in any order. Contract, the world. The error is of type [Faults] and names
// every bad row: the file, its line, the column, and what is wrong.
func ReadWorld(dir fs.FS) (World, error) {
	w, err := ReadWorldFiles(dir)
	return w.World, err
}

// A WorldFiles is a world that remembers in which line each row stood.
type WorldFiles struct {
	World
	Provenance Provenance
	places     map[string]string
}

// Over implements Source.
func (w WorldFiles) Over(have World) Laid {
	l := w.World.Over(have)
	l.where = func(key string) string { return w.places[key] }
	return l
}

// ReadWorldFiles is ReadWorld for an import, whose faults name the lines of the
// files even where it is the register that a row contradicts.
func ReadWorldFiles(dir fs.FS) (WorldFiles, error) {
	return newWorldReader(dir).world()
}

func newWorldReader(dir fs.FS) *worldReader {
	return &worldReader{dir: dir, mailboxes: map[string]int{}, codes: map[string]int{}, accounts: map[string]int{}, mobiles: map[string]int{}, links: map[string]int{},
		places: map[string]string{}}
}

func (r *worldReader) world() (WorldFiles, error) {
	must := !r.loose
	r.read("mailboxes.csv", must, r.mailbox, "address", "ods_code", "name", "sector", "region_email", "dspt_status", "status")
	r.read("accounts.csv", must, r.account, "address", "full_name", "mobile", "alternative_email", "status", "status_since")
	r.read("memberships.csv", must, r.membership, "mailbox", "account", "role")
	r.read("approvals.csv", false, r.approval, "mailbox", "max_accounts", "approved_by", "approved_on")
	n := len(r.w.Mailboxes) + len(r.w.Accounts) + len(r.w.Memberships) + len(r.w.Approvals)
	return WorldFiles{r.w, provenance("world", n, r.files), r.places}, r.faults.err()
}

// ReadFiles reads those of the world's files that are there. Their rows may name
// mailboxes and accounts that stand in none of them: Compare looks for these in the
// register.
func ReadFiles(dir fs.FS) (World, error) {
	r := newWorldReader(dir)
	r.loose = true
	w, err := r.world()
	return w.World, err
}

// A worldReader gathers a world and all that is wrong with it. The maps hold the
// line where each thing was first seen.
type worldReader struct {
	dir    fs.FS
	loose  bool // files may be absent, and name what is in none of them
	w      World
	faults Faults
	files  []ImportFile

	mailboxes, codes, accounts, mobiles, links map[string]int
	places                                     map[string]string
}

func (r *worldReader) fault(file, format string, args ...any) { r.faults.add(file, format, args...) }

// read reads one file and hands each row to take.
func (r *worldReader) read(file string, must bool, take func(*row), columns ...string) {
	b, err := fs.ReadFile(r.dir, file)
	if errors.Is(err, fs.ErrNotExist) && !must {
		return
	}
	if err != nil {
		r.fault(file, "cannot be read (%v): a world has mailboxes.csv, accounts.csv and memberships.csv", errors.Unwrap(err))
		return
	}
	r.files = append(r.files, ImportFile{file, b})
	if at := notUTF8(b); at > 0 {
		r.faults.at(file, at, "is not UTF-8: save the file as CSV UTF-8")
		return
	}
	var head []string
	skip := false
	r.faults.eachRow(file, strings.TrimPrefix(string(b), "\ufeff"), func(w *row) {
		switch {
		case skip:
		case head == nil:
			for _, h := range w.cells {
				head = append(head, strings.TrimSpace(h))
			}
			skip = !r.columns(file, head, columns)
		case len(w.cells) != len(head):
			w.fault("row", "%d columns where the header has %d", len(w.cells), len(head))
		default:
			w.name(head)
			take(w)
		}
	})
	if head == nil {
		r.fault(file, "is empty: its first line names the columns %s", strings.Join(columns, ","))
	}
}

// notUTF8 returns the first line that is not UTF-8, 0 if all are.
func notUTF8(b []byte) int {
	if utf8.Valid(b) {
		return 0
	}
	n := 1
	for line := range bytes.Lines(b) {
		if !utf8.Valid(line) {
			break
		}
		n++
	}
	return n
}

// columns compares the header row with what it should be.
func (r *worldReader) columns(file string, head, want []string) bool {
	n := len(r.faults)
	for i, h := range head {
		if !slices.Contains(want, h) {
			r.fault(file, "unknown column %q: the columns are %s", h, strings.Join(want, ","))
		} else if slices.Index(head, h) < i {
			r.fault(file, "column %q stands twice", h)
		}
	}
	for _, w := range want {
		if !slices.Contains(head, w) {
			r.fault(file, "column %q is missing: the columns are %s", w, strings.Join(want, ","))
		}
	}
	return len(r.faults) == n
}

// address reads a mail address.
func (w *row) address(column string, must bool) nasdesk.Address {
	var a nasdesk.Address
	if s := w.cell[column]; s == "" && !must {
		return ""
	} else if err := a.Set(s); err != nil {
		w.fault(column, "%v", err)
	}
	return a
}

// oneOf reads one of a few words.
func oneOf[T ~string](w *row, column string, words ...T) T {
	v := T(strings.ToLower(w.cell[column]))
	if !slices.Contains(words, v) {
		w.fault(column, "%q is none of %s", w.cell[column], strings.Join(strs(words), ", "))
	}
	return v
}

// date reads a date, which may be absent.
func (w *row) date(column string) nasdesk.Date {
	if w.cell[column] == "" {
		return ""
	}
	d, err := nasdesk.ParseDate(w.cell[column])
	if err != nil {
		w.fault(column, "%v", err)
	}
	return d
}

// once finds a second row for what there may be only one of.
func (w *row) once(column string, seen map[string]int, key string) {
	if first, ok := seen[key]; ok {
		w.fault(column, "stands in line %d already: take one of the two out", first)
		return
	}
	seen[key] = w.line
}

// stands keeps where a row stands, by its key in the register.
func (r *worldReader) stands(w *row, key string) { r.places[key] = w.place() }

func (r *worldReader) mailbox(w *row) {
	m := nasdesk.Mailbox{
		Address: w.address("address", true),
		ODS:     nasdesk.ODSCode(strings.ToUpper(w.cell["ods_code"])),
		Name:    w.cell["name"],
		Sector:  oneOf(w, "sector", nasdesk.Pharmacy, nasdesk.Optometry, nasdesk.Dentistry, nasdesk.SocialCare, nasdesk.Midwifery),
		Region:  w.address("region_email", false),
		DSPT:    oneOf(w, "dspt_status", nasdesk.StandardsMet, nasdesk.StandardsExceeded, nasdesk.ApproachingStandards, nasdesk.StandardsNotMet, nasdesk.NotPublished),
		Status:  oneOf(w, "status", nasdesk.Active, nasdesk.Closed),
	}
	w.once("address", r.mailboxes, string(m.Address))
	if m.ODS != "" {
		w.once("ods_code", r.codes, string(m.ODS))
	}
	if !w.bad {
		r.w.Mailboxes = append(r.w.Mailboxes, m)
		r.stands(w, string(m.Address))
	}
}

func (r *worldReader) account(w *row) {
	a := nasdesk.Account{
		Address:     w.address("address", true),
		Name:        nasdesk.PersonName(w.cell["full_name"]),
		Alternative: w.address("alternative_email", false),
		Status:      oneOf(w, "status", nasdesk.Pending, nasdesk.Active, nasdesk.Inactive, nasdesk.Disabled, nasdesk.Leaver, nasdesk.Deleted),
		Since:       w.date("status_since"),
	}
	if m := w.cell["mobile"]; m != "" {
		if err := a.Mobile.Set(m); err != nil {
			w.fault("mobile", "%v", err)
		}
	}
	w.once("address", r.accounts, string(a.Address))
	if a.Mobile != "" && a.Status != nasdesk.Deleted {
		w.once("mobile", r.mobiles, string(a.Mobile))
	}
	if !w.bad {
		r.w.Accounts = append(r.w.Accounts, a)
		r.stands(w, string(a.Address))
	}
}

// known finds rows about what is in no file.
func (r *worldReader) known(w *row, column string, in map[string]int, file string, a nasdesk.Address) {
	if _, ok := in[string(a)]; !ok && !w.bad && !r.loose {
		w.fault(column, "%s is not in %s: add it there or take this row out", a, file)
	}
}

func (r *worldReader) membership(w *row) {
	m := nasdesk.Membership{Mailbox: w.address("mailbox", true), Account: w.address("account", true),
		Role: oneOf(w, "role", nasdesk.Owner, nasdesk.Member)}
	r.known(w, "mailbox", r.mailboxes, "mailboxes.csv", m.Mailbox)
	r.known(w, "account", r.accounts, "accounts.csv", m.Account)
	w.once("account", r.links, string(m.Mailbox)+" "+string(m.Account))
	if !w.bad {
		r.w.Memberships = append(r.w.Memberships, m)
		r.stands(w, string(m.Mailbox)+" "+string(m.Account))
	}
}

func (r *worldReader) approval(w *row) {
	n, err := strconv.Atoi(w.cell["max_accounts"])
	if err != nil || n < 1 {
		w.fault("max_accounts", "not a number of accounts: %q", w.cell["max_accounts"])
	}
	a := nasdesk.Approval{Mailbox: w.address("mailbox", true), Max: n, ApprovedBy: w.address("approved_by", false), ApprovedOn: w.date("approved_on")}
	r.known(w, "mailbox", r.mailboxes, "mailboxes.csv", a.Mailbox)
	if !w.bad {
		r.w.Approvals = append(r.w.Approvals, a)
	}
}
