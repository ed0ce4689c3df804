package nasdesk

// A Result is what a message led to, as `nasdesk replay --json` prints it.
// Contract, the result.
type Result struct {
	File      string          `json:"file"`
	MessageID string          `json:"message_id"`
	SHA256    string          `json:"sha256,omitempty"` // of the message's bytes, in hex
	Sender    ResultSender    `json:"sender"`
	Requests  []ResultRequest `json:"requests"`
	Replies   []ResultReply   `json:"replies"`
	Notices   []ResultReply   `json:"notices,omitempty"`
}

// A ResultSender is who wrote.
type ResultSender struct {
	Address  Address `json:"address"`
	Verified bool    `json:"verified"`
	Mailbox  Address `json:"mailbox"`
	// Released names the staff who released the message, in place of a proof.
	Released []string `json:"released,omitempty"`
}

// A ResultRequest is one request and its outcome. Fields holds strings, and
// lists of strings.
type ResultRequest struct {
	Kind      string         `json:"kind"`
	Fields    map[string]any `json:"fields"`
	Outcome   Outcome        `json:"outcome"`
	Reasons   []Reason       `json:"reasons"`
	Actions   []ActionName   `json:"actions"`
	Reference string         `json:"reference,omitempty"`
	Rule      string         `json:"rule,omitempty"`
}

// A ResultReply is one mail that goes out.
type ResultReply struct {
	To    []Address `json:"to"`
	About About     `json:"about"`
}
