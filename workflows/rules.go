package workflows

import "nasdesk"

// Rules are all the published sentences on which the desk acts. docs/rules.md is
// made from them.
var Rules = []nasdesk.Rule{
	ruleFromMailbox, ruleClosed, ruleTen, ruleLastOwner, ruleLastMember, ruleNotFound, ruleMismatch, ruleConflict, ruleNotLinked,
	ruleRestore, ruleOwnerAsks, ruleDeclined, ruleStaff, ruleUnknown, ruleNothing,
	ruleUKMobile, ruleAlternative, ruleOnePerson, ruleActivate,
	ruleExisting, ruleAlready, ruleLinkedBefore, ruleEighteen, ruleLeaver, ruleJoiner, ruleReset,
	ruleConsent, ruleTwoParties, ruleOwnerStays, ruleOtherClosed,
	ruleFormat, ruleODSFree, ruleDSPT, ruleOwnCode, ruleTeamName, ruleTeamOwner,
	ruleNewUser, ruleRemove, ruleReinstate, ruleDisable, ruleMerge, ruleSiteChange, ruleTeam, ruleApplication, ruleLost, ruleStatus,
	ruleUnknownAccount, ruleDetailsDiffer, ruleStateStands, ruleQuestion,
	rulePersonal, ruleNeverAsk, ruleConflictDone, ruleLapsed, ruleSilent, ruleDaily, rulePending, ruleActive, ruleAppPassword,
}
