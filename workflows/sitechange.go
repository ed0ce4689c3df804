package workflows

import (
	"slices"

	"nasdesk"
)

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
		{Verbs: "change|changed|changing|changes|update|updating|updated|rename|renaming|renamed|amend|amending|correct|switch|replace|replaced|convert|move|moved|moving", Objects: "ods code|ods|f code|ocs code|contractor code|nacs code|mailbox address|address of our mailbox|shared mailbox address|address of the shared mailbox|address of our shared mailbox|mailbox name|email address of our mailbox|site code|our code|mailbox's address|name of our mailbox|name of the mailbox|name of our shared mailbox|name of the shared mailbox|shared mailbox name|our shared mailbox to|our mailbox to|the mailbox to|the shared mailbox to",
			Unless: "consolidat*|merg*|member|owner|access|link|move * to"},
		{Verbs: "new ods code|new ods|new f code|new contractor code|ods code change|ods change|new site code|new mailbox address|new ocs code|change of ods|change of code|new nacs code|our new code|new organisation code|site change", Unless: "consolidat*|merg*"},
		{Verbs: "not follow|doesn't follow|does not follow|not in the|isn't in the|not the|wrong|old|incorrect|non-standard|not match|doesn't match|not in|isn't|never followed|different|unusual|out of line with|not comply|doesn't comply|not conform|doesn't conform|not of the|not", Objects: "format|pharmacy.ods*|pharmacy.code*|pharmacy.f*|naming convention|naming format|naming standard|required pattern|standard pattern|pattern", Unless: "date format|file format|email format"},
		{Verbs: "relocat*|moved premises|moved to new premises|change of ownership|new premises|changed hands|new owners|rebranded|rebranding|changing our name|changed our name", Objects: "ods|code|mailbox|address|pharmacy|premises", Weak: true},
	},
	Asks:     ruleSiteChange,
	Who:      nasdesk.BySharedMailbox,
	Valid:    validSiteChange,
	ReadBack: true,
}

type siteChangeRequest struct {
	old, code nasdesk.ODSCode
	name      nasdesk.Title
}

var (
	ruleFormat  = faq("site-change/address-format", "Pharmacy shared mailboxes must follow the format pharmacy.ODScode@nhs.net. A mailbox that does not is put right urgently by our staff.")
	ruleODSFree = ours("site-change/code-free", "An ODS code belongs to one organisation and is never used again. The new code is in use already.")
	ruleDSPT    = faq("site-change/dspt", "The Data Security and Protection Toolkit must be completed to at least Standards met (in social care, to at least Approaching standards).")
	ruleOwnCode = faq("site-change/own-code", "A mailbox asks for the change of its own ODS code.")
)

func validSiteChange(r *nasdesk.Request, c *nasdesk.Case) []nasdesk.Reason {
	code, m := nasdesk.ODSCode(r.Answer("new_ods")), c.Mailbox(r.Mailbox)
	if code == "" || m == nil || code.WellFormed(m.Sector) {
		return nil
	}
	return []nasdesk.Reason{nasdesk.Invalid("new_ods")}
}

// raisesFormat: a pharmacy mailbox whose address is not pharmacy.ODSCODE@nhs.net
// says so, and names no other code. Contract, rule 13.
func raisesFormat(r *nasdesk.Request, m *nasdesk.Mailbox) bool {
	code := nasdesk.ODSCode(r.Answer("new_ods"))
	return m != nil && m.Sector == nasdesk.Pharmacy && m.Address != m.AddressUnder(m.ODS) && (code == "" || code == m.ODS)
}

// putRight gives a mailbox the address that its code asks for, once staff have
// looked at it.
func putRight(_ nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	m := c.Mailbox(r.Mailbox)
	address := m.AddressUnder(m.ODS)
	if !slices.Contains(c.Keys.Addresses, address) {
		return nasdesk.Verdict{Need: nasdesk.Keys{Addresses: []nasdesk.Address{address}}}
	}
	if c.Mailbox(address) != nil || c.Account(address) != nil {
		return refuse(nasdesk.ODSInUse, ruleODSFree)
	}
	v := grant(nasdesk.Action{Name: nasdesk.RenameMailbox, Mailbox: m.Address, Account: address, Other: string(m.ODS)})
	v.Tests = []nasdesk.Address{address}
	return saying(v, "Your shared mailbox becomes "+string(address)+when(r.Effective)+". Mail to "+string(m.Address)+" still arrives. We have sent a test message to the new address: please answer it from there.")
}

// Contract, rule 13.
func (s *siteChangeRequest) judge(_ nasdesk.Date, r *nasdesk.Request, c *nasdesk.Case) nasdesk.Verdict {
	m, taken := c.Mailbox(r.Mailbox), c.MailboxByODS(s.code)
	switch {
	case s.old != "" && s.old != m.ODS:
		return refuse(nasdesk.SenderNotAuthorised, ruleOwnCode)
	case taken != nil:
		return refuse(nasdesk.ODSInUse, ruleODSFree)
	case m.DSPT != nasdesk.StandardsMet && m.DSPT != nasdesk.StandardsExceeded && (m.Sector != nasdesk.SocialCare || m.DSPT != nasdesk.ApproachingStandards):
		return refuse(nasdesk.DSPTNotMet, ruleDSPT)
	}
	address := m.AddressUnder(s.code)
	if c.Mailbox(address) != nil || c.Account(address) != nil {
		return refuse(nasdesk.ODSInUse, ruleODSFree)
	}
	v := grant(nasdesk.Action{Name: nasdesk.RenameMailbox, Mailbox: m.Address, Account: address, Other: string(s.code), OtherName: string(s.name)})
	v.Tests = []nasdesk.Address{address}
	v = saying(v, "Your shared mailbox becomes "+string(address)+when(r.Effective)+". Mail to "+string(m.Address)+" still arrives. We have sent a test message to the new address: please answer it from there.")
	v.Notes = []nasdesk.Block{para("After the change, please:"), {Items: []string{
		"send a test email and check that everybody has access",
		"check your staff's access and permissions in the shared mailbox",
		"make sure that the Data Security and Protection Toolkit is completed under the new code"}}}
	return v
}

var ruleSiteChange = faq("site-change/tell-us", "If your ODS code, ownership or location changes, email us so that the shared mailbox address can be updated.")
