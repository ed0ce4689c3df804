package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

var (
	yesFirst = set("yes yep yeah yea aye y confirmed approved agreed correct confirm approve agree ok okay affirmative certainly absolutely yes-please")
	yesWords = compilePhrases("go ahead|that's right|that is right|that is correct|that's correct|all correct|we agree|i agree|we approve|i approve|happy for|happy with this|happy with that|happy to approve|happy to agree|please proceed|looks right|looks correct|looks good|i confirm|we confirm|can confirm|is approved|are approved|approved for|we consent|i consent|" +
		"no objection|no objections|fine with us|fine by us|details are correct|is correct|are correct|are right|all good|carry it out|we are content|i am content|this is approved|you have our approval|you have our consent|have my approval|give consent|give our consent|give my consent|give approval|i can approve|we can approve|is agreed|do it please|please do|yes please|approval given|approval granted|consent given|granted|is supported|we support|i support")
	noFirst = set("no nope declined rejected refused disagree n")
	noWords = compilePhrases("not approved|not approve|not agree|not agreed|don't agree|don't approve|cannot approve|can't approve|cannot agree|can't agree|unable to approve|unable to agree|we decline|i decline|is declined|are declined|been declined|is rejected|are rejected|is refused|not consent|don't consent|do not consent|that's wrong|that is wrong|not right|not correct|is incorrect|is wrong|" +
		"we object|i object|not happy|won't approve|will not approve|will not agree|won't agree|not support|request declined|withhold consent|refuse consent|no thank you|no thanks")
	noButNot = compilePhrases("no problem|no worries|no objection|no objections|no longer|no need|no change|no changes|no rush|no other|no hurry|no doubt|no account|no nhs|no mobile|no problems|no further|no more|no one|no reply|no news")
	hedges   = compilePhrases("not yet|not until|once we|once i|when i|when we|when you|subject to|provided that|providing|only if|on condition|will approve|will agree|will confirm|may approve|might approve|to be approved|for approval|need approval|needs approval|awaiting|waiting for|not sure|can't confirm|cannot confirm|before we can|before i can|before we approve|before i approve|would approve|could approve|if you|if the|if they|if she|if he|as long as|" +
		"hoping to|let you know|get back to you|come back to you|need to check|have to check|will check|let me check|is it|has it been|was it|who approved|need more information|more information|more details|further information|unless|in principle but|but first|but please wait|should be approved|be approved by|approved by|confirm whether|confirm that you|confirm when|confirm receipt|confirm if|please confirm|can you confirm|could you confirm|out of office|to confirm")
	withdraws = compilePhrases("please cancel|cancel this|cancel my|cancel our|cancel the|cancel that|cancel it|cancel her|cancel his|can you cancel|could you cancel|like to cancel|want to cancel|wish to cancel|need to cancel|to be cancelled|cancel|ignore my|ignore our|ignore the * email|ignore the * request|ignore this request|ignore that|ignore previous|ignore last|ignore all|please ignore|disregard|withdraw my|withdraw our|withdraw the|withdraw this|wish to withdraw|like to withdraw|please withdraw|we withdraw|i withdraw|" +
		"no longer need|no longer needed|no longer require|no longer required|no longer want|no longer wanted|not needed any|not required any|do not set anything up|don't set anything up|do not set * up|don't set * up|do not go ahead|don't go ahead|do not proceed|don't proceed|do not create|don't create|please stop|stop this request|scrap that|scrap this|scrap my|forget my|forget about|forget it|sent in error|sent by mistake|made in error|not to go ahead|don't need it|do not need it|" +
		"don't need this|do not need this|don't need the|do not need the|don't link|do not link|don't remove|do not remove|don't disable|do not disable|don't reset|do not reset|don't mark|do not mark|retract|call it off|hold the request|please don't do|please do not do|take no further action|no further action|please leave it|changed our mind|changed my mind")
	notWithdraws = compilePhrases("don't cancel|do not cancel|not to cancel|cancel a|cancelled her|cancelled his|cancel her appointment|ignore my signature|please ignore the signature|ignore the disclaimer|please ignore the disclaimer|ignore the attachment|ignore the formatting")
)

