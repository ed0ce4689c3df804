package nasdesk_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nasdesk/workflows"
)

// The tests of the house read the source itself. A call of the go command would
// let the test cache hide a breach; what is read in this process, the cache
// knows of.

// rooms says which of our packages each room may import, besides itself. Every
// folder with Go files stands here. Tests may import what they need.
var rooms = map[string][]string{
	".":                                {},
	"parser":                           {"."},
	"parser/gianttest":                 {},
	"workflows":                        {"."},
	"inbox":                            {".", "parser", "workflows"},
	"inbox/imaptest":                   {},
	"inbox/postoffice":                 {},
	"outbox":                           {"."},
	"outbox/directory":                 {"."},
	"outbox/directory/directorytest":   {".", "outbox/directory"},
	"outbox/directory/graph":           {".", "outbox/directory"},
	"outbox/directory/graph/graphtest": {},
	"outbox/mtatest":                   {},
	"store":                            {"."},
	"store/pgtest":                     {},
	"store/storetest":                  {},
	"console":                          {".", "store"},
	"cmd/nasdesk":                      {".", "parser", "workflows", "inbox", "inbox/postoffice", "outbox", "outbox/directory", "outbox/directory/graph", "store", "console"},
	"cmd/nasload":                      {"."},
	"tools/mutants":                    {},
	"tools/mutants/switches":           {},
	"tools/screenshots":                {},
}

// pure are the rooms without clock, disk, wire, chance or log.
var pure = []string{".", "parser", "workflows"}

// outside are the packages through which the world would come in, and the
// functions of others that are clocks. Types such as time.Time are words.
var (
	outside = []string{"bufio", "context", "crypto/rand", "crypto/tls", "database/sql", "embed", "expvar", "io/fs", "io/ioutil", "log", "log/slog",
		"math/rand", "math/rand/v2", "net", "net/http", "net/rpc", "net/smtp", "os", "os/exec", "os/signal", "os/user", "path/filepath",
		"plugin", "runtime/debug", "sync/atomic", "syscall", "testing", "unsafe"}
	clocks = []string{"time.Now", "time.Since", "time.Until", "time.After", "time.AfterFunc", "time.Sleep", "time.Tick", "time.NewTimer",
		"time.NewTicker", "time.Local", "html.ParseFile", "csv.OpenFile", "excelize.OpenFile", "zip.OpenReader"}
)

// A source is one Go file of the house.
type source struct {
	path string // with slashes, from the root
	room string
	file *ast.File
	fset *token.FileSet
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) at(n ast.Node) string { return s.fset.Position(n.Pos()).String() }

// sources parses every Go file.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	eachFile(t, func(name string, text []byte) {
		if path.Ext(name) != ".go" || strings.Contains(name, "testdata/") {
			return
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source{name, path.Dir(name), f, fset})
	})
	if len(out) < 50 {
		t.Fatalf("only %d Go files: the test does not stand at the root", len(out))
	}
	return out
}

// eachFile gives every file of the house, in order: what git keeps, and what is
// new; not what builds leave.
func eachFile(t *testing.T, f func(name string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == ".git" || name == "bin" || e.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !e.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f(filepath.ToSlash(name), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func imports(s source) []string {
	var out []string
	for _, i := range s.file.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out = append(out, p)
	}
	return out
}

// roomOf is the room of an import path of ours.
func roomOf(imported string) (room string, ours bool) {
	if imported == "nasdesk" {
		return ".", true
	}
	room, ours = strings.CutPrefix(imported, "nasdesk/")
	return room, ours
}

func TestRoomsImportWhatTheyMay(t *testing.T) {
	for _, s := range sources(t) {
		may, known := rooms[s.room]
		if !known {
			t.Errorf("%s: the room %s is not in the plan of the house: add it to the design, and here", s.path, s.room)
		}
		for _, p := range imports(s) {
			room, ours := roomOf(p)
			if !ours || s.test() || room == s.room {
				continue
			}
			if !slices.Contains(may, room) {
				t.Errorf("%s imports %s: a file in %s may import of ours only %v", s.path, p, s.room, may)
			}
		}
	}
}

func TestPureRoomsHaveNoClockAndNoDoor(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || !slices.Contains(pure, s.room) {
			continue
		}
		for _, p := range imports(s) {
			if slices.Contains(outside, p) {
				t.Errorf("%s imports %s: time, chance and the world come in as arguments", s.path, p)
			}
		}
		for at, name := range selectors(s) {
			if slices.Contains(clocks, name) {
				t.Errorf("%s: %s: the time comes in as an argument", at, name)
			}
		}
	}
}

// selectors are the names package.Name that a file uses, by place, for packages
// imported under whatever name.
func selectors(s source) map[string]string {
	last := map[string]string{} // local name: last part of the path
	for _, i := range s.file.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		local := path.Base(strings.TrimSuffix(p, "/v2"))
		if i.Name != nil {
			last[i.Name.Name] = local
			continue
		}
		last[local] = local
	}
	out := map[string]string{}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && last[x.Name] != "" {
				out[s.at(sel)] = last[x.Name] + "." + sel.Sel.Name
			}
		}
		return true
	})
	return out
}

