package workflows

import "nasdesk"

// siteChange gives a mailbox its new ODS code and with it its new address.
var siteChange = &nasdesk.Kind{
	Name:  "site-change",
	Title: "a change of ODS code or address",
	Open: func(f *nasdesk.Form) nasdesk.Judge {
		var r siteChangeRequest
		f.Want(&r.old, "old_ods", "Old ODS code", "yours until now", "old code", "old ods", "old f code", "current ods code", "current code", "present ods code", "previous ods code", "previous code", "existing ods code", "former ods code", "ods code (old)", "old ocs code", "from", "our ods code", "old contractor code", "old nacs code")
		f.Need(&r.code, "new_ods", "New ODS code", "", "new code", "new ods", "new f code", "ods code (new)", "new ocs code", "to", "new contractor code", "new nacs code", "new site code", "replacement ods code")
		f.Want(&r.name, "new_name", "New name", "if the name changes too", "new pharmacy name", "new trading name", "name (new)", "new name of pharmacy", "new practice name", "new organisation name", "trading as", "new display name")
		return r.judge
	},
	Intents: []nasdesk.Intent{
		{Verbs: "change|changed|changing|changes|update|updating|new|rename|renaming|amend|correct|switch|move|replace", Objects: "ods code|ods|f code|ocs code|contractor code|nacs code|mailbox address|address of our mailbox|shared mailbox address|address of the shared mailbox|mailbox name|email address of our mailbox|site code|our code"},
		{Verbs: "relocat*|moved premises|change of ownership|new premises|changed hands|site change", Objects: "ods|code|mailbox|address"},
		{Verbs: "wrong format|not follow|old format|does not follow|doesn't follow|not in the format|wrong address format|isn't in the|non-standard|not pharmacy.", Objects: "mailbox|address|format"},
	},
	Who:      nasdesk.BySharedMailbox,
	ReadBack: true,
}

type siteChangeRequest struct {
	old, code nasdesk.ODSCode
	name      nasdesk.Title
}
