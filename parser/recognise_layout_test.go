package parser_test

import "testing"

// An until says for how long, behind what lasts; elsewhere it puts off.
func TestUntil(t *testing.T) {
	testReadings(t, []reading{
		{"Ben", "Please disable his account until he is back. His registered mobile is 07700 900104.", "disable; mobile=07700900104; ~"},
		{"Ben", "Please do not disable his account until he has signed. His registered mobile is 07700 900104.", ""},
		{"Ben", "Please delay disabling his account until he has left. His registered mobile is 07700 900104.", ""},
		{"Ben", "Please leave his account to be disabled until he has left. His registered mobile is 07700 900104.", ""},
		{"Ben", "Please remove ben.oakes@nhs.net, but wait until he has left.", ""},
	})
}

// Contract, rules 2 and 3: headings above forms, lists, boxes, strays.
func TestHeadingsAndLists(t *testing.T) {
	testReadings(t, []reading{
		{"Accounts", "DISABLE\nOwner email: h.marsh@nhs.net\nRegistered mobile: 07700 900103\n\nENABLE\nEmail: j.frith@nhs.net\nRegistered mobile: 07700 900105\n",
			"disable; owner_email=h.marsh@nhs.net; mobile=07700900103 | enable; mobile=07700900105; nhs_email=j.frith@nhs.net"},
		{"Accounts", "DO NOT DISABLE\nOwner email: h.marsh@nhs.net\nRegistered mobile: 07700 900103\n", ""},
		{"Remove users", "Please remove these users from our mailbox:\n\nNHS.net emails:\nlily.t@nhs.net\nben.o@nhs.net\n", "unlink-user; nhs_email=lily.t@nhs.net | unlink-user; nhs_email=ben.o@nhs.net"},
		{"Remove user", "Please remove this user from our mailbox:\n\nNHS.net email:\nlily.t@nhs.net\nben.o@nhs.net\n", "unlink-user; ?nhs_email"},
		{"New user", "New account please.\n\nFull name: Alma Reid\nMobile: 07700 900361\nAlternative email: alma@example.com\nRole:\n[ ] Owner\n[x] Member\n",
			"new-user; full_name=Alma Reid; mobile=07700900361; alternative_email=alma@example.com; role=member"},
		{"New user", "New account please.\n\nFull name: Alma Reid\nMobile: 07700 900361\nAlternative email: alma@example.com\nRole:\n[x] Owner\n[x] Member\n",
			"new-user; full_name=Alma Reid; mobile=07700900361; alternative_email=alma@example.com; ?role"},
		{"New user", "New account please.\n\nFull name: Alma Reid\nMobile: 07700 900361\nAlternative email: alma@example.com\nRole: Member\n\nMobile: 07700 900666\n",
			"new-user; full_name=Alma Reid; ?mobile; alternative_email=alma@example.com; role=member"},
	})
}
