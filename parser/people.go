package parser

import (
	"slices"
	"strings"
	"unicode"

	"nasdesk"
)

var (
	particles = set("de da di du del della der den van von la le ní ni nic mac mc al el bin ibn ap ab st o' dos das y e ter ten ui uí ó")
	jobs      = set("pharmacist pharmacists dispenser dispensers technician technicians assistant assistants locum locums manager managers receptionist hygienist optometrist optician dentist nurse carer carers trainee trainees apprentice superintendent director supervisor driver drivers counter act pre-reg prereg " +
		"foundation student associate principal owner owners member members partner midwife midwives administrator admin secretary lead deputy senior junior dispensing checking accuracy accredited pharmacy shop sales colleague colleagues advisor adviser healthcare partner delivery weekend saturday girl boy lad lady team leader relief cover staff rph mrpharms gphc full-time part-time registered bank head")
	// notNames are words that begin with a capital now and then and are no name.
	notNames = set("approve approved decline declined i hi hello hey dear good morning afternoon evening thanks thank many kind regards best wishes yours cheers ta please could can would will may might should must do does did is are was were be been has have had the a an and or but if so as at by for from in into of off on onto out over to up with without " +
		"he she they it we you his her hers him their them our ours my mine your me us this that these those there here then than when where who whom whose which what why how all any both each every few more most no none not only other some such " +
		"one two three four five six seven eight nine ten first second third last next new old existing former current previous our-new also just now today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december " +
		"jan feb mar apr jun jul aug sep sept oct nov dec nhs nhsmail nhs.net nhs-net nas nasdesk ods odscode odt gphc gp gps ics icb pods pod ig dspt dsptk dsp pmr eps nms gpcf cpe npa mds faq faqs id uk england english wales scotland london ltd limited plc llp " +
		"account accounts mailbox mailboxes email emails e-mail address addresses mobile mobiles phone telephone tel mob number numbers name names full role roles owner owners member members membership access password passwords request requests requested form forms details detail user users starter starters leaver leavers joiner joiners login logins log " +
		"pharmacy pharmacies chemist chemists dental dentist dentistry practice surgery opticians optician optometry optometrist care home nursing house clinic centre center hospital trust group team teams microsoft ms office outlook desk helpdesk service services support admin administration national department branch branches shop shops store site head company " +
		"street road lane avenue close court way square parade place drive row hill park green gardens terrace high " +
		"alternative personal private registered registration shared job title start starting date payroll reference ref re fw fwd subject urgent important note notes ps nb fyi asap attached attachment sent iphone android ipad regarding account(s) add added remove removed link linked unlink create created set setup disable disabled enable enabled reinstate reset restore delete deleted mark marked close closed closing continuing consolidation consolidate merge change changed update " +
		"unfortunately currently however therefore although because since after before while until once again already still yet maternity paternity sick leave annual holiday easter christmas summer winter spring autumn bank question query confirm confirmed confirmation yes no ok okay approved declined agreed correct right sorry apologies hope thanks! let need needs needed want wants get got give given " +
		"she's he's they're it's we're i'm i've we've i'd we'd i'll we'll she'll he'll they'll she'd he'd that's there's what's let's don't doesn't can't won't didn't isn't aren't hasn't haven't couldn't wouldn't shouldn't who's her's  pharmacist pharmacists dispenser dispensers technician locum manager assistant receptionist superintendent director supervisor colleague colleagues staff person people everyone somebody someone anybody nobody mum dad boss area region regional cc bcc http https www com org net " +
		"mr mrs ms miss dr prof sir additional further extra more number purpose business case reason flu covid rota clinic noticeboard application smtp api old-code code codes following below above same details: information info data system portal directory profile summary records national-service spine smartcard smartcards proxy wifi via per see both either neither regards, being having doing going coming starting leaving moving working covering speaking following using making taking putting getting looking trying asking writing sending adding removing linking setting am pm mondays tuesdays wednesdays thursdays fridays saturdays sundays weekends weekend")
	cueBefore = set("to for called named name is name's of link add remove mark disable enable re-enable reactivate reinstate restore unlink give reset with and our starter user member person colleague colleagues joiner leaver dispenser pharmacist technician locum manager assistant receptionist hygienist optometrist dentist nurse carer trainee apprentice supervisor driver girl boy lady " +
		"recruit team-mate teammate employee midwife optician partner name: make create suspend deactivate delete close bring back about both have let allow either colleague's get has want like to put take move undelete freeze connect change upgrade recover is: user: as joining admin sir that when because by says welcome where him her them appointed hired recruited employed on behalf that's it's she's he's they're us ")
	cueAfter  = set("is has was will who whose needs starts started on at joins joined left leaves and can as with would requires does goes works worked also using to had wants from could should be are have seems whom does, by off back up (not moves moved works emigrated returns returned came comes retires retired went gets got may might must in owner member that doesn't hasn't isn't who's forgot forgets still already again or an a into onto not for going being another next this today who'll who'd again, via remains joining leaving starting coming does")
	greetings = set("hi hello hey dear thanks thank regards cheers morning afternoon evening best wishes many kind ta all team sincerely faithfully")
)

