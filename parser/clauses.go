package parser

import "strings"

// A mood says how a clause speaks of what it names.
type mood uint8

const (
	asked        mood = iota // please remove Tom
	how                      // how do I get an account, what do you need
	negated                  // do not remove Tom
	hypothetical             // if Tom leaves
	told                     // we removed Tom last week
	notYet                   // we will ask you to remove Tom once he has left
	thanks                   // thank you for removing Tom
)

// acts reports whether something is wanted.
func (m mood) acts() bool { return m == asked || m == how }

var (
	nots      = set("not never don't dont doesn't didn't won't shouldn't wouldn't mustn't needn't without nobody nor neither hasn't haven't isn't aren't wasn't don´t")
	breakers  = set("but because so although though whereas however then")
	pronouns  = set("he she they him her them his their it we i you")
	wishes    = set("please need needs needed needing want wants wanted like get getting require requires requiring could can would should must request requesting requested kindly wish wishes requires ask asking for to pls plz")
	doneAux   = set("has have had was were been is are already just being hasn't haven't 've got i've we've he's she's they've i'd we'd")
	workDone  = set("removed unlinked linked added created disabled suspended enabled re-enabled reenabled reactivated reinstated restored recovered deleted closed marked reset registered given granted connected disconnected revoked taken deactivated frozen unfrozen issued opened")
	nounAfter = set("account accounts user users email address mailbox login member staff")
)

// moodAt judges the clause in which a verb stands.
func moodAt(s *sentence, v hit) mood {
	ts := s.toks
	from := clauseStart(ts, v.at)
	before := ts[from:v.at]
	switch {
	case isThanks(before):
		return thanks
	case takenBack(ts, v), hasPhrase(before, onceMeant), hasPhrase(ts[max(from, v.at-8):v.at], setAside):
		return negated
	case hasPhrase(ts[max(from, v.at-3):v.at], beforehand):
		return notYet
	case hasPhrase(before, askedBefore):
		return told
	case hasPhrase(ts, wonders):
		return hypothetical
	case s.subject && workDone[ts[v.at].low] && !wished(ts):
		return told
	case !holdsNot(ts[v.at:v.end]) && isNegated(ts, from, v.at):
		return negated
	case asksHow(ts, v.at):
		return how
	case isCondition(ts, v):
		return hypothetical
	case isAdjective(ts, v), isDone(ts, from, v):
		return told
	case asksWhether(s, v):
		return told
	case isLater(ts, from, v):
		return notYet
	case isPerhaps(before):
		return hypothetical
	}
	return asked
}

var (
	onceMeant   = compilePhrases("was going to|were going to|was about to|were about to|had planned|was hoping to|were hoping to|was planning|were planning|meant to ask|had intended")
	setAside    = compilePhrases("disregard|ignore the|ignore my|ignore our|ignore that|cancel the request|cancel my request|cancel our request|withdraw the|withdraw my|withdraw our|scrap|forget the|forget about|no longer")
	beforehand  = compilePhrases("before you|before we|before anyone|before anybody|prior to")
	askedBefore = compilePhrases("asked you to|asked you for|asked nas to|asked the helpdesk to|asked that you|emailed you to|wrote to you to|requested that you")
	wonders     = compilePhrases("what does it mean|what happens|what would happen|would it suit|is there a difference|what is the difference|what's the difference|what does * do")
	unmeant     = compilePhrases("rather you did not|rather you didn't|rather not|rather we didn't|no need|don't want|do not want|please don't|please do not|decided not|decided against|changed my mind|changed our mind|changed her mind|changed his mind|not any more|not anymore|not now|don't do it|do not do it|please leave it|not to do|i do not agree|i don't agree|we don't agree|we do not agree|i disagree|i am not happy|i'm not happy")
)

