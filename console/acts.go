package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
	"nasdesk/store"
)

// An actForm is one thing that can be done to a request, with what was typed
// into its form and what is wrong with it.
type actForm struct {
	Act     nasdesk.StaffAct
	Title   string
	Says    string
	Quiet   bool
	Open    bool
	Faults  Faults
	Request int64
	Seen    int64
	Back    string
	Typed   url.Values

	Kind    string   // correct: the kind whose fields are shown
	Kinds   []Option // correct
	Fields  []field  // correct
	Rules   []Option // refuse
	Wording string   // ask: as proposed
	About   []Option // ask: the fields that can be asked for
	Others  []Option // merge
	Staff   []Option // assign
	To      string   // assign: as it stands
	Snoozed bool
}

// Value is what was typed under a name, or else what stands there at first.
func (f actForm) Value(name, first string) string {
	if f.Typed.Has(name) {
		return f.Typed.Get(name)
	}
	return first
}

var actSays = map[nasdesk.StaffAct]string{
	nasdesk.ActCorrect:    "Set right what was read wrongly. The rules then judge it again, as if the pharmacy had written it so.",
	nasdesk.ActApprove:    "Grant what the rules left to you. The account work is done and the pharmacy is told.",
	nasdesk.ActRefuse:     "Say no with a published rule. The pharmacy is told the rule and what it can do instead.",
	nasdesk.ActAsk:        "Put a question to the pharmacy. Its answer is read like any other.",
	nasdesk.ActReply:      "Write freely in the thread, or close the request with your answer.",
	nasdesk.ActMerge:      "It is part of another request of the same pharmacy. It is closed without a reply; the thread goes on there.",
	nasdesk.ActNoRequest:  "It asks for nothing. It is closed without a reply.",
	nasdesk.ActAssign:     "Say who looks after it.",
	nasdesk.ActNote:       "Write something for colleagues. The pharmacy never sees it.",
	nasdesk.ActSnooze:     "Take it out of the queue until a day to come.",
	nasdesk.ActTakeBounce: "Mark the mail that came back as seen to.",
}

// actForms are the forms of what can be done to a request as it stands.
func (v *visit) actForms(d *store.Dossier) []actForm {
	var out []actForm
	r := &d.Request
	for _, act := range v.office.Desk.Acts(r, d.Case) {
		f := actForm{Act: act, Title: actTitle(act), Says: actSays[act], Quiet: act.Quiet(), Request: r.ID, Seen: r.Version,
			Back: backTo(v.FormValue("back"), ""), Typed: url.Values{}}
		v.fill(&f, d)
		out = append(out, f)
	}
	return out
}

func (v *visit) fill(f *actForm, d *store.Dossier) {
	r := &d.Request
	switch f.Act {
	case nasdesk.ActCorrect:
		f.correct(v, d)
	case nasdesk.ActRefuse:
		for _, rule := range v.office.Desk.Refusals(r.Kind) {
			f.Rules = append(f.Rules, Option{rule.ID, rule.Says, ruleInWords(rule).Source})
		}
		applies := v.office.Desk.Why(r).ID
		slices.SortStableFunc(f.Rules, func(a, b Option) int { return oneIf(b.Value == applies) - oneIf(a.Value == applies) })
	case nasdesk.ActAsk:
		f.Wording = v.office.Desk.Question(r, d.Case)
		for _, x := range v.askable(r) {
			f.About = append(f.About, Option{x.Name, x.Label, x.Hint})
		}
	case nasdesk.ActMerge:
		for _, s := range mergeable(d) {
			f.Others = append(f.Others, Option{strconv.FormatInt(s.Request, 10), s.Reference + ": " + v.office.kindTitle(s.Kind), s.Subject})
		}
	case nasdesk.ActAssign:
		f.To = r.Assignee
		f.Staff = []Option{{v.staff.Staff, "Me", ""}, {"", "Nobody", ""}}
		for _, o := range v.staffOptions(r.Assignee)[3:] {
			f.Staff = append(f.Staff, Option{o.Value, o.Text, ""})
		}
	case nasdesk.ActSnooze:
		f.Snoozed = r.Snoozed != ""
	}
}

// askable are the fields of a request's form, which a question can be about.
func (v *visit) askable(r *nasdesk.Request) []nasdesk.Field {
	k := v.office.Desk.Kind(askedKind(r))
	if k == nil {
		return nil
	}
	form, _ := k.FormOf()
	return form.Fields
}

// Ticked are the values that were ticked under a name.
func (f actForm) Ticked(name string) []string { return f.Typed[name] }

