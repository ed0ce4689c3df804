package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"nasdesk/store"
)

//go:embed templates
var templates embed.FS

// A pages is the templates of all pages, by name. A page is a file of templates/
// that defines "title" and "main", and "crumbs" if it lies beneath another; it is
// executed inside layout.html, with the partials of templates/parts at hand.
type pages struct {
	byName map[string]*template.Template
}

// newPages parses the templates. They are our own, so a fault in them is found
// when the console starts, and in every test.
func newPages(o *Office) *pages {
	base := template.New("layout.html").Funcs(words).Funcs(queueFuncs).Funcs(o.words())
	template.Must(base.ParseFS(templates, "templates/layout.html", "templates/parts/*.html"))
	p := &pages{byName: map[string]*template.Template{}}
	files, _ := templates.ReadDir("templates")
	for _, f := range files {
		name, isPage := strings.CutSuffix(f.Name(), ".html")
		if f.IsDir() || !isPage || name == "layout" {
			continue
		}
		t := template.Must(base.Clone())
		p.byName[name] = template.Must(t.ParseFS(templates, path.Join("templates", f.Name())))
	}
	return p
}

// frameData is "." in the layout and in the blocks of a page, which find their
// own struct in Page.
type frameData struct {
	Page   any
	Staff  store.Session // zero before sign-in
	Flash  string
	Nonce  string
	Nav    []navItem
	Search bool // whether there is a search in the header
	Demo   bool
	Look   look
	// Waiting are the visitor's own acts that can still be undone.
	Waiting []clickView
	// Counts are how many wait in each queue: asked of the store only by a page that shows them.
	Counts func() (map[store.Queue]int, error)
	path   string
}

// Can reports whether the visitor has a right: "worker" or "lead".
func (d frameData) Can(what string) bool {
	switch what {
	case "worker":
		return worker.allows(d.Staff.Role)
	case "lead":
		return lead.allows(d.Staff.Role)
	}
	return false
}

// SelfPath is the path of this page.
func (d frameData) SelfPath() string { return d.path }

// A navItem is one word of the navigation.
type navItem struct {
	Text, Href string
	Here       bool // the page is in that part of the console
}

// navigation is what the visitor can go to.
func (v *visit) navigation() []navItem {
	var items []navItem
	add := func(text, href string, under ...string) {
		here := false
		for _, u := range append(under, href) {
			here = here || v.URL.Path == u || strings.HasPrefix(v.URL.Path, u+"/")
		}
		items = append(items, navItem{text, href, here})
	}
	if v.staff.Staff != "" {
		add("Queues", "/queues/exceptions", "/queues", "/requests", "/messages", "/clicks", "/search")
		add("Work", "/work")
		add("Register", "/register")
		add("Figures", "/figures")
		if lead.allows(v.staff.Role) {
			add("Staff", "/staff")
		}
	}
	if v.office.Try != nil {
		add("Try it", "/try")
	}
	return items
}

// show sends the page of that name with its data.
func (v *visit) show(name string, data any) error { return v.showStatus(http.StatusOK, name, data) }

// showStatus sends a page under another status than 200: 422 for a form with
// faults, which shows them beside what was typed.
func (v *visit) showStatus(status int, name string, data any) error {
	t := v.frame.pages.byName[name]
	if t == nil {
		return fmt.Errorf("no page %q in templates", name)
	}
	d := frameData{Page: data, Staff: v.staff, Flash: takeFlash(v), Nonce: v.nonce, Nav: v.navigation(), Search: v.staff.Staff != "", Waiting: v.waiting(),
		Demo: v.office.Try != nil, Look: theLook(), path: v.URL.Path,
		Counts: sync.OnceValues(func() (map[store.Queue]int, error) {
			return v.frame.counts.of(v.ctx(), v.office.Store, v.today, v.now)
		})}
	var page bytes.Buffer
	if err := t.ExecuteTemplate(&page, "layout.html", d); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = page.WriteTo(v.w) // a visitor who left is no fault
	return nil
}

// Faults are what is wrong with a form, in the order of its fields.
type Faults []Fault

// A Fault is what is wrong with one field.
type Fault struct {
	Field string // its id on the page
	Says  string // what to do: "Enter a date that is to come"
}

