//go:build !oidc

package console

// This build knows no OpenID Connect: see oidcdoor.go, which needs go-jose in
// go.mod beside go-oidc.
type oidcDoor struct{}

func newOIDCDoor(o *Office) *oidcDoor {
	if o.SignIn.OIDC != nil {
		o.Log.Error("nobody can sign in by OpenID Connect: this program was built without it (go build -tags oidc)")
	}
	return nil
}

func oidcBegin(*visit) error { return notFound }
func oidcEnd(*visit) error   { return notFound }