// mergeable are the other requests of the same asker.
func mergeable(d *store.Dossier) []store.Row {
	return slices.DeleteFunc(slices.Clone(d.Similar), func(s store.Row) bool {
		return s.Request == d.Request.ID || s.Party != d.Request.Party && (s.Mailbox == "" || s.Mailbox != d.Request.Mailbox)
	})
}

// correct shows the fields of the request's kind, or of the one that was chosen.
func (f *actForm) correct(v *visit, d *store.Dossier) {
	r := &d.Request
	f.Kind = askedKind(r)
	if k := v.office.Desk.Kind(v.FormValue("kind")); k != nil {
		f.Open = f.Open || k.Name != f.Kind
		f.Kind = k.Name
	}
	if v.office.Desk.Kind(f.Kind) == nil {
		f.Kinds = append(f.Kinds, Option{"", "Choose what is asked for", ""})
	}
	for _, k := range v.office.Desk.Kinds() {
		if k.Name != "status" {
			f.Kinds = append(f.Kinds, Option{k.Name, v.office.kindTitle(k.Name), ""})
		}
	}
	k := v.office.Desk.Kind(f.Kind)
	if k == nil {
		return
	}
	form, _ := k.FormOf()
	for _, x := range form.Fields {
		hint := x.Hint
		if !x.Needed {
			hint = strings.TrimPrefix(hint+"; may be empty", "; ")
		}
		f.Fields = append(f.Fields, field{ID: "correct-" + x.Name, Name: "f-" + x.Name, Label: x.Label, Hint: hint, Type: "text", Value: f.Value("f-"+x.Name, valueNow(r, x.Name))})
	}
	f.Fields = append(f.Fields, field{ID: "correct-effective_date", Name: "f-effective_date", Label: "From the day", Type: "text", Width: "10",
		Hint: "as 2026-11-27; empty for at once", Value: f.Value("f-effective_date", string(r.Effective))})
}

// askedKind is the kind as it was asked for.
func askedKind(r *nasdesk.Request) string {
	if r.Asked != "" {
		return r.Asked
	}
	return r.Kind
}

// valueNow is what a field holds: as written, where it cannot be used.
func valueNow(r *nasdesk.Request, name string) string {
	if a := nasdesk.AnswerTo(r.Answers, name); a != nil && !a.Ambiguous {
		return a.Value
	}
	return ""
}

// anAct reads a form of the request's page into an event.
type anAct struct {
	v      *visit
	d      *store.Dossier
	ev     nasdesk.StaffEvent
	faults Faults
}

func (v *visit) actOf(d *store.Dossier) anAct {
	a := anAct{v: v, d: d, ev: nasdesk.StaffEvent{By: v.staff.Staff, Act: nasdesk.StaffAct(v.PostFormValue("act")), Request: d.Request.ID}}
	a.ev.Seen, _ = strconv.ParseInt(v.PostFormValue("seen"), 10, 64)
	a.ev.Text = strings.TrimSpace(strings.ReplaceAll(v.PostFormValue("text"), "\r\n", "\n"))
	read := map[nasdesk.StaffAct]func(*anAct){nasdesk.ActCorrect: (*anAct).correct, nasdesk.ActRefuse: (*anAct).refuse, nasdesk.ActAsk: (*anAct).question,
		nasdesk.ActReply: (*anAct).words, nasdesk.ActNote: (*anAct).words, nasdesk.ActMerge: (*anAct).merge, nasdesk.ActAssign: (*anAct).assign,
		nasdesk.ActSnooze: (*anAct).snooze}[a.ev.Act]
	if read != nil {
		read(&a)
	}
	return a
}

// correct takes what was changed.
func (a *anAct) correct() {
	r := &a.d.Request
	a.ev.Also = map[string]string{}
	name := askedKind(r)
	if chosen := a.v.PostFormValue("kind"); chosen != "" && chosen != name {
		name, a.ev.Also["kind"] = chosen, chosen
	}
	k := a.v.office.Desk.Kind(name)
	if a.faults.Add(k == nil, "correct-kind", "Choose what is asked for"); k == nil {
		return
	}
	form, _ := k.FormOf()
	for _, f := range form.Fields {
		typed, there := a.typed(f.Name)
		if !there || typed == valueNow(r, f.Name) {
			continue
		}
		a.ev.Also[f.Name] = typed
		if typed != "" && f.Value.Set(typed) != nil {
			says := "Enter the " + lowered(f.Label)
			if f.Hint != "" {
				says += ": " + f.Hint
			}
			a.faults.Add(true, "correct-"+f.Name, says)
		}
	}
	if typed, there := a.typed("effective_date"); there && typed != string(r.Effective) {
		a.ev.Also["effective_date"] = typed
		_, err := nasdesk.ParseDate(typed)
		a.faults.Add(typed != "" && err != nil, "correct-effective_date", "Enter the day as year, month and day: 2026-11-27")
	}
	a.faults.Add(len(a.ev.Also) == 0, "correct-kind", "Change at least one field, or what is asked for")
}

