package parser

import (
	"strings"
	"testing"

	"nasdesk"
)

// A line is "region|text"; one without a bar is blank, a rule, or left out.
var regionCases = map[string]string{
	"sign-off, name, mobile": `
own|Please set up an account.
own|Full name: Ada Quill
own|Mobile: 07700 900111
own|Role: Member

sig|Kind regards
sig|Tom Reed
sig|Mobile: 07700 900222`,

	"labels only are no signature": `
own|Full name: Ada Quill
own|Alternative email: ada@example.com
own|Role: Member
own|Mobile: 07700 900111`,

	"labels with blank lines between, mobile last": `
own|Hi

own|Full name: Ada Quill

own|Role: Member

own|Mobile: 07700 900111`,

	"a form below a sign-off": `
own|Please find the details of our new starter under my name.
sig|Many thanks
sig|Tom

own|Full name: Ada Quill
own|Mobile: 07700 900111
own|Alternative email: ada@example.com
own|Role: Member`,

	"a form below a sign-off, one blank line between each": `
own|Details under my name please.
sig|Many thanks
sig|Tom

own|Mobile: 07700 900111

own|Full name: Ada Quill

own|Role: Member`,

	"thanks in advance, and more to say": `
own|Please add Ada Quill.
own|Thanks in advance. Her mobile is 07700 900111.
sig|Tom`,

	"a sentence under the thanks": `
own|Please add Ada Quill to our mailbox.

sig|Thanks

own|Her mobile is 07700 900111 and she will be a member.

sig|Tom Reed
sig|Elm Pharmacy`,

	"postscript below the signature": `
own|Please add Ada Quill.
sig|Thanks
sig|Tom
sig|Elm Pharmacy
sig|01632 960111

own|PS she is a member`,

	"name alone, then the shop": `
own|Please create an account for her.

sig|Margaret

sig|Elm Pharmacy
sig|14 Mill Parade
sig|Tel: 01632 960 111`,

	"superintendent with a mobile": `
own|She needs an account, member please.

sig|Nora

sig|Nora Elm MRPharmS
sig|Superintendent Pharmacist
sig|T: 01632 960111 | M: 07700 900222`,

	"bare lines are a request": `
own|Please add

own|Ada Quill
own|07700 900111
own|ada@example.com
own|member`,

	"a name that is announced": `
own|Please remove the following person
own|Ada Quill`,

	"an answer that is only a name": `
own|Ada Quill`,

	"an answer above a name": `
own|Member

sig|Tom`,

	"thanks first, then the answer": `
own|Thanks

own|07700 900111

sig|Tom`,

	"thanks, and yes": `
own|Thanks, yes please go ahead.
sig|Tom`,

	"values on lines of their own": `
own|Full name
own|Ada Quill
own|Role
own|Member
own|Mobile
own|07700 900111

sig|Tess`,

	"owner is a job": `
own|Please set up Ada Quill as a member.
sig|Regards
sig|Sam Birch
sig|Owner
sig|Elm Pharmacy`,

	"delimiter": `
own|Please add Ada Quill.
sigdelim
sig|Tom Reed
sig|Mobile: 07700 900222`,

	"client notes": `
own|Yes please

sig|Sent from my iPhone`,

	"lunch": `
own|Please add Ada Quill.
sig|Many thanks
sig|Tom
sig|Elm Pharmacy, 2 Elm Court
sig|Tel 01632 960111

sig|Please note we close for lunch 1-1.30pm`,

	"small print, and the company's own lines": `
own|Please add Ada Quill.

sig|Tom
sig|Elm Pharmacy

small|CONFIDENTIALITY NOTICE: The contents of this e-mail are privileged and confidential.
small|Head office: 01632 960222 | Out of hours (pharmacist on call): 07700 900333`,

	"small print above": `
small|This email and any files transmitted with it are confidential.

own|Please add Ada Quill, she is a member.
sig|Tom`,

	"outlook rule and header": `
own|Yes
________________________________
ours1|From: NAS Helpdesk <helpdesk@nhs.net>
ours1|Sent: 21 April 2026 10:00
ours1|To: Elm Pharmacy
ours1|Subject: RE: x

ours1|Reply YES.

quoted2|From: Elm Pharmacy <pharmacy.fzz11@nhs.net>
quoted2|Sent: 20 April 2026 10:00
quoted2|To: helpdesk@nhs.net
quoted2|Subject: x

quoted2|Please add Ada.
quoted2|Tom`,

	"header without addresses": `
own|Yes
ours1|From: NHS National Administration Service
ours1|Sent: 21 April 2026 10:00
ours1|To: Elm Pharmacy
ours1|Subject: RE: x
ours1|Reply YES.`,

	"a form with From and To is no quoted header": `
own|Please disable her account.
own|From: 1 May 2026
own|To: 1 September 2026
own|NHS email: ada.quill@nhs.net`,

	"original message": `
own|See below.
quoted1|-----Original Message-----
quoted1|From: Ada Quill [mailto:ada@example.com]
quoted1|Sent: 21 April 2026 10:00
quoted1|To: Elm
quoted1|Subject: me

quoted1|My number is 07700 900111`,

	"gmail forward": `
own|Please do as asked below.
quoted1|---------- Forwarded message ---------
quoted1|From: Ada Quill <ada@example.com>
quoted1|Date: Tue, 21 Apr 2026 at 10:00
quoted1|Subject: me
quoted1|To: <elm@example.com>

quoted1|My number is 07700 900111`,

	"a title that ends a sentence": `
own|Please could you create a Team called
own|Elm Pharmacy Flu Clinic`,

	"contact rows without a sign-off": `
own|Please add Ada Quill.

sig|Tom Reed
sig|Elm Pharmacy
sig|Tel ; 01632 960111
sig|Mobile ; 07700 900222`,

	"thunderbird forward": `
own|Please see to this.
quoted1|-------- Forwarded Message --------
quoted1|Subject: me
quoted1|Date: Tue, 21 Apr 2026 10:00:00 +0100
quoted1|From: Ada Quill <ada@example.com>
quoted1|To: elm@example.com

quoted1|My number is 07700 900111`,

	"only a signature above the quote": `
sig|Margaret

sig|Elm Pharmacy
sig|14 Mill Parade
sig|Tel: 01632 960111
________________________________
ours1|From: NAS Helpdesk <helpdesk@nhs.net>
ours1|Sent: 21 April 2026 10:00
ours1|To: Elm Pharmacy
ours1|Subject: RE: x
ours1|Mobile number: 07700 900111`,

	"apple forward, subject first": `
own|For you.
quoted1|Begin forwarded message:

quoted1|Subject: me
quoted1|From: Ada Quill <ada@example.com>
quoted1|Date: 21 April 2026 at 10:00:00 BST
quoted1|To: elm@example.com

quoted1|My number is 07700 900111`,
}

