package parser

import (
	"slices"

	"nasdesk"
)

var (
	pointers = compilePhrases("below|attached email|forwarded|her email|his email|their email|the email|the trail|underneath|beneath|following email")
	doIt     = compilePhrases("please action|please process|please arrange|please do|please help|please sort|please deal|please set|please see|can you action|could you action|can you process|could you process|can you arrange|could you arrange|can you sort|could you sort|please proceed|go ahead|as requested|please carry|can you do|could you do|please could you|please can you|kindly|to be actioned|for you to action|for action|please look|can you help|could you help")
)

// pointsBelow reports whether the sender's own words ask for what the forwarded
// text below tells, and tell nothing of it themselves. Contract, rule 2.
func (x *text) pointsBelow() bool {
	if x.held || x.pointing || len(x.blocks) > 0 || !hasForwarded(x.m) {
		return false
	}
	pointed, wanted := false, x.ownAsks()
	for _, s := range x.bodySentences() {
		if _, _, ok := findPhrase(s.toks, pointers); ok {
			pointed = true
			if _, _, ok := findPhrase(s.toks, doIt); ok {
				wanted = true
			}
		}
	}
	if !pointed || !wanted {
		return false
	}
	for _, r := range x.readings() {
		if slices.ContainsFunc(r.Answers, func(a nasdesk.Answer) bool { return a.Field != "role" && a.Field != "full_name" }) {
			return false
		}
	}
	return true
}

func hasForwarded(m *nasdesk.Message) bool {
	return slices.ContainsFunc(m.Lines, func(l nasdesk.Line) bool { return l.Region == nasdesk.Quoted && l.Quote == 1 })
}
