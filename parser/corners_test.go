package parser_test

import "testing"

// Corners of reading, each with the words that lead there. Ashgrove is FXX11.
func TestCorners(t *testing.T) {
	testReadings(t, []reading{
		// rule 3: what is hypothetical is not acted on, an if or none
		{"Tom", "Should Tom Barker leave us, remove tom.barker@nhs.net from our mailbox.", ""},
		{"Tom", "Should we remove tom.barker@nhs.net from our mailbox? Yes please.", "unlink-user; nhs_email=tom.barker@nhs.net; ~"},
		// a role said of nobody is that of the one request that wants one
		{"Changes", "Please set up a new account for Hannah Whitcombe, mobile 07700 900412, email hannah.w@example.com. Please also remove tom.barker@nhs.net from our mailbox. Member access.", "new-user; full_name=Hannah Whitcombe; mobile=07700900412; alternative_email=hannah.w@example.com; role=member; ~ | unlink-user; nhs_email=tom.barker@nhs.net; ~"},
		{"Two", "Please remove tom.barker@nhs.net. Please link Hester Vane, hester.vane@nhs.net. Her mobile is 07700 900389. The role is owner.", "unlink-user; nhs_email=tom.barker@nhs.net; ~ | link-user; full_name=Hester Vane; nhs_email=hester.vane@nhs.net; mobile=07700900389; role=owner; ~"},
		{"Two", "Please link Hester Vane and Hannah Whitcombe as members. hester.vane@nhs.net and hannah.whitcombe@nhs.net. The mobile is 07700 900389.", "link-user; full_name=Hester Vane; nhs_email=hester.vane@nhs.net; role=member; ~ | link-user; full_name=Hannah Whitcombe; nhs_email=hannah.whitcombe@nhs.net; role=member; ~"},
		// consolidation: who moves, and who does not
		{"Consolidation", "Please consolidate FXX22 into FXX11. hester.vane@nhs.net becomes owner. tom.barker@nhs.net is not moving across, he leaves the NHS. hannah.whitcombe@nhs.net moves over as member.", "consolidation; closing_ods=FXX22; continuing_ods=FXX11; owners=hester.vane@nhs.net; movers=hannah.whitcombe@nhs.net; leavers=tom.barker@nhs.net; ~"},
		// a number and a text below their labels
		{"More accounts", "We need more accounts for our mailbox.\n\nNumber of accounts:\n14\nBusiness case:\nWe have two branches\nand long hours.", "extra-accounts; count=14; business_case=We have two branches and long hours."},
		{"More accounts", "We need more accounts for our mailbox.\n\nNumber of accounts:\nfourteen\nBusiness case: We have two branches", "extra-accounts; count=14; business_case=We have two branches"},
		{"Team", "Please create a Team.\n\nTeam name\nAshgrove Pharmacy FXX11\nOwner email\nhester.vane@nhs.net", "team; team_name=Ashgrove Pharmacy FXX11; owner_email=hester.vane@nhs.net"},
		{"Leaver", "Leaver form\n\nNHS email:\nhester.vane@nhs.net\nLast day:\n30 April 2026", "leaver; nhs_email=hester.vane@nhs.net; @2026-04-30"},
		{"New starter", "New account please\n\nFirst name:\nHannah\nSurname:\nWhitcombe\nMobile:\n07700 900412\nAlternative email:\nhannah.w@example.com\nRole:\nowner or member", "new-user; full_name=Hannah Whitcombe; mobile=07700900412; alternative_email=hannah.w@example.com"},
		{"New starter", "New account please\n\nFirst name:\nHannah\nSurname:\nWhitcombe\nMobile:\n07700 900412\nAlternative email:\nhannah.w@example.com\nRole:\nshe is to be a member", "new-user; full_name=Hannah Whitcombe; mobile=07700900412; alternative_email=hannah.w@example.com; role=member"},
		// below a signature in full
		{"New starter", "Please create a new account.\n\nFull name: Hannah Whitcombe\nMobile: 07700 900412\nAlternative email: hannah.w@example.com\n\nKind regards\n\nHester Vane\nPharmacy Manager\nAshgrove Pharmacy\n1 High Street, Saltcoast\nTel: 01632 960118\nwww.example.com\n\nShe should be a member of the mailbox.", "new-user; full_name=Hannah Whitcombe; mobile=07700900412; alternative_email=hannah.w@example.com; role=member"},
		{"New starter", "Please create a new account.\n\nFull name: Hannah Whitcombe\nMobile: 07700 900412\nAlternative email: hannah.w@example.com\nRole: member\n\nKind regards\n\nHester Vane\nPharmacy Manager\nAshgrove Pharmacy\n1 High Street, Saltcoast\nTel: 01632 960118\n\nPlease also remove tom.barker@nhs.net from the mailbox.", "new-user; full_name=Hannah Whitcombe; mobile=07700900412; alternative_email=hannah.w@example.com; role=member | unlink-user; nhs_email=tom.barker@nhs.net; ~"},
		{"Accounts", "What's the process to set up Hannah Whitcombe, 07700 900412?", "new-user; full_name=Hannah Whitcombe; mobile=07700900412; ~"},
		// days
		{"Leaver", "hester.vane@nhs.net is leaving the NHS at the end of next month. Please mark her as a leaver.", "leaver; nhs_email=hester.vane@nhs.net; @2026-05-31; ~"},
		{"Leaver", "hester.vane@nhs.net is leaving the NHS on the last day of next month. Please mark her as a leaver.", "leaver; nhs_email=hester.vane@nhs.net; @2026-05-31; ~"},
		{"Leaver", "hester.vane@nhs.net is leaving the NHS in two weeks. Please mark her as a leaver.", "leaver; nhs_email=hester.vane@nhs.net; @2026-05-06; ~"},
		{"Leaver", "hester.vane@nhs.net is leaving the NHS in a week. Please mark her as a leaver.", "leaver; nhs_email=hester.vane@nhs.net; @2026-04-29; ~"},
		{"Leaver", "hester.vane@nhs.net is leaving the NHS in 10 days' time. Please mark her as a leaver.", "leaver; nhs_email=hester.vane@nhs.net; @2026-05-02; ~"},
		{"Leaver", "Please mark hester.vane@nhs.net as a leaver with effect from 2nd January.", "leaver; nhs_email=hester.vane@nhs.net; ~"},
		{"Leaver", "Please mark hester.vane@nhs.net as a leaver as of 5 May 2026.", "leaver; nhs_email=hester.vane@nhs.net; @2026-05-05; ~"},
		{"Leaver", "Please mark hester.vane@nhs.net as a leaver with effect of 5 May 2026.", "leaver; nhs_email=hester.vane@nhs.net; @2026-05-05; ~"},
		// two of them
		{"Two", "Please link Hester Vane (hester.vane@nhs.net, 07700 900389) and Tom Barker (tom.barker@nhs.net, 07700 900390). Both of them as members.", "link-user; full_name=Hester Vane; nhs_email=hester.vane@nhs.net; mobile=07700900389; role=member; ~ | link-user; full_name=Tom Barker; nhs_email=tom.barker@nhs.net; mobile=07700900390; role=member; ~"},
		{"Two", "Please link Hester Vane (hester.vane@nhs.net, 07700 900389) and Tom Barker (tom.barker@nhs.net, 07700 900390). Hester as owner, the other as member.", "link-user; full_name=Hester Vane; nhs_email=hester.vane@nhs.net; mobile=07700900389; role=owner; ~ | link-user; full_name=Tom Barker; nhs_email=tom.barker@nhs.net; mobile=07700900390; role=member; ~"},
		{"Two", "Please link Hester Vane (hester.vane@nhs.net, 07700 900389) and Tom Barker (tom.barker@nhs.net, 07700 900390). Members, the pair of them.", "link-user; full_name=Hester Vane; nhs_email=hester.vane@nhs.net; mobile=07700900389; role=member; ~ | link-user; full_name=Tom Barker; nhs_email=tom.barker@nhs.net; mobile=07700900390; role=member; ~"},
		// application account and team in prose
		{"Sign in", "Please convert pharmacy.fxx11@nhs.net to an application account for the label printer.", "application-account; mailbox=pharmacy.fxx11@nhs.net; purpose=Please convert pharmacy.fxx11@nhs.net to an application account for the label printer; ~"},
		{"Site change", "Our ODS code changes from FXX11 to FXX99 as we move. The new name is Seaview Pharmacy.", "site-change; old_ods=FXX11; new_ods=FXX99; new_name=Seaview Pharmacy; ~"},
		{"Consolidation", "Please consolidate FXX22 (Quayside Pharmacy) into FXX11.", "consolidation; closing_ods=FXX22; continuing_ods=FXX11; ~"},
		{"Consolidation", "FXX22 is closing and merges with us.", "consolidation; closing_ods=FXX22; ~"},
		{"Leaver", "Please mark hester.vane@nhs.net as a leaver from the last day of May.", "leaver; nhs_email=hester.vane@nhs.net; @2026-05-31; ~"},
		{"Leaver", "Please mark hester.vane@nhs.net as a leaver at the end of this month.", "leaver; nhs_email=hester.vane@nhs.net; @2026-04-30; ~"},
		{"Site change", "The code FXX99 is our new one, FXX11 was the old.", "site-change; old_ods=FXX11; new_ods=FXX99; ~"},
	})
}
