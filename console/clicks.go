package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"nasdesk"
	"nasdesk/store"
)

// clickInWords puts an act that waits, or waited, into words.
func (v *visit) clickInWords(c store.Click) clickView {
	return clickView{ID: c.ID, Says: actTitle(c.Act.Act), By: c.Act.By, Second: c.Act.Second, State: clickStates[c.State], At: c.At, Why: c.Why,
		Text: c.Act.Text, Waiting: c.State == store.ClickReady, Proposed: c.State == store.ClickProposed, Hindered: c.State == store.ClickHindered}
}

var clickStates = map[store.ClickState]string{
	store.ClickProposed: "Waits for a second person", store.ClickReady: "Waits, and can be undone", store.ClickRunning: "Is being done",
	store.ClickDone: "Done", store.ClickUndone: "Taken back", store.ClickHindered: "Could not be done",
}

// mostRemembered is how many of their own acts a visitor is offered to undo.
const mostRemembered = 5

// remember keeps an act that can be undone for the bar on the visitor's pages,
// with the reference of what it is done to.
func (v *visit) remember(click int64, what string) {
	all := append([]string{strconv.FormatInt(click, 10) + "~" + url.QueryEscape(what)}, v.remembered()...)
	http.SetCookie(v.w, v.cookie("clicks", strings.Join(all[:min(len(all), mostRemembered)], ":"), 3600))
}

func (v *visit) remembered() []string {
	s := v.cookieValue("clicks")
	if s == "" || len(s) > 500 {
		return nil
	}
	all := strings.Split(s, ":")
	return all[:min(len(all), mostRemembered)]
}

// busy is the act that waits on a request, or nil: until it is done or taken
// back nothing else is done to it, for it would find the request changed.
func busy(d *store.Dossier) *store.Click {
	for i, c := range d.Clicks {
		if c.State == store.ClickProposed || c.State == store.ClickReady || c.State == store.ClickRunning {
			return &d.Clicks[i]
		}
	}
	return nil
}

// busyPage says that an act waits, and leads to it.
func (v *visit) busyPage(click int64) error {
	return v.showStatus(http.StatusConflict, "changed", changedPage{"An act on it waits already",
		"Nothing was done. Look at the act that waits: it can be taken back, or you wait until it is done.", "/clicks/" + strconv.FormatInt(click, 10)})
}

// waiting are the visitor's own acts that can still be undone, and, once, those
// that could not be done. The others are forgotten.
func (v *visit) waiting() []clickView {
	if v.staff.Staff == "" || v.cookieValue("clicks") == "" {
		return nil
	}
	var out []clickView
	var still []string
	for _, s := range v.remembered() {
		number, what, _ := strings.Cut(s, "~")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			continue
		}
		c, err := v.office.Store.Click(v.ctx(), id)
		if err != nil || c.Act.By != v.staff.Staff && c.Act.Second != v.staff.Staff {
			continue
		}
		w := v.clickInWords(c)
		w.Of, _ = url.QueryUnescape(what)
		switch c.State {
		case store.ClickReady:
			out, still = append(out, w), append(still, s)
		case store.ClickRunning:
			still = append(still, s)
		case store.ClickHindered:
			out = append(out, w)
		}
	}
	if keep := strings.Join(still, ":"); keep == "" {
		http.SetCookie(v.w, v.cookie("clicks", "", -1))
	} else if keep != v.cookieValue("clicks") {
		http.SetCookie(v.w, v.cookie("clicks", keep, 3600))
	}
	return out
}

// A clickPage shows an act that waits, with what it rests on and what it does.
type clickPage struct {
	Click     clickView
	Request   *requestPage
	Message   *messagePage
	Link      string // the page of what it is done to
	Of        string
	Foreseen  Foreseen
	Hindered  nasdesk.Hindrance
	Own       bool // the visitor proposed it
	MayAgree  bool
	MayUndo   bool
	Undo      int
	RuleSays  string
	Corrected []Pair
}

func (v *visit) click() (store.Click, error) {
	id, err := v.id("id")
	if err != nil {
		return store.Click{}, err
	}
	c, err := v.office.Store.Click(v.ctx(), id)
	return c, found(err)
}

func showClick(v *visit) error {
	c, err := v.click()
	if err != nil {
		return err
	}
	p := clickPage{Click: v.clickInWords(c), Own: c.Act.By == v.staff.Staff, Undo: int(v.office.Undo.Seconds())}
	p.MayUndo = v.mayUndo(c)
	p.MayAgree = c.State == store.ClickProposed && !p.Own && worker.allows(v.staff.Role)
	if err := v.clickOn(&p, c); err != nil {
		return err
	}
	if c.State == store.ClickProposed || c.State == store.ClickReady {
		ev := c.Act
		if ev.Second == "" {
			ev.Second = somebodyElse
		}
		dec, err := v.office.Preview(v.ctx(), ev)
		if err != nil {
			return err
		}
		p.Foreseen, p.Hindered = v.foreseen(dec), dec.Hindered
		p.MayAgree = p.MayAgree && dec.Hindered == ""
	}
	return v.show("click", p)
}

