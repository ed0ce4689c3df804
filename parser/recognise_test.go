package parser_test

import (
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/parser"
	"nasdesk/workflows"
)

var reader = parser.NewReader(workflows.Kinds)

// mailOf reads a message that the pharmacy Ashgrove wrote on Wednesday 22 April
// 2026.
func mailOf(subject, body string, more ...string) *nasdesk.Message {
	head := "From: Ashgrove Pharmacy <pharmacy.fxx11@nhs.net>\nTo: helpdesk@nhs.net\nSubject: " + subject +
		"\nDate: Wed, 22 Apr 2026 09:00:00 +0100\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
	return parser.Read([]byte(strings.Join(append([]string{head}, more...), "")+"\n"+body), parser.Options{Own: "helpdesk@nhs.net"})
}

func register() *nasdesk.Case {
	return &nasdesk.Case{Mailboxes: []nasdesk.Mailbox{
		{Address: "pharmacy.fxx11@nhs.net", ODS: "FXX11", Name: "Ashgrove Pharmacy", Sector: nasdesk.Pharmacy},
		{Address: "pharmacy.fxx22@nhs.net", ODS: "FXX22", Name: "Quayside Pharmacy", Sector: nasdesk.Pharmacy},
	}}
}

// show writes readings in a line: kind; field=value; …; ?field where it is
// ambiguous; @day from which it is asked for; ~ where it was prose.
func show(rs []nasdesk.Reading) string {
	var out []string
	for _, r := range rs {
		w := []string{r.Kind}
		for _, a := range r.Answers {
			if a.Ambiguous {
				w = append(w, "?"+a.Field)
				continue
			}
			w = append(w, a.Field+"="+a.Value)
		}
		if r.Effective != "" {
			w = append(w, "@"+string(r.Effective))
		}
		if r.Prose {
			w = append(w, "~")
		}
		out = append(out, strings.Join(w, "; "))
	}
	return strings.Join(out, " | ")
}

type reading struct{ subject, body, want string }

const (
	hannah = "new-user; full_name=Hannah Whitcombe; mobile=07700900412; alternative_email=hannah.w@example.com; role=member"
	hester = "link-user; full_name=Hester Vane; nhs_email=hester.vane@nhs.net; mobile=07700900389; role=owner"
)

func testReadings(t *testing.T, cases []reading) {
	t.Helper()
	for _, c := range cases {
		m := mailOf(c.subject, c.body)
		if got := show(reader.Recognise(m, register()).Readings); got != c.want {
			t.Errorf("%s\n%s\n got  %s\n want %s", c.subject, c.body, got, c.want)
		}
	}
}

