package workflows

import (
	"strings"

	"nasdesk"
)

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
		{Verbs: "create|creating|created|set up|setting up|set * up|make|making|new|need|needs|want|wants|like|have|open|get|start|starting|add|request|requesting|please|build|use|using|arrange|require", Objects: "microsoft team|microsoft teams|ms team|ms teams|teams channel|teams group|teams site|teams area|team called|team named|the team|this team|that team|a team|new team|one team|another team|second team|two teams|three teams|four teams|teams team|team on teams|team in teams|teams|team for our|team for the|team for us|nhs.net team",
			Unless: "team member*|member of|members of|dear team|hi team|hello team|teams call|teams meeting|teams chat|over teams|via teams|on teams|a team of|a team effort|of the team|of our team|the team has|the team is|the team needs|the team are|in the team|to the team|password|locked out"},
		{Verbs: "microsoft team|ms team|new team|teams site|teams group|microsoft teams request|team request|new microsoft team", Unless: "teams call|teams meeting", Weak: true},
	},
	Asks:     ruleTeam,
	Who:      nasdesk.BySharedMailbox,
	Valid:    validTeam,
	ReadBack: true,
}

type teamRequest struct {
	name  nasdesk.Title
	owner nasdesk.NHSAddress
}

var (
	ruleTeamName  = faq("team/name", "A Team must be clearly named and linked to the pharmacy: its name holds the pharmacy's name or its ODS code.")
	ruleTeamOwner = faq("team/owner", "A Team is owned by an active nhs.net account that is linked to the shared mailbox.")
)

func validTeam(r *nasdesk.Request, c *nasdesk.Case) []nasdesk.Reason {
	name, m := r.Answer("team_name"), c.Mailbox(r.Mailbox)
	if name == "" || m == nil || strings.Contains(squeeze(name), squeeze(m.Name)) || strings.Contains(squeeze(name), squeeze(string(m.ODS))) {
		return nil
	}
	return []nasdesk.Reason{nasdesk.Invalid("team_name")}
}

// squeeze leaves the letters and digits of a name, so that St. Oswald's and St
// Oswalds are one.
func squeeze(s string) string {
	name := nasdesk.PersonName(strings.ReplaceAll(s, "&", " and "))
	return strings.ReplaceAll(strings.ToLower(name.Portal()), " ", "")
}

// Contract, rule 14.
func (t *teamRequest) judge(_ nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	a := c.Account(nasdesk.Address(t.owner))
	switch {
	case a == nil || a.Status != nasdesk.Active:
		return notFound()
	case c.Role(r.Mailbox, a.Address) == "":
		return refuse(nasdesk.NotLinked, ruleTeamOwner)
	}
	v := grant(nasdesk.Action{Name: nasdesk.CreateTeam, Mailbox: r.Mailbox, Account: a.Address, Other: string(t.name)})
	v = saying(v, "We are creating the Team \""+string(t.name)+"\", owned by "+string(a.Address)+". It is private.")
	v.Notes = []nasdesk.Block{para("The owner adds your colleagues to the Team. We advise a second owner.")}
	return v
}

var ruleTeam = faq("team/what-to-send", "For a Team, send us from the shared mailbox a clear name that is linked to the pharmacy, and the nhs.net account that will own the Team.")