func TestRegions(t *testing.T) {
	for name, text := range regionCases {
		t.Run(name, func(t *testing.T) {
			body, want := markedBody(text)
			body = strings.ReplaceAll(replaceLine(body, "sigdelim", "-- "), " ; ", "\t")
			m := Read(plainMail(body), testOptions)
			checkMessage(t, m)
			if got := shown(m); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestPrefixedQuotes(t *testing.T) {
	body := `Answers below.

On Tue, 21 Apr 2026 at 10:00, NAS Helpdesk
<helpdesk@nhs.net> wrote:

> What is the mobile?
07700 900111
> What is the role?
member
> > Please add Ada
> > Tom

Tom`
	want := `own|Answers below.
ours1|On Tue, 21 Apr 2026 at 10:00, NAS Helpdesk
ours1|<helpdesk@nhs.net> wrote:
ours1|What is the mobile?
own|07700 900111
ours1|What is the role?
own|member
quoted2|Please add Ada
quoted2|Tom
own|Tom
`
	m := Read(plainMail(body), testOptions)
	checkMessage(t, m)
	if got := shown(m); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestBanner(t *testing.T) {
	body := "This message originated from outside of NHSmail. Please do not click links or open\nattachments unless you recognise the sender and know the content is safe.\n\nHello\n\n" +
		"This message was sent from an email address external to NHSmail but gives the appearance of being from an NHSmail (@nhs.net) address. The recipient should verify the sender."
	m := Read(plainMail(body), testOptions)
	checkMessage(t, m)
	if !m.Found(nasdesk.FoundOutside) || !m.Found(nasdesk.FoundSpoofNote) || ownText(m) != "Hello" {
		t.Errorf("findings %v, own text %q", m.Findings, ownText(m))
	}
	quoted := Read(plainMail("Hello\n\nOn Tue, 21 Apr 2026, Ada <ada@example.com> wrote:\n> This message originated from outside of NHSmail."), testOptions)
	if quoted.Found(nasdesk.FoundOutside) {
		t.Error("a banner inside a quote was taken for one of this message")
	}
}

func TestWordingComesBack(t *testing.T) {
	o := testOptions
	o.Wording = []string{"The mobile begins 07, for example 07700 900999."}
	m := Read(plainMail("Full name: Ada Quill\nThe mobile begins 07, for example 07700 900999.\nMobile: 07700 900111"), o)
	if got := shown(m); got != "own|Full name: Ada Quill\nours|The mobile begins 07, for example 07700 900999.\nown|Mobile: 07700 900111\n" {
		t.Errorf("got:\n%s", got)
	}
}