// takenBack reports whether the sentence goes on, behind a but, to want it not:
// "Rob wants you to link Freya, but I would rather you did not".
func takenBack(ts []token, v hit) bool {
	for i := v.end; i < len(ts); i++ {
		if ts[i].low == "but" || ts[i].low == "although" || ts[i].low == "however" {
			return hasPhrase(ts[i:], unmeant)
		}
	}
	return false
}

func wished(ts []token) bool {
	for _, t := range ts {
		if wishes[t.low] || t.low == "be" {
			return true
		}
	}
	return false
}

// clauseStart goes back to where the clause of word i begins.
func clauseStart(ts []token, i int) int {
	for k := i - 1; k >= 0; k-- {
		t := ts[k]
		if strings.ContainsAny(t.tail, ";:()—–") || strings.Contains(t.tail, " -") || ts[k+1].head != "" && strings.ContainsAny(ts[k+1].head, "(") {
			return k + 1
		}
		if breakers[t.low] {
			return k + 1
		}
		if strings.Contains(t.tail, ",") && k+1 < i && (pronouns[ts[k+1].low] || wishes[ts[k+1].low] || ts[k+1].low == "and" || ts[k+1].low == "or") {
			return k + 1
		}
		if t.low == "and" && (pronouns[ts[k+1].low] && ts[k+1].low != "it" || ts[k+1].low == "please" || ts[k+1].low == "could" || ts[k+1].low == "can" || ts[k+1].low == "then" || ts[k+1].low == "instead") {
			return k + 1
		}
	}
	return 0
}

func holdsNot(ts []token) bool {
	for _, t := range ts {
		if nots[t.low] || t.low == "no" || t.low == "unable" || t.low == "nobody" || t.low == "can't" || t.low == "cannot" {
			return true
		}
	}
	return false
}

func isThanks(before []token) bool {
	n := len(before)
	for i := max(0, n-6); i < n; i++ {
		if (before[i].low == "thanks" || before[i].low == "thank") && i+1 < n && has(before[i+1:], "for") {
			return true
		}
	}
	return false
}

func has(ts []token, w string) bool {
	for _, t := range ts {
		if t.low == w {
			return true
		}
	}
	return false
}

// isNegated looks for a not among the seven words before the verb, or for
// words that set it aside.
func isNegated(ts []token, from, v int) bool {
	for k := v - 1; k >= max(from, v-7); k-- {
		w := ts[k].low
		if nots[w] {
			if k+1 < len(ts) && (ts[k+1].low == "forget" || ts[k+1].low == "hesitate") {
				continue
			}
			return !(k+1 < v && ts[k+1].low == "only") && !(w == "not" && strings.Contains(ts[k].tail, ","))
		}
		if k+1 < len(ts) && (w == "no" && (ts[k+1].low == "need" || ts[k+1].low == "longer") || w == "rather" && ts[k+1].low == "than" || w == "instead" && ts[k+1].low == "of") {
			return true
		}
	}
	return false
}

var howPhrases = compilePhrases("how do|how can|how to|how should|how would|how we|how i|how does|how you|how one|how about|how is it|what do you need|what do i need|what do we need|what is needed|what's needed|what information|what details|what would you need|what you need|what is the process|what's the process|" +
	"the process for|process to|the procedure|procedure for|is there a form|which form|what form|the form for|the form to|a form for|a form to|form i need|who do i|who do we|where do i|where do we|what is required|what's required|what are the steps|steps to|the steps|advise on|advise how|explain how|right way|correct way|what we need")

func compilePhrases(s string) []phrase {
	var out []phrase
	for _, a := range strings.Split(s, "|") {
		out = append(out, strings.Fields(a))
	}
	return out
}

func findPhrase(ts []token, ps []phrase) (int, int, bool) {
	for i := range ts {
		for _, p := range ps {
			if p[0] != ts[i].low && p[0] != "*" && !strings.HasSuffix(p[0], "*") {
				continue
			}
			if end := p.at(ts, i); end > 0 {
				return i, end, true
			}
		}
	}
	return 0, 0, false
}

func hasPhrase(ts []token, ps []phrase) bool {
	_, _, ok := findPhrase(ts, ps)
	return ok
}

