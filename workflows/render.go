package workflows

import (
	"html"
	"strings"

	"nasdesk"
)

// render writes a letter once as plain text and once as simple HTML, from the
// same blocks.
func render(s *stepping, x *letter) (text, page string) {
	blocks := []nasdesk.Block{para("Hello")}
	if len(x.sections) > 1 && x.apart == "" {
		blocks = append(blocks, summary(s, x)...)
	}
	for _, section := range x.sections {
		blocks = append(blocks, section...)
	}
	blocks = append(blocks, closing(s, x)...)
	return plain(blocks), hypertext(blocks)
}

// summary tells at a glance what became of each of several requests.
func summary(s *stepping, x *letter) []nasdesk.Block {
	items := make([]string, len(x.requests))
	for n, i := range x.requests {
		items[n] = headOf(&s.reqs[i]) + ": " + inShort[s.reqs[i].Outcome]
	}
	return []nasdesk.Block{para("Your message holds several requests:"), {Items: items}}
}

var inShort = map[nasdesk.Outcome]string{
	nasdesk.Accepted:  "accepted",
	nasdesk.Confirm:   "please check it",
	nasdesk.NeedsInfo: "we need more from you",
	nasdesk.Refused:   "not possible",
	nasdesk.Awaiting:  "waits for another party",
	nasdesk.Exception: "with our staff",
}

func closing(s *stepping, x *letter) []nasdesk.Block {
	signed := "National Administration Service\n" + string(s.desk.Address)
	if e := s.event.Staff; e != nil {
		signed = teamOf(e) + "\n" + signed
	}
	if x.apart != "" {
		return []nasdesk.Block{para(signed)}
	}
	return []nasdesk.Block{para(sayReference), para(signed)}
}

// teamOf says what the helpdesk team did.
func teamOf(e *nasdesk.StaffEvent) string {
	if e.Act == nasdesk.ActAsk || e.Act == nasdesk.ActReply {
		return sayTeamWrote
	}
	return sayTeam
}

func plain(blocks []nasdesk.Block) string {
	var b strings.Builder
	for i, k := range blocks {
		if i > 0 {
			b.WriteString("\n")
		}
		switch {
		case k.Head != "":
			b.WriteString(k.Head + "\n" + strings.Repeat("-", min(len([]rune(k.Head)), 70)) + "\n")
		case k.Items != nil:
			for _, it := range k.Items {
				b.WriteString("* " + it + "\n")
			}
		case k.Form != nil:
			for _, f := range k.Form {
				b.WriteString(lineOf(f) + ": \n")
			}
		case k.Facts != nil:
			for _, f := range k.Facts {
				b.WriteString(f[0] + ": " + f[1] + "\n")
			}
		case k.Rule != nil:
			b.WriteString(k.Rule.Says + "\n(" + sourceOf(k.Rule) + ")\n")
		case k.Para != "":
			b.WriteString(k.Para + "\n")
		}
	}
	return b.String()
}

func lineOf(f nasdesk.Field) string {
	if f.Hint == "" {
		return f.Label
	}
	return f.Label + " (" + f.Hint + ")"
}

func sourceOf(r *nasdesk.Rule) string {
	if r.Source == sourceDesk {
		return r.Source
	}
	return r.Source + ", as of " + strings.TrimPrefix(r.Dated.Long(), weekday(r.Dated))
}

func weekday(d nasdesk.Date) string {
	w, _, _ := strings.Cut(d.Long(), " ")
	return w + " "
}

func hypertext(blocks []nasdesk.Block) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en-GB\"><head><meta charset=\"utf-8\"><title>National Administration Service</title></head>\n<body style=\"font-family:Arial,sans-serif;font-size:16px;line-height:1.5;color:#212b32\">\n")
	for _, k := range blocks {
		switch {
		case k.Head != "":
			b.WriteString("<h2 style=\"font-size:19px\">" + html.EscapeString(k.Head) + "</h2>\n")
		case k.Items != nil:
			b.WriteString("<ul>\n")
			for _, it := range k.Items {
				b.WriteString("<li>" + html.EscapeString(it) + "</li>\n")
			}
			b.WriteString("</ul>\n")
		case k.Form != nil:
			b.WriteString("<p>")
			for _, f := range k.Form {
				b.WriteString(html.EscapeString(lineOf(f)) + ": <br>\n")
			}
			b.WriteString("</p>\n")
		case k.Facts != nil:
			b.WriteString("<table>\n")
			for _, f := range k.Facts {
				b.WriteString("<tr><th style=\"text-align:left;padding-right:16px\">" + html.EscapeString(f[0]) + "</th><td>" + html.EscapeString(f[1]) + "</td></tr>\n")
			}
			b.WriteString("</table>\n")
		case k.Rule != nil:
			b.WriteString("<blockquote style=\"border-left:4px solid #005eb8;margin-left:0;padding-left:12px\"><p>" + html.EscapeString(k.Rule.Says) + "<br>\n<small>" + html.EscapeString(sourceOf(k.Rule)) + "</small></p></blockquote>\n")
		case k.Para != "":
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(k.Para), "\n", "<br>\n") + "</p>\n")
		}
	}
	b.WriteString("</body></html>\n")
	return b.String()
}
