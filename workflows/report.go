package workflows

import "nasdesk"

// report passes on a suspicious text or message. Nothing in it asks for anything.
var report = &nasdesk.Kind{
	Name:  "report",
	Title: "a report of a suspicious message",
	Open:  func(*nasdesk.Form) nasdesk.Judge { return judgeReport },
	Intents: []nasdesk.Intent{
		{Verbs: "suspicious|phishing|phish|scam|scams|spam|genuine|fraudulent|dodgy|is this real|is it real|legit|legitimate|fake|smishing|hoax|is this from you|is it from you|really from you|did you send|was this you|malicious|bogus|not from you|come from you|came from you",
			Objects: "text|sms|message|email|email|mail|link|texts|messages|emails|received|this|it|one|call"},
		{Verbs: "report|reporting|forwarding|pass on|passing on|flagging|flag", Objects: "suspicious|phishing|scam|spam|fake|dodgy|fraud*|junk"},
	},
	Asks:  ruleNeverAsk,
	Who:   nasdesk.ByAnybody,
	Staff: true,
}

var ruleNeverAsk = faq("report/never-share", "NHS.net may remind you by text that an account is inactive. It will never ask you to share your password by text, email or phone.")

// Contract, rule 15.
func judgeReport(nasdesk.Date, *nasdesk.Request, *nasdesk.Case) nasdesk.Verdict {
	return refer(nasdesk.StaffOnly, ruleNeverAsk, "a suspicious message was passed on")
}