func asksHow(ts []token, v int) bool {
	i, _, ok := findPhrase(ts, howPhrases)
	return ok && (i <= v || i-v < 14)
}

var politeIfs = compilePhrases("if you could|if you can|if you would|if you'd|if you wouldn't|if you don't mind|if you do not mind|if you were able|if possible|if at all|if it's possible|if it is possible|if that's|if that is|if it helps|if i may|if we may|if you need|if you have|if you require|if you want|if there|if required|if needed|if necessary|" +
	"if so|if any|if poss|if it's ok|if it is ok|if we could|if i could|if we can|if i can|if someone could|if somebody could|if you are able|if you're able|if anything|if something|if not|if i need|if i have|if we have missed|if we need|if the team could|if this could|if this can|if he could|if she could|if they could|if her|if his|if an account|if a new")

// isCondition reports whether the verb stands under a condition that is more
// than a courtesy, before it or behind it.
func isCondition(ts []token, v hit) bool {
	for i, t := range ts {
		switch t.low {
		case "if", "whether", "unless":
			if i > v.end && farApart(ts, v.end, i) || i < v.at && stopBetween(ts, i, v.at) || t.low == "if" && isPolite(ts, i) {
				continue
			}
			return true
		case "should", "were":
			if i == 0 && len(ts) > 1 && !pronounI(ts[1].low) && !strings.Contains(ts[len(ts)-1].tail, "?") && i < v.at {
				return true
			}
		case "case":
			if i > 0 && ts[i-1].low == "in" && !stopBetween(ts, min(i, v.at), max(i, v.at)) {
				return i < v.at
			}
		}
	}
	return false
}

func pronounI(w string) bool { return w == "i" || w == "we" }

func isPolite(ts []token, i int) bool {
	for _, p := range politeIfs {
		if p.at(ts, i) > 0 {
			return true
		}
	}
	if i > 0 {
		switch ts[i-1].low {
		case "grateful", "it", "appreciate", "helpful", "great", "good", "kind", "lovely", "wonder", "wondered", "wondering", "see", "asking", "check", "ask", "know", "nice", "obliged", "appreciated", "brilliant", "fantastic", "ideal", "wonderful", "perfect":
			return true
		}
	}
	return false
}

func farApart(ts []token, a, b int) bool { return b-a > 14 || stopBetween(ts, a, b) }

func stopBetween(ts []token, a, b int) bool {
	for i := max(a-1, 0); i < b && i < len(ts); i++ {
		if strings.ContainsAny(ts[i].tail, ";") {
			return true
		}
	}
	return false
}

// isAdjective reports whether the verb only describes a noun: "the deleted
// account".
func isAdjective(ts []token, v hit) bool {
	return v.end-v.at == 1 && workDone[ts[v.at].low] && v.end < len(ts) && ts[v.at].tail == "" && nounAfter[ts[v.end].stem()] && !(ts[v.at].low == "closed" && false)
}

// isDone reports whether the verb tells of what has happened: "we removed Tom",
// "her account was disabled".
func isDone(ts []token, from int, v hit) bool {
	w := ts[v.at].low
	past := workDone[w] || w == "set" || w == "made" || w == "took" || w == "gave" || w == "put"
	if !past {
		return false
	}
	done := false
	for k := v.at - 1; k >= max(from, v.at-7); k-- {
		p := ts[k].low
		switch {
		case p == "be" || wishes[p] && p != "to" && p != "for":
			return false
		case (p == "have" || p == "has") && v.at-k >= 2 && k > 0 && wishes[ts[k-1].low]:
			return false
		case doneAux[p]:
			done = true
		case k == v.at-1 && (p == "we" || p == "i" || p == "they" || p == "he" || p == "she" || p == "you" || p == "who" || p == "recently"):
			done = true
		}
	}
	if done && from > 0 {
		return true
	}
	return done
}

