package graph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// A client speaks HTTP with Graph. It keeps the token, and the hour until which
// Graph wants to be left alone. The directory's lock guards it.
type client struct {
	Settings
	http    *http.Client
	token   string
	renew   time.Time // when the token is fetched anew
	silence time.Time // until when nothing is asked
}

type request struct {
	step, id     string
	method, path string
	body, into   any
	location     *string // takes the header of that name
}

// A Refusal is an answer of Graph that is no success. Its words are not kept: they
// may name people. Microsoft says to switch on the status and the code.
type Refusal struct {
	Step     string // what was being done
	Status   int
	Code     string // "Request_BadRequest"
	Conflict bool   // its details say that the object conflicts with another
	Request  string // Microsoft's request-id, for their support
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%s: Graph answers %d %s (request-id %s)", r.Step, r.Status, r.Code, r.Request)
}

// final reports whether it would be refused again: what a person must look at.
// Permissions that are lacking are not the action's fault.
func (r *Refusal) final() bool {
	return r.Status >= 400 && r.Status < 500 && r.Status != http.StatusUnauthorized && r.Status != http.StatusForbidden && r.Status != http.StatusRequestTimeout
}

// refused returns the refusal in an error, or nil.
func refused(err error) *Refusal {
	var no *Refusal
	errors.As(err, &no)
	return no
}

// stay follows no redirect: the token is for one host.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// most is how much of an answer is read, in bytes.
const most = 8 << 20

// call makes one request. A token that is refused is fetched anew, once.
func (c *client) call(ctx context.Context, now time.Time, r request) error {
	if now.Before(c.silence) {
		return waiting{until: c.silence, why: "Graph asks to be left alone for a while", undone: true}
	}
	err := c.try(ctx, now, r)
	if no := refused(err); no != nil && no.Status == http.StatusUnauthorized {
		c.token = ""
		err = c.try(ctx, now, r)
	}
	return err
}

func (c *client) try(ctx context.Context, now time.Time, r request) error {
	if err := c.authorise(ctx, now); err != nil {
		return err
	}
	hr, err := c.request(ctx, r)
	if err != nil {
		return fmt.Errorf("%s: %w", r.step, bare(err))
	}
	resp, text, err := c.send(hr, r.step)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 == 2 {
		if r.location != nil {
			*r.location = resp.Header.Get("Location")
		}
		return decode(r, text)
	}
	return c.refusal(now, r.step, resp, text)
}

func (c *client) request(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	hr, err := http.NewRequestWithContext(ctx, r.method, c.Graph+r.path, body)
	if err != nil {
		return nil, err
	}
	hr.Header.Set("Authorization", "Bearer "+c.token)
	hr.Header.Set("client-request-id", r.id)
	hr.Header.Set("Accept", "application/json")
	if r.body != nil {
		hr.Header.Set("Content-Type", "application/json")
	}
	if strings.Contains(r.path, "$count=true") {
		hr.Header.Set("ConsistencyLevel", "eventual") // asked for by filters on mobilePhone, description and endsWith
	}
	return hr, nil
}

// send returns the answer and its text. The error of a broken connection is told
// without the URL, which may hold a mobile number.
func (c *client) send(r *http.Request, step string) (*http.Response, []byte, error) {
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: the connection to %s failed: %w", step, r.URL.Host, bare(err))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: the answer of %s broke off: %w", step, r.URL.Host, bare(err))
	}
	return resp, text, nil
}

// bare strips the URL off an error.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func decode(r request, text []byte) error {
	if r.into == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, r.into); err != nil {
		return fmt.Errorf("%s: Graph's answer is not the JSON that it should be", r.step)
	}
	return nil
}

