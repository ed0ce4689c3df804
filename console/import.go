package console

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing/fstest"

	"nasdesk"
	"nasdesk/store"
)

// The register is imported from the files that `nasdesk import` takes. What would
// change is shown first; the files travel in the page meanwhile, packed, so that
// nothing is kept of an import that nobody confirms.

// worldFiles are the files, in the order of the form.
var worldFiles = []string{"mailboxes.csv", "accounts.csv", "memberships.csv", "approvals.csv"}

// Of an import so much is unpacked, and so many changes of a table are shown.
const (
	importLimit = 64 << 20
	changesMost = 200
)

// An importView is the form, with what is wrong with the files.
type importView struct {
	Faults Faults
	Reason string
	Files  []field
}

func importPage(v *visit) error { return v.importForm(http.StatusOK, nil, "") }

func (v *visit) importForm(status int, faults Faults, reason string) error {
	p := importView{Faults: faults, Reason: reason}
	for _, name := range worldFiles {
		id, _, _ := strings.Cut(name, ".")
		p.Files = append(p.Files, field{ID: id, Name: id, Label: name, Accept: ".csv,text/csv", Fault: faults.Of(id)})
	}
	return v.showStatus(status, "import", p)
}

// An upload is what came from the form.
type upload struct {
	Files  map[string][]byte
	Reason string
}

// pack writes an upload so that a form can carry it.
func (u upload) pack() (string, error) {
	var b bytes.Buffer
	to := base64.NewEncoder(base64.StdEncoding, &b)
	z := gzip.NewWriter(to)
	err := errors.Join(json.NewEncoder(z).Encode(u), z.Close(), to.Close())
	return b.String(), err
}

var notPacked = problem{http.StatusBadRequest, "The import did not come back whole", "Nothing was written. Choose the files again."}

func unpack(packed string) (u upload, err error) {
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(packed)))
	if err != nil {
		return u, notPacked
	}
	if err := json.NewDecoder(io.LimitReader(z, importLimit)).Decode(&u); err != nil {
		return u, notPacked
	}
	return u, nil
}

// uploaded reads the files from the form.
func (v *visit) uploaded() (upload, error) {
	u := upload{Files: map[string][]byte{}}
	if err := v.ParseMultipartForm(fileLimit); err != nil {
		return u, err
	}
	u.Reason = strings.TrimSpace(v.FormValue("reason"))
	for _, name := range worldFiles {
		id, _, _ := strings.Cut(name, ".")
		file, head, err := v.FormFile(id)
		if errors.Is(err, http.ErrMissingFile) {
			continue
		}
		if err != nil {
			return u, err
		}
		raw, err := io.ReadAll(file)
		file.Close()
		if err != nil {
			return u, err
		}
		if head.Filename != "" || len(raw) > 0 {
			u.Files[name] = raw
		}
	}
	return u, nil
}

// world reads the files.
func (u upload) world() (store.World, Faults) {
	files := fstest.MapFS{}
	for name, data := range u.Files {
		files[name] = &fstest.MapFile{Data: data}
	}
	w, err := store.ReadFiles(files)
	return w, faultsOfFiles(err)
}

// mostFaults of a file are shown.
const mostFaults = 30

// faultsOfFiles puts what is wrong with the files beside them.
func faultsOfFiles(err error) Faults {
	var out Faults
	if err == nil {
		return nil
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		id, _, _ := strings.Cut(line, ".")
		if !slices.Contains(worldFiles, id+".csv") {
			id = "mailboxes"
		}
		out.Add(len(out) < mostFaults, id, upperFirst(line))
	}
	return out
}

// An importPreview shows what an import changes.
type importPreview struct {
	Reason, Packed, Seen string
	Tables               []changedTable
	Same                 int
	Former, Small        []string
	Bad                  []string // why it cannot be applied
	Empty                bool
	Faults               Faults
}

// A changedTable is a table of the register with its changes.
type changedTable struct {
	Name                     string
	Added, Changed, Vanished int
	Rows                     []changedRow
	More                     int // beyond those that are shown
}

// A changedRow is one change in words.
type changedRow struct {
	Sort Tag
	Key  string
	Says string
	Href string // the page of what vanished or changes
}

func previewImport(v *visit) error {
	u, err := v.uploaded()
	if err != nil {
		return err
	}
	var faults Faults
	faults.Add(len(u.Files) == 0, "mailboxes", "Choose at least one file")
	faults.Add(u.Reason == "", "reason", "Give the reason")
	faults.Add(len(u.Reason) > 500, "reason", "Give the reason in 500 letters")
	if len(faults) > 0 {
		return v.importForm(http.StatusUnprocessableEntity, faults, u.Reason)
	}
	return v.compareImport(http.StatusOK, u, nil)
}

// compareImport shows what the files change.
func (v *visit) compareImport(status int, u upload, faults Faults) error {
	w, bad := u.world()
	if len(bad) > 0 {
		return v.importForm(http.StatusUnprocessableEntity, bad, u.Reason)
	}
	d, err := v.office.Store.Compare(v.ctx(), w)
	if err != nil {
		return err
	}
	p := importPreview{Reason: u.Reason, Seen: d.Seen, Tables: tablesOf(d), Same: d.Same, Former: d.Former, Small: d.Small, Bad: d.Faults, Empty: d.Empty(), Faults: faults}
	if p.Packed, err = u.pack(); err != nil {
		return err
	}
	if err := v.viewed("import", 0, ""); err != nil {
		return err
	}
	return v.showStatus(status, "importpreview", p)
}

