package workflows

import (
	"time"

	"nasdesk"
)

// A Desk is how the helpdesk has set itself up. Its Step is pure.
type Desk struct {
	Address    nasdesk.Address // helpdesk@nhs.net: replies come from it
	MailDomain string          // of our Message-IDs
	Created    nasdesk.Status  // of an account just created: pending; active in a replay
	Remind     time.Duration   // after which an unanswered question is asked once more
	Lapse      time.Duration   // after the reminder, until the request lapses
	Phone      string          // the national service desk, for password resets out of hours
	Holidays   []nasdesk.Date  // one-off days beside the bank holidays on which staff do not work
	Warn       []int           // how many days before a deadline its mailbox is warned
	// DailyRequests is how many requests that change something are carried out for
	// one party in a day before staff look at the next; 0 for any number.
	DailyRequests int
}

// DefaultDesk is the helpdesk as the guidance has it.
var DefaultDesk = Desk{
	Address:    "helpdesk@nhs.net",
	MailDomain: "helpdesk.nhs.net",
	Created:    nasdesk.Pending,
	Remind:     7 * 24 * time.Hour,
	Lapse:      14 * 24 * time.Hour,
	Phone:      "0333 200 1133",
	Warn:       DefaultWarn,

	DailyRequests: 20,
}

// Step turns what happened into everything that follows from it. It is asked
// again with a larger case when its decision has Need, and again when the case
// went stale: repeated or reordered events do no harm.
func (d Desk) Step(ev nasdesk.Event, c *nasdesk.Case) nasdesk.Decision {
	s := &stepping{desk: d, event: ev, before: c, c: c.Clone(), today: nasdesk.DateOf(time.UnixMicro(int64(ev.At)))}
	switch {
	case ev.Mail != nil:
		s.mail(ev.Mail)
	case ev.Work != nil:
		s.work(ev.Work)
	case ev.Due != nil:
		s.due(ev.Due)
	case ev.Staff != nil:
		s.staff(ev.Staff)
	}
	return s.decision()
}

// stepping is the state of one Step: the case as it moves on, and what has
// been decided so far.
type stepping struct {
	desk    Desk
	event   nasdesk.Event
	today   nasdesk.Date
	before  *nasdesk.Case
	c       *nasdesk.Case // as it stands after what was decided
	asker   asker
	items   []item // what became of each request, in order
	letters letters
	need    nasdesk.Keys
	reqs    []nasdesk.Request // new and changed, in the order of Decision.Requests
	works   []nasdesk.Work
	dates   []nasdesk.Due
	datings []nasdesk.Dating
	journal []nasdesk.Entry
	folder  nasdesk.Folder
	made    int // requests that this message made so far
	notes   []nasdesk.Note
	hinders nasdesk.Hindrance // why an act of staff is not done
}

// An item is one line of the result.
type item struct {
	result nasdesk.ResultRequest
	req    int // index in reqs, -1 for none
}

func (s *stepping) decision() nasdesk.Decision {
	d := nasdesk.Decision{Event: s.event, Need: s.need}
	if s.lacking() {
		return d
	}
	if s.hinders != "" {
		return nasdesk.Decision{Event: s.event, Hindered: s.hinders}
	}
	for _, it := range s.items {
		d.Results = append(d.Results, it.result)
	}
	d.Sender = s.asker.result
	d.Requests = s.reqs
	d.Change = s.c.Since(s.before)
	d.Actions = s.works
	d.Dates, d.Datings = s.dates, s.datings
	d.Journal = s.journal
	d.Notes = s.notes
	d.Folder = s.folderOf()
	d.Mails = s.letters.mails(s)
	return d
}

// lacking reports whether facts are wanted that were not pulled yet.
func (s *stepping) lacking() bool {
	_, more := s.before.Keys.Merge(s.need)
	return more
}

// folderOf files the message where staff look for it: one exception among
// several outcomes is enough.
func (s *stepping) folderOf() nasdesk.Folder {
	if s.folder != "" {
		return s.folder
	}
	for _, it := range s.items {
		if it.result.Outcome == nasdesk.Exception {
			return nasdesk.FolderExceptions
		}
	}
	return nasdesk.FolderProcessed
}

func (s *stepping) note(what string, req int, subject, detail string) {
	s.journal = append(s.journal, nasdesk.Entry{What: what, Request: req, Subject: subject, Detail: detail})
}
