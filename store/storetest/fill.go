// Package storetest fills a store for tests and benchmarks: with as much as a desk
// has gathered after years, faster than the desk itself could.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // driver "sqlite"
)

// FullPage is how many rows every queue has at least, so that a page is full
// whatever the size.
const FullPage = 60

// A Filling is what a store is filled with: a register of so many mailboxes, and
// requests of a mix as a desk has it. Most are done, a share of them is open with
// staff, the rest waits for somebody.
//
// The requests have the ids from 1, and so have the messages that made them;
// those of the ids up to FullPage are of the mailbox pharmacy.f1@nhs.net. The
// message 7 is held back, and the click 1 is proposed.
type Filling struct {
	Requests  int
	Open      float64 // the share of the requests that is open with staff
	Mailboxes int
	Raw       []byte // the bytes of every message
	From      int64  // when the desk began, in microseconds since 1970; a request came every millisecond
}

// Fill fills a store that is migrated and empty. Run runs one statement, which both
// databases understand, with its arguments by number.
func (f Filling) Fill(run func(sql string, args ...any)) {
	n, share, boxes, raw := f.Requests, f.Open, f.Mailboxes, f.Raw
	every := func(share float64) int { return max(1, n/max(FullPage, int(float64(n)*share))) }
	const g = `with recursive g (n) as (select 1 union all select n + 1 from g where n < $1) `
	empty := []byte("[]")
	at := fmt.Sprintf("%d + 1000 * n", f.From)
	run(g+`insert into mailbox (address, ods, name, sector, region, dspt, status, alias, looked, owners, accounts, most, ails)
		select 'pharmacy.f' || n || '@nhs.net', 'F' || n, 'Chemist ' || (n % 900), 'pharmacy', 'england.north@nhs.net', 'standards-met', 'active', '', 1, 1, 5, 10,
		case when n % 100 = 0 then 'no owner' else '' end from g`, boxes)
	run(g+`insert into account (address, stem, name, mobile, mobile_index, alternative, alternative_index, status, since, looked)
		select 'first' || (n % 300) || '.last' || n || '@nhs.net', '', $2, $3, '07' || (700000000 + n), $3, '', 'active', '2025-01-01', 1 from g`, boxes*11/2, []byte("First Last"), []byte(""))
	run(`insert into membership (mailbox, account, role) select m.address, a.address, case when a.id <= $1 then 'owner' else 'member' end
		from account a join mailbox m on m.id = a.id % $1 + 1`, boxes)
	for _, word := range []string{`address`, `'chemist'`, `cast(id % 900 as text)`, `lower(ods)`} {
		run(`insert into mailbox_word (word, mailbox) select ` + word + `, id from mailbox where 1 = 1 on conflict do nothing`)
	}
	run(`insert into mailbox_word (word, mailbox) select ' ails no owner', id from mailbox where ails <> ''`)
	for _, word := range []string{`address`, `'first' || (id % 300)`, `'last' || id`, `substr(mobile_index, 6)`} {
		run(`insert into account_word (word, account) select ` + word + `, id from account where 1 = 1 on conflict do nothing`)
	}

	// The first sixty requests are of one mailbox, so that its pages are full.
	box := `'pharmacy.f' || (case when n <= 60 then 1 else n % ` + fmt.Sprint(boxes-1) + ` + 2 end) || '@nhs.net'`
	states := fmt.Sprintf(`case when n %% %d = 0 then 'referred' when n %% %d = 1 then 'asking' when n %% %d = 2 then 'seeking' when n %% %d = 3 then 'dated' when n %% %d = 4 then 'doing' else 'done' end`,
		every(share), every(0.02), every(0.005), every(0.005), every(0.01))
	run(g+`, k as (select n, `+states+` as state, `+box+` as box from g)
		insert into request (id, reference, n, kind, asked, party, mailbox, subject, message, state, outcome, reasons, answers, prose, effective, seeks, awaits, actions,
		thread, made_at, decided_at, asks_at, reminded, granted, event, version, assignee, snoozed, bounced, queue)
		select n, 'NAS-' || n, 1, 'kind' || (n % 12), 'team', box, box, $2, 'm' || n, state,
		case state when 'referred' then 'exception' when 'asking' then 'needs-info' when 'seeking' then 'awaiting' else 'accepted' end,
		case when state in ('dated', 'doing', 'done') then '' else 'reason' || ((n / 7) % 12) end, $3, 0, case when state = 'dated' then '2026-05-01' else '' end,
		case when state = 'seeking' then 'regional-approval' else '' end, case when state in ('asking', 'seeking') then box else '' end, $4, '[]',
		`+at+`, `+at+`, 1, 0, '', 'e' || n, 1, case when n % `+fmt.Sprint(every(share)*max(1, n/every(share)/FullPage))+` = 0 then 'staff0' else '' end, case when n % `+fmt.Sprint(every(share)*20)+` = 0 then '2026-06-01' else '' end,
		case when n % `+fmt.Sprint(every(0.001))+` = 5 then n else 0 end, case state when 'referred' then 'exceptions' when 'asking' then 'pharmacy' when 'seeking' then 'others' else '' end from k`,
		n, []byte("A subject of a usual length, about a new starter"), []byte(`[{"Field":"mobile","Value":"07700900123"},{"Field":"first_name","Value":"Amina"}]`), empty)
	run(`insert into reason (queue, reason, kind, since, request) select queue, reasons, kind, decided_at, id from request where queue <> ''`)
	for _, token := range []string{`' kind ' || kind`, `' mailbox ' || mailbox`, `' reason ' || reasons`, `mailbox`, `'nas-' || id`, `'' || id`, `'pharmacy'`, `'f' || (id % ` + fmt.Sprint(boxes-1) + ` + 2)`,
		`'first' || (id % 300)`, `'last' || ((id * 7919) % 5000)`, `'07700' || (100000 + id % 900000)`, `'' || (100000 + id % 900000)`, `'' || (10000 + id % 90000)`, `'' || (1000 + id % 9000)`, `'' || (100 + id % 900)`} {
		run(`insert into search (token, request) select ` + token + `, id from request where 1 = 1 on conflict do nothing`)
	}
	run(g+`insert into raw (id, sha256, size, bytes, kept_at) select n, 'x', 1, $2, n from g`, n, raw)
	run(`insert into handled (event, raw, at, sender, message_id, digest, folder, result, folded) select event, id, made_at, party, message, '', 'processed', $1, 1 from request`, []byte("{}"))
	run(`insert into journal (at, event, request, what, subject, detail, seal) select made_at, event, id, 'request-accepted', 'digest ' || party, kind, 1 from request`)
	run(`insert into mail (key, event, requests, recipient, about, subject, in_reply_to, refs, text, html, digest, made_at, due_at, at, waits, state, ended_at)
		select event || '/m', event, '' || id, party, 'confirmation', $1, '', '[]', $1, $1, '', 1, 1, 1, 0, 'sent', made_at from request`, []byte("text"))
	run(`insert into work (key, request, action, due_at, at, state, begun, people, ended_at, detail) select event || '/w', id, $1, made_at, 1, case when state = 'doing' then 'pending' else 'done' end, 1, 1,
		case when state = 'doing' then 0 else 5 end, $2 from request where state in ('doing', 'done')`, []byte(`{"Name":"create-account"}`), []byte(""))
	run(`insert into due (key, request, what, due_at, at, state) select event || '/d', id, case when state = 'dated' then 'effective' else 'remind' end, made_at, made_at,
		case when state in ('dated', 'asking') then 'ready' else 'done' end from request where state <> 'referred'`)
	run(`insert into quarantine (raw, event, at, sender, sender_index, subject, reasons, state, ended_at) select id, event, made_at, $1, party, $1, 'sender-unverified',
		case when id % `+fmt.Sprint(every(0.005))+` = 7 then 'waiting' else 'condemned' end, case when id % `+fmt.Sprint(every(0.005))+` = 7 then 0 else 1 end from request where id % 5 = 2 or id % `+fmt.Sprint(every(0.005))+` = 7`, []byte("x@example.com"))
	run(`insert into click (act, name, by_name, second, request, message, state, made_at, at) select $1, 'reply', 'anna', '', id, 0, case when id % 10 = 1 then 'proposed' else 'done' end, made_at, 1
		from request where id % `+fmt.Sprint(every(0.01))+` = 1`, []byte(`{"Act":"reply","Request":1}`))
	// A year of some hundred sums a day, and their months.
	run(`with recursive g (n) as (select 0 union all select n + 1 from g where n < $1), d (day, m) as (
		select '2025-' || (case when n % 12 < 9 then '0' else '' end) || (n % 12 + 1) || '-' || (case when n / 12 < 9 then '0' else '' end) || (n / 12 + 1),
		'm2025-' || (case when n % 12 < 9 then '0' else '' end) || (n % 12 + 1) from g), w (n) as (select n from g where n < 144)
		insert into tally (what, day, kind, word, n) select 'outcome', day, 'kind' || (w.n % 12), 'word' || (w.n / 12), 1 from d cross join w
		union all select distinct 'outcome', m, 'kind' || (w.n % 12), 'word' || (w.n / 12), 28 from d cross join w`, 335)
}

// Into fills the database at a URL, which is that of a file or of PostgreSQL, and
// gathers what its planner wants to know of the tables.
func (f Filling) Into(tb testing.TB, url string) {
	tb.Helper()
	exec, analyze := open(tb, url)
	f.Fill(func(sql string, args ...any) {
		tb.Helper()
		if err := exec(sql, args...); err != nil {
			tb.Fatalf("%.60s: %v", sql, err)
		}
	})
	if err := exec(analyze); err != nil {
		tb.Fatal(err)
	}
}

func open(tb testing.TB, url string) (exec func(sql string, args ...any) error, analyze string) {
	tb.Helper()
	ctx := context.Background()
	if path, lite := strings.CutPrefix(url, "sqlite:"); lite {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = db.Close() })
		db.SetMaxOpenConns(1)
		return func(text string, args ...any) error { _, err := db.ExecContext(ctx, text, args...); return err }, "analyze"
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(ctx) })
	return func(text string, args ...any) error { _, err := conn.Exec(ctx, text, args...); return err }, "vacuum analyze"
}
