package parser

import (
	"strings"
	"testing"
)

func TestHTML(t *testing.T) {
	for name, c := range map[string]struct{ html, want string }{
		"divs and breaks": {`<div>Hi</div><div><br></div><div>Name: Ada<br>Role: member</div>`, "own|Hi\nown|Name: Ada\nown|Role: member\n"},
		"table":           {`<table><tr><td>Full name</td><td><div>Ada&nbsp;Quill</div></td></tr><tr><td><p>Mobile</p></td><td>07700 900111</td></tr></table>`, "own|Full name ; Ada Quill\nown|Mobile ; 07700 900111\n"},
		"layout table":    {`<table><tr><td><p>Please add Ada Quill.</p><p>She is a member.</p></td></tr></table>`, "own|Please add Ada Quill.\nown|She is a member.\n"},
		"layout in layout": {`<table><tr><td>x</td><td><table><tr><td>Full name</td><td>Ada</td></tr></table></td></tr></table>`,
			"own|x\nown|Full name ; Ada\n"},
		"spans": {`<table><tr><td rowspan=2>Ada</td><td>07700 900111</td></tr><tr><td>member</td></tr></table>`, "own|Ada ; 07700 900111\nown|Ada ; member\n"},
		"hidden": {`Please<span style="display:none">do not</span> add<b hidden>x</b><i style="font-size:0px">y</i><!-- z --> Ada<style>p{}</style><script>w</script><u style="VISIBILITY: hidden">v</u>`,
			"own|Please add Ada\n"},
		"list":     {`<ul><li>Remove Tom</li><li><p>Add Ada</p></li></ul>`, "own|Remove Tom\nown|Add Ada\n"},
		"ticks":    {`Role <input type=checkbox> Owner <input type=checkbox checked> Member`, "own|Role ☐ Owner ☒ Member\n"},
		"entities": {`O&rsquo;Dowd &amp; Sons&zwnj;&#8203;`, "own|O'Dowd & Sons\n"},
		"pre":      {"<pre>Name: Ada\nRole: member</pre>", "own|Name: Ada\nown|Role: member\n"},
		"gmail reply": {`<div dir="ltr">member</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Tue, 21 Apr 2026 at 10:00, NAS &lt;<a href="mailto:helpdesk@nhs.net">helpdesk@nhs.net</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0"><div>Role:</div></blockquote></div>`,
			"own|member\nours1|On Tue, 21 Apr 2026 at 10:00, NAS <helpdesk@nhs.net> wrote:\nours1|Role:\n"},
		"outlook header": {`<p>Yes</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> NAS &lt;helpdesk@nhs.net&gt;<br><b>Sent:</b> today<br><b>To:</b> us<br><b>Subject:</b> RE: x</div><div>Reply YES</div>`,
			"own|Yes\nours1|From: NAS <helpdesk@nhs.net>\nours1|Sent: today\nours1|To: us\nours1|Subject: RE: x\nours1|Reply YES\n"},
		"indented text is no quote": {`<div>Please add</div><blockquote style="margin-left:40px">Ada Quill, member</blockquote>`, "own|Please add\nown|Ada Quill, member\n"},
		"signature mark":            {`<div>Please add Ada.</div><div id="Signature"><p>Tom</p><p>M: 07700 900222</p></div>`, "own|Please add Ada.\nsig|Tom\nsig|M: 07700 900222\n"},
	} {
		m := Read(htmlMail(c.html), testOptions)
		checkMessage(t, m)
		if got := shown(m); got != c.want {
			t.Errorf("%s: got:\n%s\nwant:\n%s", name, got, c.want)
		}
	}
}

func TestHTMLMarks(t *testing.T) {
	m := Read(htmlMail(`<h2>New starter</h2><p><b>Leaver:</b></p><p><b>Name:</b> Ada</p><ol><li>one</li></ol><table><tr><th>Name</th><th>Role</th></tr><tr><td>Ada</td><td>member</td></tr></table><p>end</p>`), testOptions)
	var got []string
	for _, l := range m.Lines[1:] {
		s := l.Text
		if l.Head {
			s += " head"
		}
		if l.Item {
			s += " item"
		}
		if l.Break {
			s += " break"
		}
		got = append(got, s)
	}
	want := "New starter head; Leaver: head break; Name: Ada break; one item break; Name\tRole head break; Ada\tmember; end break"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("got  %q\nwant %q", s, want)
	}
}

func TestHTMLTooDeep(t *testing.T) {
	m := Read(htmlMail(strings.Repeat("<div>", 2000)+"Please add Ada"), testOptions)
	checkMessage(t, m)
	if !m.Found("html-unparsed") || ownText(m) != "Please add Ada" {
		t.Errorf("findings %v, text %q", m.Findings, ownText(m))
	}
}

// A table within a table within a table … must cost no more than its size.
func TestNestedTablesAreCheap(t *testing.T) {
	m := Read(htmlMail(strings.Repeat("<table><tr><td>a</td><td>", 100)+"end"), testOptions)
	if !strings.HasSuffix(m.Text, "end") {
		t.Error("the innermost text is lost")
	}
}
