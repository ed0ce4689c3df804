package workflows_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nasdesk"
	"nasdesk/workflows"
)

var update = flag.Bool("update", false, "rewrite the generated documents")

// TestDocs holds docs/kinds.md and docs/rules.md to the code that they are made
// from.
func TestDocs(t *testing.T) {
	for file, text := range map[string]string{"../docs/kinds.md": kindsPage(), "../docs/rules.md": rulesPage()} {
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(file)
		if err != nil || string(have) != text {
			t.Errorf("%s is out of date: run go test ./workflows -run TestDocs -update (%v)", file, err)
		}
	}
}

func kindsPage() string {
	var b strings.Builder
	b.WriteString("# The kinds of request\n\nMade from the code (`go test ./workflows -run TestDocs -update`).\n")
	for _, k := range workflows.Kinds {
		fmt.Fprintf(&b, "\n## %s\n\nAsks for %s. Who may ask: %s.%s\n", k.Name, k.Title, whoOf(k.Who), manner(k))
		form, _ := k.FormOf()
		if len(form.Fields) > 0 {
			b.WriteString("\n| field | needed | on our form | also known as |\n| --- | --- | --- | --- |\n")
		}
		for _, f := range form.Fields {
			needed := "yes"
			if !f.Needed {
				needed = "no"
			}
			label := f.Label
			if f.Hint != "" {
				label += " (" + f.Hint + ")"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.Name, needed, label, strings.Join(f.Labels, ", "))
		}
	}
	return b.String()
}

func whoOf(w nasdesk.Who) string {
	var out []string
	for _, x := range []struct {
		who  nasdesk.Who
		says string
	}{{nasdesk.BySharedMailbox, "the shared mailbox"}, {nasdesk.ByOwner, "an owner's personal account"}, {nasdesk.ByItself, "the account itself"},
		{nasdesk.ByMidwife, "in midwifery the account itself"}, {nasdesk.ByAnybody, "anybody whose address is proved"}} {
		if w&x.who != 0 {
			out = append(out, x.says)
		}
	}
	return strings.Join(out, "; ")
}

func manner(k *nasdesk.Kind) string {
	switch {
	case k.Staff:
		return " Staff always decide."
	case k.ReadBack:
		return " What is read from prose is read back before anything is done."
	}
	return " It is acted on at once, from prose too."
}

func rulesPage() string {
	var b strings.Builder
	b.WriteString("# The rules\n\nEvery sentence that a decision cites, with where it is published and as of when. Made from the code\n(`go test ./workflows -run TestDocs -update`).\n\n| rule | sentence | source | as of |\n| --- | --- | --- | --- |\n")
	for _, r := range workflows.Rules {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.ID, r.Says, r.Source, r.Dated)
	}
	return b.String()
}

// TestRulesListed finds every rule that the package declares, and wants it in
// the list with an id of its own, a sentence, a source and a date.
func TestRulesListed(t *testing.T) {
	declared := 0
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Names) == 1 && strings.HasPrefix(v.Names[0].Name, "rule") {
				declared++
			}
			return true
		})
	}
	if declared != len(workflows.Rules) {
		t.Errorf("%d rules are declared, %d are listed in Rules", declared, len(workflows.Rules))
	}
	seen := map[string]bool{}
	for _, r := range workflows.Rules {
		if seen[r.ID] || r.Says == "" || r.Source == "" || r.Dated == "" {
			t.Errorf("rule %q: it needs an id of its own, a sentence, a source and a date", r.ID)
		}
		seen[r.ID] = true
	}
}