// clickOn brings what the act is done to.
func (v *visit) clickOn(p *clickPage, c store.Click) error {
	switch {
	case c.Act.Request != 0:
		d, err := v.office.Store.Dossier(v.ctx(), c.Act.Request, v.today)
		if err != nil {
			return found(err)
		}
		if err := v.viewed("request", c.Act.Request, string(d.Request.Party)); err != nil {
			return err
		}
		page, err := v.requestPage(d, "")
		if err != nil {
			return err
		}
		page.Acts = nil
		p.Request, p.Of, p.Link = &page, d.Request.Reference, "/requests/"+strconv.FormatInt(c.Act.Request, 10)
		p.corrected(v, c, d)
	case c.Act.Message != 0:
		page, err := v.messagePage(c.Act.Message)
		if errors.Is(err, store.ErrNone) {
			return nil // it was released or condemned
		}
		if err != nil {
			return err
		}
		p.Message, p.Of, p.Link = &page, "message "+strconv.FormatInt(c.Act.Message, 10), "/messages/"+strconv.FormatInt(c.Act.Message, 10)
	}
	return nil
}

// corrected lists what a correction sets, and the rule of a refusal.
func (p *clickPage) corrected(v *visit, c store.Click, d *store.Dossier) {
	k := v.office.Desk.Kind(d.Request.Kind)
	also := map[string]any{}
	for name, value := range c.Act.Also {
		also[name] = value
	}
	if c.Act.Field != "" {
		also[c.Act.Field] = c.Act.Value
	}
	for _, name := range fieldOrder(also, k) {
		p.Corrected = append(p.Corrected, Pair{Key: labelOf(k, name), Value: valueInWords(also[name])})
	}
	for _, r := range v.office.Desk.Rules() {
		if r.ID == c.Act.Rule {
			p.RuleSays = r.Says
		}
	}
}

// mayUndo: whoever proposed an act or agreed to it takes it back; anybody who
// works the queues declines one that is proposed; a lead stops any.
func (v *visit) mayUndo(c store.Click) bool {
	if !worker.allows(v.staff.Role) || c.State != store.ClickProposed && c.State != store.ClickReady {
		return false
	}
	return c.State == store.ClickProposed || c.Act.By == v.staff.Staff || c.Act.Second == v.staff.Staff || lead.allows(v.staff.Role)
}

var (
	tooLate  = problem{http.StatusConflict, "Too late to undo it", "It is being done or was done, or somebody undid it already. Look at the request to see what happened."}
	ownClick = problem{http.StatusForbidden, "Somebody else has to agree", "You proposed this yourself. A second person has to look at it and agree."}
	notYours = problem{http.StatusForbidden, "This is not yours to undo", "Whoever did it can undo it, or a lead."}
)

func undoClick(v *visit) error {
	c, err := v.click()
	if err != nil {
		return err
	}
	if c.State != store.ClickProposed && c.State != store.ClickReady {
		return tooLate
	}
	if !v.mayUndo(c) {
		return notYours
	}
	err = v.office.Store.UndoClick(v.ctx(), c.ID, v.staff.Staff, v.now)
	if errors.Is(err, store.ErrTooLate) {
		return tooLate
	}
	if err != nil {
		return found(err)
	}
	says := actTitle(c.Act.Act) + ": taken back. Nothing was done."
	if c.State == store.ClickProposed && c.Act.By != v.staff.Staff {
		says = actTitle(c.Act.Act) + ": declined. Nothing was done."
	}
	return v.back(v.pageOfClick(c), says)
}

// ofClick is the reference of what an act is done to.
func (v *visit) ofClick(c store.Click) string {
	if c.Act.Request == 0 {
		return "message " + strconv.FormatInt(c.Act.Message, 10)
	}
	d, err := v.office.Store.Dossier(v.ctx(), c.Act.Request, v.today)
	if err != nil {
		return ""
	}
	return d.Request.Reference
}

func (v *visit) pageOfClick(c store.Click) string {
	switch {
	case c.Act.Request != 0:
		return "/requests/" + strconv.FormatInt(c.Act.Request, 10)
	case c.Act.Message != 0:
		return "/queues/quarantined"
	}
	return "/queues/exceptions"
}

func agreeClick(v *visit) error {
	c, err := v.click()
	if err != nil {
		return err
	}
	switch {
	case c.Act.By == v.staff.Staff:
		return ownClick
	case c.State != store.ClickProposed:
		return v.changed(nasdesk.ChangedMeanwhile, "/clicks/"+strconv.FormatInt(c.ID, 10))
	}
	if err := v.office.agree(v.ctx(), c.ID, v.staff.Staff); err != nil {
		if errors.Is(err, store.ErrTooLate) || errors.Is(err, store.ErrNone) {
			return v.changed(nasdesk.ChangedMeanwhile, "/clicks/"+strconv.FormatInt(c.ID, 10))
		}
		return err
	}
	v.remember(c.ID, v.ofClick(c))
	return v.back("/queues/second", "You agreed: "+lowered(actTitle(c.Act.Act))+".")
}