func applyImport(v *visit) error {
	if err := v.ParseMultipartForm(fileLimit); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return err
	}
	u, err := unpack(v.PostFormValue("packed"))
	if err != nil {
		return err
	}
	w, bad := u.world()
	if len(bad) > 0 || len(u.Files) == 0 {
		return notPacked
	}
	_, err = v.office.Store.Apply(v.ctx(), store.Applied{World: w, Seen: orWords(v.PostFormValue("seen"), "none"), By: v.staff.Staff, Why: u.Reason, At: v.now, Anyway: v.PostFormValue("whole") == "yes"})
	switch {
	case errors.Is(err, store.ErrChanged), errors.Is(err, store.ErrFaulty):
		return v.changed(nasdesk.ChangedMeanwhile, "/register/import")
	case errors.Is(err, store.ErrSmall):
		return v.compareImport(http.StatusUnprocessableEntity, u, Faults{{"whole", "Say that the files are whole, or choose whole ones"}})
	case err != nil:
		return err
	}
	return v.back("/register", "The import is applied.")
}

func tablesOf(d store.Difference) []changedTable {
	box := func(a nasdesk.Address) string { return "/register/mailboxes/" + string(a) }
	person := func(a nasdesk.Address) string { return "/register/accounts/" + string(a) }
	return []changedTable{
		tableOf("Mailboxes", d.Mailboxes, mailboxWords, func(m nasdesk.Mailbox) (string, string) { return string(m.Address), box(m.Address) }),
		tableOf("Accounts", d.Accounts, accountWords, func(a nasdesk.Account) (string, string) { return string(a.Address), person(a.Address) }),
		tableOf("Links", d.Memberships, linkWords, func(m nasdesk.Membership) (string, string) {
			return string(m.Account) + " in " + string(m.Mailbox), box(m.Mailbox)
		}),
		tableOf("Approvals", d.Approvals, approvalWords, func(a nasdesk.Approval) (string, string) { return string(a.Mailbox), box(a.Mailbox) }),
	}
}

// tableOf puts the changes of a table into words. Only what is in the register has
// a page to go to.
func tableOf[T any](name string, rows []store.Changed[T], words func(T) []Pair, key func(T) (key, href string)) changedTable {
	t := changedTable{Name: name}
	for _, c := range rows {
		var r changedRow
		switch {
		case c.Added():
			t.Added++
			r.Sort, r.Says = Tag{"Added", "green"}, inWords(words(*c.After))
			r.Key, _ = key(*c.After)
		case c.Vanished():
			t.Vanished++
			r.Sort, r.Says = Tag{"Not in the file", "orange"}, "It stays in the register. If it is gone, change it by hand."
			r.Key, r.Href = key(*c.Before)
		default:
			t.Changed++
			r.Sort, r.Says = Tag{"Changed", "blue"}, changesBetween(words(*c.Before), words(*c.After))
			r.Key, r.Href = key(*c.After)
		}
		if len(t.Rows) < changesMost {
			t.Rows = append(t.Rows, r)
		} else {
			t.More++
		}
	}
	return t
}

func inWords(pairs []Pair) string {
	var out []string
	for _, p := range pairs {
		if p.Value != "" {
			out = append(out, p.Key+" "+p.Value.(string))
		}
	}
	return strings.Join(out, ", ")
}

func changesBetween(before, after []Pair) string {
	var out []string
	for i, p := range after {
		if before[i].Value != p.Value {
			out = append(out, p.Key+" "+orWords(before[i].Value.(string), "none")+" becomes "+orWords(p.Value.(string), "none"))
		}
	}
	return strings.Join(out, ", ")
}

func mailboxWords(m nasdesk.Mailbox) []Pair {
	return []Pair{{Key: "name", Value: m.Name}, {Key: "ODS code", Value: string(m.ODS)}, {Key: "sector", Value: string(m.Sector)},
		{Key: "region", Value: string(m.Region)}, {Key: "DSPT", Value: string(m.DSPT)}, {Key: "status", Value: string(m.Status)}}
}

func accountWords(a nasdesk.Account) []Pair {
	return []Pair{{Key: "name", Value: string(a.Name)}, {Key: "mobile", Value: string(a.Mobile)}, {Key: "alternative email", Value: string(a.Alternative)},
		{Key: "status", Value: string(a.Status)}, {Key: "since", Value: string(a.Since)}}
}

func linkWords(m nasdesk.Membership) []Pair { return []Pair{{Key: "role", Value: string(m.Role)}} }

func approvalWords(a nasdesk.Approval) []Pair {
	return []Pair{{Key: "accounts", Value: number(a.Max)}, {Key: "approved by", Value: string(a.ApprovedBy)}, {Key: "on", Value: string(a.ApprovedOn)}}
}
