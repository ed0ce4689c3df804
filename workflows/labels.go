package workflows

// Labels that several kinds share: what pharmacies call a thing.
var (
	nameLabels = []string{"name", "full name", "staff name", "staff member", "user", "user name", "users name", "name of user", "employee", "employee name",
		"person", "new user", "new starter", "starter", "new member of staff", "colleague", "name of colleague", "name of person", "legal name", "who", "locum", "dispenser", "new dispenser", "technician", "new technician", "carer", "new carer", "nurse", "new nurse", "trainee", "apprentice"}
	mobileLabels = []string{"mobile", "mobile number", "mobile no", "mob", "mob no", "mob number", "mobile phone", "mobile phone number", "mobile tel", "tel (mobile)",
		"phone", "phone number", "phone no", "telephone", "telephone number", "tel", "tel no", "contact number", "contact no", "cell", "cell phone", "m",
		"registered mobile", "registered mobile number", "registered mobile no", "registered mob", "mobile registered", "mobile on the account", "mob no on the account",
		"number registered", "registered number", "registered phone", "registered phone number", "mobile for the account", "their mobile", "personal mobile", "users mobile", "mobile registered with nhs", "mobile registered with nhs.net", "registered with nhs"}
	nhsLabels = []string{"nhs.net email", "nhs.net address", "nhs.net", "nhs email", "nhs mail", "nhsmail", "nhs email address", "nhs.net email address", "nhsmail address", "nhsmail account",
		"nhs.net account", "nhs account", "account", "account name", "account address", "email", "email address", "e-mail", "e-mail address", "mail", "nhs.net mail", "nhs.net id", "nhsmail email",
		"nhsmail email address", "existing email", "existing account", "existing nhs.net account", "existing nhs.net email", "address", "email account", "user", "user email", "username", "login"}
	ownerLabels = []string{"owner", "owner email", "owner's email", "owner's nhs.net email", "owner's nhs.net address", "mailbox owner", "shared mailbox owner", "owner of mailbox", "owner of our mailbox",
		"owner of the mailbox", "owner of shared mailbox", "owner of the shared mailbox", "my nhs.net email", "my nhs.net address", "my email", "my nhs email", "my address", "my own nhs.net email", "own nhs.net email", "requesting owner",
		"requested by", "owner's address", "owner's email address", "owner nhs.net email", "owner's nhsmail", "owner (me)", "name of owner", "their own nhs.net email address"}
	roleLabels = []string{"role", "owner or member", "owner/member", "member or owner", "member/owner", "access", "access level", "level of access", "permission", "permissions", "permission level", "mailbox role",
		"role in mailbox", "role in shared mailbox", "type of access", "access type", "membership", "membership type", "mailbox access", "shared mailbox role", "user type", "rights", "mailbox permission", "as"}
)
