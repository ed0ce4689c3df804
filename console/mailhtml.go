package console

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"nasdesk"
)

// A mail's HTML is never shown as it came. What is shown is a document of our
// own: the words, in the few elements that hold nothing but words, without
// attributes, so that nothing in it can fetch, run, style or link. Where the
// mail had a link or a picture, its address stands as text, so that staff see
// where it would have led. Text that the mail hid is seen.

// keeps are the elements that stay, without their attributes.
var keeps = map[atom.Atom]bool{atom.P: true, atom.Div: true, atom.Br: true, atom.Hr: true, atom.Pre: true, atom.Blockquote: true,
	atom.B: true, atom.Strong: true, atom.I: true, atom.Em: true, atom.U: true, atom.S: true, atom.Sub: true, atom.Sup: true,
	atom.Ul: true, atom.Ol: true, atom.Li: true, atom.Dl: true, atom.Dt: true, atom.Dd: true,
	atom.Table: true, atom.Thead: true, atom.Tbody: true, atom.Tfoot: true, atom.Tr: true, atom.Td: true, atom.Th: true, atom.Caption: true}

// headings become paragraphs in bold: the frame has a page of its own, and no
// place in ours.
var headings = map[atom.Atom]bool{atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true}

// drops are the elements whose content is no text for a reader.
var drops = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Head: true, atom.Iframe: true, atom.Frame: true, atom.Frameset: true,
	atom.Object: true, atom.Embed: true, atom.Applet: true, atom.Noscript: true, atom.Noembed: true, atom.Noframes: true, atom.Svg: true,
	atom.Math: true, atom.Template: true, atom.Audio: true, atom.Video: true, atom.Canvas: true, atom.Link: true, atom.Meta: true, atom.Base: true,
	atom.Select: true, atom.Textarea: true, atom.Map: true, atom.Xmp: true, atom.Plaintext: true}

// maxNodes and maxDepth bound the work on one mail.
const (
	maxNodes = 20_000
	maxDepth = 200
)

// frameStyle is the only style of the frame; its digest stands in the policy.
const frameStyle = "body{font:1rem/1.5 Arial,sans-serif;margin:1rem;color:#212b32;background:#fff;overflow-wrap:anywhere}table{border-collapse:collapse}td,th{border:1px solid #768692;padding:.25rem .5rem;text-align:left}.address{color:#4c6272}"