func (a *anAct) typed(name string) (string, bool) {
	return strings.TrimSpace(a.v.PostFormValue("f-" + name)), a.v.PostForm.Has("f-" + name)
}

func (a *anAct) refuse() {
	a.ev.Rule = a.v.PostFormValue("rule")
	known := slices.ContainsFunc(a.v.office.Desk.Refusals(a.d.Request.Kind), func(r nasdesk.Rule) bool { return r.ID == a.ev.Rule })
	a.faults.Add(!known, "refuse-rule", "Choose the rule by which it is refused")
}

// words are those of a mail or a note; they must be there.
func (a *anAct) words() {
	a.ev.Close = a.ev.Act == nasdesk.ActReply && a.v.PostFormValue("close") == "yes"
	say := map[nasdesk.StaffAct]string{nasdesk.ActAsk: "Write the question", nasdesk.ActReply: "Write the reply", nasdesk.ActNote: "Write the note"}[a.ev.Act]
	a.faults.Add(a.ev.Text == "", string(a.ev.Act)+"-text", say)
	a.faults.Add(len(a.ev.Text) > 20_000, string(a.ev.Act)+"-text", "Write less: at most 20,000 characters")
}

// question takes the words of a question, and the fields that it asks for: the
// answer's form has their lines. With none ticked they are those in doubt.
func (a *anAct) question() {
	a.words()
	about := a.v.PostForm["about"]
	for _, name := range about {
		known := slices.ContainsFunc(a.v.askable(&a.d.Request), func(f nasdesk.Field) bool { return f.Name == name })
		a.faults.Add(!known, "ask-about", "Choose fields of this request")
	}
	a.ev.Field = strings.Join(about, " ")
}

func (a *anAct) merge() {
	a.ev.Other, _ = strconv.ParseInt(a.v.PostFormValue("other"), 10, 64)
	if ref := strings.TrimSpace(a.v.PostFormValue("reference")); ref != "" {
		a.ev.Other = a.requestNamed(ref)
	}
	a.faults.Add(a.ev.Other == 0, "merge-other", "Choose the request that this one is part of, or give its reference")
}

// requestNamed finds another request of the same asker by its reference, 0 if
// there is none.
func (a *anAct) requestNamed(written string) int64 {
	var ref nasdesk.ReferenceNumber
	if ref.Set(written) != nil {
		return 0
	}
	rows, err := a.v.office.Store.List(a.v.ctx(), store.Filter{Queue: store.QueueAll, Text: ref.String(), Today: a.v.today, Limit: 20})
	if err != nil {
		return 0
	}
	for _, s := range mergeable(&store.Dossier{Request: a.d.Request, Similar: rows.Rows}) {
		if s.Reference == ref.String() {
			return s.Request
		}
	}
	return 0
}

func (a *anAct) assign() {
	a.ev.To = a.v.PostFormValue("to")
	if a.ev.To == "" || a.ev.To == a.v.staff.Staff {
		return
	}
	s, err := a.v.office.Store.StaffNamed(a.v.ctx(), a.ev.To)
	a.faults.Add(err != nil || s.Disabled || !worker.allows(s.Role), "assign-to", "Choose a colleague who works the queues")
}

func (a *anAct) snooze() {
	if a.v.PostFormValue("until-now") == "yes" {
		return
	}
	day, err := dayTyped(a.v.PostForm, "until")
	a.faults.Add(err || day <= a.v.today, "snooze-until-day", "Enter a day to come")
	a.faults.Add(!err && day > a.v.today.AddMonths(12), "snooze-until-day", "Enter a day within a year")
	a.ev.Until = day
}

// dayTyped is the day in the three boxes of a form.
func dayTyped(form url.Values, name string) (day nasdesk.Date, bad bool) {
	part := func(what string, digits int) string {
		s := strings.TrimSpace(form.Get(name + "-" + what))
		for len(s) < digits {
			s = "0" + s
		}
		return s
	}
	day, err := nasdesk.ParseDate(part("year", 4) + "-" + part("month", 2) + "-" + part("day", 2))
	return day, err != nil
}