// A mention is a name as it stands in a sentence.
type mention struct {
	name  string // as written, titles dropped
	at    int    // first word
	end   int
	span  nasdesk.Span
	whole bool // first name and surname
}

// mentions finds the people named in a sentence. A name is known by its
// neighbours, or by an address that agrees with it; never by capitals alone.
func (x *text) mentions(s *sentence) []mention {
	var out []mention
	shouting := isShouting(s.toks)
	for i := 0; i < len(s.toks); {
		end := x.nameEnd(s.toks, i, shouting)
		if end == i {
			i++
			continue
		}
		if m, ok := x.mention(s, i, end, shouting); ok {
			out = append(out, m)
		}
		i = end
	}
	return out
}

func isShouting(ts []token) bool {
	letters := 0
	for _, t := range ts {
		if strings.ContainsFunc(t.text, unicode.IsLower) && !strings.Contains(t.text, "@") {
			return false
		}
		letters += len(t.text)
	}
	return letters > 12
}

// nameEnd returns where the run of words that may be a name, which begins at
// word i, ends.
func (x *text) nameEnd(ts []token, i int, shouting bool) int {
	j := i
	for j < len(ts) {
		t := ts[j]
		if j > i && !joinsName(ts[j-1], t) {
			break
		}
		if j > i && x.smallSurname(ts, i, j) {
			return j + 1
		}
		if ambiguous[t.stem()] && !x.takesPart(ts, i, j, shouting) {
			break
		}
		if x.nameWord(t, shouting) || j == i && nasdesk.IsTitle(t.low) && t.upper() || j > i && particles[t.low] && j+1 < len(ts) && x.nameWord(ts[j+1], shouting) {
			j++
			continue
		}
		break
	}
	return j
}

// ambiguous are names that are words of other uses: first names among the months
// and verbs, surnames among streets and greetings.
var ambiguous = set("mark will june april may august hope summer dean frank guy page green hill park lane close court mill day best good long new march high street place field fields house wood woods church bishop king knight price banks head case need baker row drive gardens")

// smallSurname reports whether a word that begins small goes on with a name whose
// first word agrees with an address: "poppy tranter her mobile is".
func (x *text) smallSurname(ts []token, i, j int) bool {
	w := ts[j].low
	if j != i+1 || ts[i].upper() || ts[j].upper() || x.agreed[ts[i].low] == 0 || x.agreed[w] > 0 || common[w] || notNames[w] || jobs[w] || strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '\'' }) {
		return false
	}
	return j+1 == len(ts) || ts[j].tail != "" || common[ts[j+1].low] || cueAfter[ts[j+1].low] || strings.Contains(ts[j+1].text, "@")
}

