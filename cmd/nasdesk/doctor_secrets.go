package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"nasdesk/outbox"
)

// A secretFile is a file with a secret, and the key that names it.
type secretFile struct{ key, file string }

// secretFiles are those that the configuration uses.
func (c *config) secretFiles() (out []secretFile) {
	add := func(used bool, key, file string) {
		if used && file != "" {
			out = append(out, secretFile{key, file})
		}
	}
	add(c.IMAP.Auth == authPassword, "imap.password_file", c.IMAP.PasswordFile)
	add(c.smtpPassword(), "smtp.password_file", c.SMTP.PasswordFile)
	add(c.usesTokens(), "oauth2.secret_file", c.OAuth2.SecretFile)
	add(c.Directory.Kind == "graph", "directory.graph.secret_file", c.Directory.Graph.SecretFile)
	add(c.Console.Listen != "", "console.key", c.Console.Key)
	add(c.Console.Listen != "" && c.Console.OIDC.Issuer != "", "console.oidc.secret_file", c.Console.OIDC.SecretFile)
	return out
}

func (c *config) smtpPassword() bool {
	return c.SMTP.Auth == string(outbox.AuthPlain) || c.SMTP.Auth == string(outbox.AuthLogin)
}

func (c *config) usesTokens() bool { return c.IMAP.Auth == authXOAUTH2 || c.SMTP.Auth == authXOAUTH2 }

// secrets looks at the files: there, not empty, and for nobody else to read.
func (x *examination) secrets(_ context.Context, r *report) {
	files := x.c.secretFiles()
	for _, s := range files {
		if _, err := x.c.secret(s.file); err != nil {
			r.wrong("%s: %v", s.key, err)
		}
	}
	r.note("%d files, for nasdesk alone to read", len(files))
}

// The published rules for the password of an application account: seed "Application
// account". That it is not breached or used before cannot be seen from here.
const (
	passwordLength = 20
	passwordAge    = 365 * 24 * time.Hour
	passwordSoon   = 14 * 24 * time.Hour
)

// passwords holds the mailbox's password against the rules, and reckons its age by
// when its file was last written.
func (x *examination) passwords(_ context.Context, r *report) {
	var seen []string
	look := func(used bool, key, file, user string) {
		if used && file != "" && !slices.Contains(seen, x.c.path(file)) {
			seen = append(seen, x.c.path(file))
			x.passwordFaults(r, key, file, user)
		}
	}
	look(x.c.IMAP.Auth == authPassword, "imap.password_file", x.c.IMAP.PasswordFile, x.c.IMAP.User)
	look(x.c.smtpPassword(), "smtp.password_file", x.c.SMTP.PasswordFile, x.c.SMTP.User)
	r.off = len(seen) == 0
	r.note("as the rules for application accounts ask, and young enough")
}

func (x *examination) passwordFaults(r *report, key, file, user string) {
	password, err := x.c.secret(file)
	if err != nil {
		return // told by secrets
	}
	if broken := brokenRules(password, user, x.c.Name); len(broken) > 0 {
		r.wrong("%s: the password breaks the rules for application accounts: %s: set a new one in the NHS.net portal, and write it into the file", key, strings.Join(broken, ", "))
	}
	info, err := os.Stat(x.c.path(file))
	if err != nil {
		return
	}
	switch age := x.now().Sub(info.ModTime()); {
	case age > passwordAge:
		r.wrong("%s: the password is %d days old, and must be changed once a year: set a new one", key, int(age.Hours()/24))
	case age > passwordAge-passwordSoon:
		r.wrong("%s: the password must be changed within %d days: set a new one", key, int((passwordAge-age).Hours()/24))
	}
}

// commonWords are what common passwords are made of.
var commonWords = []string{"password", "passw0rd", "qwerty", "letmein", "welcome", "12345", "abcdef", "iloveyou", "changeme", "nhsmail", "pharmacy"}

// brokenRules names the rules that a password breaks. It never repeats any of it.
func brokenRules(password, user, name string) (out []string) {
	has := func(is func(rune) bool) bool { return strings.ContainsFunc(password, is) }
	broken := func(is bool, rule string) {
		if is {
			out = append(out, rule)
		}
	}
	broken(len([]rune(password)) < passwordLength, "at least 20 characters")
	broken(!has(unicode.IsUpper), "one upper case letter")
	broken(!has(unicode.IsLower), "one lower case letter")
	broken(!has(func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsSpace(c) }), "one number or symbol")
	lower := strings.ToLower(password)
	within := func(w string) bool { return len(w) > 2 && strings.Contains(lower, w) }
	local, _, _ := strings.Cut(strings.ToLower(user), "@")
	names := append(strings.FieldsFunc(local, func(c rune) bool { return !unicode.IsLetter(c) }), strings.Fields(strings.ToLower(name))...)
	broken(slices.ContainsFunc(names, func(w string) bool { return within(w) && w != "and" && w != "the" }), "no name of the account in it")
	kinds := map[rune]bool{}
	for _, c := range lower {
		kinds[c] = true
	}
	broken(slices.ContainsFunc(commonWords, within) || len(kinds) < 8, "not a common password")
	return out
}