// Every layout of a label and its value. Contract, rule 3.
func TestLayouts(t *testing.T) {
	const ask = "Please create a new nhs.net account for our new dispenser.\n\n"
	bodies := []string{
		"Full name: Hannah Whitcombe\nMobile: 07700 900412\nAlternative email: hannah.w@example.com\nRole: Member\n",
		"Full name - Hannah Whitcombe\nMobile - 07700 900412\nAlternative email - hannah.w@example.com\nRole - Member\n",
		"Full name – Hannah Whitcombe\nMobile – 07700-900-412\nAlternative email – hannah.w@example.com\nRole – Member\n",
		"Full name Hannah Whitcombe\nMobile 07700 900412\nAlternative email hannah.w@example.com\nRole Member\n",
		"Full name    Hannah Whitcombe\nMobile       07700 900412\nOther email  hannah.w@example.com\nRole         Member\n",
		"Full name:\nHannah Whitcombe\nMobile:\n07700 900412\nAlternative email:\nhannah.w@example.com\nRole:\nMember\n",
		"Full name\nHannah Whitcombe\n\nMobile number\n07700 900412\n\nAlternative email address\nhannah.w@example.com\n\nRole\nMember\n",
		"Name: Hannah Whitcombe, Mobile: 07700 900412, Email: hannah.w@example.com, Role: Member\n",
		"Name: Hannah Whitcombe; Mobile: 07700 900412; Email: hannah.w@example.com; Role: Member\n",
		"Name: Hannah Whitcombe Mobile: 07700 900412 Email: hannah.w@example.com Role: Member\n",
		"Name: Hannah Whitcombe | Mobile: 07700 900412 | Email: hannah.w@example.com | Role: Member\n",
		"- Full name: Hannah Whitcombe\n- Mobile: 07700 900412\n- Alternative email: hannah.w@example.com\n- Role: Member\n",
		"* Name: Hannah Whitcombe\n* Mob: 07700 900412\n* Personal e-mail: hannah.w@example.com\n* Owner/member: Member\n",
		"1. Full name: Hannah Whitcombe\n2. Mobile: 07700 900412\n3. Alternative email: hannah.w@example.com\n4. Role: Member\n",
		"1) Name - Hannah Whitcombe\n2) Mobile no. - 07700 900412\n3) Alt email - hannah.w@example.com\n4) Access level - member\n",
		"What is the user's full name? Hannah Whitcombe\nWhat is the user's mobile number? (must start with 07) 07700 900412\nWhat is the user's alternative email address? hannah.w@example.com\nWill the user be an owner or a member of the shared mailbox? Member\n",
		"Full name (as on passport): Hannah Whitcombe\nMobile number (beginning 07): +44 7700 900412\nAlternative email (not nhs.net): hannah.w@example.com\nRole (owner or member): member\n",
		"*Full Name*: Hannah Whitcombe\n*Mobile*: 07700 900412\n*Alternative Email*: hannah.w@example.com\n*Role*: Member\n",
		"FULL NAME: Hannah Whitcombe\nMOBILE NUMBER: 07700 900412\nALTERNATIVE EMAIL ADDRESS: HANNAH.W@EXAMPLE.COM\nROLE: MEMBER\n",
		"First name: Hannah\nSurname: Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n",
		"Name: Whitcombe, Hannah\nMobile: (07700) 900 412\nEmail: <hannah.w@example.com>\nRole: Member please\n",
		"Name: Miss Hannah Whitcombe\nMobile: 0044 7700 900412\nEmail: hannah.w@example.com<mailto:hannah.w@example.com>\nRole: Member (not owner)\n",
		"Fulll name: Hannah Whitcombe\nMoblie number: 07700 900412\nAlternatve email: hannah.w@example.com\nRole: Member\n",
		"Role: Member\nAlternative email: hannah.w@example.com\nMobile: 07700 900412\nFull name: Hannah Whitcombe\n",
		"Name: Hannah Whitcombe\nJob title: Dispenser\nStart date: 27/04/2026\nPayroll no: 004417\nGPhC number: 2099999\nMobile: 07700 900412\nTel: 01632 960118\nPersonal email: hannah.w@example.com\nRole: Member\n",
		"Name = Hannah Whitcombe\nMobile = 07700 900412\nEmail = hannah.w@example.com\nRole = Member\n",
		"Name: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: ☐ Owner ☒ Member\n",
		"Name: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: [ ] Owner [x] Member\n",
		"Name: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Owner [ ]  Member [X]\n",
		"Name: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Owner  Member ✓\n",
		"Staff member: Hannah Whitcombe\nContact number: 07700 900412\nHome email: hannah.w@example.com\nPermission: Member\n",
		"Name of new starter: Hannah Whitcombe\nHer mobile number: 07700 900412\nHer personal email address: hannah.w@example.com\nType of access: member\n",
		"> Name: none of hers\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n",
		"User's name: Hannah Whitcombe\nUser's mobile: 07700 900412\nUser's alternative email: hannah.w@example.com\nUser's role: Member\n",
		"Name: Hannah  Whitcombe\nMobile: 07700\u00a0900\u00a0412\nEmail: hannah.w\u200b@example.com\nRole: member\n",
		"Full name\nMobile number\nAlternative email\nRole\nHannah Whitcombe\n07700 900412\nhannah.w@example.com\nMember\n",
	}
	for _, b := range bodies {
		testReadings(t, []reading{{"New starter", ask + b + "\nThanks\nMargaret\n", hannah}})
	}
}

