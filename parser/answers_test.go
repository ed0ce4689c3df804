package parser_test

import (
	"strings"
	"testing"

	"nasdesk"
)

// waiting is a case in which requests wait for an answer to the mail <q@example.org>.
func waiting(rs ...nasdesk.Request) *nasdesk.Case {
	c := register()
	for i, r := range rs {
		r.ID, r.Party, r.From, r.Thread = int64(i+1), "pharmacy.fxx11@nhs.net", "pharmacy.fxx11@nhs.net", []string{"q@example.org"}
		if r.State == "" {
			r.State = nasdesk.StateAsking
		}
		if r.Kind == "" {
			r.Kind = "new-user"
		}
		c.Requests = append(c.Requests, r)
	}
	return c
}

func answersOf(pairs ...string) []nasdesk.Answer {
	var out []nasdesk.Answer
	for _, p := range pairs {
		f, v, _ := strings.Cut(p, "=")
		out = append(out, nasdesk.Answer{Field: f, Value: v, Written: v, Labelled: true})
	}
	return out
}

func TestAnswers(t *testing.T) {
	noRole := nasdesk.Request{Answers: answersOf("full_name=Wilfred Anstey", "mobile=07700900490", "alternative_email=wilf@example.com")}
	noMobile := nasdesk.Request{Answers: answersOf("full_name=Wilfred Anstey", "alternative_email=wilf@example.com", "role=member")}
	noName := nasdesk.Request{Answers: answersOf("mobile=07700900490", "alternative_email=wilf@example.com", "role=member")}
	noMail := nasdesk.Request{Answers: answersOf("full_name=Wilfred Anstey", "mobile=07700900490", "role=member")}
	noneOfTwo := nasdesk.Request{Answers: answersOf("full_name=Jo Merriman", "alternative_email=jo@example.com")}
	confirming := nasdesk.Request{State: nasdesk.StateConfirming, Answers: answersOf("full_name=Ottokar Hallam", "mobile=07700900516", "alternative_email=o@example.com", "role=owner")}
	disabling := nasdesk.Request{Kind: "disable", Answers: answersOf("mobile=07700900316")}
	codeless := nasdesk.Request{Kind: "site-change", Answers: answersOf("old_ods=FXX11")}
	addressless := nasdesk.Request{Kind: "unlink-user"}
	second := nasdesk.Request{Answers: answersOf("full_name=Sarah Lund", "mobile=07700900491", "alternative_email=s@example.com")}
	quote := "\n\n________________________________\nFrom: NAS Helpdesk <helpdesk@nhs.net>\nSent: Wednesday, 22 April 2026 08:19\nTo: pharmacy.fxx11@nhs.net\nSubject: RE: New user\n\nThank you for your request. Please reply with what is missing.\n\n"
	for _, c := range []struct {
		body string
		open *nasdesk.Case
		want string // values, then the word
	}{
		{"Oh sorry! Member please.\n\nMargaret\n", waiting(noRole), "; role=member"},
		{"Member, please.\n", waiting(noRole), "; role=member"},
		{"member\n", waiting(noRole), "; role=member"},
		{"Role: Owner\n", waiting(noRole), "; role=owner"},
		{"He should be an owner of our mailbox.\n", waiting(noRole), "; role=owner"},
		{"07700 900505\n", waiting(noMobile), "; mobile=07700900505"},
		{"His mobile is 07700 900505, sorry.\n", waiting(noMobile), "; mobile=07700900505"},
		{"Sorry, it's 07700 900505\n\nThanks\nMargaret\n", waiting(noMobile), "; mobile=07700900505"},
		{"Wilfred Anstey\n", waiting(noName), "; full_name=Wilfred Anstey"},
		{"His name is Wilfred Anstey.\n", waiting(noName), "; full_name=Wilfred Anstey"},
		{"wilf.anstey@example.com\n", waiting(noMail), "; alternative_email=wilf.anstey@example.com"},
		{"Hi, 07700 900505 and member please\n", waiting(noneOfTwo), "; mobile=07700900505; role=member"},
		{"Hi, I have filled it in below.\n\nMargaret" + quote + "Mobile number (a UK mobile, beginning 07): 07700 900505\nRole (owner or member of the shared mailbox): Member\n", waiting(noneOfTwo), "; mobile=07700900505; role=member"},
		{"See below.\n\nMargaret" + quote + "Mobile number (a UK mobile, beginning 07):\nRole (owner or member of the shared mailbox):\n", waiting(noneOfTwo), ""},
		{"YES\n\nArthur" + quote + "Full name: Ottokar Hallam\nMobile number: 07700900516\nRole: owner\n", waiting(confirming), " yes"},
		{"Yes, that is right except for the mobile. His mobile number is 07700 900517.\n", waiting(confirming), "; mobile=07700900517 yes"},
		{"Sorry, the mobile should be 07700 900517, not 07700 900516.\n", waiting(confirming), "; mobile=07700900517"},
		{"Not 07700 900516 but 07700 900517\n", waiting(confirming), "; mobile=07700900517"},
		{"No, his mobile is 07700 900517\n", waiting(confirming), "; mobile=07700900517"},
		{"joan.pick@nhs.net\n", waiting(disabling), "; owner_email=joan.pick@nhs.net"},
		{"My nhs.net address is joan.pick@nhs.net\n", waiting(disabling), "; owner_email=joan.pick@nhs.net"},
		{"FXX33\n", waiting(codeless), "; new_ods=FXX33"},
		{"It is FXX33, thanks\n", waiting(codeless), "; new_ods=FXX33"},
		{"tom.barker@nhs.net\n", waiting(addressless), "; nhs_email=tom.barker@nhs.net"},
		{"Both members please.\n", waiting(noRole, second), "; role=member"},
		{"Wilfred is a member and Sarah is an owner.\n", waiting(noRole, second), "; full_name=Wilfred Anstey; role=member | ; full_name=Sarah Lund; role=owner"},
		{"yes\n", waiting(confirming), " yes"},
		{"Yes please go ahead, thanks\n", waiting(confirming), " yes"},
		{"Hi,\n\nApproved.\n\nKind regards\n\nBusiness Support Officer\n", waiting(confirming), " yes"},
		{"Yes, we agree to this.\n", waiting(confirming), " yes"},
		{"That is correct, thank you.\n", waiting(confirming), " yes"},
		{"I am happy for this to go ahead.\n", waiting(confirming), " yes"},
		{"Confirmed\n", waiting(confirming), " yes"},
		{"OK\n", waiting(confirming), " yes"},
		{"Not approved yet, I need to see a business case.\n", waiting(confirming), ""},
		{"I will approve this when the owner has written to me.\n", waiting(confirming), ""},
		{"Yes, but not until Monday.\n", waiting(confirming), ""},
		{"Can you tell me who asked for this?\n", waiting(confirming), ""},
		{"NO\n", waiting(confirming), " no"},
		{"Declined.\n", waiting(confirming), " no"},
		{"We do not agree to this.\n", waiting(confirming), " no"},
		{"This is not approved.\n", waiting(confirming), " no"},
		{"No problem, will send it tomorrow.\n", waiting(confirming), ""},
		{"Please cancel this request, she has accepted a post elsewhere.\n", waiting(noRole), " withdraw"},
		{"Please ignore my last email and do not set anything up for him.\n", waiting(confirming), " withdraw"},
		{"This is no longer needed, thank you.\n", waiting(noRole), " withdraw"},
		{"Please don't cancel it.\n", waiting(noRole), ""},
		{"YES for Wilfred only, not for Sarah.\n", waiting(noRole, second), " yes of Wilfred"},
		{"Yes to Wilfred Anstey please\n", waiting(noRole, second), " yes of Wilfred Anstey"},
		{"Please cancel the request for Sarah.\n", waiting(noRole, second), " withdraw of Sarah"},
		{"Any update on this?\n", waiting(confirming), " status"},
		{"Margaret\n\nFrom: NHS England <england.x@nhs.net>\nSent: 22 April 2026 08:19\nTo: Ashgrove\nSubject: Re: approval\n\nYES. APPROVED\n", waiting(confirming), ""},
	} {
		m := mailOf("Re: New user", c.body, "In-Reply-To: <q@example.org>\n")
		h := reader.Recognise(m, c.open)
		got := show(h.Values)
		got = strings.ReplaceAll(got, "; ~", "")
		if h.Word != "" {
			got += " " + string(h.Word)
		}
		if len(h.Of) > 0 {
			got += " of " + strings.Join(h.Of, ", ")
		}
		if h.AsksStatus {
			got += " status"
		}
		if got != c.want {
			t.Errorf("%q\n got  %q\n want %q", c.body, got, c.want)
		}
	}
}

func TestForeignLetters(t *testing.T) {
	for body, want := range map[string]bool{
		"Please create a new account\n\nName: Hannah Whitcombe\nMobile: 07700 900412\n":            false,
		"Please create a new account\n\nName: Zoë Ní Fhloinn-Brandt\nMobile: 07700 900412\n":       false,
		"Please create a new account\n\nName: Marta Wiśniewska\nEmail: m@example.com\n":            false,
		"Please create a new account\n\nName: H\u0430nnah Whitcombe\nMobile: 07700 900412\n":       true,
		"Please remove t\u043em.barker@nhs.net from our mailbox\n":                                 true,
		"Please change our ODS code\n\nNew ODS code: F\u03a7X33\n":                                 true,
		"Please mark \uff54om.barker@nhs.net as a leaver\n":                                        true,
		"Ta 👍 – she’s brilliant… 20 µg\n\nPlease create a new account\n\nName: Hannah Whitcombe\n": false,
	} {
		if got := reader.Recognise(mailOf("Account", body), register()).Foreign; got != want {
			t.Errorf("%s: foreign %v, want %v", body, got, want)
		}
	}
}
