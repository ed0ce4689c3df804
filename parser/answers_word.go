package parser

import (
	"slices"
	"strings"

	"nasdesk"
)

var (
	yesFirst = set("confirming yup yip yes yep yeah yea aye y confirmed approved agreed correct confirm approve agree ok okay affirmative certainly absolutely yes-please")
	yesWords = compilePhrases("go ahead|that's right|that is right|that is correct|that's correct|all correct|we agree|i agree|we approve|i approve|happy for|happy with this|happy with that|happy to approve|happy to agree|happy to support|content to support|content to approve|content for|content with|pleased to approve|supports this|supports the|support this|support the|all fine|exactly right|in order|spot on|quite right|is right|happy to confirm|please action|please action this|that works|works for us|please carry on|carry on|please proceed|looks right|looks correct|looks good|i confirm|we confirm|can confirm|is approved|are approved|approved for|we consent|i consent|" +
		"has approved|have approved|has agreed|have agreed|no objection|no objections|fine with us|fine by us|details are correct|is correct|are correct|are right|all good|carry it out|we are content|i am content|this is approved|you have our approval|you have our consent|have my approval|give consent|give our consent|give my consent|give approval|i can approve|we can approve|all fine|is fine|are fine|please action|happy to support|supports this|supports the|support this|support the|happy to go|is agreed|do it please|please do|yes please|approval given|approval granted|consent given|granted|is supported|we support|i support")
	noFirst = set("no nope declined rejected refused disagree n")
	noWords = compilePhrases("we refuse|i refuse|not at this time|not at the moment|not at present|not on this occasion|not this time|not be approving|not be agreeing|not be supporting|not approving|not agreeing|not supporting|not approved|not approve|not agree|not agreed|don't agree|don't approve|cannot approve|can't approve|cannot agree|can't agree|unable to approve|unable to agree|we decline|i decline|is declined|are declined|been declined|is rejected|are rejected|is refused|not consent|don't consent|do not consent|that's wrong|that is wrong|not right|not correct|is incorrect|is wrong|" +
		"we object|i object|not happy|won't approve|will not approve|will not agree|won't agree|not support|not supported|unable to support|cannot support|can't support|don't support|not able to support|not able to approve|don't want|do not want|not any more|not anymore|not now thanks|not going ahead|leave her as|leave him as|leave them as|leave it as|leave as is|request declined|not supported|unable to support|cannot support|can't support|don't want this|do not want this|don't want it|don't want that|don't want her|don't want him|not any more|not anymore|leave her as|leave him as|leave it as|leave them as|leave things as|stay as|don't do it|do not do it|don't bother|rather not|rather you didn't|withhold consent|refuse consent|no thank you|no thanks")
	noButNot = compilePhrases("no issues|no issue|no concerns|no problem|no worries|no objection|no objections|no longer|no need|no change|no changes|no rush|no other|no hurry|no doubt|no account|no nhs|no mobile|no problems|no further|no more|no one|no reply|no news")
	// A yes that hangs on something is none. These words make it hang, unless
	// they stand in one of the harmless phrases.
	hangs     = set("if unless until till once when whenever provided providing subject condition conditional conditionally principle pending tbc provisional provisionally maybe perhaps probably possibly might think guess suppose assume hopefully later yet tomorrow unsure wait hold panel discuss consider considering reviewing awaiting waiting check checking checked query formal follow should would could may will except however although though first before after unable cannot can't")
	harmless  = compilePhrases("as soon as|if possible|when you can|whenever you can|when you get a|when you have a|if that's ok|if that is ok|if you could|if you would|if you can|if you need * more|if you need any|if you need anything|if you require|if there is anything|if there are any|if you have any|let me know when|let us know when|let me know once|let us know once|let me know if|let us know if|will be|she will|he will|they will|will need|you will|will do|would like|should be a|should be an|should be fine|should be ok|have checked|i've checked|i checked|we checked|checked and|checked it|checked with|checked the|double checked|you may|on hold|except for the|except the|first name|before the|will start|will work|i think that's|i think that is|you should|for now|no need to wait|apologies for the wait|sorry for the wait|would be grateful|be grateful if you could|if you could|could proceed|for checking|thanks for waiting|thank you for waiting|after all|look after|looks after|first thing")
	withdraws = compilePhrases("don't do it|do not do it|don't do this|do not do this|don't do that|do not do that|don't bother|stop please|please stop|please don't|please do not|please cancel|cancel this|cancel my|cancel our|cancel the|cancel that|cancel it|cancel her|cancel his|can you cancel|could you cancel|like to cancel|want to cancel|wish to cancel|need to cancel|to be cancelled|cancel|ignore my|ignore our|ignore the * email|ignore the * request|ignore this request|ignore that|ignore previous|ignore last|ignore all|please ignore|disregard|withdraw my|withdraw our|withdraw the|withdraw this|wish to withdraw|like to withdraw|please withdraw|we withdraw|i withdraw|" +
		"no longer need|no longer needed|no longer require|no longer required|no longer want|no longer wanted|not needed any|not required any|do not set anything up|don't set anything up|do not set * up|don't set * up|do not go ahead|don't go ahead|do not proceed|don't proceed|do not create|don't create|please stop|stop this request|scrap that|scrap this|scrap my|forget my|forget about|forget it|sent in error|sent by mistake|made in error|not to go ahead|don't need it|do not need it|" +
		"don't need this|do not need this|don't need the|do not need the|don't link|do not link|don't remove|do not remove|don't disable|do not disable|don't reset|do not reset|don't mark|do not mark|retract|call it off|hold the request|please don't do|please do not do|take no further action|no further action|please leave it|changed our mind|changed my mind")
	notWithdraws = compilePhrases("don't cancel|do not cancel|not to cancel|cancel a|cancelled her|cancelled his|cancel her appointment|ignore my signature|please ignore the signature|ignore the disclaimer|please ignore the disclaimer|ignore the attachment|ignore the formatting")
)

