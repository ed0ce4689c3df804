package console

import (
	"net/http"

	"nasdesk/store"
)

// OIDC is how staff sign in by OpenID Connect, as with Microsoft Entra.
type OIDC struct {
	Issuer   string                 // https://login.microsoftonline.com/TENANT/v2.0
	ClientID string                 // of our registration there
	Secret   func() (string, error) // of our registration there
	// RedirectURL is where the issuer sends browsers back to, as registered there;
	// "" is SignIn.URL + "/sign-in/callback".
	RedirectURL string
	// Claim of the ID token names the groups of a member of staff; "" is "groups".
	// Groups says which role each gives; of several the first of lead, agent and
	// auditor counts. Who is in none is refused.
	Claim  string
	Groups map[string]store.StaffRole
	Client *http.Client // to reach the issuer; nil: the usual one
}