// word reads what a short answer says: yes, no, or that a request is taken
// back. What is doubted, put off or asked about says nothing.
func (x *text) word(h *nasdesk.Heard, thread []*nasdesk.Request) {
	var yes, no, back *sentence
	hedged := false
	for n, s := range x.bodySentences() {
		switch {
		case x.withdraws(s):
			back = orFirst(back, s)
		case s.question():
		case x.hedged(s):
			hedged = hedged || n < 4
		case x.saysNo(s):
			no = orFirst(no, s)
		case x.saysYes(s, n):
			yes = orFirst(yes, s)
		}
	}
	set := func(w nasdesk.Word, s *sentence) {
		h.Word, h.WordSpan = w, s.span
		h.Of = x.of(s, w, thread)
	}
	switch {
	case back != nil:
		set(nasdesk.SaysWithdraw, back)
	case hedged:
	case yes != nil && no != nil && yes == no, yes != nil && no != nil && len(x.of(yes, nasdesk.SaysYes, thread)) == 0:
	case no != nil && yes == nil:
		if len(h.Values) == 0 || !corrective(h.Values) {
			set(nasdesk.SaysNo, no)
		}
	case yes != nil:
		set(nasdesk.SaysYes, yes)
	}
}

func orFirst(a, b *sentence) *sentence {
	if a == nil {
		return b
	}
	return a
}

// corrective reports whether an answer gives values: a no that does is a
// correction, not a refusal.
func corrective(vs []nasdesk.Reading) bool {
	return slices.ContainsFunc(vs, func(r nasdesk.Reading) bool { return len(r.Answers) > 0 })
}

func (x *text) withdraws(s *sentence) bool {
	if _, _, ok := findPhrase(s.toks, notWithdraws); ok {
		return false
	}
	i, _, ok := findPhrase(s.toks, withdraws)
	if !ok {
		return false
	}
	for _, t := range s.toks[:i] {
		if t.low == "if" || t.low == "unless" || t.low == "before" || t.low == "why" {
			return false
		}
	}
	return true
}

func (x *text) hedged(s *sentence) bool {
	if i, _, ok := findPhrase(s.toks, hedges); ok && !(i > 2 && yesFirst[s.toks[0].low] && strings.ContainsAny(s.toks[i-1].tail+s.toks[i-2].tail+s.toks[max(0, i-3)].tail, ",;-–") && hasPhrase(s.toks, afterwards)) {
		return true
	}
	yes := false
	for i, t := range s.toks {
		if t.low == "yet" && i > 0 {
			return true
		}
		yes = yes || yesFirst[t.low] || t.low == "approve" || t.low == "agree"
		if (t.low == "but" || t.low == "until" || t.low == "once") && yes && i+1 < len(s.toks) {
			switch s.toks[i+1].low {
			case "not", "only", "wait", "hold", "please", "the", "then", "confirmed", "she", "he", "they", "we", "i":
				return t.low != "but" || s.toks[i+1].low == "wait" || s.toks[i+1].low == "hold" || s.toks[i+1].low == "not" && x.afterNot(s, i+2) || s.toks[i+1].low == "only" && i+2 < len(s.toks) && (s.toks[i+2].low == "from" || s.toks[i+2].low == "after" || s.toks[i+2].low == "when" || s.toks[i+2].low == "once" || s.toks[i+2].low == "if")
			}
		}
	}
	return false
}

var afterwards = compilePhrases("come back to you|get back to you|let you know|will confirm the other|be in touch")

func hasPhrase(ts []token, ps []phrase) bool {
	_, _, ok := findPhrase(ts, ps)
	return ok
}

// afterNot reports whether "but not" puts off, rather than leaves somebody out.
func (x *text) afterNot(s *sentence, i int) bool {
	if i >= len(s.toks) {
		return false
	}
	switch s.toks[i].low {
	case "until", "yet", "before", "till", "now", "today":
		return true
	}
	return false
}

