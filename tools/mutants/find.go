package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A mutant is one rule or guard switched off.
type mutant struct {
	id   int
	file string // workflows/judging.go
	line int
	fn   string // the function that it stands in
	cond string // the condition, on one line
	how  string // "never", "always" or "edge"
	nth  int    // among those that read alike, from 1
}

// name is how accepted.txt knows a mutant: without its line, which moves.
func (m mutant) name() string {
	s := fmt.Sprintf("%s %s %s: %s", m.file, m.fn, m.how, m.cond)
	if m.nth > 1 {
		s += fmt.Sprintf(" #%d", m.nth)
	}
	return s
}

// The border of a comparison, moved by one.
var moved = map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}

// A source is one file on its way to become the file with the switches.
type source struct {
	path    string // in the repository
	text    []byte
	set     *token.FileSet
	tree    *ast.File
	fn      string
	edits   []edit
	mutants *[]mutant
	alike   map[string]int
}

// An edit replaces one expression; it is given the expression's own text with
// the edits within it done.
type edit struct {
	from, to int
	write    func(inner string) string
}

// instrument finds the mutants of a file and returns its text with their
// switches built in. No line is added, so that positions stay true.
func instrument(root, path string, mutants *[]mutant) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return "", err
	}
	s := &source{path: path, text: text, set: token.NewFileSet(), mutants: mutants, alike: map[string]int{}}
	if s.tree, err = parser.ParseFile(s.set, path, text, parser.SkipObjectResolution); err != nil {
		return "", err
	}
	for _, d := range s.tree.Decls {
		s.declaration(d)
	}
	end := s.at(s.tree.Name.End())
	s.edits = append(s.edits, edit{end, end, func(string) string { return `; import "nasdesk/tools/mutants/switches"` }})
	return s.render(0, len(text)) + "\nvar _ = switches.On\n", nil
}

func (s *source) at(p token.Pos) int { return s.set.Position(p).Offset }

func (s *source) words(n ast.Node) string { return string(s.text[s.at(n.Pos()):s.at(n.End())]) }

func (s *source) declaration(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		s.fn = d.Name.Name
		if d.Recv != nil {
			s.fn = strings.TrimPrefix(s.words(d.Recv.List[0].Type), "*") + "." + s.fn
		}
		ast.Inspect(d, s.visit)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.VAR {
				s.fn = v.Names[0].Name
				ast.Inspect(v, s.visit)
			}
		}
	}
}

// visit finds the places where a condition is a rule: what an if or a case asks,
// and what a function answers or hands on as a yes or no. The condition of a
// loop is none: it ends the loop.
func (s *source) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IfStmt:
		s.condition(n.Cond, true, true)
	case *ast.SwitchStmt:
		s.cases(n)
	case *ast.ReturnStmt:
		s.yesOrNo(n.Results)
	case *ast.AssignStmt:
		s.yesOrNo(n.Rhs)
	case *ast.ValueSpec:
		s.yesOrNo(n.Values)
	case *ast.CallExpr:
		s.yesOrNo(n.Args)
	case *ast.KeyValueExpr:
		s.yesOrNo([]ast.Expr{n.Value})
	}
	return true
}

func (s *source) yesOrNo(es []ast.Expr) {
	for _, e := range es {
		if saysYesOrNo(e) {
			s.condition(e, true, true)
		}
	}
}

// saysYesOrNo tells a condition by its looks alone.
func saysYesOrNo(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return saysYesOrNo(e.X)
	case *ast.UnaryExpr:
		return e.Op == token.NOT
	case *ast.BinaryExpr:
		return slices.Contains([]token.Token{token.LAND, token.LOR, token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ}, e.Op)
	}
	return false
}

// cases takes each case of a switch without a tag as a condition, and rewrites
// one with a tag as one without, so that a case can be switched off whole.
func (s *source) cases(n *ast.SwitchStmt) {
	tag := ""
	if n.Tag != nil {
		if n.Init != nil {
			return
		}
		tag = fmt.Sprintf("tag%d", s.at(n.Pos()))
		s.edits = append(s.edits, edit{s.at(n.Tag.Pos()), s.at(n.Tag.End()), func(inner string) string { return tag + " := " + inner + "; true" }})
	}
	for _, c := range n.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			if tag == "" {
				s.condition(e, true, true)
				continue
			}
			off := s.mutant(e, "never")
			s.edits = append(s.edits, edit{s.at(e.Pos()), s.at(e.End()), func(inner string) string {
				return fmt.Sprintf("(!switches.On(%d) && switches.Met(%d, 0, %s == (%s)))", off, off, tag, inner)
			}})
		}
	}
}