func TestNewUsers(t *testing.T) {
	testReadings(t, []reading{
		{"New user account request", "", "new-user"},
		{"New account", "Name: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n", hannah},
		{"Hello", "Name: Hannah Whitcombe\nMobile: 07700 900412\nPersonal email: hannah.w@example.com\nRole: Member\n", hannah},
		{"New starter", "Please set up an account for Hannah Whitcombe, her mobile is 07700 900412 and her email is hannah.w@example.com. Member please.\n", hannah + "; ~"},
		{"Account please", "Hi, our new dispenser Hannah Whitcombe needs an nhs.net account. You can text her on 07700 900412 or email hannah.w@example.com. She'll be a member of the mailbox.\n", hannah + "; ~"},
		{"New starter", "Could we have a new account for Hannah Whitcombe please?\n\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n", hannah + "; ~"},
		{"New starter", "Please create an nhs.net account as a member for:\n\nHannah Whitcombe\n07700 900412\nhannah.w@example.com\n", hannah + "; ~"},
		{"Two starters", "Please create accounts for both, members please.\n\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\n\nName: Kofi Owusu\nMobile: 07700 900413\nEmail: kofi.owusu@example.com\n",
			hannah + " | new-user; full_name=Kofi Owusu; mobile=07700900413; alternative_email=kofi.owusu@example.com; role=member"},
		{"Two starters", "New accounts please\n\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\nName: Kofi Owusu\nMobile: 07700 900413\nEmail: kofi.owusu@example.com\nRole: Owner\n",
			hannah + " | new-user; full_name=Kofi Owusu; mobile=07700900413; alternative_email=kofi.owusu@example.com; role=owner"},
		{"New starter", "New account please\n\nName: Hannah Whitcombe\nMobile: 07700 900412\nMobile: 07700 900413\nEmail: hannah.w@example.com\nRole: Member\n",
			"new-user; full_name=Hannah Whitcombe; ?mobile; alternative_email=hannah.w@example.com; role=member"},
		{"New starter", "New account please\n\nName: Hannah Whitcombe\nMobile: 07700 900412 or 07700 900413\nEmail: hannah.w@example.com\nRole: Member\n",
			"new-user; full_name=Hannah Whitcombe; ?mobile; alternative_email=hannah.w@example.com; role=member"},
		{"New starter", "New account please\n\nName: Hannah Whitcombe\nMobile: 01632 960118\nEmail: hannah@nhs.net\nRole: Dispenser\n",
			"new-user; full_name=Hannah Whitcombe; mobile=01632 960118; alternative_email=hannah@nhs.net"},
		{"New starter", "New account please\n\nName: Hannah Whitcombe\nMobile: 07700 90041\nEmail: hannah.w@example\nRole: owner or member\n",
			"new-user; full_name=Hannah Whitcombe; mobile=07700 90041; alternative_email=hannah.w@example"},
		{"New starter", "New account please\n\nName: Hannah Whitcombe\nMobile: n/a\nEmail: tbc\nRole:\n", "new-user; full_name=Hannah Whitcombe"},
		{"New starter", "Hello, a new account please for our new dispenser:\n\nMobile number: 07700 900480\nAlternative email: d480@example.com\nRole: Member\n\nKind regards,\nSiobhan O'Neill\nPharmacist\n",
			"new-user; mobile=07700900480; alternative_email=d480@example.com; role=member"},
		{"New starter", "She has never had an account. How do I go about getting one set up, and what do you need from me?\n", "new-user"},
		{"nhs.net accounts", "What is the process for setting up a new nhs.net account?\n", "new-user"},
		{"New starter", "Please set up a new nhs.net account for our new dispenser and give her access to the Ashgrove shared mailbox.\n\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n", hannah},
		{"New starters", "Please create accounts for the following, both members:\n\n1. Hannah Whitcombe, 07700 900412, hannah.w@example.com\n2. Kofi Owusu, 07700 900413, kofi.owusu@example.com\n",
			hannah + "; ~ | new-user; full_name=Kofi Owusu; mobile=07700900413; alternative_email=kofi.owusu@example.com; role=member; ~"},
		{"New starter", "We have taken on Hannah Whitcombe and Kofi Owusu and both need nhs.net accounts. Hannah's mobile is 07700 900412 and her email is hannah.w@example.com. Kofi is on 07700 900413, kofi.owusu@example.com. Hannah should be a member and Kofi an owner.\n",
			hannah + "; ~ | new-user; full_name=Kofi Owusu; mobile=07700900413; alternative_email=kofi.owusu@example.com; role=owner; ~"},
		{"Dispenser", "PLEASE CREATE A NEW ACCOUNT FOR HANNAH WHITCOMBE, MOBILE 07700 900412, EMAIL HANNAH.W@EXAMPLE.COM, MEMBER.\n",
			"new-user; full_name=HANNAH WHITCOMBE; mobile=07700900412; alternative_email=hannah.w@example.com; role=member; ~"},
		{"New starter starting 5 May", "Please create a new account. She starts on 5 May 2026.\n\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\nStart date: 5 May 2026\n", hannah},
		{"New user", "Please create an account for the following person.\n\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\n\nShe should be a member of the shared mailbox. My mobile is 07700 900999 if you need me.\n", hannah},
	})
}

