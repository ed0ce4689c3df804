package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nasdesk"
	"nasdesk/store"
)

var queueRoutes = []route{
	{"GET /{$}", reader, func(v *visit) error { return v.back("/queues/exceptions", "") }},
	{"GET /queues/{queue}", reader, showQueue},
	{"GET /search", reader, showSearch},
}

// queueWords name each queue, say what is in it, and what its emptiness means.
type queueWords struct{ Title, Says, Empty string }

var queuesInWords = map[store.Queue]queueWords{
	store.QueueExceptions: {"Exceptions", "Requests that the rules leave to staff. The one that has waited longest comes first.",
		"Nothing waits for you here. Everything that came in was decided by the rules, or by one of you."},
	store.QueueQuarantined: {"Quarantined", "Messages whose sender is not proved. Nobody was answered. Each is released, with a colleague, or condemned.",
		"No message is held back. Every sender was proved."},
	store.QueueSecond: {"Awaiting a second person", "Decisions of a colleague that need a second person to agree.",
		"No decision waits for a second person."},
	store.QueueBounced: {"Bounced", "Requests about which a mail of ours came back.",
		"No mail of ours came back. They all arrived."},
	store.QueueWork: {"Account work to do", "Account work that people do in the portal.",
		"There is no account work to do. Well done."},
	store.QueueOthers: {"Awaiting others", "Requests for which a region or another mailbox was asked.",
		"No region and no other mailbox owes us an answer."},
	store.QueuePharmacy: {"Awaiting the pharmacy", "Requests for which the pharmacy was asked something. It is reminded by itself.",
		"No pharmacy owes us an answer."},
	store.QueueDates: {"Dates ahead", "What happens by itself on a day to come, the nearest first.",
		"Nothing is due on a day to come."},
	store.QueueSnoozed: {"Snoozed", "Requests that a colleague put off to a later day.",
		"Nothing is put off. What is to be done stands in the other queues."},
	store.QueueAll: {"All requests", "Every request, the newest first.",
		"There are no requests yet. The first mail will change that."},
}

// A queuePage is one page of a queue.
type queuePage struct {
	Queue   store.Queue
	Tabs    []tab
	Words   queueWords
	Action  string // where the form of filters goes
	Query   queueQuery
	Kinds   []option
	Reasons []option
	Ages    []option
	Staff   []option
	Sorts   []option
	Views   []queueView
	Rows    []queueRow
	Found   int // rows on this page
	First   bool
	Next    string // address of the next page; "" at the end
	Start   string // address of the first page; "" on it
	Set     bool   // a filter is set
	Clear   string // address without filters
	Dates   bool   // the rows have a day ahead
	Held    []queueRow
	Search  bool
}

// An option is a choice in a form.
type option struct {
	Value, Text string
	Chosen      bool
}

// A queueView is a saved view: its address is all there is to it.
type queueView struct {
	Text, Link string
	Current    bool
}

// A queueRow is one line of a queue, in words.
type queueRow struct {
	ID        string // its fragment, by which the page is entered at this row
	Link      string
	Reference string
	Asked     string
	Why       []string
	Urgent    bool
	Who       string
	Mailbox   nasdesk.Address
	Party     nasdesk.Address
	Subject   string
	State     string
	Waits     string            // in service time
	Since     nasdesk.Timestamp // the moment
	At        nasdesk.Timestamp // of a day ahead
	What      string
	Assignee  string
	Click     int64
}

// A queueQuery is what the address asks for.
type queueQuery struct {
	Kind, Reason, Mailbox, Age, Assignee, Sort, Text, After string
}

func queryOf(q url.Values) queueQuery {
	get := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	return queueQuery{Kind: get("kind"), Reason: get("reason"), Mailbox: strings.ToLower(get("mailbox")), Age: get("age"),
		Assignee: get("assignee"), Sort: get("sort"), Text: get("q"), After: q.Get("after")}
}

// values writes the query back, what is empty left out.
func (q queueQuery) values() url.Values {
	out := url.Values{}
	for _, p := range [][2]string{{"kind", q.Kind}, {"reason", q.Reason}, {"mailbox", q.Mailbox}, {"age", q.Age},
		{"assignee", q.Assignee}, {"sort", q.Sort}, {"q", q.Text}, {"after", q.After}} {
		if p[1] != "" {
			out.Set(p[0], p[1])
		}
	}
	return out
}