// takesPart reports whether an ambiguous word is part of a name here: the first
// of two that begin with capitals, or the last of them.
func (x *text) takesPart(ts []token, i, j int, shouting bool) bool {
	if x.agreed[ts[j].stem()] > 0 && ts[j].upper() {
		return true
	}
	if j > i {
		return !(j+1 < len(ts) && orgWords[ts[j+1].stem()] && ts[j].tail == "") && (len(ts[j].low) > 3 || j == i+1)
	}
	if j+1 >= len(ts) || ts[j].tail != "" || shouting {
		return false
	}
	next := ts[j+1]
	if j == 0 && (ts[j].low == "mark" || ts[j].low == "will" || ts[j].low == "need" || ts[j].low == "close") {
		return false
	}
	return x.nameWord(next, shouting) && !ambiguous[next.stem()] && next.upper()
}

// joinsName reports whether nothing but a blank, or the full stop of a title or
// an initial, stands between two words of a name. A comma does so in SURNAME,
// First.
func joinsName(a, b token) bool {
	if b.head != "" && strings.Trim(b.head, "'‘’") != "" {
		return false
	}
	tail := strings.TrimSpace(a.tail)
	return tail == "" || tail == "." && (nasdesk.IsTitle(a.low) || len(a.text) == 1)
}

// nameWord reports whether a word may be part of a name.
func (x *text) nameWord(t token, shouting bool) bool {
	w := t.low
	if s, ok := strings.CutSuffix(w, "'s"); ok {
		w = s
	}
	if (notNames[w] || jobs[w]) && !(ambiguous[w] && t.upper()) || x.agreed[w] == 0 && !t.upper() {
		return false
	}
	letters := 0
	for _, r := range t.text {
		switch {
		case unicode.IsLetter(r):
			letters++
		case r != '-' && r != '\'' && r != '.' && r != '‐' && r != '‑':
			return false
		}
	}
	if letters == 0 || strings.Contains(t.text, ".") && letters > 3 {
		return false
	}
	if strings.ToUpper(t.text) == t.text && !shouting && letters > 1 && letters < 4 && x.agreed[w] == 0 {
		return false // NHS, ODS, GP
	}
	return !shouting || x.agreed[w] > 0 || !common[w]
}

// mention judges a run of words by its neighbours.
func (x *text) mention(s *sentence, i, end int, shouting bool) (mention, bool) {
	ts := s.toks
	if end > i+5 || i > 0 && ts[i-1].upper() && orgWords[ts[i-1].low] && false {
		return mention{}, false
	}
	if end < len(ts) && !ambiguous[ts[end].stem()] && orgWords[ts[end].stem()] && ts[end-1].tail == "" && (ts[end].upper() || ts[end].low == "mailbox") {
		return mention{}, false // Rowan Tree Pharmacy, the Rowan Tree mailbox
	}
	start := i
	title := false
	for start < end && nasdesk.IsTitle(ts[start].low) {
		start, title = start+1, true
	}
	if start == end || greeted(ts, i) && (end-start == 1 || i <= 1) {
		return mention{}, false
	}
	m := mention{at: start, end: end, whole: end-start > 1, span: nasdesk.Span{Start: ts[start].span.Start, End: ts[end-1].span.End}}
	var ws []string
	for _, t := range ts[start:end] {
		w := t.text
		if t.tail == "." && len(t.text) == 1 {
			w += "."
		}
		ws = append(ws, w)
	}
	last := len(ws) - 1
	ws[last] = strings.TrimSuffix(ws[last], "'s")
	if strings.HasSuffix(strings.ToLower(ws[last]), "s'") {
		ws[last] = ws[last][:len(ws[last])-1]
	}
	m.name = strings.Join(ws, " ")
	if x.isPlace(m.name) {
		return mention{}, false
	}
	if !m.whole && !title && !x.agrees(ts[start:end]) && !x.knownAs(ts[start].stem()) && !alone(s, start, end) {
		return mention{}, false
	}
	return m, title || x.agrees(ts[start:end]) || neighbours(s, i, end)
}

