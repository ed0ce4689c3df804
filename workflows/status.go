package workflows

import "nasdesk"

// status tells how an earlier request stands.
var status = &nasdesk.Kind{
	Name:  "status",
	Title: "how a request stands",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r statusRequest
		f.Need(&r.reference, "reference", "Reference", "NAS- and eight characters", "ref", "our reference", "your reference", "ref no", "reference number", "request", "case", "ticket", "case number", "ticket number", "case reference", "request reference")
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "status|progress|update|any news|any update|chasing|chase|how is|how far|where are we|what is happening|what's happening|has this been|heard nothing|not heard|still waiting|following up|follow up|is it done|been done yet|been actioned|when will",
			Objects: "request|reference|ref|nas-*|this|my email|our email|ticket|case|it|on|account"},
	},
	Who: nasdesk.BySharedMailbox | nasdesk.ByOwner | nasdesk.ByItself,
}

type statusRequest struct{ reference nasdesk.ReferenceNumber }
