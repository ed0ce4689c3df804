package console

import (
	"bytes"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"nasdesk"
	"nasdesk/store"
)

var requestRoutes = []route{
	{"GET /requests/{id}", reader, showRequest},
	{"GET /requests/{id}/mail/{n}", reader, showMail},
	{"GET /messages/{id}/attachments/{n}", reader, giveAttachment},
	{"POST /requests/{id}/preview", worker, onRequest(previewAct)},
	{"POST /requests/{id}/act", worker, onRequest(doAct)},
	{"GET /clicks/{id}", reader, showClick},
	{"POST /clicks/{id}/undo", worker, undoClick},
	{"POST /clicks/{id}/agree", worker, agreeClick},
}

// mostMails is how many mails of a conversation are read anew for its page: the
// one that made the request, and the last ones.
const mostMails = 8

func showRequest(v *visit) error {
	d, err := v.dossier()
	if err != nil {
		return err
	}
	back := backTo(v.URL.Query().Get("back"), "")
	p, err := v.requestPage(d, back)
	if err != nil {
		return err
	}
	return v.show("request", p)
}

// dossier is what is known of the request that the path names. Who looks at it
// stands in the journal.
func (v *visit) dossier() (*store.Dossier, error) {
	id, err := v.id("id")
	if err != nil {
		return nil, err
	}
	d, err := v.office.Store.Dossier(v.ctx(), id, v.today)
	if err != nil {
		return nil, found(err)
	}
	return d, v.viewed("request", id, string(d.Request.Party))
}

// requestPage reads the mails of a dossier and makes its page.
func (v *visit) requestPage(d *store.Dossier, back string) (requestPage, error) {
	letters := inOrder(d)
	if n := len(letters); n > mostMails {
		letters = append(letters[:1:1], letters[n-mostMails+1:]...)
	}
	mails := map[int64]readMail{}
	for _, l := range letters {
		m, err := v.readMail(l.Message)
		if err != nil {
			return requestPage{}, err
		}
		m.Decided = l.Sender
		mails[l.Message] = m
	}
	p := v.dossierPage(d, mails, back)
	p.Busy = busy(d) != nil
	if p.May && !p.Busy {
		p.Acts = v.actForms(d)
	}
	return p, nil
}

// A readMail is a kept message as the reader reads it now.
type readMail struct {
	*nasdesk.Message
	Proof    nasdesk.Proof // as it is reckoned today
	Contents nasdesk.Contents
	Decided  nasdesk.ResultSender // who it was decided to be from; Address "" where that is not kept
}

func (v *visit) readMail(id int64) (readMail, error) {
	raw, err := v.office.Store.Raw(v.ctx(), id)
	if err != nil {
		return readMail{}, found(err)
	}
	m, proof := v.office.Read(raw)
	return readMail{Message: m, Proof: proof, Contents: v.office.Unpack(raw)}, nil
}

// A mailView is a mail of theirs, beside the fields that were read from it.
type mailView struct {
	Message  int64
	At       nasdesk.Timestamp
	From     string // as its author wrote it
	Subject  []piece
	Passages []passage
	Findings []string
	Files    []fileView
	HTML     bool            // it has HTML, which can be shown in its frame
	Proved   bool            // when it was decided on; today, where that is not kept
	Sender   nasdesk.Address // whose it was taken to be
	Released []string        // who of staff released it, in place of a proof
	Differs  bool            // it is not proved today, and was, or the other way round
	OnBehalf nasdesk.Address
	ReplyTo  nasdesk.Address
	Reason   nasdesk.Reason
	Evidence []string
	Fields   []nasdesk.HeaderField // of the header: those behind the proof
	Nothing  bool                  // no text was read
}

type fileView struct {
	N    int
	Name string
	Type string
	Size string
}