// knownAs reports whether a word is part of the full name of somebody met, or
// to be met, in the text.
func (x *text) knownAs(w string) bool {
	return x.names[w]
}

// alone reports whether a single name is that of a person by the words beside
// it: it is no place, which stands behind "our" or "in".
func alone(s *sentence, start, end int) bool {
	ts := s.toks
	if end < len(ts) && ts[end-1].tail == "" && places[ts[end].stem()] {
		return false
	}
	if strings.HasSuffix(ts[start].low, "'s") {
		return true
	}
	if start > 0 && ts[start].head == "" && !strings.ContainsAny(ts[start-1].tail, ",;:.-–(") {
		return nameBefore[ts[start-1].low]
	}
	return end < len(ts) && (nameAfter[ts[end].low] || strings.Contains(ts[end].text, "@") || strings.ContainsAny(ts[end-1].tail, ",:(") || strings.Contains(ts[end].head, "("))
}

var (
	places     = set("branch shop store site office pharmacy surgery practice road street team mailbox hospital university college town area group trust chemist")
	nameBefore = set("for remove removing link linking add adding called named and disable disabling reinstate enable enabling restore unlink give giving reset mark marking is only name's named dispenser pharmacist technician colleague starter girl lady manager locum driver receptionist nurse make but that user member yes no not except as put bring get")
	nameAfter  = set("is has was will who needs starts started joins joined left leaves should would wants can can't cannot only already uses goes forgot forgets works moved returned came retires doesn't hasn't isn't never also had does and")
)

// agrees reports whether an address of the text is made of the name's words.
func (x *text) agrees(ts []token) bool {
	for _, t := range ts {
		if x.agreed[t.stem()] > 0 {
			return true
		}
	}
	return false
}

func greeted(ts []token, i int) bool {
	return i > 0 && greetings[ts[i-1].low] && !strings.ContainsAny(ts[i-1].tail, ",:;-–") && ts[i-1].low != "all"
}

// neighbours reports whether the words around a run speak of a person.
func neighbours(s *sentence, i, end int) bool {
	ts := s.toks
	if i == 0 && end == len(ts) {
		return end-i > 1 // a line that is nothing but a name
	}
	if i > 0 && (cueBefore[ts[i-1].low] || ts[i].head != "" || strings.ContainsAny(ts[i-1].tail, ",-–:(")) {
		return true
	}
	if strings.HasSuffix(ts[end-1].low, "'s") || strings.HasSuffix(ts[end-1].low, "s'") {
		return true
	}
	if end == len(ts) {
		return i > 0 && cueBefore[ts[i-1].low]
	}
	return cueAfter[ts[end].low] || strings.ContainsAny(ts[end-1].tail, ",-–:(") || strings.Contains(ts[end].head, "(") || strings.Contains(ts[end].text, "@") || unicode.IsDigit(rune(ts[end].text[0])) || ts[end].text[0] == '+'
}

var orgWords = set("pharmacy pharmacies chemist chemists dental dentist practice surgery opticians optometrists care home nursing house clinic centre hospital trust group ltd limited plc mailbox street road lane parade avenue court row mill close park hill team portal connect")

// isPlace reports whether a name is that of a mailbox, or part of one.
func (x *text) isPlace(name string) bool {
	n := strings.ToLower(name)
	for _, p := range x.places {
		if p == n || strings.HasPrefix(p, n+" ") || strings.HasSuffix(n, p) && len(p) > 3 {
			return true
		}
	}
	return false
}

// A person is somebody of whom a text speaks, with all that was said of them.
type person struct {
	name      mention
	first     string // in lower case
	last      string
	known     bool // by a name; else by an address alone
	mobiles   []found
	addresses []found
	asks      []ask
	pos       int // where they first stand
	begins    int // sentence of the first mention
}

