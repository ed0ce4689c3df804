package workflows

import (
	"slices"
	"strconv"

	"nasdesk"
)

// extraAccounts asks the region for more than ten accounts.
var extraAccounts = &nasdesk.Kind{
	Name:  "extra-accounts",
	Title: "more than ten accounts",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r extraAccountsRequest
		f.Need(&r.count, "count", "Number of accounts", "in all", "number of accounts required", "accounts required", "number required", "how many", "how many accounts", "total accounts", "accounts needed", "number needed", "number of accounts needed", "total number of accounts", "limit", "new limit", "number of additional accounts", "additional accounts", "extra accounts")
		f.Need(&r.why, "business_case", "Business case", "why ten are not enough", "business need", "reason", "reasons", "justification", "why", "case", "reason for request", "business reason", "rationale", "need")
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "more than ten|more than 10|over ten|over 10|above ten|above 10|beyond ten|beyond 10|exceed|exceeding|exceeds|increase|increasing|raise|raising|raised|lift|lifting|extend|extending|above the|over the|beyond the|beyond our|above our|higher", Objects: "accounts|limit|cap|users|ten|10|logins|allowance|allocation|maximum", Unless: "new ods|over the counter|over the phone"},
		{Verbs: "not enough|isn't enough|aren't enough|not sufficient|insufficient|run out|in total|used up|too few|doesn't cover|don't cover|go up to", Objects: "accounts"},
		{Verbs: "additional|extra|further|more", Objects: "accounts|logins|account allowance", Weak: true},
	},
	Asks: ruleTen,
	Who:  nasdesk.BySharedMailbox | nasdesk.ByOwner,
}

type extraAccountsRequest struct {
	count nasdesk.Count
	why   nasdesk.Text
}

// Contract, rule 15. The region's approval is a fact in the case that lets the
// next judging pass.
func (e *extraAccountsRequest) judge(_ nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	if !slices.Contains(r.Granted, nasdesk.RegionalApproval) {
		return overTen(c, r.Mailbox)
	}
	if waived(r, nasdesk.StaffOnly) {
		return saying(grant(), "We have approved "+strconv.Itoa(c.Limit(r.Mailbox))+" accounts for your shared mailbox. You can now ask for each of them as usual.")
	}
	return saying(grant(), "Your regional NHS England team has approved "+strconv.Itoa(c.Limit(r.Mailbox))+" accounts for your shared mailbox. You can now ask for each of them as usual.")
}