func TestAccountKinds(t *testing.T) {
	testReadings(t, []reading{
		{"Link user", "Please link this existing user to our shared mailbox.\n\nFull name: Hester Vane\nNHS.net email: hester.vane@nhs.net\nRegistered mobile: 07700 900389\nRole: Owner\n", hester},
		{"Hester", "Please could you add Hester Vane to our shared mailbox as an owner. Her nhs.net address is hester.vane@nhs.net and her registered mobile is 07700 900389.\n", hester + "; ~"},
		{"Hester", "Hester Vane already has an nhs.net account (hester.vane@nhs.net, 07700 900389) and needs access to our mailbox as an owner please.\n", hester + "; ~"},
		{"Role change", "Please make Hester Vane an owner of our mailbox. hester.vane@nhs.net, mobile 07700 900389.\n", hester + "; ~"},
		{"Change of role", "Name: Hester Vane\nEmail: hester.vane@nhs.net\nMobile: 07700 900389\nRole: Owner\n\nPlease change her access as above.\n", hester},
		{"Access to mailbox", "Name: Hester Vane\nNHS email: hester.vane@nhs.net\nMobile: 07700 900389\nRole: Owner\n", hester},
		{"Remove user", "Please remove this user from our shared mailbox.\n\nUser to be removed: darren.oakes@nhs.net\n", "unlink-user; nhs_email=darren.oakes@nhs.net"},
		{"Remove user", "NHS email: darren.oakes@nhs.net\n", "unlink-user; nhs_email=darren.oakes@nhs.net"},
		{"Darren", "Darren Oakes has left us. Please remove his access, darren.oakes@nhs.net.\n", "unlink-user; nhs_email=darren.oakes@nhs.net; ~"},
		{"Tom", "Please remove Tom Barker from our mailbox.\n", "unlink-user"},
		{"Removals", "Please take these people off our mailbox:\n\nNHS email: darren.oakes@nhs.net\nNHS email: tom.barker@nhs.net\n", "unlink-user; nhs_email=darren.oakes@nhs.net | unlink-user; nhs_email=tom.barker@nhs.net"},
		{"Removals", "Please remove the following from our shared mailbox:\n\n- darren.oakes@nhs.net\n- tom.barker@nhs.net\n", "unlink-user; nhs_email=darren.oakes@nhs.net; ~ | unlink-user; nhs_email=tom.barker@nhs.net; ~"},
		{"Removal", "Please remove this user from our mailbox\n\nName: Darren Oakes\nNHS email: darren.oakes@nhs.net\nLast day: 30 April 2026\n", "unlink-user; nhs_email=darren.oakes@nhs.net; @2026-04-30"},
		{"Reinstate", "Please reinstate the deleted account below.\n\nEmail: owen.tranter@nhs.net\nRegistered mobile: 07700 900309\n", "reinstate; nhs_email=owen.tranter@nhs.net; mobile=07700900309"},
		{"Owen", "Owen's account was deleted while he was away, can you bring it back? It's owen.tranter@nhs.net and his mobile is 07700 900309.\n", "reinstate; nhs_email=owen.tranter@nhs.net; mobile=07700900309; ~"},
		{"Owen", "Could you restore owen.tranter@nhs.net please, it was deleted last week. The registered mobile is 07700 900309\n", "reinstate; nhs_email=owen.tranter@nhs.net; mobile=07700900309; ~"},
		{"Disable account", "Please disable this account, maternity leave.\n\nOwner's nhs.net email: joan.pick@nhs.net\nRegistered mobile: 07700 900316\n", "disable; owner_email=joan.pick@nhs.net; mobile=07700900316"},
		{"Disable account", "Please put Ewa's account on hold while she is on maternity leave from 1 May.\n\nMailbox owner: joan.pick@nhs.net\nRegistered mobile of the account: 07700 900316\n", "disable; owner_email=joan.pick@nhs.net; mobile=07700900316; @2026-05-01"},
		{"Ewa", "Ewa Nowak is off long term sick, please disable her account ewa.nowak@nhs.net, registered mobile 07700 900316. I am the owner, my own address is joan.pick@nhs.net and my mobile is 07700 900317.\n",
			"disable; owner_email=joan.pick@nhs.net; mobile=07700900316; nhs_email=ewa.nowak@nhs.net; ~"},
		{"Disable", "Account to be disabled: ewa.nowak@nhs.net\nOwner: joan.pick@nhs.net\nMobile: 07700 900316\n", "disable; owner_email=joan.pick@nhs.net; mobile=07700900316; nhs_email=ewa.nowak@nhs.net"},
		{"Enable", "Please re-enable this account, she is back from leave.\n\nNHS.net email: ewa.nowak@nhs.net\nMobile: 07700 900316\n", "enable; mobile=07700900316; nhs_email=ewa.nowak@nhs.net"},
		{"Ewa is back", "Ewa Nowak came back on Monday. Could you switch her account back on, the mobile is 07700 900316.\n", "enable; mobile=07700900316; ~"},
		{"Leaver", "Please mark this account as a leaver.\n\nNHS.net email: tess.call@nhs.net\n", "leaver; nhs_email=tess.call@nhs.net"},
		{"Leaver", "Leaver: tess.call@nhs.net\n", "leaver; nhs_email=tess.call@nhs.net"},
		{"Tess", "Tess Call is leaving the NHS, her last day is 30 April. Please mark tess.call@nhs.net as a leaver.\n", "leaver; nhs_email=tess.call@nhs.net; @2026-04-30; ~"},
		{"Tess", "Please close Tess's account, tess.call@nhs.net, she is leaving the sector.\n", "leaver; nhs_email=tess.call@nhs.net; ~"},
		{"Leaver", "Please mark tess.call@nhs.net as a leaver and remove her from our mailbox.\n", "leaver; nhs_email=tess.call@nhs.net; ~"},
		{"Joiner", "Please mark this account as a joiner.\n\nName: Marta Wozniak\nNHSmail address: marta.wozniak@nhs.net\nMobile: 07700 900382\n", "joiner; nhs_email=marta.wozniak@nhs.net; mobile=07700900382"},
		{"Marta", "Marta Wozniak was marked as a leaver by her old pharmacy, please mark her as a joiner with us: marta.wozniak@nhs.net, 07700 900382.\n", "joiner; nhs_email=marta.wozniak@nhs.net; mobile=07700900382; ~"},
		{"Password reset", "Please reset the password for this user.\n\nUser who needs password reset: ivor.pugh@nhs.net\nOwner of shared mailbox (me): helen.voss@nhs.net\nMy registered mobile: 07700 900375\n", "password-reset; nhs_email=ivor.pugh@nhs.net; owner_email=helen.voss@nhs.net; mobile=07700900375"},
		{"Password", "Ivor Pugh is locked out and needs his password resetting, his address is ivor.pugh@nhs.net. I am the owner, helen.voss@nhs.net, my mobile is 07700 900375.\n", "password-reset; nhs_email=ivor.pugh@nhs.net; owner_email=helen.voss@nhs.net; mobile=07700900375; ~"},
	})
}