func (q queueQuery) link(path string) string {
	if e := q.values().Encode(); e != "" {
		return path + "?" + e
	}
	return path
}

// filtered reports whether anything is asked for beside an order.
func (q queueQuery) filtered() bool {
	q.Sort, q.After = "", ""
	return q != queueQuery{}
}

// ages are the waiting times that can be asked for, in days of eight service
// hours.
var ages = []option{{Value: "", Text: "Any"}, {Value: "1", Text: "Over one working day"}, {Value: "2", Text: "Over two working days"},
	{Value: "5", Text: "Over five working days"}, {Value: "10", Text: "Over ten working days"}}

const dayOfService = 8 * time.Hour

var sorts = []option{{Value: "", Text: "Waiting longest first"}, {Value: "newest", Text: "Newest first"}, {Value: "kind", Text: "By kind"}, {Value: "mailbox", Text: "By mailbox"}}

// filter is the store's question for a query. "me" is whoever looks, so that one
// address serves everybody.
func (v *visit) filter(queue store.Queue, q queueQuery) store.Filter {
	f := store.Filter{Queue: queue, Kind: q.Kind, Reason: nasdesk.Reason(q.Reason), Mailbox: nasdesk.Address(q.Mailbox), Assignee: q.Assignee,
		Text: q.Text, Sort: store.Sort(q.Sort), After: q.After, Today: v.today}
	if q.Assignee == "me" {
		f.Assignee = v.staff.Staff
	}
	if days, err := strconv.Atoi(q.Age); err == nil && days > 0 && days <= 100 {
		f.Before = v.hoursAgo(time.Duration(days) * dayOfService)
	}
	return f
}

// hoursAgo is the latest instant, to the minute, since which so much service
// time has gone by.
func (v *visit) hoursAgo(much time.Duration) nasdesk.Timestamp {
	end := v.now.Time()
	days := int(much/dayOfService)*2 + 14
	lo, hi := end.AddDate(0, 0, -days), end
	for hi.Sub(lo) > time.Minute {
		mid := lo.Add(hi.Sub(lo) / 2)
		if v.office.Hours(nasdesk.TimestampOf(mid), v.now) >= much {
			lo = mid
		} else {
			hi = mid
		}
	}
	return nasdesk.TimestampOf(lo)
}

func showQueue(v *visit) error {
	queue := store.Queue(v.PathValue("queue"))
	if !slices.Contains(store.Queues, queue) {
		return notFound
	}
	if queue == store.QueueWork {
		return v.back("/work", "")
	}
	q := queryOf(v.URL.Query())
	rows, err := v.office.Store.List(v.ctx(), v.filter(queue, q))
	if err != nil {
		return err
	}
	p := v.queuePage(queue, q, "/queues/"+string(queue), rows)
	return v.showRows(p)
}

// showRows shows a list, and writes down whose data stands in it.
func (v *visit) showRows(p queuePage) error {
	if len(p.Rows)+len(p.Held) > 0 {
		if err := v.viewed("list of "+string(p.Queue), 0, ""); err != nil {
			return err
		}
	}
	return v.show("queue", p)
}

func (v *visit) queuePage(queue store.Queue, q queueQuery, path string, rows store.Rows) queuePage {
	p := queuePage{Queue: queue, Tabs: tabs(queue), Words: queuesInWords[queue], Action: path, Query: q, Found: len(rows.Rows), First: q.After == "",
		Set: q.filtered(), Clear: path, Dates: queue == store.QueueDates || queue == store.QueueSnoozed}
	p.Kinds, p.Reasons, p.Staff = v.kindOptions(q.Kind), reasonOptions(q.Reason), v.staffOptions(q.Assignee)
	p.Ages, p.Sorts = chosen(ages, q.Age), chosen(sorts, q.Sort)
	p.Views = views(path, q)
	here := q.link(path)
	for _, r := range rows.Rows {
		p.Rows = append(p.Rows, v.row(r, here))
	}
	if rows.Next != "" {
		next := q
		next.After = rows.Next
		p.Next = next.link(path)
	}
	if q.After != "" {
		first := q
		first.After = ""
		p.Start = first.link(path)
	}
	return p
}

