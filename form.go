package nasdesk

import "slices"

// A Form is what a request is written on. It binds answers to variables as a
// flag.FlagSet binds a command line.
type Form struct{ Fields []Field }

// A Field is one line of a form.
type Field struct {
	Name   string   // as in the contract's table of kinds
	Label  string   // as it stands in our form: "Mobile number"
	Hint   string   // in brackets behind the label: "beginning 07"; may be ""
	Labels []string // what else pharmacies call it, in lower case
	Needed bool
	Value  Value
}

// Need declares a field that must be answered.
func (f *Form) Need(v Value, name, label, hint string, others ...string) {
	f.Fields = append(f.Fields, Field{name, label, hint, others, true, v})
}

// Want declares a field that may be absent.
func (f *Form) Want(v Value, name, label, hint string, others ...string) {
	f.Fields = append(f.Fields, Field{name, label, hint, others, false, v})
}

// Optional makes a needed field one that may be absent, for a sender who need
// not say it.
func (f *Form) Optional(name string) {
	for i := range f.Fields {
		if f.Fields[i].Name == name {
			f.Fields[i].Needed = false
		}
	}
}

// Field returns the field of that name, or nil.
func (f *Form) Field(name string) *Field {
	for i := range f.Fields {
		if f.Fields[i].Name == name {
			return &f.Fields[i]
		}
	}
	return nil
}

// Fill sets the variables from the answers and returns all that is missing,
// invalid or ambiguous, in the order of the form.
func (f *Form) Fill(answers []Answer) []Reason {
	var out []Reason
	for _, field := range f.Fields {
		i := slices.IndexFunc(answers, func(a Answer) bool { return a.Field == field.Name })
		switch {
		case i < 0 && field.Needed:
			out = append(out, Missing(field.Name))
		case i < 0:
		case answers[i].Ambiguous:
			out = append(out, Ambiguous(field.Name))
		case field.Value.Set(answers[i].Value) != nil:
			out = append(out, Invalid(field.Name))
		}
	}
	return out
}

// An Answer is what was read for one field.
type Answer struct {
	Field     string
	Value     string // its normal form; as written where it is invalid; "" where it is ambiguous
	Written   string // as it stands in the message
	Ambiguous bool   // two different values were found; it is left out of the result
	Labelled  bool   // it stood behind its label, or answers what we asked for
	Frozen    bool   // its sender has confirmed it
	Spans     []Span // where it stood in the message that gave it
}

// AnswerTo returns the answer to a field, or nil.
func AnswerTo(answers []Answer, field string) *Answer {
	for i := range answers {
		if answers[i].Field == field {
			return &answers[i]
		}
	}
	return nil
}