// onRequest reads what is to be done to a request, and has it shown or done. While
// another act on it waits, and while the form has faults, nothing is.
func onRequest(do func(*visit, *store.Dossier, anAct) error) func(*visit) error {
	return func(v *visit) error {
		d, a, err := v.readAct()
		if err != nil {
			return err
		}
		if c := busy(d); c != nil {
			return v.busyPage(c.ID)
		}
		if len(a.faults) > 0 {
			return v.again(d, a)
		}
		return do(v, d, a)
	}
}

// previewAct shows what an act would do.
func previewAct(v *visit, d *store.Dossier, a anAct) error {
	dec, second, err := v.foresee(a.ev)
	if err != nil {
		return err
	}
	if dec.Hindered != "" {
		return v.hindered(d, a, dec.Hindered)
	}
	p := v.previewOf(a.ev, dec, second)
	p.Reference, p.Request = d.Request.Reference, d.Request.ID
	p.Do = "/requests/" + strconv.FormatInt(d.Request.ID, 10) + "/act"
	p.Look = v.pageOf(d)
	return v.show("preview", p)
}

// pageOf is the address of a request's page, which knows where to go back to.
func (v *visit) pageOf(d *store.Dossier) string {
	page := "/requests/" + strconv.FormatInt(d.Request.ID, 10)
	if back := backTo(v.FormValue("back"), ""); back != "" {
		page += "?" + url.Values{"back": {back}}.Encode()
	}
	return page
}

func (v *visit) readAct() (*store.Dossier, anAct, error) {
	if err := v.ParseForm(); err != nil {
		return nil, anAct{}, err
	}
	d, err := v.dossier()
	if err != nil {
		return nil, anAct{}, err
	}
	return d, v.actOf(d), nil
}

// somebodyElse stands for the second person in what is only foreseen.
const somebodyElse = "a colleague"

// foresee says what an act would do, with a second person where it needs one.
func (v *visit) foresee(ev nasdesk.StaffEvent) (dec nasdesk.Decision, second bool, err error) {
	dec, err = v.office.Preview(v.ctx(), ev)
	if err != nil || dec.Hindered != nasdesk.SecondPerson {
		return dec, false, err
	}
	ev.Second = somebodyElse
	dec, err = v.office.Preview(v.ctx(), ev)
	return dec, true, err
}

// doAct does it, or plans it, and goes back to where the next item is.
func doAct(v *visit, d *store.Dossier, a anAct) error {
	row := "r" + strconv.FormatInt(d.Request.ID, 10)
	to := v.after(row, v.pageOf(d), a.ev.Act == nasdesk.ActNote || a.ev.Act == nasdesk.ActAssign)
	plan, err := v.office.act(v.ctx(), a.ev)
	if err != nil {
		return err
	}
	if plan.Hindered != "" {
		return v.hindered(d, a, plan.Hindered)
	}
	return v.planned(a.ev, plan, d.Request.Reference, to)
}

// after is where to go when an act is done: to the row behind, in the list that
// the visitor came from; or back to the page itself.
func (v *visit) after(row, page string, stay bool) string {
	back := backTo(v.FormValue("back"), "")
	if back == "" || stay {
		return page
	}
	if next := v.nextAfter(back, row); next != "" {
		return back + "#" + next
	}
	return back
}

// planned says what became of an act. One that can be undone is remembered for
// the bar that offers it.
func (v *visit) planned(ev nasdesk.StaffEvent, plan Planned, what, to string) error {
	title := actTitle(ev.Act)
	switch {
	case plan.Second:
		return v.back(to, title+", "+what+": proposed. It is done when a colleague agrees.")
	case plan.Click != 0:
		v.remember(plan.Click, what)
		return v.back(to, "")
	}
	return v.back(to, title+", "+what+": done.")
}

// again shows the request's page with what is wrong in the form.
func (v *visit) again(d *store.Dossier, a anAct) error {
	p, err := v.requestPage(d, backTo(v.FormValue("back"), ""))
	if err != nil {
		return err
	}
	p.Errors = a.faults
	for i := range p.Acts {
		if f := &p.Acts[i]; f.Act == a.ev.Act {
			f.Open, f.Faults, f.Typed = true, a.faults, v.PostForm
			f.Kinds, f.Fields, f.Rules, f.Others, f.Staff, f.About = nil, nil, nil, nil, nil, nil
			v.fill(f, d)
			for j := range f.Fields {
				f.Fields[j].Fault = a.faults.Of(f.Fields[j].ID)
			}
		}
	}
	return v.showStatus(http.StatusUnprocessableEntity, "request", p)
}