func (m readMail) view(id int64, at nasdesk.Timestamp, marks []mark) mailView {
	v := mailView{Message: id, At: at, From: m.Header.Get("From"), Subject: subjectLine(m.Message, marks), Passages: passages(m.Message, marks),
		Findings: foundWords(m.Message), HTML: len(m.Contents.HTML) > 0, Proved: m.Proof.Sender.Proved(), Sender: m.Proof.Sender.Address(),
		OnBehalf: m.Proof.OnBehalf, ReplyTo: m.Proof.ReplyTo, Reason: m.Proof.Reason, Evidence: m.Proof.Evidence, Fields: proofFields(m.Header)}
	if d := m.Decided; d.Address != "" {
		v.Proved, v.Sender, v.Released = d.Verified, d.Address, d.Released
		v.Differs = d.Verified != m.Proof.Sender.Proved()
	}
	v.Nothing = len(v.Passages) == 0
	if len(v.Subject) == 0 || strings.TrimSpace(m.Subject) == "" {
		v.Subject = []piece{{Text: "(no subject)"}}
	}
	for i, f := range m.Contents.Files {
		v.Files = append(v.Files, fileView{i + 1, safeName(f.Name), f.Type, bytesInWords(f.Size)})
	}
	return v
}

// Fragment is where on its page the mail stands.
func (m mailView) Fragment() string { return "mail-" + strconv.FormatInt(m.Message, 10) }

// behindProof are the fields that a proof rests on, and those in which a forged
// mail gives itself away.
var behindProof = []string{"From", "Sender", "Reply-To", "Return-Path", "Authentication-Results", "Received-SPF", "Message-ID", "Date",
	"X-MS-Exchange-Organization-AuthAs", "X-MS-Exchange-Organization-AuthSource", "X-MS-Exchange-Organization-MessageDirectionality",
	"X-MS-Exchange-CrossTenant-AuthAs", "X-MS-Exchange-CrossTenant-Id"}

// proofFields are those fields in the order of the header, with the topmost
// Received, below which everything came with the message.
func proofFields(h nasdesk.Header) []nasdesk.HeaderField {
	var out []nasdesk.HeaderField
	received := false
	for _, f := range h {
		wanted := strings.EqualFold(f.Name, "Received") && !received
		received = received || wanted
		for _, name := range behindProof {
			wanted = wanted || strings.EqualFold(f.Name, name)
		}
		if wanted && len(out) < 40 {
			f.Value = cut(f.Value, 1000)
			out = append(out, f)
		}
	}
	return out
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

func bytesInWords(n int) string {
	switch {
	case n < 1000:
		return plural(n, "byte", "bytes")
	case n < 1_000_000:
		return strconv.Itoa((n+500)/1000) + " kB"
	}
	return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
}

// showMail gives the HTML of a mail for the frame on its request's page, made
// harmless; n is the kept message.
func showMail(v *visit) error {
	d, err := v.dossier()
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(v.PathValue("n"), 10, 64)
	if err != nil || !holds(d, n) {
		return notFound
	}
	return v.giveFrame(n)
}

func holds(d *store.Dossier, message int64) bool {
	for _, l := range d.Letters {
		if !l.Ours && l.Message == message && message != 0 {
			return true
		}
	}
	return false
}

func (v *visit) giveFrame(message int64) error {
	raw, err := v.office.Store.Raw(v.ctx(), message)
	if err != nil {
		return found(err)
	}
	var page bytes.Buffer
	if err := writeSafe(&page, v.office.Unpack(raw).HTML); err != nil {
		return err
	}
	v.inFrame(framePolicy)
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = page.WriteTo(v.w) // a visitor who left is no fault
	return nil
}

// giveAttachment gives a file that came with a message, never to be opened in
// the browser; the one numbered 0 is the message itself, as it came.
func giveAttachment(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	raw, err := v.office.Store.Raw(v.ctx(), id)
	if err != nil {
		return found(err)
	}
	n, err := strconv.Atoi(v.PathValue("n"))
	file := nasdesk.File{Attachment: nasdesk.Attachment{Name: "message-" + strconv.FormatInt(id, 10) + ".eml.txt"}, Data: raw}
	if n != 0 || err != nil {
		files := v.office.Unpack(raw).Files
		if err != nil || n < 1 || n > len(files) {
			return notFound
		}
		file = files[n-1]
	}
	_, proof := v.office.Read(raw)
	if err := v.viewed("attachment", 0, string(proof.From)); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": downloadName(file.Name, n)}))
	h.Set("Content-Length", strconv.Itoa(len(file.Data)))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(file.Data)
	return nil
}
