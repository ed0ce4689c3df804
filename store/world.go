package store

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

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
		return nil, inChunks(ctx, q, rows)
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

func inChunks(ctx context.Context, q Q, rows []Statement) error {
	for chunk := range slices.Chunk(rows, 100) {
		if err := q.Do(ctx, chunk...); err != nil {
			return err
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
// columns in any order. Contract, the world. The error names every bad row: the
// file, its line, the column, and what is wrong.
func ReadWorld(dir fs.FS) (World, error) {
	return newWorldReader(dir).world()
}

func newWorldReader(dir fs.FS) *worldReader {
	return &worldReader{dir: dir, mailboxes: map[string]int{}, codes: map[string]int{}, accounts: map[string]int{}, mobiles: map[string]int{}, links: map[string]int{}}
}

func (r *worldReader) world() (World, error) {
	must := !r.loose
	r.read("mailboxes.csv", must, r.mailbox, "address", "ods_code", "name", "sector", "region_email", "dspt_status", "status")
	r.read("accounts.csv", must, r.account, "address", "full_name", "mobile", "alternative_email", "status", "status_since")
	r.read("memberships.csv", must, r.membership, "mailbox", "account", "role")
	r.read("approvals.csv", false, r.approval, "mailbox", "max_accounts", "approved_by", "approved_on")
	return r.w, errors.Join(r.faults...)
}

// ReadFiles reads those of the world's files that are there. Their rows may name
// mailboxes and accounts that stand in none of them: Compare looks for these in the
// register.
func ReadFiles(dir fs.FS) (World, error) {
	r := newWorldReader(dir)
	r.loose = true
	return r.world()
}

// A worldReader gathers a world and all that is wrong with it. The maps hold the
// line where each thing was first seen.
type worldReader struct {
	dir    fs.FS
	loose  bool // files may be absent, and name what is in none of them
	w      World
	faults []error

	mailboxes, codes, accounts, mobiles, links map[string]int
}

// A row is a line of a CSV file by its columns.
type row struct {
	r    *worldReader
	file string
	line int
	cell map[string]string
	bad  bool
}

func (w *row) fault(column, format string, args ...any) {
	w.bad = true
	w.r.faults = append(w.r.faults, fmt.Errorf("%s line %d, %s: %s", w.file, w.line, column, fmt.Sprintf(format, args...)))
}

func (r *worldReader) fault(file, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s: %s", file, fmt.Sprintf(format, args...)))
}

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
	c := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff")))
	c.FieldsPerRecord = -1
	head, err := c.Read()
	if err == io.EOF {
		r.fault(file, "is empty: its first line names the columns %s", strings.Join(columns, ","))
		return
	}
	if err != nil {
		r.fault(file, "%v", err)
		return
	}
	for i := range head {
		head[i] = strings.TrimSpace(head[i])
	}
	if r.columns(file, head, columns) {
		r.rows(file, c, head, take)
	}
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

func (r *worldReader) rows(file string, c *csv.Reader, head []string, take func(*row)) {
	for {
		cells, err := c.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			r.fault(file, "%v", err)
			return
		}
		line, _ := c.FieldPos(0)
		w := &row{r: r, file: file, line: line, cell: map[string]string{}}
		if len(cells) == 1 && strings.TrimSpace(cells[0]) == "" {
			continue
		}
		if len(cells) != len(head) {
			w.fault("row", "%d columns where the header has %d", len(cells), len(head))
			continue
		}
		for i, h := range head {
			w.cell[h] = nasdesk.Clean(cells[i])
		}
		take(w)
	}
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
	}
}

// known finds rows about what is in no file.
func (w *row) known(column string, in map[string]int, file string, a nasdesk.Address) {
	if _, ok := in[string(a)]; !ok && !w.bad && !w.r.loose {
		w.fault(column, "%s is not in %s: add it there or take this row out", a, file)
	}
}

func (r *worldReader) membership(w *row) {
	m := nasdesk.Membership{Mailbox: w.address("mailbox", true), Account: w.address("account", true),
		Role: oneOf(w, "role", nasdesk.Owner, nasdesk.Member)}
	w.known("mailbox", r.mailboxes, "mailboxes.csv", m.Mailbox)
	w.known("account", r.accounts, "accounts.csv", m.Account)
	w.once("account", r.links, string(m.Mailbox)+" "+string(m.Account))
	if !w.bad {
		r.w.Memberships = append(r.w.Memberships, m)
	}
}

func (r *worldReader) approval(w *row) {
	n, err := strconv.Atoi(w.cell["max_accounts"])
	if err != nil || n < 1 {
		w.fault("max_accounts", "not a number of accounts: %q", w.cell["max_accounts"])
	}
	a := nasdesk.Approval{Mailbox: w.address("mailbox", true), Max: n, ApprovedBy: w.address("approved_by", false), ApprovedOn: w.date("approved_on")}
	w.known("mailbox", r.mailboxes, "mailboxes.csv", a.Mailbox)
	if !w.bad {
		r.w.Approvals = append(r.w.Approvals, a)
	}
}