func TestOtherKinds(t *testing.T) {
	testReadings(t, []reading{
		{"Consolidation", "Please arrange the consolidation:\n\nClosing ODS code: FXX22\nContinuing ODS code: FXX11\nOwners: ann.lee@nhs.net\nMembers to move: bob.ray@nhs.net, cat.fox@nhs.net\nLeavers: none\n",
			"consolidation; closing_ods=FXX22; continuing_ods=FXX11; owners=ann.lee@nhs.net; movers=bob.ray@nhs.net cat.fox@nhs.net"},
		{"Consolidation", "We are consolidating with Quayside.\n\nClosing ODS code: FXX22\nContinuing ODS code: FXX11\nMembers to move:\n- bob.ray@nhs.net\n- cat.fox@nhs.net\nLeavers:\n- dan.orr@nhs.net\n",
			"consolidation; closing_ods=FXX22; continuing_ods=FXX11; movers=bob.ray@nhs.net cat.fox@nhs.net; leavers=dan.orr@nhs.net"},
		{"Merging", "Quayside (FXX22) is closing and merging into Ashgrove (FXX11). bob.ray@nhs.net will move across as a member.\n", "consolidation; closing_ods=FXX22; continuing_ods=FXX11; movers=bob.ray@nhs.net; ~"},
		{"ODS code change", "Our ODS code has changed. Please update our mailbox.\n\nOld ODS code: FXX11\nNew ODS code: FXX33\n", "site-change; old_ods=FXX11; new_ods=FXX33"},
		{"ODS code", "Our ODS code has changed from FXX11 to FXX33, please update the mailbox address.\n", "site-change; old_ods=FXX11; new_ods=FXX33; ~"},
		{"New code", "Please change our ODS code to FXX33.\n", "site-change; new_ods=FXX33; ~"},
		{"ODS code change", "Please rename our mailbox.\n\nNew ODS code: FX£33\nNew name: Ashgrove Health Pharmacy\n", "site-change; new_ods=FX£33; new_name=Ashgrove Health Pharmacy"},
		{"Mailbox address", "Our shared mailbox does not follow the pharmacy.ODScode@nhs.net format. Can this be put right urgently?\n", "site-change"},
		{"Teams", "Please create a Microsoft Team:\n\nTeam name: Ashgrove Pharmacy Rota\nTeam owner: ann.lee@nhs.net\n", "team; team_name=Ashgrove Pharmacy Rota; owner_email=ann.lee@nhs.net"},
		{"Teams", "Please set up a Team called Ashgrove Pharmacy Rota, owned by ann.lee@nhs.net.\n", "team; team_name=Ashgrove Pharmacy Rota; owner_email=ann.lee@nhs.net; ~"},
		{"Teams", "We would like a Microsoft Team named \"Ashgrove Pharmacy - Rota\" please. Ann Lee (ann.lee@nhs.net) will own it.\n", "team; team_name=Ashgrove Pharmacy - Rota; owner_email=ann.lee@nhs.net; ~"},
		{"Teams", "Please create two Teams\n\nTeam name: Ashgrove Pharmacy Rota\nTeam owner: ann.lee@nhs.net\n\nTeam name: Ashgrove Pharmacy Flu\nTeam owner: bob.ray@nhs.net\n",
			"team; team_name=Ashgrove Pharmacy Rota; owner_email=ann.lee@nhs.net | team; team_name=Ashgrove Pharmacy Flu; owner_email=bob.ray@nhs.net"},
		{"More accounts", "We need more than ten accounts.\n\nNumber of accounts: 14\nBusiness case: We open 100 hours a week.\n", "extra-accounts; count=14; business_case=We open 100 hours a week."},
		{"More accounts", "We would like to go above the limit of ten accounts, to 14 accounts in total, because we open 100 hours a week.\n",
			"extra-accounts; count=14; business_case=We would like to go above the limit of ten accounts, to 14 accounts in total, because we open 100 hours a week; ~"},
		{"Application account", "Please convert this mailbox to an application account.\n\nMailbox: reports.ashgrove@nhs.net\nPurpose: sends order reports from our PMR\n", "application-account; mailbox=reports.ashgrove@nhs.net; purpose=sends order reports from our PMR"},
		{"Account details", "I have not received the details of my personal account.\n\nFull name: Janet Okonkwo\nPharmacy ODS code: FXX22\nShared mailbox: pharmacy.fxx22\n", "lost-details; full_name=Janet Okonkwo; ods_code=FXX22; mailbox=pharmacy.fxx22@nhs.net"},
		{"Access", "Nobody here can get into our shared mailbox any more.\n\nName: Janet Okonkwo\nODS code: FXX22\n", "lost-details; full_name=Janet Okonkwo; ods_code=FXX22"},
		{"Suspicious text", "Is this text message genuine? It asks me to click a link to keep my nhs.net account.\n", "report"},
		{"Phishing", "I am forwarding a suspicious email that we received, it says our account will be deleted.\n", "report"},
		{"NAS-0123ABCD", "Any update on NAS-0123ABCD please?\n", "status; reference=NAS-0123ABCD; ~"},
		{"Chasing", "Reference: NAS-0123ABCD\n\nWe have heard nothing about this request, any news?\n", "status; reference=NAS-0123ABCD"},
		{"Hello", "Thanks for all your help last week. Have a lovely Easter.\n", ""},
		{"Flu vaccines", "Our fridge was at 9.4 degrees this morning, the engineer Lionel Trask (07700 900941) is coming on Thursday.\n", ""},
	})
}

