package parser_test

import (
	"strings"
	"testing"

	"nasdesk"
)

// shortAnswers are answers as people write them to a question that reads back
// the requests for Tom Barker and Sarah Lund: a line each, below what they say.
// What is not plain says nothing.
const shortAnswers = `
= yes
Yes
YES
yes.
Y
Yes please
Yes please!
Yes, please go ahead
yes, go ahead, thanks
Yes that's right
Yes, that is correct, thank you
Yes, all correct
Yep
Yep, all good
Yeah that's fine
Yup
Aye
OK
Ok thanks
Okay, please proceed
Correct
That is correct
That's right, thanks
That's all correct, thank you
Confirmed
Confirmed, thanks
I confirm
I can confirm the details are correct
We confirm
Approved
Approved, thanks
APPROVED
This is approved
I approve
I approve this request
We approve
Agreed
Agreed, thank you
We agree
I agree to this
Go ahead
Please go ahead
Please go ahead with both
Please proceed
Happy for this to go ahead
I am happy with this
Happy to approve
We are happy to support this
Looks good, thanks
Looks right to me
All fine
That's fine, go ahead
Fine with us
No objection
No objections from us
No problem, go ahead
No problem at all, please go ahead
No issues, approved
Absolutely
Certainly
Yes to both
Yes for both please
Both are correct
Yes - both
Spot on, thanks
Perfect, yes please
Great, yes
Yes. Thanks for your help.
Hi, yes that's correct. Kind regards
Good morning, yes please
Sorry for the delay, yes please go ahead
Yes, as soon as possible please
Yes please, as soon as you can
Yes, let me know when it's done
Yes, let me know if you need anything else
Yes - no need to wait
Details are correct
Please do
Yes please do
Please carry on
You have our approval
We consent to this
I give my consent
Please action
Yes pls
yes plz
Affirmative
= no
No
NO
no.
Nope
No thanks
No, thank you
No, sorry
Sorry, no
No - that's not right
That's not right
That is not correct
That's wrong
This is wrong
That is incorrect
The details are not correct
Not correct
Declined
This is declined
Request declined
Rejected
Refused
Not approved
This is not approved
I do not approve
I don't approve this
We do not approve
We cannot approve this
I am unable to approve this
I won't approve this
I do not agree
We don't agree to this
We do not agree
I disagree
Not agreed
We do not consent
We do not support this
Not happy with this
I am not happy for this to go ahead
We object
We decline
We must decline
I have to decline this
No, we don't want that
We do not want this
No, leave them as they are
= withdraw
Please cancel
Please cancel this
Cancel
Please cancel both
Cancel please
Can you cancel this please
Please could you cancel both requests
Please withdraw this request
We withdraw our request
I would like to withdraw this
Please ignore
Please ignore my last email
Ignore my previous request please
Please disregard
Please disregard my last email
No longer needed
No longer needed, thanks
This is no longer required
We no longer need this
No need any more
No need any more, thanks
Not needed any more
Not needed anymore, thanks
This isn't needed any more
We don't need this any more
Please don't
Please don't go ahead
Do not go ahead
Don't do it
Please do not proceed
Please stop
Stop this request please
Forget it
Please forget about this
Scrap that
Sent in error
This was sent by mistake
Changed my mind, please leave it
It's all sorted, no further action needed
Please take no further action
= nothing
Yes?
Is that right?
What do you mean?
Not yet
Not yet please
Yes but not yet
Yes, but not until Monday
Yes if Ruth agrees
Yes, if you think so
Yes, provided that the region pays
Agreed subject to a business case
Approved subject to funding
Agreed in principle
Approved pending sign-off
Provisionally yes
Maybe
Probably
Perhaps
I think so
I think that's right but let me check
Let me check
Let me check and come back to you
I'll check with Ruth
Will confirm tomorrow
I will confirm later
I will approve this when the owner has written to me
Should be fine
Could be
I suppose so
I guess
Not sure
I'm not sure
We are considering this
This is under review
To be discussed at our next meeting
Please wait
Please hold on
Please hold
Hold on
Wait
Who asked for this?
Can you tell me more?
Please send me a business case
Thanks
Thank you
Thanks, noted
Noted
Received, thank you
No problem
No problem, thanks
No worries
I am out of the office
Sorted now thanks
All sorted now, thank you
This has been sorted, thanks
Please don't cancel
Do not cancel this
Please don't hesitate to contact me
Before I say yes, who is this for?
Would you approve this?
Has this been approved?
Why was this declined?
Yes and no
Yes, no, I don't know
I can't say yes to this yet
Yes, I will let you know
Yes, I'll get back to you
Ruth said yes?
Ruth will say yes or no
Only if Ruth agrees
Once Ruth has agreed
Yes once they have signed
Yes from 1 July
OK, I'll ask her
OK I will look into it
I agree with you that this is difficult
Correct me if I am wrong
Approved forms are attached
We agreed to meet
If you don't hear from me, go ahead
I have not approved anything
When will this go ahead?
Please don't do anything until I confirm
= yes of Tom
Yes for Tom
Yes for Tom only
Yes to Tom
Tom yes
Yes to Tom only please
Just Tom please, yes
Yes but only Tom
= yes of Tom not Sarah
Yes for Tom, but not Sarah
Yes for Tom, not for Sarah
Yes for Tom, not Sarah
Yes to Tom, no to Sarah
Yes to Tom. No to Sarah.
Tom yes, Sarah no
Approve Tom, decline Sarah
= yes of Tom Barker not Sarah
Yes for all except Sarah
Yes, but not Sarah
= yes of tom.barker@nhs.net
Yes to tom.barker@nhs.net
= no of Sarah
No to Sarah
Not Sarah
= withdraw of Sarah
Please cancel Sarah
Cancel the one for Sarah
Sarah is no longer needed
Please don't set Sarah up
`

func TestShortAnswers(t *testing.T) {
	open := waiting(
		nasdesk.Request{State: nasdesk.StateConfirming, Kind: "link-user", Reference: "NAS-AAAAAAAA", Answers: answersOf("full_name=Tom Barker", "nhs_email=tom.barker@nhs.net", "mobile=07700900301", "role=member")},
		nasdesk.Request{State: nasdesk.StateConfirming, Kind: "link-user", Reference: "NAS-BBBBBBBB", Answers: answersOf("full_name=Sarah Lund", "nhs_email=sarah.lund@nhs.net", "mobile=07700900302", "role=member")})
	want := ""
	for line := range strings.SplitSeq(strings.TrimSpace(shortAnswers), "\n") {
		if w, ok := strings.CutPrefix(line, "= "); ok {
			want = w
			continue
		}
		h := reader.Recognise(mailOf("Re: Accounts", line+"\n", "In-Reply-To: <q@example.org>\n"), open)
		if got := wordOf(h); got != want {
			t.Errorf("%q: %s, want %s", line, got, want)
		}
	}
}

// wordOf is what a message says in a word, and of whom.
func wordOf(h nasdesk.Heard) string {
	if h.Word == nasdesk.SaysNothing {
		return "nothing"
	}
	out := string(h.Word)
	if len(h.Of) > 0 {
		out += " of " + strings.Join(h.Of, ", ")
	}
	if len(h.Not) > 0 {
		out += " not " + strings.Join(h.Not, ", ")
	}
	return out
}
