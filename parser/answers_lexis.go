package parser

import (
	"cmp"
	"slices"
	"strings"
)

// A glossary holds the words and phrases of short answers by their first word,
// the longest first: what a phrase says goes before what its words say.
type glossary map[string][]entry

type entry struct {
	phrase
	sense
}

func (g glossary) at(ts []token, i int) (sense, int) {
	for _, w := range []string{ts[i].low, ts[i].stem()} {
		for _, e := range g[w] {
			if end := e.at(ts, i); end > 0 {
				return e.sense, end
			}
		}
	}
	return foreign, 0
}

// slip reports whether a word is one slip away from a longer one that goes with
// any answer, or says yes: "ahed".
func (g glossary) slip(w string) bool {
	if len(w) < 4 {
		return false
	}
	for v, es := range g {
		if len(v) >= 5 && v[0] == w[0] && oneSlip(v, w) && slices.ContainsFunc(es, func(e entry) bool { return e.sense <= assents }) {
			return true
		}
	}
	return false
}

func glossaryOf(words map[sense]string) glossary {
	g := glossary{}
	for s, text := range words {
		for _, p := range compilePhrases(strings.Join(strings.Fields(text), " ")) {
			g[p[0]] = append(g[p[0]], entry{p, s})
		}
	}
	for _, es := range g {
		slices.SortFunc(es, func(a, b entry) int {
			return cmp.Or(cmp.Compare(len(b.phrase), len(a.phrase)), cmp.Compare(b.sense, a.sense), slices.Compare(a.phrase, b.phrase))
		})
	}
	return g
}

