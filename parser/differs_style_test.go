package parser

import (
	"fmt"
	"strings"
	"testing"
)

// Each property hides by some of its values, and by no other; what one has
// hidden another does not show.
func TestPropertiesThatHide(t *testing.T) {
	for style, hides := range map[string]bool{
		"display:none": true, "display:block": false, "DISPLAY : None !important": true,
		"visibility:hidden": true, "visibility:collapse": true, "visibility:visible": false,
		"mso-hide:all": true, "mso-hide:screen": false,
		"opacity:0": true, "opacity:0.5": false, "opacity:1": false, "opacity:": false,
		"max-height:0": true, "max-height:0px": true, "max-height:10px": false, "max-height:none": false,
		"height:0;overflow:hidden": true, "width:0;overflow:clip": true, "max-width:0%;overflow-x:hidden": true, "height:0;overflow-y:hidden": true,
		"height:0;overflow:visible": false, "height:1px;overflow:hidden": false, "overflow:hidden": false, "height:0": false, "height:0;width:20px;overflow:hidden": true,
		"text-indent:-9999px": true, "left:-500px": true, "left:-499px": false, "top:-1000px": true, "margin-left:-5000px": true, "margin-top:-600pt": true, "left:auto": false, "left:500px": false,
		"clip:rect(0,0,0,0)": true, "clip:rect(0 0 0 0)": true, "clip:rect(0px, 0px, 0px, 0px)": true, "clip:rect(0,10px,10px,0)": false, "clip:auto": false, "clip:0": false,
		"transform:scale(0)": true, "transform:scale( 0 )": true, "transform:scale(0.9)": false, "transform:none": false,
		"font-size:0": true, "font-size:2px": true, "font-size:2.1px": false, "font-size:1.5pt": true, "font-size:1.6pt": false, "font-size:.12em": true, "font-size:.13em": false,
		"font-size:0.1rem": true, "font-size:1rem": false, "font-size:12%": true, "font-size:13%": false, "font-size:small": false, "font-size:1": false, "font-size:0 px": true,
		"color:#fff": true, "color:#ffff": true, "color:ffff": false, "color:#fffffff0": true, "color:fff": true, "color:#ff": false, "color:#fffff": false,
		"color:white": true, "color:rgb(255,255,255)": true, "color:rgb(255 255 255 / 1)": true, "color:rgba(255,255,255,0)": true, "color:transparent": true, "color:rgb(0 0 0 / 0)": true, "color:rgb(0 0 0 / 1)": false, "background:rgba(0,0,0,0);color:#000": false, "background:black;background:transparent;color:#000": false, "color:rgb(255,255)": false,
		"color:rgb(256,255,255)": false, "color:rgb(-1,0,0)": false, "color:rgb(x,0,0)": false, "color:rgb(247,247,247)": true, "color:rgb(246,247,247)": false, "color:rgb(0,0,0)": false,
		"color:#zzzzzz": false, "color:a,b": false, "background:#000;color:nocolour": false, "background:url(x.png);color:#000": false, "background:rgb(x,0,0);color:#000": false, "background:rgb(0,0,256);color:#000": false, "left:-1e999px": true, "color:nocolour": false, "color:inherit": false, "color:": false,
		"background:black": false, "background:#000 none": false, "background:#000 none;color:#000": true, "background-color:#000;color:#000": true,
		"background:#000;color:rgb(24,0,0)": true, "background:#000;color:rgb(25,0,0)": false,
		"color:#fff;background:none": true, "color:#fff;background:transparent": true, "color:#fff;background:inherit": true, "color:#fff;background:initial": true, "color:#fff;background:unset": true, "color:#fff;background:": true,
		"color:#fff;background:url(x.png)": false, "color:#fff;background:url(x.png) #fff": false, "color:#fff;background:linear-gradient(#fff, #000)": false, "color:#fff;background:zzzzzz": false,
		"none": false, "margin:0": false, "display": false,
		"display:none;display:block": false, "visibility:hidden;visibility:visible": false,
	} {
		if got := ownText(Read(htmlMail(`<p style="`+style+`">Bo</p><p>Ada</p>`), testOptions)); (got == "Ada") != hides || got != "Ada" && got != "Bo\nAda" {
			t.Errorf("%s: read %q, want it hidden: %v", style, got, hides)
		}
	}
	for _, after := range []string{"visibility:visible", "mso-hide:none", "opacity:1", "max-height:9px", "left:0", "clip:auto", "transform:none"} {
		for _, before := range []string{"mso-hide:all", "visibility:hidden"} {
			if strings.Split(before, ":")[0] == strings.Split(after, ":")[0] {
				continue
			}
			if got := ownText(Read(htmlMail(`<p style="`+before+`;`+after+`">Bo</p><p>Ada</p>`), testOptions)); got != "Ada" {
				t.Errorf("%s shows again what %s hides: %q", after, before, got)
			}
		}
	}
	if got := ownText(Read(htmlMail(`<div style="width:0"><p style="height:9px;overflow:hidden">Ada</p></div>`), testOptions)); got != "Ada" {
		t.Errorf("a width is inherited: %q", got)
	}
}

