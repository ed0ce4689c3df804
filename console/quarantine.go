package console

import (
	"errors"
	"strconv"

	"nasdesk"
	"nasdesk/store"
)

var quarantineRoutes = []route{
	{"GET /messages/{id}", reader, showMessage},
	{"GET /messages/{id}/html", reader, showMessageHTML},
	{"POST /messages/{id}/preview", worker, onMessage(previewMessage)},
	{"POST /messages/{id}/act", worker, onMessage(actOnMessage)},
}

// A messagePage is a message that is held back because its sender is not proved.
type messagePage struct {
	Message  int64
	Row      queueRow
	Came     explained
	Mail     mailView
	Reading  []resultView // what it would be read as if its sender were proved
	Unread   string       // why that cannot be told
	Back     string
	May      bool
	Undo     int
	Nameless bool // its From names nobody, or several: it cannot be released
}

func (v *visit) messagePage(id int64) (messagePage, error) {
	row, err := v.office.Store.Quarantine(v.ctx(), id)
	if err != nil {
		return messagePage{}, err
	}
	if err := v.viewed("quarantined message", 0, string(row.Party)); err != nil {
		return messagePage{}, err
	}
	m, err := v.readMail(id)
	if err != nil {
		return messagePage{}, err
	}
	p := messagePage{Message: id, Row: v.row(row, ""), Mail: m.view(id, row.Since, nil), Back: backTo(v.FormValue("back"), ""),
		May: worker.allows(v.staff.Role) && row.Click == 0, Undo: int(v.office.Undo.Seconds()), Nameless: m.Proof.From == ""}
	why := m.Proof.Reason
	if why == "" && len(row.Reasons) > 0 {
		why = row.Reasons[0]
	}
	p.Came = reasonOf(why, nil)
	return p, nil
}

func (v *visit) release(id int64) nasdesk.StaffEvent {
	return nasdesk.StaffEvent{By: v.staff.Staff, Second: somebodyElse, Act: nasdesk.ActRelease, Message: id}
}

func showMessage(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := v.messagePage(id)
	if err != nil {
		return found(err)
	}
	switch dec, err := v.office.Preview(v.ctx(), v.release(id)); {
	case err != nil:
		v.office.Log.Error("what a message would be read as cannot be told", "message", id, "err", err)
		p.Unread = "It cannot be told: reading it failed."
	case dec.Hindered != "":
		p.Unread = capital(string(dec.Hindered)) + "."
	default:
		p.Reading = v.foreseen(dec).Results
	}
	return v.show("message", p)
}

func showMessageHTML(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	row, err := v.office.Store.Quarantine(v.ctx(), id)
	if err != nil {
		return found(err)
	}
	if err := v.viewed("quarantined message", 0, string(row.Party)); err != nil {
		return err
	}
	return v.giveFrame(id)
}

// onMessage reads what is to be done to a message, and has it shown or done. One
// that is held back no longer was dealt with meanwhile; while another act on it
// waits, nothing is done.
func onMessage(do func(*visit, nasdesk.StaffEvent) error) func(*visit) error {
	return func(v *visit) error {
		id, err := v.id("id")
		if err != nil {
			return err
		}
		ev := nasdesk.StaffEvent{By: v.staff.Staff, Act: nasdesk.StaffAct(v.PostFormValue("act")), Message: id, Text: v.PostFormValue("text")}
		if ev.Act != nasdesk.ActRelease && ev.Act != nasdesk.ActCondemn {
			return notFound
		}
		row, err := v.office.Store.Quarantine(v.ctx(), id)
		switch {
		case errors.Is(err, store.ErrNone):
			return v.changed(nasdesk.ChangedMeanwhile, "/queues/quarantined")
		case err != nil:
			return err
		}
		if err := v.viewed("quarantined message", 0, string(row.Party)); err != nil {
			return err
		}
		if row.Click != 0 {
			return v.busyPage(row.Click)
		}
		return do(v, ev)
	}
}

func previewMessage(v *visit, ev nasdesk.StaffEvent) error {
	dec, second, err := v.foresee(ev)
	if err != nil {
		return err
	}
	page := "/messages/" + strconv.FormatInt(ev.Message, 10)
	if dec.Hindered != "" {
		return v.changed(dec.Hindered, page)
	}
	p := v.previewOf(ev, dec, second || ev.Act == nasdesk.ActRelease)
	p.Reference, p.Do, p.Look = "message "+strconv.FormatInt(ev.Message, 10), page+"/act", page
	return v.show("preview", p)
}

func actOnMessage(v *visit, ev nasdesk.StaffEvent) error {
	n := strconv.FormatInt(ev.Message, 10)
	to := v.after("m"+n, "/queues/quarantined", false)
	plan, err := v.office.act(v.ctx(), ev)
	if err != nil {
		return err
	}
	if plan.Hindered != "" {
		return v.changed(plan.Hindered, "/messages/"+n)
	}
	return v.planned(ev, plan, "message "+n, to)
}
