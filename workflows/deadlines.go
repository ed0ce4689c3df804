package workflows

import (
	"slices"
	"strconv"
	"time"

	"nasdesk"
)

// Long dates. What the register or a request says is one of them: Deadlines and
// awaited reckon them, warn.go speaks of them. A warning is due on the last
// working day at or before its step's day, when the desk opens.

// answerDays is how long another party has for its answer.
const answerDays = 30

// DefaultWarn are the steps in which owners are warned, in days before.
var DefaultWarn = []int{90, 30, 7, 1}

// endOf is the last day of what began on a day: of a leaver, a deleted or an
// inactive account 30 days on (contract, rules 8 and 10; seed "NHS.net Connect
// FAQs"), of a disabled one the day before 18 months (rule 9).
func endOf(why nasdesk.Cause, since nasdesk.Date) nasdesk.Date {
	switch why {
	case nasdesk.CausePending:
		return since.AddDays(1)
	case nasdesk.CauseDisabled:
		return since.AddMonths(disabledMonths).AddDays(-1)
	case nasdesk.CausePassword:
		return since.AddMonths(12)
	case nasdesk.CauseApproval, nasdesk.CauseConsent:
		return since.AddDays(answerDays)
	}
	return since.AddDays(30)
}

// Deadlines are the long dates of an account as it stands on a day: one for each
// mailbox that is told. Those that have passed are none. Where an account is
// linked to no mailbox nobody is told, but a leaver, who can still find a new
// organisation.
func (d Desk) Deadlines(a nasdesk.Account, mailboxes []nasdesk.Address, today nasdesk.Date) []nasdesk.Deadline {
	why := nasdesk.CauseOf(a.Status)
	if why == "" || !a.Since.Valid() || endOf(why, a.Since) < today {
		return nil
	}
	if len(mailboxes) == 0 {
		mailboxes = []nasdesk.Address{""}
		if a.Status == nasdesk.Leaver {
			mailboxes[0] = a.Address
		}
	}
	var out []nasdesk.Deadline
	for _, m := range mailboxes {
		x := nasdesk.Deadline{Cause: why, Account: a.Address, Mailbox: m, Since: a.Since}
		out = append(out, d.begun(x, string(a.Address), today))
	}
	return out
}

// begun gives a deadline its key, its days and its first step. A step that has
// passed already is made up for at once, if none behind it has.
func (d Desk) begun(x nasdesk.Deadline, about string, today nasdesk.Date) nasdesk.Deadline {
	x.Ends = endOf(x.Cause, x.Since)
	x.Last = d.LastWorkingDay(x.Ends)
	x.Key = string(x.Cause) + "/" + about + "/" + string(x.Since) + "/" + string(x.Mailbox)
	x.State = nasdesk.DeadlineReady
	steps := d.steps(&x)
	for i, n := range steps {
		if i == len(steps)-1 || d.warnsOn(&x, steps[i+1]) > today {
			return d.at(x, n, today)
		}
	}
	return d.at(x, 0, today)
}

// at sets a deadline to one of its steps. What should have been on a day before is
// made up for on the next working day.
func (d Desk) at(x nasdesk.Deadline, step int, today nasdesk.Date) nasdesk.Deadline {
	day := x.Ends.AddDays(1)
	if step > 0 {
		day = d.warnsOn(&x, step)
	}
	x.Step, x.At = step, opening(d.workingDayFrom(max(day, today)))
	return x
}

