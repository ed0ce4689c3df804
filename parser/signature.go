package parser

import (
	"strings"
	"unicode"

	"nasdesk"
)

// A signPara is what the lines between two breaks have in common.
type signPara struct {
	request bool // it holds labels of a person or an account: a form filled in
}

// signParas returns the signPara of every line.
func signParas(run []placed) []*signPara {
	out := make([]*signPara, len(run))
	var cur *signPara
	for i := range run {
		if i == 0 || run[i].brk || run[i].table != run[i-1].table {
			cur = &signPara{}
		}
		out[i] = cur
		cur.request = cur.request || asksLabel(run[i].bodyLine)
	}
	// One blank line between each two fields: labels beside a form belong to it.
	for i := 1; i < len(run); i++ {
		if out[i] != out[i-1] && isFormLine(run[i].bodyLine) && isFormLine(run[i-1].bodyLine) && (out[i].request || out[i-1].request) {
			out[i].request, out[i-1].request = true, true
		}
	}
	return out
}

// isFormLine reports whether a line has a label, or is a row of a table.
func isFormLine(l bodyLine) bool { return formLabel(l) != "" || l.cells != nil }

// formLabel returns the label of a line in lower case: what stands before its
// colon, its first cell, or the line itself where it is a label alone. "" if it has none.
func formLabel(l bodyLine) string {
	s := l.text
	if len(l.cells) > 1 {
		s = l.cells[0] + ":"
	}
	before, _, ok := strings.Cut(s, ":")
	if !ok {
		if before, _, ok = strings.Cut(s, " - "); !ok {
			if before, _, ok = strings.Cut(s, "?"); !ok {
				before = s
				if !signBareLabel(before) {
					return ""
				}
			}
		}
	}
	if len(before) > 80 || strings.Count(before, " ") > 12 {
		return ""
	}
	return strings.ToLower(strings.Trim(before, " *-."))
}

// signBareLabels are the labels that people put on a line of their own.
var signBareLabels = map[string]bool{"full name": true, "name": true, "first name": true, "surname": true, "last name": true, "mobile": true, "mobile number": true,
	"mobile no": true, "mob": true, "phone": true, "telephone": true, "email": true, "alternative email": true, "alternative email address": true, "personal email": true, "private email": true,
	"email address": true, "nhs email": true, "nhs email address": true, "nhs.net email": true, "nhsmail address": true, "role": true, "access level": true, "access": true, "shared mailbox": true, "ods code": true,
	"job title": true, "staff name": true, "owner email": true, "reason": true, "reference": true, "team name": true, "date of birth": true, "start date": true}

func signBareLabel(s string) bool {
	return len(s) < 40 && signBareLabels[strings.ToLower(strings.Trim(s, " *:.-"))]
}

// signAskWords stand in the labels of a request and in no signature.
var signAskWords = []string{"name", "alternative", "alternate", "personal", "private", "role", "access", "nhs email", "nhs e-mail", "nhs.net", "nhsmail", "nhs mail", "shared mailbox",
	"date of birth", "start date", "last day", "leaving", "closing", "continuing", "old ods", "new ods", "user", "owner", "account", "home email", "home e-mail", "job title", "team", "permission", "business case", "reason", "number of", "other email", "backup email", "recovery"}

func asksLabel(l bodyLine) bool {
	w := formLabel(l)
	if w == "" {
		return false
	}
	for _, p := range signAskWords {
		if strings.Contains(w, p) {
			return true
		}
	}
	return false
}

// --- Sign-offs ---

var signOffs = []string{"with kind regards", "with kindest regards", "with best regards", "with best wishes", "with many thanks", "with thanks", "with regards",
	"kind regards", "kindest regards", "kindest", "best regards", "warm regards", "warmest regards", "many regards", "regards", "rgds", "best wishes", "warm wishes", "kind wishes",
	"all the best", "yours sincerely", "yours faithfully", "yours truly", "yours", "sincerely", "respectfully", "many thanks", "thanks", "thank you", "thankyou",
	"thx", "ta", "cheers", "tia", "kr", "br", "mtia", "best", "take care", "bw", "diolch yn fawr", "diolch", "cofion cynnes", "cofion", "speak soon", "much appreciated", "warmly", "thanking you", "have a good", "have a great", "have a nice", "have a lovely", "sent with thanks"}