// TestWhoMayVouch keeps the making of senders to where a sender was proved: the
// proof in the inbox, the store reading back what was proved, and the release of
// a message by staff.
func TestWhoMayVouch(t *testing.T) {
	n := 0
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		for at, name := range selectors(s) {
			if name != "nasdesk.Vouch" {
				continue
			}
			n++
			proof := s.room == "inbox" && strings.HasPrefix(path.Base(s.path), "proof")
			release := s.room == "inbox" && strings.HasPrefix(path.Base(s.path), "release")
			if !proof && !release && s.room != "store" {
				t.Errorf("%s: only the proof, the store and the release by staff may vouch for a sender", at)
			}
		}
	}
	if n == 0 {
		t.Error("nobody vouches for anybody: the test looks for the wrong name")
	}
}

func TestEveryKindHasAConversation(t *testing.T) {
	for _, k := range workflows.Kinds {
		found, _ := filepath.Glob("testdata/conversations/" + k.Name + "/*.txtar")
		if len(found) == 0 {
			t.Errorf("kind %s: no conversation in testdata/conversations/%[1]s shows it", k.Name)
		}
	}
}

// fixture reports whether a file is one that tests or the demo read.
func fixture(name string) bool {
	return strings.Contains("/"+name, "/testdata/") || strings.HasPrefix(name, "cmd/nasdesk/demo/")
}

// machinePath is a path that only one machine has. A route of the console such
// as "/work/{id}" is none: behind a folder's name a path goes on in letters.
var machinePath = regexp.MustCompile("(?m)(?:^|[ \t\"'`(=:])/(?:work|home|root|Users|tmp)/[A-Za-z.][^\\s\"'`)]*")

// routes are the paths of URLs that look like one.
var routes = []string{"/work/x"}

// TestNoPathOfAMachine finds what only one machine has.
func TestNoPathOfAMachine(t *testing.T) {
	eachFile(t, func(name string, text []byte) {
		for _, found := range machinePath.FindAll(text, -1) {
			if p := string(bytes.TrimLeft(found, " \t\"'`(=:")); !slices.Contains(routes, p) {
				t.Errorf("%s holds a path of some machine: %s", name, p)
			}
		}
	})
}

// Numbers in fixtures are those that Ofcom keeps for drama, 07700 900000 to
// 900999, so that nobody's telephone stands here.
var (
	anyMobile = regexp.MustCompile(`(?:\+44|\b0044|\b0)[ .()-]{0,3}(?:\(0\))?[ .-]?7(?:[ .()-]{0,2}\d){9}\b`)
	nonDigits = regexp.MustCompile(`\D`)
)

// odd are the numbers that stand in fixtures because they are none: what a
// mobile must not be (contract, rule 4).
var odd = map[string]string{}

func TestMobilesAreNobodys(t *testing.T) {
	n := 0
	eachFixture(t, func(name, text string) {
		for _, m := range anyMobile.FindAllString(text, -1) {
			d := nonDigits.ReplaceAllString(m, "")
			d = "0" + d[len(d)-10:]
			n++
			if !strings.HasPrefix(d, "07700900") && odd[d] == "" {
				t.Errorf("%s: %s is not among the numbers kept for fiction, 07700 900000 to 900999", name, m)
			}
		}
	})
	if n < 100 {
		t.Errorf("only %d mobiles found: the test reads the wrong files", n)
	}
}

// Domains of fixtures: those that RFC 2606 keeps for examples, and nhs.net,
// whose mailboxes the program is about.
var (
	anyAddress = regexp.MustCompile(`[A-Za-z0-9._%+-]+@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b`)
	domains    = []string{"example.com", "example.org", "example.net", "nhs.net"}
)

// oddDomains are others, each with its reason.
var oddDomains = map[string]string{
	"lo4p265mb0003.gbrp265.prod.outlook.com": "Exchange Online makes Message-IDs under names of this form",
	"nhs.onmicrosoft.com":                    "the tenant's own domain, which Exchange Online stamps",
	"example.co":                             "what is left of example.com where a message is cut short",
}

func TestDomainsAreNobodys(t *testing.T) {
	n := 0
	eachFixture(t, func(name, text string) {
		for _, m := range anyAddress.FindAllStringSubmatch(text, -1) {
			n++
			if d := strings.ToLower(m[1]); !ofOurs(d) && oddDomains[d] == "" {
				t.Errorf("%s: %s: mail in fixtures is at %v, or the domain stands in oddDomains with its reason", name, m[0], domains)
			}
		}
	})
	if n < 100 {
		t.Errorf("only %d addresses found: the test reads the wrong files", n)
	}
}

func ofOurs(domain string) bool {
	return slices.ContainsFunc(domains, func(d string) bool { return domain == d || strings.HasSuffix(domain, "."+d) })
}

// eachFixture gives the text of every fixture; of an attachment in base64, its
// bytes say nothing to a reader of the text, and are passed over.
func eachFixture(t *testing.T, f func(name, text string)) {
	t.Helper()
	eachFile(t, func(name string, text []byte) {
		if fixture(name) {
			f(name, string(text))
		}
	})
}