// framePolicy is the Content-Security-Policy of a mail's frame: nothing but
// that style, and nothing that leads out, in a sandbox without any permission.
var framePolicy = func() string {
	sum := sha256.Sum256([]byte(frameStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; sandbox"
}()

// writeSafe writes a mail's HTML documents as one document of ours.
func writeSafe(w io.Writer, docs []string) error {
	c := cleaner{}
	body := newElement(atom.Body)
	for i, doc := range docs {
		if i > 0 {
			body.AppendChild(newElement(atom.Hr))
		}
		if n, err := html.Parse(strings.NewReader(doc)); err == nil {
			c.children(n, body, 0)
		} else {
			body.AppendChild(wordsOf("This HTML could not be read: " + err.Error()))
		}
	}
	if c.n > maxNodes {
		body.AppendChild(wordsOf("[The rest is left out: it is too long.]"))
	}
	if body.FirstChild == nil {
		body.AppendChild(wordsOf("There is nothing to be seen in this mail's HTML."))
	}
	head := "<!doctype html><html lang=\"en-GB\"><head><meta charset=\"utf-8\"><title>A mail, without its links and pictures</title><style>" + frameStyle + "</style></head>"
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	if err := html.Render(w, body); err != nil {
		return err
	}
	_, err := io.WriteString(w, "</html>")
	return err
}

// A cleaner counts the nodes that it has made.
type cleaner struct{ n int }

func (c *cleaner) children(from, to *html.Node, depth int) {
	for x := from.FirstChild; x != nil && c.n <= maxNodes; x = x.NextSibling {
		c.node(x, to, depth+1)
	}
}

func (c *cleaner) node(n, to *html.Node, depth int) {
	if depth > maxDepth {
		return
	}
	c.n++
	switch {
	case n.Type == html.TextNode:
		to.AppendChild(wordsOf(seen(n.Data)))
	case n.Type != html.ElementNode:
		if n.Type == html.DocumentNode {
			c.children(n, to, depth)
		}
	case n.Namespace != "" || drops[n.DataAtom]:
	case n.DataAtom == atom.Img || n.DataAtom == atom.Input || n.DataAtom == atom.Image:
		c.picture(n, to)
	case headings[n.DataAtom]:
		p, b := newElement(atom.P), newElement(atom.Strong)
		p.AppendChild(b)
		to.AppendChild(p)
		c.children(n, b, depth)
	case keeps[n.DataAtom]:
		e := newElement(n.DataAtom)
		to.AppendChild(e)
		c.children(n, e, depth)
	default:
		c.children(n, to, depth)
		c.link(n, to)
	}
}

// link writes where a link would have led, behind its words.
func (c *cleaner) link(n, to *html.Node) {
	if href := attributeOf(n, "href"); n.DataAtom == atom.A && href != "" {
		to.AppendChild(whereTo(" [link to " + shown(href) + "]"))
	}
}

// picture writes what a picture is said to show.
func (c *cleaner) picture(n, to *html.Node) {
	switch {
	case n.DataAtom == atom.Input:
		to.AppendChild(whereTo("[" + shown("field "+attributeOf(n, "value")) + "]"))
	case attributeOf(n, "alt") != "":
		to.AppendChild(whereTo("[picture: " + shown(attributeOf(n, "alt")) + "]"))
	default:
		to.AppendChild(whereTo("[picture]"))
	}
}

// shown is an address or a description as it may stand in a text: short, and so
// written that no program makes a link of it again.
func shown(s string) string {
	s = seen(strings.ToValidUTF8(s, "\uFFFD"))
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return strings.NewReplacer("://", "[:]//", "\n", " ", "\r", " ", "\t", " ").Replace(s)
}

// seen leaves out what no reader sees, line ends aside.
func seen(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && nasdesk.Invisible(r) {
			return -1
		}
		return r
	}, s)
}

func newElement(a atom.Atom) *html.Node {
	return &html.Node{Type: html.ElementNode, DataAtom: a, Data: a.String()}
}

func wordsOf(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }

func whereTo(s string) *html.Node {
	e := newElement(atom.Span)
	e.Attr = []html.Attribute{{Key: "class", Val: "address"}}
	e.AppendChild(wordsOf(s))
	return e
}

func attributeOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == name {
			return a.Val
		}
	}
	return ""
}

// downloadName is the name under which a colleague's computer keeps a file: its
// number, so that no two share one, and no ending that is run or opened as a page
// without asking.
func downloadName(written string, n int) string {
	s := safeName(written)
	if i := strings.LastIndexByte(s, '.'); i >= 0 && runs[strings.ToLower(strings.TrimSpace(s[i+1:]))] {
		s += ".txt"
	}
	return strconv.Itoa(n) + "-" + s
}

// runs are endings of files that do something when they are opened.
var runs = map[string]bool{"exe": true, "com": true, "bat": true, "cmd": true, "scr": true, "pif": true, "msi": true, "ps1": true, "vbs": true,
	"vbe": true, "js": true, "jse": true, "wsf": true, "wsh": true, "hta": true, "lnk": true, "jar": true, "reg": true, "cpl": true, "dll": true,
	"iso": true, "img": true, "vhd": true, "html": true, "htm": true, "xhtml": true, "shtml": true, "svg": true, "mht": true, "mhtml": true,
	"url": true, "sh": true, "app": true, "dmg": true, "docm": true, "xlsm": true, "pptm": true, "chm": true, "one": true}