// What is negated, supposed, told as done or not to be done yet is never acted
// on. Contract, rule 3.
func TestMoods(t *testing.T) {
	testReadings(t, []reading{
		{"Tom", "Please do not remove Tom Barker (tom.barker@nhs.net) from our mailbox.\n", ""},
		{"Tom", "Please don't remove tom.barker@nhs.net.\n", ""},
		{"Tom", "If Tom Barker leaves we would want tom.barker@nhs.net removed from the mailbox.\n", ""},
		{"Tom", "If Tom leaves, please remove tom.barker@nhs.net from our mailbox.\n", ""},
		{"Tom", "We removed Tom Barker (tom.barker@nhs.net) from our mailbox last week.\n", ""},
		{"Tom", "I have already removed tom.barker@nhs.net from the mailbox, just so you know.\n", ""},
		{"Tom", "tom.barker@nhs.net has been removed from our mailbox, thank you.\n", ""},
		{"Tom", "We will ask you to remove tom.barker@nhs.net once he has left.\n", ""},
		{"Tom", "Thank you for removing tom.barker@nhs.net from our mailbox so quickly.\n", ""},
		{"Tom", "Tom Barker may need removing from the mailbox next month, tom.barker@nhs.net.\n", ""},
		{"Hold", "Please don't action this yet.\n\nPlease create a new account:\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n", ""},
		{"Hold", "New account details, for information only.\n\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n", ""},
		{"Hold", "Please hold off until I confirm, but we would like a new account.\n\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n", ""},
		{"Removal", "Please remove Jon Lyle, jon.lyle@nhs.net. Do not remove Olu Bankole (olu.bankole@nhs.net).\n", "unlink-user; nhs_email=jon.lyle@nhs.net; ~"},
		{"Removal", "Please take this person off our shared mailbox.\n\nNHS email: jon.lyle@nhs.net\n\nPlease do NOT remove Olu (olu.bankole@nhs.net). He was taken off by mistake last year.\n", "unlink-user; nhs_email=jon.lyle@nhs.net"},
		{"Removal", "Please remove jon.lyle@nhs.net if you could.\n", "unlink-user; nhs_email=jon.lyle@nhs.net; ~"},
		{"Removal", "I would be grateful if you could remove jon.lyle@nhs.net from our mailbox when you have a moment.\n", "unlink-user; nhs_email=jon.lyle@nhs.net; ~"},
		{"Removal", "Can jon.lyle@nhs.net be removed from our mailbox as soon as possible please?\n", "unlink-user; nhs_email=jon.lyle@nhs.net; ~"},
		{"Removal", "jon.lyle@nhs.net needs to be removed from our mailbox.\n", "unlink-user; nhs_email=jon.lyle@nhs.net; ~"},
		{"Question", "How do I remove somebody from our shared mailbox?\n", "unlink-user"},
		{"Disable", "We don't want Ewa's account deleted, so please disable it. Owner joan.pick@nhs.net, the account's registered mobile is 07700 900316.\n", "disable; owner_email=joan.pick@nhs.net; mobile=07700900316; ~"},
		{"Account", "Carys can't log in to anything, we think her account has been disabled. Please could you enable it again?\n\nNHS.net email: carys.bevan@nhs.net\nRegistered mobile: 07700 900306\n", "enable; mobile=07700900306; nhs_email=carys.bevan@nhs.net"},
	})
}