func (x *text) saysNo(s *sentence) bool {
	if _, _, ok := findPhrase(s.toks, noButNot); ok {
		if _, _, no := findPhrase(s.toks, noWords); !no {
			return false
		}
	}
	if i, _, ok := findPhrase(s.toks, noWords); ok {
		return i < 12
	}
	t := s.toks[0]
	if t.low == "no" && len(s.toks) > 2 && (s.toks[1].low == "to" || s.toks[1].low == "for") {
		return true
	}
	if noFirst[t.low] && (len(s.toks) == 1 || t.tail != "" || len(s.toks) <= 6) {
		return true
	}
	// "Not approved", "This is declined".
	last := s.toks[len(s.toks)-1].low
	return len(s.toks) <= 5 && (last == "declined" || last == "rejected" || last == "refused")
}

func (x *text) saysYes(s *sentence, n int) bool {
	if n > 4 && len(s.toks) > 6 {
		return false
	}
	for i, t := range s.toks {
		if nots[t.low] && i < 6 && !strings.ContainsAny(t.tail, ",;") && (i == 0 || s.toks[i-1].low != "but" && !strings.ContainsAny(s.toks[i-1].tail, ",;")) {
			return false
		}
	}
	for i, t := range s.toks[:min(3, len(s.toks))] {
		if yesFirst[t.low] && (i == 0 || isCourtesyToken(s.toks[:i]) || i == 1 && bothWords[s.toks[0].low]) {
			return !(t.low == "ok" || t.low == "okay" || t.low == "confirm" || t.low == "correct" || t.low == "agree" || t.low == "approve") || len(s.toks) <= 8
		}
	}
	i, _, ok := findPhrase(s.toks, yesWords)
	return ok && i < 12
}

var bothWords = set("both all this these that fully happily hereby it's that's request account")

func isCourtesyToken(ts []token) bool {
	for _, t := range ts {
		if !greetings[t.low] && !courtesyWords[t.low] {
			return false
		}
	}
	return true
}

// of are those to whom a word is confined: named behind it with "for", "to" or
// "only". Who is left out ("but not Sarah") is struck from the thread's people.
func (x *text) of(s *sentence, w nasdesk.Word, thread []*nasdesk.Request) []string {
	var in, out []string
	for i, t := range s.toks {
		var ref nasdesk.ReferenceNumber
		if ref.Set(t.text) == nil {
			in = append(in, ref.String())
		}
		if a, ok := addressOf(t); ok && a.value != "" && !x.isMailbox(a.value) {
			if leftOut(s.toks, i, w) {
				out = append(out, string(a.value))
			} else {
				in = append(in, string(a.value))
			}
		}
	}
	for _, m := range x.namesOf(s, thread) {
		if leftOut(s.toks, m.at, w) {
			out = append(out, m.name)
		} else {
			in = append(in, m.name)
		}
	}
	if len(in) == 0 && len(out) > 0 {
		for _, q := range thread {
			id := identity(q)
			if q.State.Open() && id.Value != "" && !slices.ContainsFunc(out, func(n string) bool { return sameName(n, id.Value) || strings.EqualFold(n, id.Value) }) {
				in = append(in, id.Value)
			}
		}
	}
	return in
}

// namesOf are the people of the thread's requests whom a sentence names.
func (x *text) namesOf(s *sentence, thread []*nasdesk.Request) []mention {
	out := x.mentions(s)
	for _, q := range thread {
		f, l := nameParts(q.Answer("full_name"))
		if f == "" {
			local := nasdesk.Address(q.Answer("nhs_email")).Local()
			f, l, _ = strings.Cut(local, ".")
		}
		for i, t := range s.toks {
			if t.upper() && len(f) > 1 && (t.stem() == f || l != "" && t.stem() == l) && !slices.ContainsFunc(out, func(m mention) bool { return i >= m.at && i < m.end }) {
				out = append(out, mention{name: strings.TrimSuffix(t.text, "'s"), at: i, end: i + 1, span: t.span})
			}
		}
	}
	slices.SortFunc(out, func(a, b mention) int { return a.at - b.at })
	return out
}

func leftOut(ts []token, i int, w nasdesk.Word) bool {
	for k := i - 1; k >= max(0, i-4); k-- {
		switch ts[k].low {
		case "not", "except", "excluding", "without", "apart":
			return true
		case "no":
			return w == nasdesk.SaysYes
		case "yes", "approve", "approved", "only":
			return false
		}
	}
	return false
}