// views are those that every queue has. Any other is saved as a bookmark.
func views(path string, now queueQuery) []queueView {
	now.After = ""
	var out []queueView
	for _, v := range []struct {
		text string
		q    queueQuery
	}{
		{"Everything", queueQuery{}},
		{"Mine", queueQuery{Assignee: "me"}},
		{"Nobody's", queueQuery{Assignee: "-"}},
		{"Over two days", queueQuery{Age: "2"}},
		{"Urgent: wrong address", queueQuery{Reason: string(nasdesk.MailboxAddressFormat)}},
	} {
		out = append(out, queueView{v.text, v.q.link(path), now == v.q})
	}
	return out
}

func chosen(options []option, value string) []option {
	out := slices.Clone(options)
	for i := range out {
		out[i].Chosen = out[i].Value == value
	}
	return out
}

func (v *visit) kindOptions(now string) []option {
	out := []option{{"", "Any", now == ""}}
	for _, k := range v.office.Desk.Kinds() {
		out = append(out, option{k.Name, v.office.kindTitle(k.Name), k.Name == now})
	}
	return append(out, option{nasdesk.KindUnknown, "Not understood", now == nasdesk.KindUnknown})
}

func reasonOptions(now string) []option {
	out := []option{{"", "Any", now == ""}}
	for _, r := range nasdesk.Reasons {
		switch r {
		case nasdesk.AutoReply, nasdesk.Bounce, nasdesk.Receipt, nasdesk.OwnMail, nasdesk.DuplicateMessage, nasdesk.Bulk:
			continue // nobody waits with one of these
		}
		out = append(out, option{string(r), reasonOf(r, nil).Short, string(r) == now})
	}
	if field := strings.Contains(now, ":"); field {
		out = append(out, option{now, reasonOf(nasdesk.Reason(now), nil).Short, true})
	}
	return out
}

// staffOptions are few: whoever is asked for by name stands in the address.
func (v *visit) staffOptions(now string) []option {
	out := []option{{"", "Anybody", now == ""}, {"me", "Me", now == "me"}, {"-", "Nobody", now == "-"}}
	all, err := v.office.Store.StaffAll(v.ctx())
	if err != nil {
		return out
	}
	for _, s := range all {
		if !s.Disabled && s.Name != v.staff.Staff && s.Role != store.Auditor {
			out = append(out, option{s.Name, s.Display, s.Name == now})
		}
	}
	return out
}

// row puts a row into words. Here is the page that it stands on, to come back to.
func (v *visit) row(r store.Row, here string) queueRow {
	k := v.office.Desk.Kind(r.Kind)
	out := queueRow{Reference: r.Reference, Asked: v.office.kindTitle(r.Kind), Who: r.Name, Mailbox: r.Mailbox, Party: r.Party, Subject: r.Subject,
		State: stateTag(r.State).Text, Since: r.Since, At: r.At, What: whatWords(r.What), Assignee: r.Assignee, Click: r.Click}
	out.ID, out.Link = "r"+strconv.FormatInt(r.Request, 10), "/requests/"+strconv.FormatInt(r.Request, 10)+"?"+url.Values{"back": {here}}.Encode()
	if r.Account != "" || r.Last != "" {
		return longDate(out, r)
	}
	if r.Request == 0 {
		out.ID, out.Link = "m"+strconv.FormatInt(r.Message, 10), "/messages/"+strconv.FormatInt(r.Message, 10)+"?"+url.Values{"back": {here}}.Encode()
		out.Reference, out.Asked = "Message "+strconv.FormatInt(r.Message, 10), "Not decided"
	}
	if r.Since != 0 && !r.State.Ended() {
		out.Waits = serviceTime(v.office.Hours(r.Since, v.now))
	}
	for _, why := range r.Reasons {
		out.Why = append(out.Why, reasonOf(why, k).Short)
		out.Urgent = out.Urgent || why == nasdesk.MailboxAddressFormat
	}
	if len(out.Why) == 0 {
		out.Why = []string{stateWords[r.State].Short}
		if r.State == nasdesk.StateReferred && r.Outcome == nasdesk.Accepted {
			out.Why = []string{"The account work failed"}
		}
	}
	return out
}