// Several requests in one message. Contract, the result.
func TestSeveral(t *testing.T) {
	testReadings(t, []reading{
		{"Two requests", "1) New account to be created and added to our shared mailbox\n\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n\n2) Existing NHS.net user to be linked to our shared mailbox\n\nName: Hester Vane\nNHS.net email: hester.vane@nhs.net\nMobile: 07700 900389\nRole: Owner\n", hannah + " | " + hester},
		{"Changes", "Please remove this user:\nNHS email: darren.oakes@nhs.net\n\nPlease create a new account for his replacement:\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n", "unlink-user; nhs_email=darren.oakes@nhs.net | " + hannah},
		{"Changes", "Please create a new account:\nName: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n\nAlso please remove Darren Oakes, darren.oakes@nhs.net, from the mailbox.\n", hannah + " | unlink-user; nhs_email=darren.oakes@nhs.net; ~"},
		{"Starters and leavers", "Please mark Tess Call (tess.call@nhs.net) as a leaver. Please also link Hester Vane to our mailbox as an owner, hester.vane@nhs.net, mobile 07700 900389.\n", "leaver; nhs_email=tess.call@nhs.net; ~ | " + hester + "; ~"},
	})
}

// Quotes, signatures and disclaimers are not part of the request, save where the
// sender's own words point at what is forwarded. Contract, rule 2.
func TestQuotes(t *testing.T) {
	const form = "Name: Hannah Whitcombe\nMobile: 07700 900412\nEmail: hannah.w@example.com\nRole: Member\n"
	const forward = "\n\nFrom: Sarah Lund <s.lund@example.com>\nSent: 21 April 2026 13:15\nTo: Ashgrove Pharmacy <pharmacy.fxx11@nhs.net>\nSubject: my details\n\n"
	testReadings(t, []reading{
		{"Removal", "Please remove jon.lyle@nhs.net from our mailbox.\n\nThanks\nShazia" + forward + form, "unlink-user; nhs_email=jon.lyle@nhs.net; ~"},
		{"FW: my details", "Please set up a new account, details below.\n\nMargaret" + forward + form, hannah + "; ~"},
		{"FW: my details", "Hi, please could you set up a new nhs.net account for Hannah as requested below?\n\nMargaret" + forward + "My name is Hannah Whitcombe, my mobile is 07700 900412 and my email is hannah.w@example.com. Member please.\n", hannah + "; ~"},
		{"FW: bits", "See below what a colleague was about to send. I have not agreed to any of it.\n\nMargaret" + forward + "Please create a new account.\n" + form, ""},
		{"FW: bits", "Thought you should see this.\n\nMargaret" + forward + "Please create a new account.\n" + form, ""},
		{"New user", "Please create a new account, details below.\n\n" + form + "\nMargaret" + forward + "Name: Karen Ludlow\nMobile: 07700 900531\nEmail: karen@example.com\nRole: Owner\n", hannah},
	})
}