// Add adds a fault if bad.
func (f *Faults) Add(bad bool, field, says string) {
	if bad {
		*f = append(*f, Fault{field, says})
	}
}

// Of is what is wrong with one field, "" if nothing.
func (f Faults) Of(field string) string {
	for _, fault := range f {
		if fault.Field == field {
			return fault.Says
		}
	}
	return ""
}

// next is where to go after a form, if it is a path of ours, or else to.
func next(asked, to string) string {
	u, err := url.Parse(asked)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(asked, "/") ||
		strings.HasPrefix(asked, "//") || strings.ContainsAny(asked, "\\\r\n\t") {
		return to
	}
	return asked
}

// A field is one field of a form, as the partials of templates/parts/form.html
// show it.
type field struct {
	ID, Name, Label, Hint, Value, Fault, Type, Autocomplete, Inputmode, Width, Size, Accept string
	Rows                                                                                    int
	Quiet, Checked                                                                          bool
	Options                                                                                 []Option
	Ticked                                                                                  []string
}

// Has reports whether a value of several is ticked.
func (f field) Has(value string) bool { return slices.Contains(f.Ticked, value) }

// An Option is one choice of a select or of radios.
type Option struct {
	Value, Text, Hint string
}

// newField is the template function "field": its name, then pairs of a word and
// a value.
//
//	{{template "input" (field "q" "label" "Search" "value" .Text "hint" "A reference or a name" "faults" .Faults)}}
//
// Words: id (the name if not given), label, hint, value, faults, fault, type,
// autocomplete, inputmode, width (2, 3, 4, 5, 10, 20 characters), size (of the label: s, m, l),
// rows, quiet (the label is for screen readers alone), checked, options, ticked (values of options), accept.
func newField(name string, pairs ...any) (f field, err error) {
	f = field{ID: name, Name: name, Type: "text", Rows: 5}
	if len(pairs)%2 != 0 {
		return f, fmt.Errorf("field %s: words and values come in pairs", name)
	}
	for i := 0; i < len(pairs); i += 2 {
		if err := f.set(fmt.Sprint(pairs[i]), pairs[i+1]); err != nil {
			return f, fmt.Errorf("field %s: %w", name, err)
		}
	}
	if f.Label == "" {
		return f, fmt.Errorf("field %s: no label", name)
	}
	return f, nil
}

func (f *field) set(word string, value any) error {
	texts := map[string]*string{"id": &f.ID, "label": &f.Label, "hint": &f.Hint, "value": &f.Value, "fault": &f.Fault, "type": &f.Type,
		"autocomplete": &f.Autocomplete, "inputmode": &f.Inputmode, "width": &f.Width, "size": &f.Size, "accept": &f.Accept}
	if to := texts[word]; to != nil {
		*to = fmt.Sprint(value)
		return nil
	}
	known := true
	switch word {
	case "faults":
		var all Faults
		all, known = value.(Faults)
		f.Fault = all.Of(f.ID)
	case "rows":
		f.Rows, known = value.(int)
	case "quiet":
		f.Quiet, known = value.(bool)
	case "checked":
		f.Checked, known = value.(bool)
	case "ticked":
		f.Ticked, known = value.([]string)
	case "options":
		f.Options, known = value.([]Option)
	default:
		return fmt.Errorf("no word %q", word)
	}
	if !known {
		return fmt.Errorf("%s cannot be a %T", word, value)
	}
	return nil
}

// Described are the ids of what describes the field, for aria-describedby.
func (f field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Fault != "" {
		ids = append(ids, f.ID+"-error")
	}
	return strings.Join(ids, " ")
}

// A Pair is one line of a summary list. A Value that is template.HTML stands as
// it is.
type Pair struct {
	Key    string
	Value  any
	Href   string // a link to change it; "" for none
	Change string // what the link says: "Change the region"
}

// A Link is a word with where it leads.
type Link struct{ Text, Href string }

// options turns values into choices, each worded by itself.
func options(values ...string) []Option {
	out := make([]Option, len(values))
	for i, v := range values {
		out[i] = Option{Value: v, Text: v}
	}
	return out
}