// longDate is the row of a long date: what it is the day of, and where it is seen.
func longDate(out queueRow, r store.Row) queueRow {
	out.What += ": last working day " + r.Last.Long()
	out.Why, out.Subject = []string{"A long date"}, ""
	if r.Account != "" {
		out.ID, out.Link = "a"+string(r.Account), "/register/accounts/"+url.PathEscape(string(r.Account))
		out.Reference, out.Asked = string(r.Account), "An account"
	}
	return out
}

// whatWords say what happens on a day ahead.
func whatWords(what string) string {
	switch nasdesk.DueWhat(what) {
	case nasdesk.DueRemind:
		return "The pharmacy is reminded"
	case nasdesk.DueLapse:
		return "The request lapses"
	case nasdesk.DueEffective:
		return "The work is done"
	}
	switch nasdesk.Cause(what) {
	case nasdesk.CausePending:
		return "It should be active"
	case nasdesk.CauseInactive:
		return "It may be removed"
	case nasdesk.CauseDisabled:
		return "Last day to enable it"
	case nasdesk.CauseLeaver:
		return "Last day to join it"
	case nasdesk.CauseDeleted:
		return "Last day to restore it"
	case nasdesk.CausePassword:
		return "The password is changed by"
	case nasdesk.CauseApproval, nasdesk.CauseConsent:
		return "The request lapses without an answer"
	}
	return what
}

// showSearch looks through all requests, and the messages held back. A
// reference that one request has leads to it.
func showSearch(v *visit) error {
	q := queryOf(v.URL.Query())
	if q.Text == "" {
		return v.back("/queues/all", "")
	}
	rows, err := v.office.Store.List(v.ctx(), v.filter(store.QueueAll, q))
	if err != nil {
		return err
	}
	var ref nasdesk.ReferenceNumber
	if len(rows.Rows) == 1 && ref.Set(q.Text) == nil && rows.Rows[0].Reference == ref.String() {
		return v.back("/requests/"+strconv.FormatInt(rows.Rows[0].Request, 10), "")
	}
	p := v.queuePage(store.QueueAll, q, "/search", rows)
	p.Search, p.Views, p.Clear, p.Tabs = true, nil, "/queues/all", tabs("")
	p.Words = queueWords{Title: "Search", Says: "Requests that hold all of these words, the newest first.",
		Empty: "Nothing fits. Look for a whole reference, address, ODS code or name, or for the last three digits or more of a mobile number."}
	if q.After == "" {
		held, err := v.office.Store.List(v.ctx(), store.Filter{Queue: store.QueueQuarantined, Text: q.Text, Limit: 10, Today: v.today})
		if err != nil {
			return err
		}
		for _, r := range held.Rows {
			p.Held = append(p.Held, v.row(r, q.link("/search")))
		}
	}
	return v.showRows(p)
}

// backTo is a place to go back to, if it is a list of ours.
func backTo(s string, otherwise string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil || u.Fragment != "" ||
		!strings.HasPrefix(u.Path, "/queues/") && u.Path != "/search" || strings.Contains(u.Path, "..") || strings.Contains(u.Path, `\`) {
		return otherwise
	}
	return u.RequestURI()
}

// nextAfter is the fragment of the row behind one of a list, "" for the last, so
// that whoever cleared one lands on the next.
func (v *visit) nextAfter(back, row string) string {
	u, err := url.Parse(back)
	if err != nil {
		return ""
	}
	queue, inQueue := strings.CutPrefix(u.Path, "/queues/")
	if !inQueue || !slices.Contains(store.Queues, store.Queue(queue)) {
		return ""
	}
	rows, err := v.office.Store.List(v.ctx(), v.filter(store.Queue(queue), queryOf(u.Query())))
	if err != nil {
		return ""
	}
	for i, r := range rows.Rows {
		if v.row(r, back).ID == row && i+1 < len(rows.Rows) {
			return v.row(rows.Rows[i+1], back).ID
		}
	}
	return ""
}
