package workflows

import "nasdesk"

// status tells how an earlier request stands.
var status = &nasdesk.Kind{
	Name:  "status",
	Title: "how a request stands",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r statusRequest
		f.Need(&r.reference, "reference", "Reference", "NAS- and eight characters", "ref", "our reference", "your reference", "ref no", "reference number", "request", "case", "ticket", "case number", "ticket number", "case reference", "request reference")
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "status of|the status|any update|any updates|any news|an update|update on|progress|chasing|chase|chasing up|how is|how are|how far|where are we|what is happening|what's happening|what has happened|has this been|has it been|have you had|heard nothing|not heard|haven't heard|still waiting|following up|follow up|been done yet|been actioned|when will|been processed|did you get|did you receive|have you received|where do we stand|how long will|been completed|any joy|been looked at|been dealt with|gone through",
			Objects: "request|requests|reference|ref|nas-*|this|my email|our email|ticket|case|it|account|anything|from you|back|email|emails|application|with|on|yet|set up|for", Unless: "new ods|not heard of"},
		{Verbs: "did you manage to|did you manage|have you managed to|were you able to|did you get round to", Objects: "link|linking|add|adding|remove|removing|set up|create|creating|disable|enable|reinstate|restore|reset|mark|close|do|sort"},
	},
	Asks: ruleStatus,
	Who:  nasdesk.BySharedMailbox | nasdesk.ByOwner | nasdesk.ByItself,
}

type statusRequest struct{ reference nasdesk.ReferenceNumber }

// Contract, rule 15: only the mailbox that made a request learns how it stands.
func (s *statusRequest) judge(_ nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	for i := len(c.Requests) - 1; i >= 0; i-- {
		q := &c.Requests[i]
		if q.Reference == string(s.reference) && (q.Party == r.Party || q.Mailbox == r.Party) {
			v := grant()
			v.Say = standing(q)
			return v
		}
	}
	return refer(nasdesk.NotUnderstood, ruleUnknown, "the reference is unknown, or another mailbox's")
}

// standing tells in a sentence or two how a request stands.
func standing(q *nasdesk.Request) []nasdesk.Block {
	title := q.Kind
	if k := KindNamed(q.Kind); k != nil {
		title = k.Title
	}
	s := "Your request " + q.Reference + " (" + title + ") "
	switch q.State {
	case nasdesk.StateAsking:
		s += "waits for your answer to our question."
	case nasdesk.StateConfirming:
		s += "waits for you to confirm what we read. Reply YES to our question and it is carried out."
	case nasdesk.StateSeeking:
		s += "waits for another party: " + string(q.Seeks) + "."
	case nasdesk.StateReferred:
		s += "is with our staff. They will write to you."
	case nasdesk.StateDated:
		s += "is accepted and will be carried out on " + q.Effective.Long() + "."
	case nasdesk.StateDoing:
		s += "is accepted, and the work is being done."
	case nasdesk.StateDone:
		s += "is done."
	case nasdesk.StateWithdrawn:
		s += "was withdrawn."
	case nasdesk.StateLapsed:
		s += "was closed because our question was not answered."
	default:
		s += "was refused. Our earlier message says why."
	}
	return []nasdesk.Block{para(s)}
}

var ruleStatus = ours("status/reference", "Every request has a reference, NAS- and eight characters. It stands in the subject of each of our messages.")