// found is a value that stood in prose.
type found struct {
	value   string
	written string
	valid   bool
	span    nasdesk.Span
	whose   whose
	old     bool // told of as wrong or past: "not 07700 …"
	nhs     bool
	alt     bool // called a private or an alternative address
	pos     int
	sent    int
}

// A whose says of whom a value is told.
type whose uint8

const (
	anyones whose = iota
	mine          // my mobile
	theirs        // her mobile
	owners        // the owner's
	others        // the shop's, her mother's
)

func (p *person) is(m mention) bool {
	if !p.known {
		return false
	}
	f, l := nameParts(m.name)
	switch {
	case m.whole:
		return f == p.first && (l == p.last || p.last == "") || !p.name.whole && (p.first == f || p.first == l)
	case p.name.whole:
		return f == p.first || f == p.last || strings.HasPrefix(p.first, f+" ")
	}
	return f == p.first
}

// nameParts are the first and the last word of a name, in lower case.
func nameParts(name string) (string, string) {
	ws := strings.Fields(strings.ToLower(name))
	if len(ws) == 0 {
		return "", ""
	}
	if len(ws) == 1 {
		return ws[0], ""
	}
	return ws[0], strings.Join(ws[1:], " ")
}

// owns reports whether the local part of an address is made of the person's
// name.
func (p *person) owns(a nasdesk.Address) bool {
	if !p.known {
		return false
	}
	local := plainLetters(a.Local())
	first, last := plainLetters(p.first), plainLetters(p.last)
	if last != "" && strings.Contains(local, last) && len(last) > 2 {
		return true
	}
	if i := strings.LastIndexAny(p.last, " -"); i > 0 && len(p.last)-i > 3 && strings.Contains(local, plainLetters(p.last[i:])) {
		return true
	}
	if i := strings.IndexAny(p.last, "-"); i > 2 && strings.Contains(local, plainLetters(p.last[:i])) {
		return true
	}
	return len(first) > 2 && strings.HasPrefix(local, first)
}

// plainLetters folds a word to small letters without marks.
func plainLetters(s string) string {
	return strings.ToLower(strings.ReplaceAll(nasdesk.PersonName(s).Portal(), " ", ""))
}

func containsFold(ss []string, s string) bool {
	return slices.ContainsFunc(ss, func(t string) bool { return strings.EqualFold(t, s) })
}

// common are words of everyday letters, none of which is taken for a name where
// capitals tell nothing.
var common = set("able about above absence access across action add after again against ago ahead all allow almost alone along already also always am among amount another any anyone anything apply appreciate are area arrange around ask asked at available away back bad be because become been before began begin being below best better between big bit both box bring brought busy but by call called came can card care carry case change check children choose clear click come complete contact copy correct could cover create current date day days deal deliver delivery details did different do does doing done down due during each early easily either else end enough every everyone everything evening example except expect extra fact far few fill final find fine first follow for forget form forward found from full further general get girl give given glad go goes going gone good got great had half happen happy hard has have having he hear heard help hello her here hi him his hold home hope hour hours how however idea if in include info instead into is issue it its itself job just keep kind kindly know known last late later least leave left let like line list little live log long look lot made main make many match may maybe me mean might mind mobil more morning most move much must my myself name near need needed needs never new next nice no none nor not note nothing now of off often oh ok old on once one only open or other others our out over own part people perhaps person phone place please point possible present previous problem process put question quick quite rather reach read ready really receive received reply request right run said same say see seem sent send set several she should show side since so some someone something soon sorry sort start started starting starts still such sure take taken talk team tell text than thank thanks that the their them then there these they thing think this those though through till time to today together told too took toward tried try two under until up update upon us use used user uses using usual very via wait want was way we week weeks well went were what when where whether which while who whole whose why will wish with within without work working works would write year years yes yet you your u pls ur thx ta plz cheers email mail address number mobile account mailbox pharmacy role member owner starter")
