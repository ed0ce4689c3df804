package workflows

import "nasdesk"

func grant(actions ...nasdesk.Action) nasdesk.Verdict {
	return nasdesk.Verdict{Outcome: nasdesk.Accepted, Actions: actions}
}

func refuse(why nasdesk.Reason, rule nasdesk.Rule) nasdesk.Verdict {
	return nasdesk.Verdict{Outcome: nasdesk.Refused, Reasons: []nasdesk.Reason{why}, Rule: rule}
}

// refer hands the request to staff. What was found in the register is for them
// alone: the reply says no more than the rule does.
func refer(why nasdesk.Reason, rule nasdesk.Rule, report string) nasdesk.Verdict {
	return nasdesk.Verdict{Outcome: nasdesk.Exception, Reasons: []nasdesk.Reason{why}, Rule: rule, Report: report}
}

// seek waits for another party. Without one staff decide.
func seek(why nasdesk.Reason, rule nasdesk.Rule, party nasdesk.Address) nasdesk.Verdict {
	if party == "" {
		return refer(nasdesk.StaffOnly, rule, "no regional team is on record for this mailbox")
	}
	return nasdesk.Verdict{Outcome: nasdesk.Awaiting, Reasons: []nasdesk.Reason{why}, Rule: rule, Seek: party}
}

// notFound, mismatch and conflict are the three ways in which the register does
// not bear a request out.
func notFound() nasdesk.Verdict {
	return refer(nasdesk.AccountNotFound, ruleNotFound, "the account is not in the register")
}

func mismatch(report string) nasdesk.Verdict {
	return refer(nasdesk.IdentityMismatch, ruleMismatch, report)
}

func conflict(a *nasdesk.Account) nasdesk.Verdict {
	return refer(nasdesk.Conflict, ruleConflict, "the account is "+string(a.Status)+" since "+string(a.Since))
}

func (n Notes) on(v nasdesk.Verdict) nasdesk.Verdict {
	v.Notes = append(v.Notes, n...)
	return v
}

// Notes are what a good agent would add.
type Notes []nasdesk.Block