var signOffTail = signSet("and in advance very much so ever again all for your you help with this kind kindest best warm regards wishes thanks thank many everyone team god bless " +
	"x xx xxx the time assistance support everybody to guys both a lot million bunch indeed as always from muchly anticipation it of most kindly folks day weekend evening afternoon week morning one rest easter christmas bank holiday break")

func signSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// signOff reports whether a line closes a letter: a closing phrase, with
// nothing but courtesies or a name behind it. thanks says that it may as well open one.
func signOff(s string) (closes, thanks bool) {
	if len(s) > 90 {
		return false, false
	}
	low := strings.ToLower(s)
	for _, p := range signOffs {
		if !strings.HasPrefix(low, p) || len(low) > len(p) && isWordByte(low[len(p)]) {
			continue
		}
		if !tailIsCourtesy(s[len(p):]) {
			return false, false
		}
		return true, strings.Contains(p, "thank") || p == "ta" || p == "cheers" || strings.HasPrefix(p, "diolch")
	}
	return false, false
}

func isWordByte(c byte) bool { return isAlnum(c) || c == '\'' || c >= 0x80 }

func tailIsCourtesy(s string) bool {
	names := 0
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",.!;-–&()/", r) }) {
		low := strings.ToLower(w)
		switch {
		case signOffTail[low]:
		case signAnswers[low]:
			return false
		case unicode.IsUpper([]rune(w)[0]) && !strings.ContainsAny(w, "0123456789@:?"):
			if names++; names > 4 || !strings.HasPrefix(low, "i'") && signPronouns[low] {
				return false
			}
		case !unicode.IsLetter([]rune(w)[0]) && !strings.ContainsAny(w, "0123456789@:?"): // a smiley
		default:
			return false
		}
	}
	return true
}

// signAnswers may be the whole of an answer, so that no line with one is taken
// for a name.
var signAnswers = signSet("yes no approved declined approve decline member members owner owners confirmed confirm ok okay agreed agree cancel both correct right yep nope yeah")

// signPronouns and verbs tell a sentence from the lines of a signature.
var signPronouns = signSet("i i'm i've i'd i'll she she's her hers he he's his him they they're their them we we're we've we'd we'll our us you your it it's is are was were can could would should will won't need needs " +
	"has have had don't please this that these if not there who which")

// signThirds words speak of somebody: the one whom a request is about.
var signThirds = signSet("she she's her hers he he's his him they they're their them also forgot")

var signVerbs = signSet("add link remove create set setup disable enable reinstate restore unlink delete reset mark register cancel ignore use")

func signWordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
}

// signSentence reports whether s says something, where names, titles, addresses
// and numbers only stand.
func signSentence(s string) bool {
	ws := signWordsOf(s)
	if len(ws) < 3 {
		return false
	}
	for _, w := range ws {
		if signPronouns[w] {
			return true
		}
	}
	return len(ws) > 12
}

// signSpeaks reports whether a sentence below a full signature still belongs to
// the request: it speaks of a person, or asks for work.
func signSpeaks(s string) bool {
	ws := signWordsOf(s)
	please := false
	for _, w := range ws {
		if signThirds[w] || please && signVerbs[w] {
			return true
		}
		please = please || w == "please"
	}
	return isPostscript(s)
}

func isPostscript(s string) bool {
	return hasAnyPrefix(s, "PS ", "PS:", "PS.", "PS,", "PS-", "P.S", "Ps ", "p.s", "NB ", "NB:")
}

// isOfficeNote reports whether a sentence is of the sort that stands in
// signatures: opening hours, how to reach the shop.
func isOfficeNote(s string) bool {
	low := strings.ToLower(s)
	return hasAnyPrefix(low, "please note we ", "please note that we ", "please note our ", "please note the ", "we are open", "we're open", "open ", "opening hours", "our opening", "we close", "we are closed",
		"my working", "working days", "working hours", "i work ", "i am in the office", "normal working", "follow us", "find us", "visit our", "visit us", "out of hours", "for urgent", "in an emergency", "please reply to all", "part of ", "please do not reply")
}

