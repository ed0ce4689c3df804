package console

import (
	"encoding/base64"
	"net/http"
)

// cookie makes one of ours. Under TLS its name binds it to this host: no other
// site, nor a neighbour under the same domain, can set it (RFC 6265bis, __Host-).
func (v *visit) cookie(name, value string, seconds int) *http.Cookie {
	c := &http.Cookie{Name: v.cookieName(name), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.secure()}
	return c
}

func (v *visit) cookieName(name string) string {
	if v.secure() {
		return "__Host-nasdesk-" + name
	}
	return "nasdesk-" + name
}

// cookieValue is what a cookie of ours holds, "" where there is none.
func (v *visit) cookieValue(name string) string {
	c, err := v.Cookie(v.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setFlash keeps a sentence for the next page. It lies in the visitor's browser,
// so no personal data belongs in it.
func setFlash(v *visit, says string) {
	http.SetCookie(v.w, v.cookie("flash", base64.RawURLEncoding.EncodeToString([]byte(says)), 60))
}

// takeFlash gives the sentence kept for this page, once.
func takeFlash(v *visit) string {
	says, err := base64.RawURLEncoding.DecodeString(v.cookieValue("flash"))
	if err != nil || len(says) == 0 {
		return ""
	}
	http.SetCookie(v.w, v.cookie("flash", "", -1))
	return string(says)
}