// refusal reads an answer that is no success.
func (c *client) refusal(now time.Time, step string, resp *http.Response, text []byte) error {
	if c.throttled(now, resp) {
		return waiting{until: c.silence, why: step + ": Graph is busy, and says when to come again", undone: resp.StatusCode == http.StatusTooManyRequests}
	}
	var body struct {
		Error struct {
			Code    string
			Details []struct{ Code string }
		}
	}
	_ = json.Unmarshal(text, &body) // a proxy may answer anything: the status counts
	no := &Refusal{Step: step, Status: resp.StatusCode, Code: word(body.Error.Code), Request: word(resp.Header.Get("request-id"))}
	for _, d := range body.Error.Details {
		no.Conflict = no.Conflict || d.Code == "ObjectConflict"
	}
	if no.Status == http.StatusConflict || no.Status == http.StatusLocked {
		return waiting{until: now.Add(c.Poll), why: no.Error(), undone: true}
	}
	return no
}

// throttled reports whether Graph asks us to wait, and until when. Every request
// waits, for requests sent meanwhile count against us.
func (c *client) throttled(now time.Time, resp *http.Response) bool {
	after := resp.Header.Get("Retry-After")
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		c.silence = retryAt(now, after, c.Poll)
		return true
	case http.StatusServiceUnavailable, http.StatusGatewayTimeout, 509:
		if after == "" {
			return false
		}
		c.silence = retryAt(now, after, c.Poll)
		return true
	}
	return false
}

// retryAt reads a Retry-After: seconds, or a date (RFC 9110, 10.2.3).
func retryAt(now time.Time, after string, otherwise time.Duration) time.Time {
	if n, err := strconv.ParseUint(strings.TrimSpace(after), 10, 31); err == nil {
		return now.Add(max(time.Duration(n)*time.Second, time.Second))
	}
	if at, err := http.ParseTime(after); err == nil {
		if at.After(now) {
			return at
		}
		return now.Add(time.Second)
	}
	return now.Add(otherwise)
}

// authorise fetches a token by client credentials where there is none, or where it
// has less than five minutes, or half its life, left.
func (c *client) authorise(ctx context.Context, now time.Time) error {
	if c.token != "" && now.Before(c.renew) {
		return nil
	}
	resp, text, err := c.askToken(ctx)
	if err != nil {
		return err
	}
	var body struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
		Error       string
	}
	err = json.Unmarshal(text, &body)
	switch {
	case c.throttled(now, resp):
		return waiting{until: c.silence, why: "signing in: Graph is busy, and says when to come again", undone: true}
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("signing in as %s in tenant %s is answered with %d %s: look at the client id, and the secret in %s", c.Client, c.Tenant, resp.StatusCode, word(body.Error), c.SecretFile)
	case err != nil || body.AccessToken == "":
		return errors.New("signing in: the answer holds no token")
	}
	life := time.Duration(body.ExpiresIn) * time.Second
	c.token, c.renew = body.AccessToken, now.Add(max(life-5*time.Minute, life/2))
	return nil
}

func (c *client) askToken(ctx context.Context) (*http.Response, []byte, error) {
	secret, err := os.ReadFile(c.SecretFile)
	if err != nil {
		return nil, nil, fmt.Errorf("signing in: the client secret cannot be read: %w", err)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.Client}, "client_secret": {strings.TrimSpace(string(secret))},
		"scope": {strings.TrimSuffix(c.Graph, "/v1.0") + "/.default"}}
	at := c.Login + "/" + url.PathEscape(c.Tenant) + "/oauth2/v2.0/token"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, fmt.Errorf("signing in: %w", bare(err))
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.send(r, "signing in")
}

// word returns a code of Graph's as it may stand in a log: letters, digits and
// marks of no meaning, at most 64.
func word(s string) string {
	s = strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-' || r == '.' {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 64)]
}

// requestID is the client-request-id of a step: a UUID of version 8 (RFC 9562, 5.8)
// whose first half is made of the action's key and its second of the step.
func requestID(key, step string) string {
	k, s := sha256.Sum256([]byte(key)), sha256.Sum256([]byte(key+"\x00"+step))
	b := append(k[:8:8], s[:8]...)
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// guid reports whether s has the form of an id in Graph.
func guid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (r == '-') || !hyphen && !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return false
		}
	}
	return true
}
