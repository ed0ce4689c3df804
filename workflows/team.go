package workflows

import "nasdesk"

// team makes a Microsoft Team that an account of the mailbox owns.
var team = &nasdesk.Kind{
	Name:  "team",
	Title: "a Microsoft Team",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r teamRequest
		f.Need(&r.name, "team_name", "Team name", "it holds your pharmacy's name or ODS code", "name of team", "name of the team", "team", "teams name", "team title", "name for the team", "ms team name", "microsoft team name", "name", "team to be called")
		f.Need(&r.owner, "owner_email", "Team owner", "nhs.net address", append([]string{"team owner's email", "team owner's nhs.net email", "owner of team", "owner of the team", "owned by", "to be owned by"}, ownerLabels...)...)
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "create|creating|set up|setting up|make|new|need|want|like|have|open|get|start|add|request|please", Objects: "team|teams|ms team|ms teams|microsoft team|microsoft teams|teams channel|teams group"},
	},
	Who:      nasdesk.BySharedMailbox,
	ReadBack: true,
}

type teamRequest struct {
	name  nasdesk.Title
	owner nasdesk.NHSAddress
}