// hindered says why nothing was done.
func (v *visit) hindered(d *store.Dossier, a anAct, why nasdesk.Hindrance) error {
	switch why {
	case nasdesk.NotWellFormed:
		a.faults.Add(true, "act-"+string(a.ev.Act), "What was typed cannot be used. Check it against the mail and the hints, and try again")
		return v.again(d, a)
	case nasdesk.AgainstRegister:
		a.faults.Add(true, "act-"+string(a.ev.Act), "The register does not allow it. Set the register right first, or correct the fields")
		return v.again(d, a)
	}
	return v.changed(why, v.pageOf(d))
}

// A changedPage says that an act came too late, and leads to what there is now.
type changedPage struct{ Title, Say, Look string }

func (v *visit) changed(why nasdesk.Hindrance, look string) error {
	p := changedPage{stale.title, stale.say, look}
	if why == nasdesk.NotInThisState {
		p.Title, p.Say = "This cannot be done now", "The request is in a state in which this makes no sense. Nothing was done. Open it again and see what can be done."
	}
	return v.showStatus(http.StatusConflict, "changed", p)
}

// A previewPage says what an act will do, and asks for the word.
type previewPage struct {
	Act       nasdesk.StaffAct
	Title     string
	Request   int64
	Reference string
	Second    bool
	Quiet     bool
	Undo      int // seconds in which it can be undone
	Foreseen
	Hidden [][2]string
	Do     string // where the word goes
	Look   string // back to the page
}

func (v *visit) previewOf(ev nasdesk.StaffEvent, dec nasdesk.Decision, second bool) previewPage {
	p := previewPage{Act: ev.Act, Title: actTitle(ev.Act), Second: second, Quiet: ev.Act.Quiet(), Undo: int(v.office.Undo.Seconds()), Foreseen: v.foreseen(dec)}
	for _, name := range slices.Sorted(maps.Keys(v.PostForm)) {
		for _, value := range v.PostForm[name] {
			p.Hidden = append(p.Hidden, [2]string{name, value})
		}
	}
	return p
}

// Foreseen is what follows from an act, in words.
type Foreseen struct {
	Happens []string // to the requests
	Actions []string // account work
	Changes []string // of the register
	Notes   []string // for colleagues
	Mails   []mailForeseen
	Results []resultView
}

// A mailForeseen is a mail that will go out, word for word.
type mailForeseen struct {
	To      nasdesk.Address
	About   string
	Subject string
	Text    string
	After   bool // not before the account work is done
}

// A resultView is what a message is read as.
type resultView struct {
	Kind    string
	Outcome nasdesk.Outcome
	Fields  []Pair
	Why     []string
}

func (v *visit) foreseen(dec nasdesk.Decision) Foreseen {
	var f Foreseen
	for _, r := range dec.Requests {
		says := r.Reference + ", " + lowered(v.office.kindTitle(r.Kind)) + ": " + lowered(came(&r, v.office.Desk.Kind(r.Kind))[0].Short)
		if r.Effective != "" {
			says += ", from " + r.Effective.Long()
		}
		f.Happens = append(f.Happens, says)
	}
	for _, w := range dec.Actions {
		f.Actions = append(f.Actions, actionInWords(w.Action))
	}
	f.Changes = changeInWords(dec.Change)
	for _, n := range dec.Notes {
		f.Notes = append(f.Notes, n.Text)
	}
	for _, m := range dec.Mails {
		f.Mails = append(f.Mails, mailForeseen{m.To, aboutTitle(m.About), m.Subject, m.Text, len(m.After) > 0})
	}
	for _, r := range dec.Results {
		f.Results = append(f.Results, v.resultInWords(r))
	}
	return f
}

func (v *visit) resultInWords(r nasdesk.ResultRequest) resultView {
	k := v.office.Desk.Kind(r.Kind)
	out := resultView{Kind: v.office.kindTitle(r.Kind), Outcome: r.Outcome}
	for _, name := range fieldOrder(r.Fields, k) {
		out.Fields = append(out.Fields, Pair{Key: labelOf(k, name), Value: valueInWords(r.Fields[name])})
	}
	for _, why := range r.Reasons {
		out.Why = append(out.Why, reasonOf(why, k).Why)
	}
	return out
}

// fieldOrder is the order of the kind's form, then the rest by name.
func fieldOrder(fields map[string]any, k *nasdesk.Kind) []string {
	var out []string
	if k != nil {
		form, _ := k.FormOf()
		for _, f := range form.Fields {
			if _, ok := fields[f.Name]; ok {
				out = append(out, f.Name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func valueInWords(x any) string {
	switch x := x.(type) {
	case string:
		return x
	case []string:
		return strings.Join(x, ", ")
	}
	return ""
}