// What sheets and attributes say, and for which elements.
func TestStylesFound(t *testing.T) {
	many := func(sel string) string {
		var b strings.Builder
		for i := range maxSelectors - 1 {
			fmt.Fprintf(&b, sel+"{color:red}", i)
		}
		return b.String()
	}
	for name, c := range map[string]struct{ html, want string }{
		"an empty sheet":                {`<style></style>Ada`, "Ada"},
		"a rule behind a block":         {`<style>@media print{.y{color:red}}.x{display:none}</style><p class=x>Bo</p>Ada`, "Ada"},
		"a rule behind nested blocks":   {`<style>@media print{@page{a{color:red}}.x{display:none}}.y{display:none}</style><p class=x>Ada</p><p class=y>Bo</p>`, "Ada"},
		"one that never ends":           {`<style>@media print{.x{display:none}</style><p class=x>Ada</p>`, "Ada"},
		"below another":                 {`<style>div .x{display:none}</style><p class=x>Ada</p>`, "Ada"},
		"a tag":                         {`<style>b{display:none}</style><b>Bo</b>Ada`, "Ada"},
		"a tag and its class":           {`<style>b.x{display:none}</style><b class=x>Bo</b><i class=x>Ada</i>`, "Ada"},
		"a tag and its id":              {`<style>b#x{display:none}</style><b id=X>Bo</b>Ada`, "Ada"},
		"an id without a name":          {`<style>#{display:none}</style><p>Ada</p>`, "Ada"},
		"the second of two classes":     {`<style>.x{display:none}</style><p class="y X">Bo</p>Ada`, "Ada"},
		"said twice":                    {`<style>.x{color:#fff;display:none}.x{display:block}</style><p class=x>Bo</p><p>Ada</p>`, "Ada"},
		"said twice, apart":             {`<style>.x{display:none}.x{color:red}</style><p class=x>Bo</p>Ada`, "Ada"},
		"the last selector that counts": {`<style>` + many(".a%d") + `.x{display:none}</style><p class=x>Bo</p>Ada`, "Ada"},
		"one selector too many":         {`<style>` + many(".a%d") + `.b{color:red}.x{display:none}</style><p class=x>Ada</p>`, "Ada"},
		"selectors that do not count":   {`<style>` + many("p .a%d") + `.b{color:red}.x{display:none}</style><p class=x>Bo</p>Ada`, "Ada"},
		"hidden":                        {`<p hidden>Bo</p>Ada`, "Ada"},
		"hidden until it is found":      {`<p hidden=until-found>Ada</p>`, "Ada"},
		"hidden by its sheet as well":   {`<style>.x{display:none}</style><p class=x hidden=until-found>Bo</p>Ada`, "Ada"},
		"a colour that is no font's":    {`<p color=white>Ada</p>`, "Ada"},
		"a ground":                      {`<table><tr><td bgcolor=black><font color=black>Bo</font></td><td>Ada</td></tr></table>`, "Ada"},
		"a link":                        {`<div style="color:#fff"><a href=x>Ada</a></div>`, "Ada"},
		"an anchor":                     {`<div style="color:#fff"><a name=x>Bo</a></div>Ada`, "Ada"},
		"a link that its sheet hides":   {`<style>a{color:#fff}</style><a href=x>Bo</a>Ada`, "Ada"},
		"no link":                       {`<div style="color:#fff"><b href=x>Bo</b></div>Ada`, "Ada"},
		"ink from outside":              {`<div style="color:#fff"><p style="font-size:9pt">Bo</p></div>Ada`, "Ada"},
		"size from outside":             {`<div style="font-size:0"><p style="color:red">Bo</p></div>Ada`, "Ada"},
		"a comment in a sheet":          {`<style>/* .x{display:none} */.y{display:none}</style><p class=x>Ada</p><p class=y>Bo</p>`, "Ada"},
	} {
		if got := strings.Trim(ownText(Read(htmlMail(c.html), testOptions)), "\t"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A sheet is looked up for every element, so however long a rule is, what is kept
// of it is short.
func TestLongRuleIsKeptShort(t *testing.T) {
	s := parseStyles("b,i{" + strings.Repeat("color:red;display:none;", 10000) + "}b{" + strings.Repeat("color:blue;", 100) + "}")
	if len(s["i"]) != 2 || len(s["b"]) != 2 || s["b"][1] != (declaration{"color", "blue"}) {
		t.Errorf("i is %v, b is %v", s["i"], s["b"])
	}
	if s := parseStyles(strings.Repeat(" ", maxStyles-2) + "b{color:red}"); len(s) != 0 {
		t.Errorf("read beyond the most: %v", s)
	}
}