// asksWhether reports whether the sentence asks if something was done.
func asksWhether(s *sentence, v hit) bool {
	if !s.question() {
		return false
	}
	first := 0
	if greetings[s.toks[0].low] && len(s.toks) > 1 {
		first = 1 // "Hi, did you …"
	}
	switch s.toks[first].low {
	case "did", "has", "have", "was", "were", "why", "when", "hasn't", "haven't":
		return s.toks[first].low != "have" || len(s.toks) > first+1 && s.toks[first+1].low == "you"
	}
	return false
}

var (
	laterPhrases = compilePhrases("will ask|will let|will write|will confirm|will be in touch|will come back|will be asking|will contact|will email|will send|shall ask|shall let|shall write|'ll ask|'ll let|we'll ask|we'll let|i'll ask|i'll let|we'll send|i'll send|i'll confirm|we'll confirm|not yet|hold off|holding off|later on|in due course|at a later|" +
		"we'll be asking|i'll be asking|will be requesting|we'll be requesting|will be sending|will want|we'll want|will request")
	courtesies = compilePhrases("when it has been|when it's|when this has|when done|when this is|when it is|when completed|when complete|once done|once it has|once it's|once this|once completed|once complete|once actioned|when actioned|after you have|when you have|when you get|when you can|when you are|when possible|when convenient|as soon as possible|as soon as you|once you|when you're|when you|after you")
)

// isLater reports whether the verb is put off to a day that is not named.
func isLater(ts []token, from int, v hit) bool {
	if i, _, ok := findPhrase(ts[from:min(len(ts), v.end+12)], laterPhrases); ok && from+i < v.end+12 {
		return true
	}
	for i := max(0, v.at-14); i < min(len(ts), v.end+16); i++ {
		switch ts[i].low {
		case "once", "when", "until", "till", "after":
		case "as":
			if i+2 >= len(ts) || ts[i+1].low != "soon" {
				continue
			}
		default:
			continue
		}
		if i > v.end && stopBetween(ts, v.end, i) || i < v.at && stopBetween(ts, i, v.at) || courteous(ts, i) || !waitsFor(ts, i) || saysHowLong(ts, from, v, i) {
			continue
		}
		return true
	}
	return false
}

var (
	lasting   = set("disable disabling disabled suspend suspending suspended freeze freezing frozen deactivate deactivating deactivated de-activate pause pausing paused park mothball hibernate lock hold sleep inactive off leave sick sabbatical break")
	deferring = set("wait waits waiting delay delays delaying postpone postponing defer deferring keep keeping leave stay stays remain remains open active hang")
	untils    = set("until till")
)

// saysHowLong reports whether the until at word i, behind what lasts, says for
// how long and not when it begins: "disable his account until he is back", but
// not "leave it to be disabled until he has signed".
func saysHowLong(ts []token, from int, v hit, i int) bool {
	if !untils[ts[i].low] || i < v.end || !lasting[ts[v.at].low] && !lasting[ts[v.end-1].low] {
		return false
	}
	for k := from; k < i; k++ {
		if (k < v.at || k >= v.end) && deferring[ts[k].low] && !(k > 0 && (ts[k-1].low == "on" || ts[k].low == "leave" && k >= v.end)) {
			return false
		}
	}
	return true
}

func courteous(ts []token, i int) bool {
	for _, p := range courtesies {
		if p.at(ts, i) > 0 {
			return true
		}
	}
	return false
}

// waitsFor reports whether a when or once is followed by what somebody has yet
// to do: "once she has signed", and no day is named in it.
func waitsFor(ts []token, i int) bool {
	rest := ts[i+1 : min(len(ts), i+12)]
	if len(rest) < 2 || len(daysIn(rest, "2026-01-01")) > 0 {
		return false
	}
	switch ts[i].low {
	case "when", "once", "as", "after":
		for _, t := range rest[:min(4, len(rest))] {
			switch t.low {
			case "has", "have", "is", "are", "leaves", "starts", "returns", "finishes", "goes", "comes", "signs", "confirm", "confirms", "signed", "i", "we", "gets", "does", "arrives", "passes", "turns":
				return true
			}
		}
		return false
	}
	return ts[i].low == "until" || ts[i].low == "till"
}