// lexis is what words do in short answers. Of a word in two rows the lower row
// counts.
var lexis = glossaryOf(map[sense]string{
	// Courtesies, the nouns of a request, and phrases that put off nothing
	// though their words seem to: "as soon as possible".
	company: `a|an|the|this|that|that's|thats|these|those|them|they|it|it's|its|is|im|i'm|i|we|we're|us|me|my|our|your|you|yours|he|she|him|her|his|myself|am|are|be|do|done|
		at|by|for|from|here|in|of|on|to|with|and|as|so|now|then|too|also|well|very|many|much|quite|exactly|fully|hereby|happily|both|all|each|one|two|three|first|second|other|others|rest|
		hi|hello|hey|dear|morning|afternoon|evening|please|pls|plz|thanks|thank|ta|cheers|thx|regards|best|kind|wishes|sincerely|faithfully|team|sorry|apologies|late|delay|reply|quick|oh|ah|oops|again|say|forgot|
		everyone|colleague|colleagues|sir|madam|nas|help|mr|mrs|miss|ms|dr|pharmacy|pharmacies|mailbox|mailboxes|account|accounts|user|users|member|members|owner|owners|request|requests|detail|details|information|
		number|numbers|change|changes|order|side|office|region|regional|nhs|england|north|south|east|west|midlands|london|staff|support officer|practice|home|place|business|case|need|needs|reason|
		approval|consent|consolidation|consolidating|merger|merging|joining|going|removal|link|linked|set|up|create|created|remove|removed|extra|additional|additions|eleventh|ten|limit|new|more|increase|total|
		can|have|has|had|been|given|give|got|look|looks|looking|sounds|seems|seem|seen|everything|nothing|what|what's|what i've|we've|you've|written|wrote|read|above|below|back|
		great|good|fine|perfect|lovely|super|brilliant|excellent|wonderful|delighted|pleased|wish|want|wanted|needed|grateful|appreciate|behalf|hereby|possible|asap|once|soon|clear|deal|
		action|actioned|proceed|carry|ahead|go|going ahead|carry out|right|happy|happily|content|kindly|no more to add|yet to|
		if possible|as soon as|when you can|whenever you can|when you get a|when you have a|if that's ok|if that is ok|if you could|if you would|if you can|if you need * more|if you need any|if you need anything|if you require|
		if there is anything|if there are any|if you have any|let me know when|let us know when|let me know once|let us know once|let me know if|let us know if|
				for now|no need to wait|apologies for the wait|sorry for the wait|would be grateful|could proceed|for checking|thanks for waiting|thank you for waiting|after all|
		do not hesitate|don't hesitate|please don't hesitate|no problem|no problems|no issue|no issues|no worries|no concerns|no rush|no hurry|no doubt|no change|no changes|no other|no further|no more|
		no account|no nhs|no mobile|no one|no reply|no news|not only|
		ignore my signature|ignore the signature|ignore the disclaimer|ignore the attachment|ignore the formatting|cancel a|cancel her appointment|cancel his appointment`,
	// Words that put nothing off, though one of them seems to, and yet belong to
	// no plain yes.
	foreign: `will be|she will|he will|they will|will need|you will|would like|should be a|should be an|should be fine|should be ok|have checked|i've checked|i checked|we checked|checked and|checked it|checked with|
		checked the|double checked|you may|on hold|except for the|except the|first name|before the|will start|will work|i think that's|i think that is|you should|look after|looks after|first thing`,
	opensYes: `yes|yep|yup|yip|yeah|yea|aye|y|ok|okay|confirming|confirmed|confirm|approved|approve|agreed|agree|correct|affirmative|certainly|absolutely|yes-please|granted`,
	orders:   `go ahead|please action|please do|do it please|please proceed|please carry on|carry on|carry it out`,
	assents: `that's right|that is right|that's correct|that is correct|all correct|we agree|i agree|we approve|i approve|i can approve|we can approve|we confirm|i confirm|can confirm|we consent|i consent|we support|i support|
		happy for|happy with|happy to approve|happy to agree|happy to support|happy to confirm|happy to go|content to support|content to approve|content for|content with|pleased to approve|i am content|we are content|
		supports this|supports the|support this|support the|is supported|is approved|are approved|approved for|has approved|have approved|has agreed|have agreed|is agreed|approval given|approval granted|consent given|
		you have our approval|you have our consent|you have my approval|you have my consent|have my approval|give consent|give our consent|give my consent|give approval|no objection|no objections|
		all fine|is fine|are fine|that's fine|fine with us|fine by us|all good|exactly right|quite right|spot on|in order|is right|are right|looks right|looks correct|looks good|is correct|are correct|works for us|that works|yes please`,
	opensNo: `no|nope|n|declined|decline|rejected|refused|disagree`,
	dissents: `we decline|i decline|must decline|have to decline|is declined|are declined|been declined|request declined|is rejected|are rejected|is refused|are refused|we refuse|i refuse|i disagree|we disagree|we object|i object|
		that's wrong|is wrong|are wrong|is incorrect|are incorrect|incorrect|withhold consent|refuse consent|rather not|rather you didn't|leave her as|leave him as|leave them as|leave it as|leave as is|leave things as|stay as|
		not at this time|not at the moment|not at present|not on this occasion|not this time|not now thanks|no thanks|no thank you|not going ahead`,
	negates: `not|don't|dont|don´t|doesn't|didn't|won't|isn't|aren't|wasn't|weren't|hasn't|haven't|never|cannot|can't|unable|without|nor|neither|shouldn't|wouldn't|no longer`,
	pleases: `happy|right|content|fine|good|support|supported|supporting|approving|agreeing|consent|want|for us|any more|anymore`,
	works:   `set|create|created|link|linked|remove|removed|disable|reset|mark|proceed|do|action|process|progress|implement|need|needed|require|required|continue|wanted`,
	revokes: `cancel|please cancel|to be cancelled|retract|call it off|please stop|stop please|stop this request|stop this|stop|withdraw my|withdraw our|withdraw the|withdraw this|wish to withdraw|like to withdraw|please withdraw|we withdraw|i withdraw|
		ignore my|ignore our|ignore the * email|ignore the * request|ignore this request|ignore that|ignore previous|ignore last|ignore all|please ignore|disregard|scrap that|scrap this|scrap my|forget my|forget about|forget it|
		sent in error|sent by mistake|made in error|hold the request|please leave it|changed our mind|changed my mind|take no further action|no further action|no longer want|no longer wanted|
		no need any more|no need anymore|no need for this|no need for it|not to go ahead|don't bother`,
	hangs: `if|unless|when|whenever|once|provided|providing|subject|condition|conditional|conditionally|principle|pending|tbc|provisional|provisionally|maybe|perhaps|probably|possibly|might|think|guess|suppose|assume|hopefully|
		later|tomorrow|unsure|wait|hold|panel|discuss|discussed|consider|considering|reviewing|review|awaiting|waiting|check|checking|checked|query|formal|follow|should|would|could|may|will|however|although|though|before|after|
		haven't approved|have not approved|has not approved|hasn't approved|not sure|i don't know|i can't say`,
	defers:    `get back to|come back to|i'll ask|we'll ask|ask her|ask him|ask them|look into|find out`,
	putsOff:   `yet|until|till|not yet`,
	leavesOut: `except|excluding|apart from|all but|everyone but|leave out`,
	turnsBack: `but|except for`,
	confines:  `only|just`,
})
