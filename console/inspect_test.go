package console

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// inspect looks for what no page may lack or have, whatever it shows. What a
// browser must see (contrast, sizes, focus) is for the tests in one.
func inspect(p *page) {
	p.t.Helper()
	fault := func(format string, n *html.Node, more ...string) {
		p.t.Helper()
		p.t.Errorf("%s: %s%s: %s", p.path, format, strings.Join(more, " "), opening(n))
	}
	// What a page shows in a frame is a mail of somebody's, under its own policy.
	if strings.Contains(p.header.Get("Content-Security-Policy"), "frame-ancestors 'self'") {
		return
	}
	if n := len(p.all("h1")); n != 1 {
		p.t.Errorf("%s has %d h1, not one", p.path, n)
	}
	if lang, _ := attribute(p.all("html")[0], "lang"); lang != "en-GB" {
		p.t.Errorf("%s: its language is %q", p.path, lang)
	}
	if titles := p.all("title"); len(titles) == 0 || titles[0].FirstChild == nil || strings.HasPrefix(strings.TrimSpace(titles[0].FirstChild.Data), "-") {
		p.t.Errorf("%s has no title", p.path)
	}
	if len(p.all("main")) != 1 {
		p.t.Errorf("%s has not one main", p.path)
	}
	if strings.Contains(p.body, "<no value>") || strings.Contains(p.body, "ZgotmplZ") {
		p.t.Errorf("%s shows what the template could not", p.path)
	}
	ids := map[string]bool{}
	level := 0
	for n := range p.doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		inspectMarkup(p, n, fault)
		inspectField(p, n, fault)
		inspectTable(n, fault)
		if id, has := attribute(n, "id"); has {
			if id == "" || ids[id] || strings.ContainsAny(id, " \t\n") {
				fault("an id that is empty, not alone or has blanks", n)
			}
			ids[id] = true
		}
		if len(n.Data) == 2 && n.Data[0] == 'h' && '1' <= n.Data[1] && n.Data[1] <= '6' {
			now, _ := strconv.Atoi(n.Data[1:])
			if now > level+1 && level > 0 {
				fault("a heading that leaves out a level", n)
			}
			level = now
			if textOf(n) == "" {
				fault("an empty heading", n)
			}
		}
	}
	for n := range p.doc.Descendants() {
		if n.Type == html.ElementNode {
			inspectReferences(n, ids, fault)
		}
	}
}

type faulting func(what string, n *html.Node, more ...string)

// inspectMarkup holds a page to its policy: no style, no script and no handler in it.
func inspectMarkup(p *page, n *html.Node, fault faulting) {
	nonce := ""
	if _, after, ok := strings.Cut(p.header.Get("Content-Security-Policy"), "'nonce-"); ok {
		nonce, _, _ = strings.Cut(after, "'")
	}
	for _, a := range n.Attr {
		switch {
		case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
			fault("inline "+a.Key, n)
		case (a.Key == "href" || a.Key == "src" || a.Key == "action") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:"):
			fault("a script as an address", n)
		case a.Key == "tabindex" && a.Val != "0" && a.Val != "-1":
			fault("a tabindex of its own", n)
		}
	}
	switch n.Data {
	case "style":
		fault("an inline style", n)
	case "script":
		if given, _ := attribute(n, "nonce"); given != nonce || nonce == "" {
			fault("a script without this page's nonce", n)
		}
	case "img":
		if _, has := attribute(n, "alt"); !has {
			fault("a picture without alt", n)
		}
	case "iframe":
		_, sandboxed := attribute(n, "sandbox")
		if title, _ := attribute(n, "title"); title == "" || !sandboxed {
			fault("a frame without title or sandbox", n)
		}
	case "a":
		if label, _ := attribute(n, "aria-label"); textOf(n) == "" && label == "" && n.FirstChild == nil {
			fault("a link that says nothing", n)
		}
		if to, _ := attribute(n, "href"); to == "" {
			fault("a link that leads nowhere", n)
		}
	case "button":
		if label, _ := attribute(n, "aria-label"); textOf(n) == "" && label == "" {
			fault("a button that says nothing", n)
		}
	case "form":
		method, _ := attribute(n, "method")
		if action, _ := attribute(n, "action"); action == "" || method != "get" && method != "post" && method != "dialog" {
			fault("a form without action or method", n)
		}
	}
}

// inspectField demands a label for each field, and a legend for each group.
func inspectField(p *page, n *html.Node, fault faulting) {
	kind, _ := attribute(n, "type")
	switch {
	case n.Data == "fieldset":
		if n.FirstChild == nil || !slices.ContainsFunc(slices.Collect(n.ChildNodes()), func(c *html.Node) bool { return c.Data == "legend" && textOf(c) != "" }) {
			fault("a fieldset without legend", n)
		}
		return
	case n.Data != "input" && n.Data != "select" && n.Data != "textarea" || kind == "hidden" || kind == "submit":
		return
	}
	if _, hidden := attribute(n, "hidden"); hidden {
		return
	}
	id, _ := attribute(n, "id")
	label, _ := attribute(n, "aria-label")
	if label == "" && (id == "" || len(p.all("label", "for", id)) != 1) {
		fault("a field without one label", n)
	}
	if name, _ := attribute(n, "name"); name == "" {
		fault("a field without name", n)
	}
}

// inspectTable demands that a table says what it holds, to those who hear it.
func inspectTable(n *html.Node, fault faulting) {
	switch n.Data {
	case "table":
		if !slices.ContainsFunc(slices.Collect(n.ChildNodes()), func(c *html.Node) bool { return c.Data == "caption" && textOf(c) != "" }) {
			fault("a table without caption", n)
		}
	case "th":
		if scope, _ := attribute(n, "scope"); scope == "" {
			fault("a heading of a table without scope", n)
		}
	case "time":
		if at, _ := attribute(n, "datetime"); at == "" {
			fault("a time without datetime", n)
		}
	}
}

// inspectReferences demands that whatever an element points to on its page is there.
func inspectReferences(n *html.Node, ids map[string]bool, fault faulting) {
	for _, name := range []string{"for", "aria-describedby", "aria-labelledby", "aria-controls"} {
		value, _ := attribute(n, name)
		for id := range strings.FieldsSeq(value) {
			if !ids[id] {
				fault("it points to #"+id+", which is not there,", n)
			}
		}
	}
	if to, _ := attribute(n, "href"); n.Data == "a" && len(to) > 1 && to[0] == '#' && !ids[to[1:]] {
		fault("it leads to "+to+", which is not there,", n)
	}
}

// opening is an element's opening tag.
func opening(n *html.Node) string {
	var b strings.Builder
	b.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		b.WriteString(" " + a.Key + `="` + a.Val + `"`)
	}
	return b.String() + ">"
}
