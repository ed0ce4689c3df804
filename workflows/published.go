package workflows

import (
	"strings"

	"nasdesk"
)

// A published answer is one that the guidance gives to a question. It is named
// in the acknowledgement where the question seems to ask it, and never replaces
// the staff.
type published struct {
	title string
	link  string
	// every of these must stand in the message; alternatives are divided by "|"
	words []string
}

const faqPage = "https://cpe.org.uk/digital-and-technology/nhs-mail/nhsmail-faqs/"

// answers are in the order of precedence: the more particular first.
var answers = []published{
	{"Is a text message about an inactive account genuine?", faqPage, []string{"text|sms|message", "inactive|suspicious|genuine|scam|phishing|real", "nhs|account"}},
	{"How do I activate my personal nhs.net account?", faqPage, []string{"activate|activation|first log in|first login|log in for the first time", "account|nhs.net|login"}},
	{"What is the password policy?", faqPage, []string{"password", "policy|rules|characters|expire|expires|expired|how long|requirements|criteria"}},
	{"What if I forget my password and cannot reset it?", faqPage, []string{"password", "forgot|forgotten|reset|locked"}},
	{"How can I hide or unhide my mobile number in the directory?", faqPage, []string{"hide|unhide|hidden|visible|show", "number|mobile|phone", "directory|people finder|everyone|everybody|number"}},
	{"How often do I need to log in to keep my account active?", faqPage, []string{"30 days|thirty days|inactive|how often|log in regularly|keep * active", "account|log in|login"}},
	{"Can I use nhs.net with very old devices or software?", faqPage, []string{"windows 7|windows 8|windows xp|old outlook|outlook 2010|outlook 2013|old computer|old device|old devices|older version|old version|outlook 2007", "outlook|windows|computer|device|devices|nhs|email"}},
	{"What if I cannot take my phone to work?", faqPage, []string{"phone|mobile", "not allowed|can't have|cannot have|can't take|cannot take|no phones|leave * at home", "work|pharmacy|dispensary|first"}},
	{"What is People Finder?", faqPage, []string{"people finder|nhs directory"}},
	{"Do shared mailboxes have passwords?", faqPage, []string{"password", "shared mailbox|shared inbox"}},
	{"How can I access the shared mailbox?", faqPage, []string{"access|open|find|get into|see", "shared mailbox|shared inbox", "how"}},
	{"Can a personal account be linked to more than one pharmacy?", faqPage, []string{"more than one|two|several|both|multiple", "pharmacies|mailboxes|branches|shops", "account|link|linked|access"}},
	{"What should we do with nhs.net during a consolidation?", faqPage, []string{"consolidat|merge|merging|merger"}},
	{"Will shared mailboxes be permanently deleted?", faqPage, []string{"shared mailbox", "deleted|deletion|removed|expire"}},
}

// published names at most two answers that fit what a message says.
func publishedFor(m *nasdesk.Message) []nasdesk.Block {
	text := ownText(m)
	var items []string
	for _, a := range answers {
		if len(items) < 2 && a.fits(text) {
			items = append(items, a.title+" "+a.link)
		}
	}
	if items == nil {
		return nil
	}
	return []nasdesk.Block{para("While you wait, these published answers may help:"), {Items: items}}
}

// ownText is the sender's own words, in lower case, divided by single blanks.
func ownText(m *nasdesk.Message) string {
	var b strings.Builder
	for _, l := range m.Lines {
		if l.Region == nasdesk.Own {
			b.WriteString(" " + strings.ToLower(l.Text))
		}
	}
	return b.String() + " "
}

func (a published) fits(text string) bool {
	for _, word := range a.words {
		if !anyOf(text, word) {
			return false
		}
	}
	return true
}

// anyOf reports whether one of the alternatives stands in the text at the
// beginning of a word. A "*" in one stands for up to three words.
func anyOf(text, alternatives string) bool {
	for alt := range strings.SplitSeq(alternatives, "|") {
		before, after, gap := strings.Cut(alt, " * ")
		at := strings.Index(text, " "+before)
		if at < 0 {
			continue
		}
		if !gap {
			return true
		}
		rest := strings.Fields(text[at+1+len(before):])
		if strings.Contains(strings.Join(rest[:min(5, len(rest))], " "), after) {
			return true
		}
	}
	return false
}