// word reads what a short answer says: yes, no, or that a request is taken
// back. What is doubted, put off or asked about says nothing.
func (x *text) word(h *nasdesk.Heard, thread []*nasdesk.Request) {
	var yes, no, back *sentence
	var doubts []*sentence
	hedged := false
	known := x.wordsOf(thread)
	for n, s := range x.bodySentences() {
		switch {
		case has(s.toks, "hesitate"): // do not hesitate to contact me
		case x.withdraws(s):
			back = orFirst(back, s)
		case s.question():
		case x.saysNo(s) && !x.saysBoth(s):
			no = orFirst(no, s)
		case x.saysYes(s, n, known):
			yes = orFirst(yes, s)
			hedged = hedged || x.hedged(s, thread)
		case n < 4 && (x.hangsOn(s, thread) || has(s.toks, "yet") || x.laterDay(s) && waitsForDay(s)):
			doubts = append(doubts, s)
		}
	}
	hedged = hedged || yes != nil && x.doubtsIt(doubts, yes, thread)
	set := func(w nasdesk.Word, s *sentence) {
		h.Word, h.WordSpan = w, s.span
		h.Of = x.of(s, w, thread)
		if len(h.Of) > 0 && len(thread) > 0 && !slices.ContainsFunc(h.Of, func(n string) bool { return anyOf(thread, n) }) {
			h.Word, h.Of = nasdesk.SaysNothing, nil // of somebody whom the thread does not know
			return
		}
		if w == nasdesk.SaysYes && len(h.Of) > 0 {
			h.Not = x.declined(s, no, thread)
		}
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

// doubtsIt reports whether one of the doubts touches the yes: what is doubted of
// somebody whom a yes for others does not name leaves it as it is.
func (x *text) doubtsIt(doubts []*sentence, yes *sentence, thread []*nasdesk.Request) bool {
	said, _ := x.polar(yes, nasdesk.SaysYes, thread)
	return slices.ContainsFunc(doubts, func(d *sentence) bool {
		named := append(x.of(d, nasdesk.SaysNo, thread), x.of(d, nasdesk.SaysYes, thread)...)
		touches := func(n string) bool {
			return slices.ContainsFunc(said, func(m string) bool { return sameName(n, m) || strings.EqualFold(n, m) })
		}
		return len(said) == 0 || len(named) == 0 || slices.ContainsFunc(named, touches)
	})
}

// wordsOf are the words of the names in the thread's requests.
func (x *text) wordsOf(thread []*nasdesk.Request) map[string]bool {
	out := map[string]bool{}
	for i := range x.c.Mailboxes {
		for w := range strings.FieldsSeq(strings.ToLower(x.c.Mailboxes[i].Name + " " + string(x.c.Mailboxes[i].ODS))) {
			out[w] = true
		}
	}
	for _, q := range thread {
		for _, a := range q.Answers {
			for _, w := range strings.FieldsFunc(strings.ToLower(a.Value), func(r rune) bool { return r == ' ' || r == '.' || r == '@' }) {
				out[w] = true
			}
		}
	}
	return out
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
	for _, t := range s.toks[i:] {
		if t.low == "until" || t.low == "till" || t.low == "yet" {
			return false // put off, not taken back
		}
	}
	return true
}

// hedged reports whether a sentence hangs on something: a condition, a later
// day, a doubt, or a negation that leaves nobody out by name. Never act on a
// guess: what is doubtful says nothing.
func (x *text) hedged(s *sentence, thread []*nasdesk.Request) bool {
	return x.hangsOn(s, thread) || x.laterDay(s)
}

// waitsForDay reports whether a day in a sentence is one to wait for: that somebody
// starts on Monday is none.
func waitsForDay(s *sentence) bool {
	return has(s.toks, "from") || has(s.toks, "until") || has(s.toks, "till") || has(s.toks, "last") || has(s.toks, "effective") || has(s.toks, "it") || has(s.toks, "this")
}

func isSmallNumber(w string) bool {
	return len(w) <= 2 && w != "" && strings.Trim(w, "0123456789") == ""
}

func (x *text) hangsOn(s *sentence, thread []*nasdesk.Request) bool {
	spared := make([]bool, len(s.toks))
	for i := range s.toks {
		for _, p := range harmless {
			if end := p.at(s.toks, i); end > 0 {
				for k := i; k < end; k++ {
					spared[k] = true
				}
			}
		}
	}
	for i, t := range s.toks {
		if hangs[t.low] && !spared[i] {
			return true
		}
		// What follows a but takes something back, unless it leaves somebody out.
		if t.low == "but" && i > 0 && !(i+1 < len(s.toks) && (s.toks[i+1].low == "not" || s.toks[i+1].low == "thanks" || s.toks[i+1].low == "only" && len(x.of(s, nasdesk.SaysYes, thread)) > 0)) {
			return true
		}
	}
	return x.doubtedNegation(s, thread)
}

// doubtedNegation: a yes with a "not" in it that leaves nobody out by name.
func (x *text) doubtedNegation(s *sentence, thread []*nasdesk.Request) bool {
	for i, t := range s.toks {
		if !nots[t.low] || t.low == "no" || i == 0 {
			continue
		}
		if len(x.of(s, nasdesk.SaysYes, thread)) > 0 {
			return false
		}
		return t.low != "not" || i+1 < len(s.toks) && s.toks[i+1].low != "a" && s.toks[i+1].low != "an"
	}
	return false
}

// laterDay reports whether a sentence puts off to a day to come: "yes, but from
// 1 July".
func (x *text) laterDay(s *sentence) bool {
	for _, d := range daysIn(s.toks, x.day) {
		if d.date > x.day {
			return true
		}
	}
	return false
}

// saysBoth: "yes to Tom, no to Sarah".
func (x *text) saysBoth(s *sentence) bool {
	if !yesFirst[s.toks[0].low] {
		return false
	}
	for i, t := range s.toks[1:] {
		if t.low == "no" && i+2 < len(s.toks) && (s.toks[i+2].low == "to" || s.toks[i+2].low == "for") {
			return true
		}
	}
	return false
}

func hasPhrase(ts []token, ps []phrase) bool {
	_, _, ok := findPhrase(ts, ps)
	return ok
}

var onlyDont = compilePhrases("please don't|please do not|don't please|do not")

func (x *text) saysNo(s *sentence) bool {
	if has(s.toks, "yet") || has(s.toks, "until") || has(s.toks, "till") {
		return false
	}
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
	if last := s.toks[len(s.toks)-1]; len(s.toks) <= 4 && noFirst[last.low] && isCourtesyToken(s.toks[:len(s.toks)-1]) {
		return true
	}
	if noFirst[t.low] && (len(s.toks) == 1 || t.tail != "" || len(s.toks) <= 6) {
		return true
	}
	if len(s.toks) <= 3 && (t.low == "stop" || hasPhrase(s.toks, onlyDont)) {
		return true
	}
	// "Not approved", "This is declined".
	last := s.toks[len(s.toks)-1].low
	return len(s.toks) <= 5 && (last == "declined" || last == "rejected" || last == "refused")
}

// saysYes reports whether a sentence is a plain yes: its first clause holds
// nothing but words of agreement, names and courtesies. A yes carries something out, so anything else is none.
func (x *text) saysYes(s *sentence, n int, known map[string]bool) bool {
	if n > 4 && len(s.toks) > 6 || !triggersYes(s) {
		return false
	}
	for i, t := range s.toks {
		if !yesVocabulary[t.stem()] && !known[t.stem()] && !isReferenceOrAddress(t) && !x.knownAs(t.stem()) && !slipOfYes(t.low) && !isSmallNumber(t.low) {
			return false
		}
		if strings.ContainsAny(t.tail, ",;:–—-") || i+1 < len(s.toks) && nextClause[s.toks[i+1].low] {
			break
		}
	}
	return true
}

var nextClause = set("but except apart although not only")

// slipOfYes reports whether a word is one slip away from a longer word of
// agreement: "ahed".
func slipOfYes(w string) bool {
	if len(w) < 4 || hangs[w] || nots[w] {
		return false
	}
	for v := range yesVocabulary {
		if len(v) >= 5 && v[0] == w[0] && oneSlip(v, w) {
			return true
		}
	}
	return false
}

var praise = set("fine great perfect lovely brilliant super good excellent wonderful")

func triggersYes(s *sentence) bool {
	for i, t := range s.toks[:min(3, len(s.toks))] {
		if yesFirst[t.low] && (i == 0 || isCourtesyToken(s.toks[:i]) || i == 1 && (bothWords[s.toks[0].low] || praise[s.toks[0].low] || s.toks[0].low == "and" || s.toks[0].low == "also")) {
			return true
		}
	}
	switch s.toks[len(s.toks)-1].low {
	case "approved", "agreed", "confirmed":
		if len(s.toks) <= 8 {
			return true
		}
	}
	i, _, ok := findPhrase(s.toks, yesWords)
	return ok && i < 12
}

func isReferenceOrAddress(t token) bool {
	_, ok := addressOf(t)
	return ok || new(nasdesk.ReferenceNumber).Set(t.text) == nil
}

var (
	yesVocabulary = set("confirming below order side sorry late reply delay apologies no problem problems worries issue issues exactly quite spot grateful appreciate could if seen thats its im yup yip waiting yes yep yeah yea aye y confirmed approved agreed correct confirm approve agree ok okay affirmative certainly absolutely please thanks thank you very much many that that's is it's it all this these those them the details detail information above as read right fine good great lovely perfect super brilliant go ahead we i are am i'm we're happy for with to of proceed carry out do " +
		"can both request requests our your my on behalf and set up him her his action actioned consent kindly everything looks look account accounts be created create have has been granted given give approval team region regional nhs england new one more additional now then too also well so pharmacy support supports supported supporting content no objection objections he she they in full hereby happily fully from us here by me myself user users member members change changes remove removed removal link linked eleventh extra " +
		"by north south east west midlands london office number numbers perfect mailbox mailboxes merger merging pharmacies going consolidating joining place rest staff colleague practice home business case clear need needs reason increase total consolidation merge hi hello dear morning afternoon a an at once asap soon possible needed wanted delighted pleased would like wish want additions limit ten case other others second first three two each dr mr mrs miss ms regards best kind cheers ta pls plz done deal sounds seems what i've we've you've written wrote got yours")
)

var bothWords = set("both all this these that fully happily hereby it's that's request account")

func isCourtesyToken(ts []token) bool {
	for _, t := range ts {
		if !greetings[t.low] && !courtesyWords[t.low] {
			return false
		}
	}
	return true
}

// of are those to whom a word is confined, "for Tom only", or, where it names
// only whom it leaves out ("but not Sarah"), all others of the thread.
func (x *text) of(s *sentence, w nasdesk.Word, thread []*nasdesk.Request) []string {
	yes, no := x.polar(s, w, thread)
	if w != nasdesk.SaysYes {
		return no
	}
	if len(yes) > 0 || len(no) == 0 {
		return yes
	}
	var rest []string
	for _, q := range thread {
		id := identity(q)
		out := slices.ContainsFunc(no, func(n string) bool { return anyOf([]*nasdesk.Request{q}, n) })
		if q.State.Open() && id.Value != "" && !out {
			rest = append(rest, id.Value)
		}
	}
	return rest
}

// declined are those to whom an answer says no beside its yes.
func (x *text) declined(yes, no *sentence, thread []*nasdesk.Request) []string {
	if no != nil && no != yes {
		return x.of(no, nasdesk.SaysNo, thread)
	}
	_, out := x.polar(yes, nasdesk.SaysYes, thread)
	return out
}

// polar tells of everybody whom a sentence names, by reference, address or name,
// whether it says yes or no to them: the nearest word before that says either
// decides, else the sentence as a whole.
func (x *text) polar(s *sentence, w nasdesk.Word, thread []*nasdesk.Request) (yes, no []string) {
	add := func(at int, name string) {
		if polarity(s.toks[:at], w) {
			yes = append(yes, name)
		} else {
			no = append(no, name)
		}
	}
	for i, t := range s.toks {
		var ref nasdesk.ReferenceNumber
		if ref.Set(t.text) == nil {
			add(i, ref.String())
		}
		if a, ok := addressOf(t); ok && a.value != "" && !x.isMailbox(a.value) {
			add(i, string(a.value))
		}
	}
	for _, m := range x.namesOf(s, thread) {
		add(m.at, m.name)
	}
	return yes, no
}

// polarity reports whether what follows these words is said yes to.
func polarity(before []token, w nasdesk.Word) bool {
	for k := len(before) - 1; k >= 0; k-- {
		switch before[k].low {
		case "not", "except", "excluding", "without", "apart", "no", "never", "don't", "decline", "declined", "cancel":
			return false
		case "yes", "approve", "approved", "confirm", "confirmed", "agree", "only", "just":
			return true
		}
	}
	return w == nasdesk.SaysYes
}

// anyOf reports whether a name, an address or a reference means a request of the
// thread.
func anyOf(thread []*nasdesk.Request, name string) bool {
	return slices.ContainsFunc(thread, func(q *nasdesk.Request) bool {
		return strings.EqualFold(q.Reference, name) || slices.ContainsFunc(q.Answers, func(a nasdesk.Answer) bool {
			return strings.EqualFold(a.Value, name) || sameName(a.Value, name) || strings.Contains(strings.ToLower(a.Value), strings.ToLower(name))
		})
	})
}

// namesOf are the people of the thread's requests whom a sentence names.
func (x *text) namesOf(s *sentence, thread []*nasdesk.Request) []mention {
	out := slices.DeleteFunc(x.mentions(s), func(m mention) bool { return !m.whole && !anyOf(thread, m.name) })
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