func signAnswer(s string) bool {
	ws := signWordsOf(s)
	if len(ws) > 6 {
		return false
	}
	for _, w := range ws {
		if signAnswers[w] {
			return true
		}
	}
	return false
}

// isClientNote reports whether a mail program wrote the line: "Sent from my …".
func isClientNote(s string) bool {
	low := strings.ToLower(s)
	return len(s) < 100 && (hasAnyPrefix(low, "sent from ", "get outlook for", "sent via ", "sent using ", "sent with ", "yahoo mail", "download outlook", "anfonwyd o"))
}

func signGreeting(s string) bool {
	low := strings.ToLower(s)
	return len(s) < 60 && hasAnyPrefix(low, "hi", "hello", "dear", "good morning", "good afternoon", "good evening", "morning", "afternoon", "evening", "hiya", "hey", "to whom", "all,", "team") && !signSentence(s)
}

// signOffice stand in signatures: jobs, organisations, streets.
var signOffice = signSet("pharmacy pharmacies pharmacist pharmacists chemist chemists manager superintendent director dispenser technician assistant practice dental dentist optician opticians optometrist " +
	"surgery clinic home house care nursing ltd limited plc llp street st road rd lane avenue ave parade court square close drive way row terrace hill crescent place centre center support officer team area " +
	"administrator receptionist registered responsible locum owner partner mrpharms mpharm gphc bsc bds rgn mcoptom nhs healthcare health trust group services service department dept reception " +
	"coordinator lead head deputy senior principal business helpdesk secretary midwife midwifery nurse consultant group www")

func signOfficeWord(s string) bool {
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if signOffice[w] {
			return true
		}
	}
	return strings.Contains(s, "www.") || strings.Contains(s, "http")
}

// signDigits returns the digits of the first long number of a line.
func signDigits(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9' || r == '+' && b.Len() == 0:
			b.WriteRune(r)
		case strings.ContainsRune(" -.()", r):
		default:
			if b.Len() >= 10 {
				return b.String()
			}
			b.Reset()
		}
	}
	if b.Len() >= 10 {
		return b.String()
	}
	return ""
}

func signMobile(s string) bool {
	d := signDigits(s)
	return hasAnyPrefix(d, "07", "+447", "00447", "447")
}

func signLandline(s string) bool {
	d := signDigits(s)
	return hasAnyPrefix(d, "01", "02", "03", "08", "+441", "+442", "+443") || strings.Contains(s, "T: 0") && d != "" && !signMobile(s)
}

// signName reports whether a line can be the name that signs a letter: one to
// five words that begin in capitals, titles and jobs behind a comma or a bar aside.
func signName(s string) bool {
	first, _, _ := strings.Cut(s, "|")
	first, _, _ = strings.Cut(first, ",")
	if i := strings.IndexAny(first, "0123456789+(☎"); i > 0 && first[i-1] == ' ' && signDigits(first) != "" {
		first = first[:i] // "Joyce ☎ 01632 …"
	}
	first = strings.TrimSpace(first)
	if first == "" || strings.ContainsAny(first, "0123456789@:?\t!") || signBareLabel(first) || signGreeting(first) || len(first) > 50 {
		return false
	}
	words := strings.Fields(first)
	if len(words) > 5 || signHeading(words) || signAnswer(first) && !signOfficeWord(strings.Replace(strings.ToLower(first), "owner", "", 1)) {
		return false
	}
	capitals := 0
	for _, w := range words {
		r := []rune(w)[0]
		if unicode.IsUpper(r) {
			capitals++
		} else if unicode.IsLetter(r) && len(w) > 3 {
			return false
		}
	}
	return capitals > 0
}

// signHeadings begin the headings that people put above a form.
var signHeadings = signSet("add link remove create disable enable reinstate restore unlink delete reset leaver leavers joiner joiners starter starters removal removals disabled")

