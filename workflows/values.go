package workflows

import (
	"slices"
	"strings"

	"nasdesk"
)

// beside keeps the requests of an answer that are no part of the answer: of
// another kind than what was asked, or for somebody else, with values of their
// own.
func beside(waiting []nasdesk.Request, h nasdesk.Heard) nasdesk.Heard {
	h.Readings = slices.DeleteFunc(slices.Clone(h.Readings), func(rd nasdesk.Reading) bool {
		return len(rd.Answers) == 0 || slices.ContainsFunc(waiting, func(r nasdesk.Request) bool {
			return r.Asked == rd.Kind && !isOfAnother(&r, &rd) || slices.ContainsFunc(rd.Answers, func(a nasdesk.Answer) bool { return a.Field != "role" && saidFor(h.Values, a) })
		})
	})
	return h
}

// isOfAnother reports whether a reading names somebody, or something, that the
// request does not.
func isOfAnother(r *nasdesk.Request, rd *nasdesk.Reading) bool {
	return slices.ContainsFunc([]string{"full_name", "nhs_email", "team_name"}, func(f string) bool {
		a := nasdesk.AnswerTo(rd.Answers, f)
		return a != nil && !a.Ambiguous && r.Answer(f) != "" && !wants(r, f) && !speaksOf(r, a.Value)
	})
}

// saidFor reports whether an answer is one of the values of the thread's own
// requests.
func saidFor(values []nasdesk.Reading, a nasdesk.Answer) bool {
	return slices.ContainsFunc(values, func(v nasdesk.Reading) bool {
		return slices.ContainsFunc(v.Answers, func(b nasdesk.Answer) bool { return b.Value == a.Value })
	})
}

// withValues leaves out requests that hold no value at all: beside a word that
// settles something they are but a way of saying it.
func withValues(h nasdesk.Heard) nasdesk.Heard {
	h.Readings = slices.DeleteFunc(slices.Clone(h.Readings), func(rd nasdesk.Reading) bool { return len(rd.Answers) == 0 })
	return h
}

func hasValues(h nasdesk.Heard) bool {
	return slices.ContainsFunc(h.Values, func(v nasdesk.Reading) bool { return len(v.Answers) > 0 })
}

// named are the requests that a word is about: all, or those that it names.
func named(rs []nasdesk.Request, of []string) []nasdesk.Request {
	if len(of) == 0 {
		return rs
	}
	var out []nasdesk.Request
	for _, r := range rs {
		if slices.ContainsFunc(of, func(name string) bool { return speaksOf(&r, name) }) {
			out = append(out, r)
		}
	}
	return out
}

// speaksOf reports whether a name, an address or a reference means a request.
func speaksOf(r *nasdesk.Request, name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" {
		return false
	}
	if strings.EqualFold(r.Reference, name) {
		return true
	}
	for _, a := range r.Answers {
		v := strings.ToLower(a.Value)
		if v == name || slices.Contains(strings.FieldsFunc(v, func(c rune) bool { return c == ' ' || c == '.' || c == '@' }), name) || strings.Contains(" "+v+" ", " "+name+" ") {
			return true
		}
	}
	return false
}

// confirmed carries out what was read back: every request of the message that
// the YES answers, as it was confirmed.
func (s *stepping) confirmed(rs []nasdesk.Request) bool {
	did := false
	for i := range rs {
		r := &rs[i]
		if r.State != nasdesk.StateConfirming {
			continue
		}
		r.Prose = false
		for n := range r.Answers {
			r.Answers[n].Frozen = true
		}
		s.judge(KindNamed(r.Asked), s.inThread(r))
		did = true
	}
	return did
}

// inThread adds the message at hand to a request's thread: an answer may come
// to any message of it.
func (s *stepping) inThread(r *nasdesk.Request) *nasdesk.Request {
	if id := s.event.Mail.Message.ID; id != "" && !slices.Contains(r.Thread, id) {
		r.Thread = append(slices.Clip(r.Thread), id)
	}
	return r
}

// fillsIn completes or corrects requests with the values of the answer. It
// reports false if the answer holds none that change anything.
func (s *stepping) fillsIn(waiting []nasdesk.Request, h nasdesk.Heard) bool {
	did := false
	for i := range waiting {
		rd := valuesFor(&waiting[i], waiting, h)
		if rd == nil || !changes(&waiting[i], rd) {
			continue
		}
		s.complete(&waiting[i], *rd, false)
		did = true
	}
	if !did {
		return false
	}
	for i := range waiting {
		if waiting[i].State == nasdesk.StateConfirming && h.Word == nasdesk.SaysYes && valuesFor(&waiting[i], waiting, h) == nil {
			s.confirmed(waiting[i : i+1])
		}
	}
	return true
}

