package nasdesk

// A Block is a piece of wording. A letter is a list of them, rendered once to
// plain text and to HTML.
type Block struct {
	Para  string      // a paragraph
	Head  string      // a heading
	Items []string    // a list
	Form  []Field     // a form to fill in: labels and hints, the lines empty
	Facts [][2]string // what was read: label and value
	Rule  *Rule       // a rule with its source
}