// signHeading reports whether a line says what is asked below it, and names
// nobody: "ENABLE", "NEW STARTER".
func signHeading(words []string) bool {
	first := strings.ToLower(words[0])
	return signHeadings[first] || len(words) == 2 && first == "new" && signAccount[strings.ToLower(words[1])]
}

var signAccount = signSet("user users account accounts starter starters joiner joiners member members")

// --- The signature ---

// markSignature marks the signatures of what the sender wrote without a break
// by quotes. What speaks for the request below a sign-off stays the sender's own words.
func markSignature(run []placed, sender map[string]bool, last bool) {
	paras := signParas(run)
	s := signer{run: run, paras: paras, sender: sender}
	s.below()
	if last {
		s.atEnd()
	}
}

type signer struct {
	run    []placed
	paras  []*signPara
	sender map[string]bool // words of the sender's display name
}

// senderWords returns the words by which a sender's own name is known again:
// those of From's display name and local part.
func senderWords(from string) map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(from), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) > 3 {
			words[w] = true
		}
	}
	return words
}

// isOfOffice reports whether a line names an organisation, a job, a landline,
// or what the sender's display name names.
func (s *signer) isOfOffice(t string) bool {
	if signOfficeWord(t) || signLandline(t) {
		return true
	}
	for _, w := range signWordsOf(t) {
		if s.sender[w] {
			return true
		}
	}
	return false
}

// below marks what stands under a sign-off, a "-- " line or a program's mark.
func (s *signer) below() {
	in, strong, wrote := false, 0, false
	openings := 0 // thanks that may have opened the letter
	for i := range s.run {
		l := &s.run[i]
		if l.region != nasdesk.Own {
			continue
		}
		if isClientNote(l.text) {
			l.region = nasdesk.Signature
			continue
		}
		if l.sig && !s.isRequest(i) {
			l.region = nasdesk.Signature
			continue
		}
		closes, thanks := signOff(l.text)
		if closes && thanks && !wrote {
			openings++
		}
		if closes && (wrote || !thanks || openings < 5 && s.onlySignatureFrom(i+1)) {
			l.region = nasdesk.Signature
			in, strong = true, 0
			continue
		}
		if in && s.speaks(i, strong) {
			in = false
		}
		if !in {
			wrote = wrote || !signGreeting(l.text) && !closes
			continue
		}
		l.region = nasdesk.Signature
		if signDigits(l.text) != "" || signOfficeWord(l.text) || strings.Contains(l.text, "@") {
			strong++
		}
	}
}

// isRequest reports whether line i is part of a form filled in.
func (s *signer) isRequest(i int) bool {
	return s.paras[i].request && isFormLine(s.run[i].bodyLine)
}

// speaks reports whether line i, below a sign-off, is the sender's request again.
func (s *signer) speaks(i, strong int) bool {
	t := s.run[i].text
	switch {
	case s.isRequest(i):
		return true
	case isPostscript(t):
		return true
	case isOfficeNote(t):
		return false
	case strong >= 2:
		return signSentence(t) && signSpeaks(t)
	case signAnswer(t) && !s.isJobLine(i):
		return true
	}
	return signSentence(t)
}

// isJobLine reports whether "Owner" in line i is somebody's job: there are
// other words of jobs or places in it, or a name stands above it.
func (s *signer) isJobLine(i int) bool {
	low := strings.ToLower(s.run[i].text)
	if !strings.Contains(low, "owner") || strings.Contains(low, "member") {
		return false
	}
	if signOfficeWord(strings.ReplaceAll(low, "owner", "")) || strings.ContainsAny(low, "|,") {
		return true
	}
	return i > 0 && !s.run[i].brk && signName(s.run[i-1].text) && formLabel(s.run[i-1].bodyLine) == ""
}

// onlySignatureFrom reports whether nothing but a signature, with something of
// an organisation in it, stands from i on.
func (s *signer) onlySignatureFrom(i int) bool {
	strong := 0
	for ; i < len(s.run); i++ {
		if s.run[i].region != nasdesk.Own {
			continue
		}
		t := s.run[i].text
		if s.isRequest(i) || signSentence(t) && !isOfficeNote(t) || signAnswer(t) && !s.isJobLine(i) {
			return false
		}
		if s.isOfOffice(t) {
			strong++
		}
	}
	return strong > 0
}