// steps are those of the warnings that fit between the days of a deadline, the
// earliest first. Of an account that is being made nobody is warned before: it
// is told when it takes longer.
func (d Desk) steps(x *nasdesk.Deadline) []int {
	if x.Cause == nasdesk.CausePending || x.Mailbox == "" {
		return nil
	}
	var out []int
	for _, n := range d.Warn {
		if n > 0 && d.warnsOn(x, n) > x.Since {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return slices.Compact(out)
}

func (d Desk) warnsOn(x *nasdesk.Deadline, step int) nasdesk.Date {
	return d.LastWorkingDay(x.Ends.AddDays(-step))
}

// LastWorkingDay is the last working day at or before a day.
func (d Desk) LastWorkingDay(day nasdesk.Date) nasdesk.Date {
	for !d.workingDay(day) && day != "" {
		day = day.AddDays(-1)
	}
	return day
}

// workingDayFrom is the first working day at or behind a day.
func (d Desk) workingDayFrom(day nasdesk.Date) nasdesk.Date {
	for !d.workingDay(day) && day != "" {
		day = day.AddDays(1)
	}
	return day
}

// opening is the instant at which the desk opens on a day.
func opening(day nasdesk.Date) nasdesk.Timestamp {
	y, m, n := day.Time().Date()
	return nasdesk.TimestampOf(time.Date(y, m, n, opens, 0, 0, 0, nasdesk.London))
}

// Open reports whether staff work at an instant.
func (d Desk) Open(at nasdesk.Timestamp) bool {
	_, open := d.readsAt(at)
	return open
}

// awaited is the deadline of a request that waits for another party.
func (s *stepping) awaited(i int) {
	r := &s.reqs[i]
	why := nasdesk.CauseApproval
	if r.Seeks == nasdesk.MailboxConsent {
		why = nasdesk.CauseConsent
	}
	x := nasdesk.Deadline{Cause: why, Mailbox: r.Party, Request: r.ID, Since: s.today}
	s.datings = append(s.datings, nasdesk.Dating{Request: i, Deadline: s.desk.begun(x, r.Reference, s.today)})
}

// yearly is the deadline of the password of an application account. Seed
// "Application account".
func (s *stepping) yearly(i int, account nasdesk.Address, since nasdesk.Date) {
	r := &s.reqs[i]
	x := nasdesk.Deadline{Cause: nasdesk.CausePassword, Account: account, Mailbox: r.Mailbox, Request: r.ID, Since: since}
	s.datings = append(s.datings, nasdesk.Dating{Request: i, Deadline: s.desk.begun(x, string(account), s.today)})
}

// A warned is one deadline of which a letter speaks.
type warned struct {
	nasdesk.Deadline
	request *nasdesk.Request
}

// warn looks at the deadlines of a mailbox whose time has come: those whose cause
// has ended are over, of the others it is told, all in one letter, and each goes
// to its next step. Outside the desk's hours all of it waits until it opens.
func (s *stepping) warn(mailbox nasdesk.Address) {
	day, open := s.desk.readsAt(s.event.At)
	var told []warned
	for _, x := range s.c.Deadlines {
		switch {
		case x.Mailbox != mailbox || x.At > s.event.At || x.State != nasdesk.DeadlineReady:
			continue
		case !s.holds(&x):
			x.State = nasdesk.DeadlineCancelled
			s.note("date-stopped", -1, string(x.Account), string(x.Cause)+" "+string(x.Ends))
		case !open:
			x.At = opening(day)
		default:
			if s.moveOn(&x) {
				told = append(told, warned{x, s.c.Request(x.Request)})
			}
		}
		s.datings = append(s.datings, nasdesk.Dating{Request: -1, Deadline: x})
	}
	s.letters.warning(s, mailbox, told)
}

// holds reports whether the cause of a deadline is still there.
func (s *stepping) holds(x *nasdesk.Deadline) bool {
	if m := s.c.Mailbox(x.Mailbox); m != nil && m.Status == nasdesk.Closed {
		return false
	}
	a := s.c.Account(x.Account)
	switch x.Cause {
	case nasdesk.CauseApproval, nasdesk.CauseConsent:
		r := s.c.Request(x.Request)
		return r != nil && r.State == nasdesk.StateSeeking
	case nasdesk.CausePassword:
		return a == nil || a.Status == nasdesk.Active || a.Status == nasdesk.Inactive || a.Status == nasdesk.Pending
	}
	linked := x.Mailbox == "" || x.Mailbox == x.Account || s.c.Role(x.Mailbox, x.Account) != ""
	return a != nil && nasdesk.CauseOf(a.Status) == x.Cause && a.Since == x.Since && linked
}

// moveOn takes a deadline to its next step, and reports whether its mailbox is
// told of the one that has come.
func (s *stepping) moveOn(x *nasdesk.Deadline) bool {
	if x.Step == 0 || x.Ends < s.today {
		return s.ended(x)
	}
	now, next := x.Step, 0
	for _, n := range s.desk.steps(x) {
		if n < now && s.desk.warnsOn(x, n) > s.today {
			next = n
			break
		}
		now = min(now, n) // several have passed: the last of them speaks for all
	}
	s.note("date-warned", -1, string(x.Account), string(x.Cause)+" "+strconv.Itoa(now)+" days before "+string(x.Ends))
	*x = s.desk.at(*x, next, s.today.AddDays(1))
	return true
}

// ended: the day has passed. Of most there is nothing to say that was not said
// before.
func (s *stepping) ended(x *nasdesk.Deadline) bool {
	x.State = nasdesk.DeadlineDone
	s.note("date-passed", -1, string(x.Account), string(x.Cause)+" "+string(x.Ends))
	switch x.Cause {
	case nasdesk.CausePending:
		return x.Mailbox != ""
	case nasdesk.CauseApproval, nasdesk.CauseConsent:
		s.unanswered(*s.c.Request(x.Request))
	case nasdesk.CausePassword:
		next := nasdesk.Deadline{Cause: x.Cause, Account: x.Account, Mailbox: x.Mailbox, Request: x.Request, Since: x.Ends}
		s.datings = append(s.datings, nasdesk.Dating{Request: -1, Deadline: s.desk.begun(next, string(x.Account), s.today)})
	}
	return false
}

// unanswered closes a request on which another party has not spoken.
func (s *stepping) unanswered(r nasdesk.Request) {
	s.asker = partyOf(&r, s.c)
	r.State, r.From, r.Seeks = nasdesk.StateLapsed, "", ""
	i := s.keep(&r)
	s.note("request-lapsed", i, string(r.Party), r.Kind)
	s.letters.about(s, i, nasdesk.Verdict{Outcome: nasdesk.Refused, Rule: ruleSilent,
		Say: []nasdesk.Block{para("You can ask again at any time: write to us from your shared mailbox.")}})
}

var ruleSilent = ours("conversation/no-agreement", "We close a request when the party that has to agree to it has not answered within "+strconv.Itoa(answerDays)+" days.")
