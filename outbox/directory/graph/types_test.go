package graph_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"nasdesk/outbox/directory/graph/graphtest"
)

// published is Microsoft's package of the types of Graph v1.0, at the version that
// types/package-lock.json pins. npm ci puts it there.
const published = "types/node_modules/@microsoft/microsoft-graph-types/microsoft-graph.d.ts"

// A declared is an interface of the package: its properties with their types.
type declared struct {
	base  string
	props map[string]string
}

var (
	comment   = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	iface     = regexp.MustCompile(`(?s)export interface (\w+)(?: extends (\w+))? \{(.*?)\n\}`)
	property  = regexp.MustCompile(`(?s)(\w+)\??:\s*(.*?);`)
	alias     = regexp.MustCompile(`(?s)export type (\w+) =(.*?);`)
	nullable  = regexp.MustCompile(`^NullableOption<(.*)>$`)
	namespace = "#microsoft.graph."
)

// types are the interfaces and the unions of words that the package declares.
type types struct {
	interfaces map[string]declared
	words      map[string]string
}

func publishedTypes(t *testing.T) types {
	t.Helper()
	text, err := os.ReadFile(published)
	if os.IsNotExist(err) {
		t.Skip("Microsoft's types are not here: npm ci --prefix outbox/directory/graph/types fetches them")
	}
	if err != nil {
		t.Fatal(err)
	}
	plain := comment.ReplaceAllString(string(text), "")
	all := types{map[string]declared{}, map[string]string{}}
	for _, m := range iface.FindAllStringSubmatch(plain, -1) {
		d := declared{m[2], map[string]string{}}
		for _, p := range property.FindAllStringSubmatch(m[3], -1) {
			d.props[p[1]] = p[2]
		}
		all.interfaces[m[1]] = d
	}
	for _, m := range alias.FindAllStringSubmatch(plain, -1) {
		all.words[m[1]] = m[2]
	}
	if len(all.interfaces) < 500 || all.interfaces["User"].props["userPrincipalName"] == "" {
		t.Fatalf("%d interfaces are read: the package is written otherwise", len(all.interfaces))
	}
	return all
}

// of returns the type of a property, that of a base included.
func (a types) of(name, prop string) string {
	for d, ok := a.interfaces[name]; ok; d, ok = a.interfaces[d.base] {
		if typ := d.props[prop]; typ != "" {
			return typ
		}
	}
	return ""
}

// faults says what of a value is not as its type declares.
func (a types) faults(at string, v any, typ string) []string {
	if m := nullable.FindStringSubmatch(typ); m != nil {
		typ = m[1]
	}
	if item, ok := strings.CutSuffix(typ, "[]"); ok {
		return a.list(at, v, item)
	}
	want := typ
	if words, ok := a.words[typ]; ok {
		if s, isText := v.(string); isText && strings.Contains(words, `"`+s+`"`) {
			return nil
		}
		return []string{fmt.Sprintf("%s is %v, none of%s", at, v, words)}
	}
	if a.interfaces[typ].props != nil {
		return a.object(at, v, typ)
	}
	got := map[string]bool{"string": is[string](v), "boolean": is[bool](v), "number": is[float64](v)}
	if !got[want] {
		return []string{fmt.Sprintf("%s is %v, want a %s", at, v, typ)}
	}
	return nil
}

func is[T any](v any) bool { _, ok := v.(T); return ok }

func (a types) list(at string, v any, item string) []string {
	all, ok := v.([]any)
	if !ok {
		return []string{fmt.Sprintf("%s is %v, want a list", at, v)}
	}
	var out []string
	for i, v := range all {
		out = append(out, a.faults(fmt.Sprintf("%s[%d]", at, i), v, item)...)
	}
	return out
}

// object checks the properties of an object. An annotation names a more particular
// type, or binds a property to what is there already.
func (a types) object(at string, v any, typ string) []string {
	o, ok := v.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s is %v, want an object", at, v)}
	}
	if s, ok := o["@odata.type"].(string); ok {
		name := strings.TrimPrefix(s, namespace)
		typ = strings.ToUpper(name[:1]) + name[1:]
	}
	var out []string
	for name, v := range o {
		bare, bound := strings.CutSuffix(name, "@odata.bind")
		declared := a.of(typ, bare)
		switch {
		case name == "@odata.type", strings.HasPrefix(name, "extension_"): // of the tenant's own
		case declared == "":
			out = append(out, fmt.Sprintf("%s: %s has no property %s", at, typ, bare))
		case bound && !is[string](v):
			out = append(out, fmt.Sprintf("%s.%s is bound to no URL", at, bare))
		case !bound:
			out = append(out, a.faults(at+"."+name, v, declared)...)
		}
	}
	return out
}