// atEnd marks a signature without a sign-off: a name at the end, and what
// stands below it.
func (s *signer) atEnd() {
	own := s.ownLines()
	top := len(own)
	breaks := 0
	for top > 0 && len(own)-top < 12 && breaks < 5 && s.fits(own, top-1) {
		top--
		if s.run[own[top]].brk {
			breaks++
		}
	}
	for top < len(own) && !signName(s.run[own[top]].text) {
		top++
	}
	if top == len(own) || !s.convinces(own, top) {
		return
	}
	for _, i := range own[top:] {
		s.run[i].region = nasdesk.Signature
	}
}

func (s *signer) ownLines() []int {
	var own []int
	for i := range s.run {
		if s.run[i].region == nasdesk.Own {
			own = append(own, i)
		}
	}
	return own
}

// fits reports whether own line k may be a line of a signature at the end.
func (s *signer) fits(own []int, k int) bool {
	l := s.run[own[k]]
	if l.table > 0 && !isContactRow(l.bodyLine) || l.item || len(l.text) > 120 || s.isRequest(own[k]) || signBareLabel(l.text) || signGreeting(l.text) || strings.HasSuffix(l.text, ":") || strings.HasSuffix(l.text, "?") {
		return false
	}
	if closes, _ := signOff(l.text); closes {
		return false
	}
	if signAnswer(l.text) && !(s.isJobLine(own[k]) && (k+1 < len(own) || signOfficeWord(l.text))) {
		return false
	}
	return !signSentence(l.text) || isOfficeNote(l.text)
}

// isContactRow reports whether a row of a table can stand in a signature: two
// cells, such as "T:" and a number, or a name beside the shop's particulars.
func isContactRow(l bodyLine) bool { return len(l.cells) <= 2 && signDigits(l.text) != "" }

// convinces reports whether the lines from top on are a signature, not the
// bare lines of a request: an organisation, a job or a landline says so; a name alone at the very end
// does where nothing signAnnounces it; name and mobile do where the request has its mobile already.
func (s *signer) convinces(own []int, top int) bool {
	evidence, mobile := 0, false
	for _, i := range own[top:] {
		t := s.run[i].text
		if s.isOfOffice(t) {
			evidence++
		}
		mobile = mobile || signMobile(t)
	}
	if top == 0 {
		return evidence >= 2
	}
	above := s.run[own[top-1]]
	if signAnnounces(above.text) || signBareLabel(above.text) {
		return evidence >= 3
	}
	if len(own)-top == 1 && evidence > 0 && !s.run[own[top]].brk && signSentence(above.text) && !strings.ContainsAny(above.text[len(above.text)-1:], ".!?") {
		return false // the last line of a sentence: "a Team called / Elm Pharmacy Rota"
	}
	if evidence > 0 {
		return true
	}
	if len(own)-top == 1 {
		return true
	}
	return mobile && s.mobileBefore(own[:top]) || allNames(s.run, own[top:]) && len(own)-top == 2 && s.run[own[top]].brk && s.run[own[top+1]].brk
}

func (s *signer) mobileBefore(own []int) bool {
	for _, i := range own {
		if signMobile(s.run[i].text) {
			return true
		}
	}
	return false
}

func allNames(run []placed, own []int) bool {
	for _, i := range own {
		if !signName(run[i].text) {
			return false
		}
	}
	return true
}

// signAnnounces reports whether a line says that names or details follow.
func signAnnounces(s string) bool {
	low := strings.ToLower(strings.TrimRight(s, " .-"))
	if strings.HasSuffix(low, ":") {
		return true
	}
	if i := strings.LastIndex(low, ". "); i >= 0 {
		low = low[i+2:]
	}
	if len(low) > 90 {
		return false
	}
	return containsAny(low, "following", "below", "as follows", "these ", "here are", "details are", "namely")
}