// valuesFor finds the values that an answer gives for one request: those of the
// person that it is about, or, where the answer names nobody, those that fit it
// alone.
func valuesFor(r *nasdesk.Request, waiting []nasdesk.Request, h nasdesk.Heard) *nasdesk.Reading {
	for i := range h.Values {
		if identifies(r, &h.Values[i]) {
			return &h.Values[i]
		}
	}
	if len(waiting) == 1 {
		for i := range h.Values {
			if len(h.Values) == 1 && !contradicts(r, &h.Values[i]) {
				return &h.Values[i]
			}
		}
		return nil
	}
	return sharedValues(r, waiting, h)
}

// sharedValues: several requests wait and the answer names none of them. It is
// for all that were asked the same, if it is a role ("all members"); else for
// the only one that was asked for it.
func sharedValues(r *nasdesk.Request, waiting []nasdesk.Request, h nasdesk.Heard) *nasdesk.Reading {
	if len(h.Values) != 1 || identifiesAny(waiting, &h.Values[0]) {
		return nil
	}
	rd := &h.Values[0]
	for _, a := range rd.Answers {
		if !wants(r, a.Field) {
			return nil
		}
		n := 0
		for i := range waiting {
			if wants(&waiting[i], a.Field) {
				n++
			}
		}
		if n > 1 && a.Field != "role" {
			return nil
		}
	}
	return rd
}

func identifiesAny(rs []nasdesk.Request, rd *nasdesk.Reading) bool {
	return slices.ContainsFunc(rs, func(r nasdesk.Request) bool { return identifies(&r, rd) })
}

// wants reports whether a field of the request was asked back.
func wants(r *nasdesk.Request, field string) bool {
	return slices.ContainsFunc(r.Reasons, func(why nasdesk.Reason) bool { return strings.HasSuffix(string(why), ":"+field) })
}

// identifies reports whether a reading is about the person of a request: a name
// or an address of it agrees.
func identifies(r *nasdesk.Request, rd *nasdesk.Reading) bool {
	for _, f := range []string{"full_name", "nhs_email", "alternative_email", "team_name"} {
		a := nasdesk.AnswerTo(rd.Answers, f)
		if a == nil || a.Ambiguous || r.Answer(f) == "" {
			continue
		}
		if strings.EqualFold(a.Value, r.Answer(f)) || f == "full_name" && speaksOf(r, a.Value) {
			return true
		}
	}
	return false
}

// contradicts: the reading is of another person than the request.
func contradicts(r *nasdesk.Request, rd *nasdesk.Reading) bool {
	a := nasdesk.AnswerTo(rd.Answers, "full_name")
	return a != nil && !a.Ambiguous && r.Answer("full_name") != "" && !wants(r, "full_name") && !speaksOf(r, a.Value) && r.State == nasdesk.StateAsking
}

// changes reports whether a reading adds to a request or differs from it.
func changes(r *nasdesk.Request, rd *nasdesk.Reading) bool {
	if rd.Effective != "" && rd.Effective != r.Effective {
		return true
	}
	return slices.ContainsFunc(rd.Answers, func(a nasdesk.Answer) bool {
		old := nasdesk.AnswerTo(r.Answers, a.Field)
		return old == nil || old.Ambiguous != a.Ambiguous || old.Value != a.Value && !(a.Field == "full_name" && speaksOf(r, a.Value))
	})
}

// complete merges an answer into a request and judges it again. What we asked
// for counts as labelled; a value changed in prose while it is being confirmed
// is read back again.
func (s *stepping) complete(r *nasdesk.Request, rd nasdesk.Reading, anew bool) {
	for _, a := range rd.Answers {
		asked := wants(r, a.Field)
		old := nasdesk.AnswerTo(r.Answers, a.Field)
		switch {
		case old == nil:
			r.Answers = append(slices.Clip(r.Answers), a)
		case a.Field == "full_name" && !asked && speaksOf(r, a.Value) && len(a.Value) < len(old.Value):
		default:
			r.Answers = slices.Clone(r.Answers)
			*nasdesk.AnswerTo(r.Answers, a.Field) = a
		}
		if !a.Labelled && !asked && a.Field != "role" {
			r.Prose = true
		}
	}
	if anew && rd.Prose {
		r.Prose = true
	}
	if rd.Effective > s.today {
		r.Effective = rd.Effective
	}
	s.judge(KindNamed(r.Asked), s.inThread(r))
}
