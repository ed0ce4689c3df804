package parser

import "testing"

// What its reader cannot see is no text, however it is hidden.
func TestUnseenText(t *testing.T) {
	for name, c := range map[string]struct{ html, want string }{
		"white on white":                 {`Add <span style="color:#ffffff">not</span>Ada`, "Add Ada"},
		"font tag":                       {`Add <font color="white">not</font>Ada`, "Add Ada"},
		"nearly white":                   {`Add <span style="color: rgb(254, 254, 254)">not</span>Ada`, "Add Ada"},
		"white on a dark cell":           {`<table><tr bgcolor="#005eb8"><td style="color:#fff">Name</td><td style="color:white">Role</td></tr><tr><td>Ada</td><td>member</td></tr></table>`, "Name\tRole\nAda\tmember"},
		"white cell on a white table":    {`<table><tr><td style="color:#fff">Name</td><td>Role</td></tr><tr><td>Ada</td><td>member</td></tr></table>`, "\tRole\nAda\tmember"},
		"black on black":                 {`<div style="background:#000000">Hi<p style="color:#000">Ada</p></div>`, "Hi"},
		"seen again within":              {`<div style="color:#fff">no<b style="color:#333">Ada</b></div>`, "Ada"},
		"a link on white":                {`<div style="color:#fff"><a href="https://example.com">Ada</a></div>`, "Ada"},
		"over a picture":                 {`<div style="background:url(x.png)"><p style="color:#fff">Ada</p></div>`, "Ada"},
		"one pixel":                      {`Add <span style="font-size:1px">not</span>Ada`, "Add Ada"},
		"no size, with sizes within":     {`<div style="font-size:0">x<span style="font-size:11pt">Ada</span></div>`, "Ada"},
		"class in a style sheet":         {`<style>/* x */ p.x, .gone { display : none } @media print {.y{display:none}}</style><p class="gone">not</p><p class="y">Ada</p>`, "Ada"},
		"id in a style sheet":            {`<style>#pre{color:#fff;font-size:1px}</style><div id="pre">not</div>Ada`, "Ada"},
		"shown again by its own style":   {`<style>.x{display:none}</style><p class="x" style="display:block">Ada</p>`, "Ada"},
		"off the screen":                 {`<div style="position:absolute;left:-9999px">not</div>Ada`, "Ada"},
		"cut off":                        {`<div style="height:0;overflow:hidden">not</div>Ada`, "Ada"},
		"a spacer that cuts nothing off": {`<div style="height:0">Ada</div>`, "Ada"},
		"hidden row":                     {`<table><tr style="display:none"><td>Mobile</td><td>07700 900999</td></tr><tr><td>Name</td><td>Ada</td></tr></table>`, "Name\tAda"},
		"transparent":                    {`Add <i style="opacity:0.0">not</i>Ada`, "Add Ada"},
		"hidden for Word only":           {`Add <span style="mso-hide:all">not</span>Ada`, "Add Ada"},
	} {
		m := Read(htmlMail(c.html), testOptions)
		checkMessage(t, m)
		if got := ownText(m); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if m := Read(htmlMail(`Ada<p style="color:#fff">not</p>`), testOptions); !m.Found("hidden-text") {
		t.Error("hidden text is no finding")
	}
}

func TestStyleSheetsThatGoOnForEver(t *testing.T) {
	for _, css := range []string{"", "a", "a{", "a{b", "@media{", "@media{a{b:c}", "/*", "a{color:#", "}}}{{{", "a,b,,{color:red}"} {
		parseStyles(css)
	}
	if s := parseStyles("a{color:red}b{x:y}.c , #d{display:none;}"); len(s) != 3 || len(s["#d"]) != 1 || s["#d"][0] != (declaration{"display", "none"}) {
		t.Errorf("read as %q", s)
	}
}
