package parser

import (
	"fmt"
	"strings"
	"testing"

	"nasdesk"
)

// placedLines makes lines of a text: a blank line is a break, ">" a quote, "_"
// alone a rule.
func placedLines(text string) []placed {
	var f findings
	var out []placed
	rule := byte(0)
	for _, l := range plainLines(text, false, false, DefaultLimits, &f) {
		if l.text != "" {
			out = append(out, placed{bodyLine: l})
		}
		rule = l.rule
	}
	_ = rule
	return out
}

// Where an earlier mail begins, and how many lines say so.
func TestSeparators(t *testing.T) {
	const full = "From: a@example.com\nSent: x\nTo: y\nSubject: z"
	for text, want := range map[string]string{
		full + "\nHi":                                                          "4 a@example.com",
		"From: a\nSent: x\nTo: y\nHi":                                          "3 a",
		"From: a\nSent: x\nSubject: y\nHi":                                     "3 a",
		"From: a\nTo: x\nSubject: y\nHi":                                       "3 a",
		"From: a\nTo: x\nHi":                                                   "0 ",
		"From: a\nSent: x\nHi":                                                 "0 ",
		"From: a\nSubject: x\nHi":                                              "0 ",
		"Sent: x\nTo: y\nSubject: z":                                           "0 ",
		"Subject: z\nFrom: a\nSent: x\nTo: y":                                  "0 ",
		"x\n___\nSubject: z\nFrom: a\nSent: x\nTo: y":                          "0 ",
		"Hi\n" + full:                                                          "0 ",
		"-----Original Message-----\n" + full:                                  "5 a@example.com",
		"-----Original Message-----\nHi":                                       "1 ",
		"-----Original Message-----\n\na\nb\n" + full:                          "7 a@example.com",
		"-----Original Message-----\n\na\nb\nc\n" + full:                       "1 ",
		"---- Forwarded by Ada on Monday ----":                                 "1 ",
		"__ Original Message from Ada":                                         "1 ",
		"---- Forwarded message ----\nSubject: z\nFrom: a\nDate: x\nTo: y\nHi": "5 a",
		"Forwarded by Ada":                                                     "0 ",
		"-- forwarded to Ada --":                                               "0 ",
		"Begin forwarded message:":                                             "1 ",
		"Start of forwarded message":                                           "1 ",
		"Begin forwarded":                                                      "0 ",
		"Original Message":                                                     "0 ",
		"__Original appointment__":                                             "1 ",
		"----- Neges Wreiddiol -----":                                          "1 ",
		"-------- Weitergeleitete Nachricht --------":                          "1 ",
		"-------- Message original --------":                                   "1 ",
		"-------- Ursprüngliche Nachricht --------":                            "1 ",
		"Oddi wrth: a\nAnfonwyd: x\nAt: y\nPwnc: z":                            "4 a",
		"De: a\nEnvoyé: x\nÀ: y\nObjet: z":                                     "4 a",
		"Von: a\nGesendet: x\nAn: y\nBetreff: z":                               "4 a",
		"From: a\nDyddiad: x\nTo: y\nx":                                        "3 a",
		"From: a\nDate sent: x\nTo: y\nx":                                      "3 a",
		"From: a\nSent on: x\nTo: y\nx":                                        "3 a",
		"From: a\nSent: x\nTo: y\nCc: z\nBcc: z\nImportance: High\nx":          "6 a",
		"From: a\nAttachments: b\nReply-To: c\nReply to: c\nPriority: 1\nSensitivity: 1\nWhen: x\nWhere: x\nCategories: x\nSigned by: x\nResent-From: x\nSent: x\nTo: x\nHi": "13 a",
		"From: a\nSent: x\nTo: y\nFrom: b":                                 "3 a",
		"From: a\nSent: x\nTo: b@example.com;\nc@example.com\nSubject: z":  "5 a",
		"From: a\nSent: x\nTo: b\nnobody\nSubject: z":                      "3 a",
		"From: a\nSent: x\nCc: b\n<c>\nTo: d":                              "5 a",
		"From: a\n<b@c>\nSent: x\nTo: y":                                   "0 ",
		"From: a\nSubject: x\nwhich goes on\nTo: d":                        "4 a",
		"From: a\nSubject: x\n" + strings.Repeat("y", 79) + "\nTo: d":      "4 a",
		"From: a\nSubject: x\n" + strings.Repeat("y", 80) + "\nTo: d":      "0 ",
		"From: a\nTo: b;\nc;\nd;\ne;\nf;\nSubject: x":                      "7 a",
		"From: a\nTo: b;\nc;\nd;\ne;\nf;\ng;\nSubject: x":                  "0 ",
		"From: a\nTo: b;\n\nc;\nSubject: x":                                "0 ",
		"From: a\nSent: x\n> To: y":                                        "0 ",
		"From: a\nWell: x\nSent: x\nTo: y":                                 "0 ",
		"From: a\n" + strings.Repeat("Cc: x\n", 11) + "Sent: x\nTo: y\nHi": "14 a",
		"From: a\n" + strings.Repeat("Cc: x\n", 12) + "Sent: x\nTo: y\nHi": "0 ",
		"From          \t: a\nSent: x\nTo: y":                              "3 a",
		"*From:* a\n*Sent:* x\n*To:* y":                                    "3 a",
	} {
		lines := placedLines(text)
		n, from := separator(lines, 0)
		if got := fmt.Sprint(n, " ", strings.TrimSpace(from)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	marked := placedLines("Subject: z\nFrom: a\nSent: x\nTo: y")
	for _, mark := range []func(*placed){func(p *placed) { p.mark = true }, func(p *placed) { p.rule = '_' }} {
		lines := append([]placed(nil), marked...)
		if mark(&lines[0]); true {
			if n, _ := separator(lines, 0); n != 4 {
				t.Errorf("behind a mark or a rule: %d lines", n)
			}
		}
	}
	for label, want := range map[string]string{"resent-from: x": "other", "1234567890123456: x": "", "reply-to        : x": "other", "reply-to         : x": "", "from": "", "to : x": "to"} {
		if name, _ := copiedField(label); name != want {
			t.Errorf("%q: %q, want %q", label, name, want)
		}
	}
}

// Who wrote what follows: "On … wrote:".
func TestAttributions(t *testing.T) {
	long := func(n int) string { return "On 21 April, " + strings.Repeat("x", n) + " wrote:" }
	for text, want := range map[string]int{
		"On 21 April, Ada wrote:": 1, "On 21 April, Ada\nwrote:": 2, "On 21 April,\nAda\nwrote:": 3, "On 21 April,\nAda\nElm\nwrote:": 0, "On Monday, Ada wrote:": 0, "On Monday, a@b wrote:": 1, "Ada 21 April wrote:": 0, "Ada 21 April wrote:\n> x": 1,
		"Ar 21 Ebrill ysgrifennodd:": 1, "Le 21 avril, Ada a écrit :": 1, "Le 21 avril, Ada a écrit:": 1, "Am 21. April schrieb:": 1, "El 21 said:": 1, "On 21 Ada writes:": 1, "On 21 April": 0, "On 21 April,\n> Ada wrote:": 0,
		"On 21 April,\n\nAda wrote:": 2, "21 April\n\nAda wrote:\n> x": 0, "21 April\nAda wrote:\n> x": 2, "Ada wrote:\n> x": 0, "Ada 21 April wrote:\nx": 0,
		long(379): 1, long(380): 0, "> On 21 April, Ada wrote:\n> x": 1, "Yes\nOn 21 April, Ada wrote:\n> x": 0, "21 April\nAda\nwrote:\n> x": 3,
	} {
		if n, _ := attribution(placedLines(text), 0); n != want {
			t.Errorf("%.60q: %d lines, want %d", text, n, want)
		}
	}
}

// Which quoted mails are ours.
func TestIsOurs(t *testing.T) {
	for from, want := range map[string]bool{
		"helpdesk@nhs.net": true, "<HELPDESK@nhs.net>": true, "xhelpdesk@nhs.net": false, "helpdesk@nhs.net.example.com": false, "helpdesk@nhs.netx": false, "a@example.com": false, "NHS National Administration Service": true, "NAS Helpdesk": true, "Ada": false,
		"NAS Helpdesk <a@example.com>": false, "mailto:helpdesk@nhs.net]": true,
	} {
		if got := isOurs(from, "helpdesk@nhs.net"); got != want {
			t.Errorf("%q is ours: %v", from, got)
		}
	}
	if isOurs("a@b", "") {
		t.Error("without an address of our own somebody's is ours")
	}
}

// Quotes are numbered by what separates them, and by their depth.
func TestQuoteNumbers(t *testing.T) {
	const head = "From: a\nSent: x\nTo: y\n"
	for text, want := range map[string]string{
		"a\n> b\n>> c\nd":                                 "0 1 2 0",
		"a\n" + head + "b\n" + head + "c":                 "0 1 1 1 1 2 2 2 2",
		"a\n" + head + "b\n> c":                           "0 1 1 1 1 2",
		"> a\n> From: a\n> Sent: x\n> To: y\n> b\nc\n> d": "1 2 2 2 2 0 1",
		"a\nOn 1 May, Ada wrote:\n> b\nc":                 "0 1 1 0",
		"a\nOn 1 May, Ada wrote:\nb":                      "0 1 1",
		"a\nOn 1 May, Ada wrote:":                         "0 1",
		"a\n> On 1 May, Ada wrote:\n>> b\n> c":            "0 2 2 1",
	} {
		lines := placedLines(text)
		markQuotes(lines, "helpdesk@nhs.net")
		var got []string
		for _, l := range lines {
			got = append(got, fmt.Sprint(l.quote))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
	}
	deep := placedLines(strings.Repeat(">", 150) + "a")
	if markQuotes(deep, ""); deep[0].quote != maxQuoteDepth {
		t.Errorf("150 levels are counted as %d", deep[0].quote)
	}
}

// Each warning that programs write into bodies, and the small print, by their
// first words; where their sentences end.
func TestBannersAndSmallPrint(t *testing.T) {
	fifty := strings.Repeat("x", 50)
	for text, want := range map[string]string{
		"Caution: this email originated elsewhere.\na":                              "banner own",
		"a\nThis message originated from outside of NHSmail.\nb":                    "own banner own outside",
		"This message originated from outside of NHSmail " + fifty + "\nhere.\nb":   "banner banner own outside",
		"This message originated from outside of NHSmail " + fifty + "\n\nhere.\nb": "banner own own outside",
		"[EXTERNAL] x\nb":                                                        "banner own outside",
		"You don't often get email from a@b.\nb":                                 "banner own",
		"x gives the appearance of being from an NHSmail address.\nb":            "banner own spoof",
		"Outside of this\nb":                                                     "own own",
		"This email and any files are confidential.\na\nb":                       "small own own",
		"a\nThis email and any files are confidential.\nb":                       "own small small",
		"a\nThis email and any files are confidential.\nRole: member\nName: x":   "own small own own",
		"a\nThis email and any files are confidential.\n\nRole: member\nName: x": "own small own own",
		"Hi\nThis email and any files are confidential.\na":                      "own small own",
		"*** Confidentiality notice\nx":                                          "small own",
		"a\nb Confidentiality notice":                                            "own own",
		"This email and any files " + fifty + "\nare " + fifty + ".\na":          "small small own",
	} {
		lines := placedLines(text)
		var f findings
		markBanner(lines, &f)
		markDisclaimer(lines)
		var got []string
		for _, l := range lines {
			got = append(got, regionNames[l.region])
		}
		for code, word := range map[string]string{nasdesk.FoundOutside: "outside", nasdesk.FoundSpoofNote: "spoof"} {
			if f.has(code) {
				got = append(got, word)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
	}
	for n, want := range map[int]int{49: 1, 50: 2} {
		if got := sentenceEnd(placedLines(strings.Repeat("x", n)+"\ny"), 0); got != want {
			t.Errorf("a line of %d characters: the sentence has %d lines, want %d", n, got, want)
		}
	}
	ruled := placedLines(fifty + "\ny")
	if ruled[1].rule = '_'; sentenceEnd(ruled, 0) != 1 || sentenceEnd(placedLines(fifty+"."), 0) != 1 || sentenceEnd(placedLines(fifty+".\ny"), 0) != 1 {
		t.Error("a rule or a full stop ends no sentence")
	}
}