func isPerhaps(before []token) bool {
	for i, t := range before {
		next := ""
		if i+1 < len(before) {
			next = before[i+1].low
		}
		switch t.low {
		case "might", "perhaps", "maybe", "considering", "possibly":
			return true
		case "may":
			if i > 0 && next != "i" && next != "we" && next != "have" {
				return true
			}
		case "thinking":
			return next == "of" || next == "about"
		}
	}
	return false
}

var holds = compilePhrases("don't action|dont action|do not action|not action this|don't process|do not process|don't do anything|do not do anything|dont do anything|don't do it|do not do it|don't do this|do not do this|do nothing|don't set anything|do not set anything|don't act on|do not act on|don't act|do not act|" +
	"don't proceed|do not proceed|don't go ahead|do not go ahead|don't carry|do not carry out|don't change anything|do not change anything|don't make any changes|do not make any changes|don't start anything|do not start anything|don't create anything|do not create anything|don't touch anything|do not take any action|don't take any action|take no action|" +
	"do not do it until|don't do it until|not do this until|not before|sent to you in error|sent to you by mistake|sent in error|sent by mistake|nothing is to be done|nothing is signed|nothing to be done|i have said no|we have said no|it is a mistake|this is a mistake|not certain|not confirmed|before doing anything|before you do anything|ignore this message|ignore this email|please ignore this|test please ignore|our template|whichever of|in talks about|do not process|don't process|do not action|right form to|is this the right form|correct form to|is this the correct form|is this how|as an example|an example of|just an example|one of these|tell you which|let you know which|confirm which|either of these|hold off|hold fire|no action needed|no action required|no action is|no action please|no action at|nothing to do yet|nothing for you to do|nothing needs|for information only|for your information only|fyi only|for info only|not asking for any|not asking for anything|not asking you to|not a request|isn't a request|is not a request|not agreed to any|not agreed to it|not requesting|" +
	"don't want any of|do not want any of|don't implement|do not implement|none of this is to be|none of it is to be|don't progress|do not progress|not to be actioned|not be actioned|not to be processed|wait for my confirmation|wait for our confirmation|wait until|please wait|until i confirm|until we confirm|until you hear|don't do any|do not do any|not to do anything|please park this|leave this for now|leave it for now|leave this with me|don't agree with any|do not agree with any|do not support|don't support this|draft only|only a draft|just a draft|do not set her up|do not set him up|do not set them up|don't set her up|don't set him up|don't set them up|dont set her up|dont set him up|dont set them up|do not set up|don't set up|dont set up")

var onHoldMarks = map[string]bool{"HOLD": true, "TEST": true, "DRAFT": true, "EXAMPLE": true, "FYI": true}

var softHolds = compilePhrases("did you get this|did you receive this|have you received this|was this sent|did this come|have you had this")

// asksAfter reports whether a sentence asks if a message came: that asks for
// nothing in it, where nothing else does.
func (s *sentence) asksAfter() bool { return hasPhrase(s.toks, softHolds) }

// holdsBack reports whether a sentence asks that nothing of the message be done.
func (s *sentence) holdsBack() bool {
	if len(s.toks) <= 4 && has(s.toks, "draft") || s.subject && len(s.toks) > 1 && onHoldMarks[s.toks[0].text] {
		return true
	}
	i, end, ok := findPhrase(s.toks, holds)
	if !ok {
		return false
	}
	// "Do not action the second one" concerns that one only.
	for k := i; k+1 < min(len(s.toks), end+4); k++ {
		if t := s.toks[k].low; (t == "second" || t == "last" || t == "first" || t == "third") && (s.toks[k+1].low == "one" || s.toks[k+1].low == "request" || s.toks[k+1].low == "person") {
			return false
		}
	}
	return true
}