// bodies says which type the body of a write has. The parameters of assignLicense
// are an action's, which the package does not declare; the rest are interfaces.
var bodies = []struct {
	call *regexp.Regexp
	typ  string
}{
	{regexp.MustCompile(`^POST /users$|^PATCH /users/[^/]+$`), "User"},
	{regexp.MustCompile(`^POST /users/[^/]+/authentication/phoneMethods$`), "PhoneAuthenticationMethod"},
	{regexp.MustCompile(`^POST /teams$`), "Team"},
	{regexp.MustCompile(`^POST /users/[^/]+/assignLicense$`), "assignLicense"},
	{regexp.MustCompile(`^POST /groups/[^/]+/(members|owners)/\$ref$`), "ref"},
}

func withActions(a types) types {
	a.interfaces["assignLicense"] = declared{"", map[string]string{"addLicenses": "AssignedLicense[]", "removeLicenses": "string[]"}}
	a.interfaces["ref"] = declared{"", map[string]string{"@odata.id": "string"}}
	return a
}

// everyCall returns the requests of all stories.
func everyCall(t *testing.T) []graphtest.Call {
	var all []graphtest.Call
	for _, s := range stories() {
		w := newTenant(t, graphtest.Mode{Building: time.Minute, Provision: time.Hour})
		for _, a := range append(s.before, s.action) {
			w.done(t, w.open(t), a)
		}
		calls, _ := w.Log()
		all = append(all, calls...)
	}
	w := newTenant(t, graphtest.Mode{}) // an account without a country, and a Team that is lost
	w.Put(map[string]any{"userPrincipalName": "ann.example@nhs.net", "accountEnabled": false})
	w.done(t, w.open(t), on("k", "mark-joiner"))
	team := on("t", "create-team")
	team.Other = "FA123 Team"
	w.cutAt(3, graphtest.Mode{})
	_, _ = w.open(t).Do(t.Context(), team)
	w.clock.move(time.Minute)
	w.done(t, w.open(t), team)
	calls, _ := w.Log()
	return append(all, calls...)
}

func TestRequestsAreOfThePublishedTypes(t *testing.T) {
	all := withActions(publishedTypes(t))
	seen := map[string]bool{}
	for _, c := range everyCall(t) {
		call := c.Method + " " + c.Path
		typ := ""
		for _, b := range bodies {
			if b.call.MatchString(call) {
				typ = b.typ
			}
		}
		switch {
		case c.Body == nil:
			continue
		case typ == "":
			t.Errorf("%s has a body, of a type that is not known here", call)
			continue
		}
		seen[typ] = true
		for _, fault := range all.faults(call, c.Body, typ) {
			t.Error(fault)
		}
	}
	if len(seen) != 5 {
		t.Errorf("only %v were sent", seen)
	}
}

// What is asked for must be there to be had.
func TestSelectedPropertiesArePublished(t *testing.T) {
	all := publishedTypes(t)
	selects := regexp.MustCompile(`\$select=([A-Za-z,]+)`)
	n := 0
	for _, c := range everyCall(t) {
		m := selects.FindStringSubmatch(c.Query)
		if m == nil || !strings.HasPrefix(c.Path, "/users") && !strings.Contains(c.Path, "graph.user") || strings.Contains(c.Path, "graph.group") {
			continue
		}
		for _, name := range strings.Split(m[1], ",") {
			n++
			if all.of("User", name) == "" {
				t.Fatalf("User has no property %s", name)
			}
		}
	}
	if n == 0 {
		t.Error("nothing was selected")
	}
}

func TestCheckOfTypesFindsFaults(t *testing.T) {
	all := withActions(publishedTypes(t))
	for _, body := range []map[string]any{
		{"mobile": "x"}, {"accountEnabled": "true"}, {"otherMails": "a@example.com"}, {"passwordProfile": map[string]any{"pass": "x"}}, {"displayName": nil},
	} {
		if len(all.faults("body", body, "User")) == 0 {
			t.Errorf("%v passes for a User", body)
		}
	}
	if len(all.faults("body", map[string]any{"visibility": "hidden"}, "Team")) == 0 {
		t.Error("a visibility that is none passes for a Team's")
	}
}

// docs/graph.md lists every call with the permission that it needs, and no other.
func TestEveryCallStandsInTheDocs(t *testing.T) {
	text, err := os.ReadFile("../../../docs/graph.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]*regexp.Regexp{}
	for _, m := range regexp.MustCompile("(?m)^\\| `((?:GET|POST|PATCH|DELETE) [^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		listed[m[1]] = regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(m[1]), `\{id\}`, `[^/]+`) + "$")
	}
	used := map[string]bool{}
	for _, c := range everyCall(t) {
		found := false
		for name, re := range listed {
			if re.MatchString(c.Method + " " + c.Path) {
				used[name], found = true, true
			}
		}
		if !found {
			t.Errorf("docs/graph.md has no row for %s %s", c.Method, c.Path)
		}
	}
	for name := range listed {
		if !used[name] {
			t.Errorf("docs/graph.md has a row for %s, which is never called", name)
		}
	}
}