// condition makes the mutants of a condition and of each clause in its chain: a
// clause of "and" is dropped by making it true, one of "or" by making it false.
func (s *source) condition(e ast.Expr, never, always bool) {
	if constant(e) {
		return
	}
	var off, on int
	if never {
		off = s.mutant(e, "never")
	}
	if always {
		on = s.mutant(e, "always")
	}
	s.edits = append(s.edits, edit{s.at(e.Pos()), s.at(e.End()), func(inner string) string {
		out := fmt.Sprintf("switches.Met(%d, %d, %s)", off, on, inner)
		if off > 0 {
			out = fmt.Sprintf("!switches.On(%d) && %s", off, out)
		}
		if on > 0 {
			out = fmt.Sprintf("switches.On(%d) || %s", on, out)
		}
		return "(" + out + ")"
	}})
	s.clauses(e)
}

// constant: what is written out is no condition.
func constant(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && (id.Name == "true" || id.Name == "false")
}

func (s *source) clauses(e ast.Expr) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		s.clauses(e.X)
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			s.clauses(e.X)
		}
	case *ast.BinaryExpr:
		s.chain(e)
	}
}

func (s *source) chain(e *ast.BinaryExpr) {
	switch e.Op {
	case token.LAND, token.LOR:
		for _, x := range []ast.Expr{e.X, e.Y} {
			if b, ok := x.(*ast.BinaryExpr); ok && b.Op == e.Op {
				s.chain(b) // a && b && c is three clauses
				continue
			}
			s.condition(x, e.Op == token.LOR, e.Op == token.LAND)
		}
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		edge := s.mutant(e, "edge")
		x, y, op := e.X, e.Y, e.Op
		s.edits = append(s.edits, edit{s.at(e.Pos()), s.at(e.End()), func(string) string {
			left, right := s.render(s.at(x.Pos()), s.at(x.End())), s.render(s.at(y.Pos()), s.at(y.End()))
			return fmt.Sprintf("switches.Edge(%d, %s %s %s, %s %s %s)", edge, left, op, right, left, moved[op], right)
		}})
	}
}

func (s *source) mutant(e ast.Expr, how string) int {
	m := mutant{id: len(*s.mutants) + 1, file: s.path, line: s.set.Position(e.Pos()).Line, fn: s.fn, how: how, nth: 1,
		cond: strings.Join(strings.Fields(s.words(e)), " ")}
	s.alike[m.name()]++
	m.nth = s.alike[m.name()]
	*s.mutants = append(*s.mutants, m)
	return m.id
}

// render writes a stretch of the file with the edits inside it done, the
// outermost first. An edit is not done inside itself.
func (s *source) render(from, to int) string { return s.within(from, to, -1) }

func (s *source) within(from, to, self int) string {
	var b strings.Builder
	for at := from; ; {
		i := s.next(at, from, to, self)
		if i < 0 {
			b.Write(s.text[at:to])
			return b.String()
		}
		e := s.edits[i]
		b.Write(s.text[at:e.from])
		b.WriteString(e.write(s.within(e.from, e.to, i)))
		at = e.to
		if e.from == e.to {
			b.Write(s.text[at : at+1])
			at++
		}
	}
}

// next finds the edit that begins first in a stretch; of those that begin
// together the longest, and of those of one expression the one made first, which
// is the outer one.
func (s *source) next(at, from, to, self int) int {
	best := -1
	for i, e := range s.edits {
		if e.from < at || e.to > to || i <= self && self >= 0 && e.from == s.edits[self].from && e.to == s.edits[self].to {
			continue
		}
		if best < 0 || e.from < s.edits[best].from || e.from == s.edits[best].from && e.to > s.edits[best].to {
			best = i
		}
	}
	return best
}