// Metamorphic: what does not belong to the request changes nothing.
func TestNothingElseCounts(t *testing.T) {
	const body = "Please create a new nhs.net account for our new dispenser.\n\nFull name: Hannah Whitcombe\nMobile: 07700 900412\nAlternative email: hannah.w@example.com\nRole: Member\n"
	for name, more := range map[string]string{
		"signature":   "\nKind regards\n\nMargaret Holt\nPharmacist, owner\nAshgrove Pharmacy\nM: 07700 900701\nT: 01632 960118\nmargaret.holt@nhs.net\n",
		"dashes":      "-- \nMargaret Holt\nMobile: 07700 900701\nEmail: m.holt@example.com\n",
		"phone":       "\nMargaret\n\nSent from my iPhone\n",
		"old thread":  "\nMargaret\n\nFrom: Sarah Lund <s.lund@example.com>\nSent: 21 April 2026 13:15\nTo: Ashgrove\nSubject: old\n\nPlease remove tom.barker@nhs.net. Mobile: 07700 900555\n",
		"attribution": "\nMargaret\n\nOn 21 Apr 2026, at 13:15, Sarah Lund <s.lund@example.com> wrote:\n\n> Please remove tom.barker@nhs.net\n> Mobile: 07700 900555\n",
	} {
		if got := show(reader.Recognise(mailOf("New starter", body+more), register()).Readings); got != hannah {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// Metamorphic: without a needed word nothing grows bolder.
func TestNoBolder(t *testing.T) {
	whole := "Please create a new nhs.net account for Hannah Whitcombe. Her mobile is 07700 900412 and her email is hannah.w@example.com. She will be a member."
	ws := strings.Fields(whole)
	for i := range ws {
		body := strings.Join(append(append([]string{}, ws[:i]...), ws[i+1:]...), " ") + "\n"
		for _, r := range reader.Recognise(mailOf("Hello", body), register()).Readings {
			if !r.Prose || r.Kind != "new-user" || len(r.Answers) > 4 {
				t.Errorf("without %q: %s", ws[i], show([]nasdesk.Reading{r}))
			}
		}
	}
}
