package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"nasdesk"
	"nasdesk/store"
)

var workRoutes = []route{
	{"GET /work", reader, workList},
	{"POST /work/{id}", worker, reportWork},
}

// A page of work holds so many orders.
const ordersPerPage = 50

// A workPage is the list of orders, batched by mailbox.
type workPage struct {
	Batches []workBatch
	After   string // the cursor of this page
	Next    string
	Orders  int
	Faults  Faults
}

// A workBatch is what is to be done for one mailbox.
type workBatch struct {
	Mailbox nasdesk.Address
	Name    string // of its organisation; "" if it is not registered
	ODS     nasdesk.ODSCode
	Orders  []workOrder
}

// A workOrder is one order on the page, with what was typed where it was refused.
type workOrder struct {
	store.WorkRow
	Order     Order
	Reference string
	Made      bool   // the account was made, and is not yet active
	Waits     string // why it cannot be worked yet; "" if it can
	Came, Why string // as typed
	Given     string // the address given, as typed or as proposed
	Faults    Faults
	Next      int64 // the order that comes behind it on the page; 0 behind the last
}

// Ends are the ways in which an order ends.
func (o workOrder) Ends() []Option {
	back := Option{Value: "back", Text: "It cannot be done: send it back", Hint: "The request goes to the exceptions, with your reason."}
	switch {
	case o.Made:
		return []Option{{Value: "done", Text: "The account is active now", Hint: "The pharmacy gets its second mail."}, back}
	case o.Order.New:
		return []Option{{Value: "made", Text: "Made, and pending", Hint: "Come back when the portal shows it as Active."},
			{Value: "done", Text: "Made, and active", Hint: "The pharmacy gets its second mail."}, back}
	}
	return []Option{{Value: "done", Text: "Done, or it was so already"}, back}
}

func workList(v *visit) error { return v.workPage(v.URL.Query().Get("after"), nil) }

// workPage shows a page of orders. One that was refused stands in it as typed.
func (v *visit) workPage(after string, refused *workOrder) error {
	if len(after) > 64 {
		return notFound
	}
	orders, err := v.office.Store.Orders(v.ctx(), after, ordersPerPage)
	if err != nil {
		return err
	}
	p := workPage{After: after, Next: orders.Next, Orders: len(orders.Rows)}
	for _, batch := range orders.Batches() {
		p.Batches = append(p.Batches, workBatchOf(batch, orders.Case, refused))
	}
	p.chain()
	status := http.StatusOK
	if refused != nil {
		p.Faults, status = refused.Faults, http.StatusUnprocessableEntity
	}
	if err := v.viewed("work", 0, ""); err != nil {
		return err
	}
	return v.showStatus(status, "work", p)
}

func workBatchOf(rows []store.WorkRow, c *nasdesk.Case, refused *workOrder) workBatch {
	var b workBatch
	if r := c.Request(rows[0].Request); r != nil {
		b.Mailbox = r.Mailbox
	}
	if b.Mailbox == "" {
		b.Mailbox = rows[0].Action.Mailbox
	}
	if m := c.Mailbox(b.Mailbox); m != nil {
		b.Name, b.ODS = m.Name, m.ODS
	}
	for _, w := range rows {
		o := workOrderOf(w, c)
		o.Waits = waitsFor(w, rows)
		if refused != nil && refused.ID == w.ID {
			o.Came, o.Why, o.Given, o.Faults = refused.Came, refused.Why, refused.Given, refused.Faults
		}
		b.Orders = append(b.Orders, o)
	}
	return b
}

func workOrderOf(w store.WorkRow, c *nasdesk.Case) workOrder {
	o := workOrder{WorkRow: w, Order: MakeOrder(w.Action, c), Given: string(w.Account)}
	o.Made = o.Order.New && w.Account != ""
	if o.Given == "" {
		o.Given = string(w.Action.Account)
	}
	if r := c.Request(w.Request); r != nil {
		o.Reference = r.Reference
	}
	return o
}

// waitsFor says why an order has to wait: nothing may be changed on an account
// until it is active. Seed "Create User Account".
func waitsFor(w store.WorkRow, batch []store.WorkRow) string {
	for _, other := range batch {
		if other.Action.Name == nasdesk.CreateAccount && w.Action.Name != nasdesk.CreateAccount && other.Request == w.Request && other.ID < w.ID {
			return "Wait until the new account is active: change nothing on it before."
		}
	}
	return ""
}

// reportWork takes what came of an order.
func reportWork(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	w, c, err := v.office.Store.Order(v.ctx(), id)
	if err != nil {
		return found(err)
	}
	if w.State != "pending" && w.State != "running" {
		return stale
	}
	o := workOrderOf(w, c)
	o.Came, o.Why = v.PostFormValue("came"), strings.TrimSpace(v.PostFormValue("why"))
	if o.Order.New && !o.Made {
		o.Given = strings.TrimSpace(v.PostFormValue("account"))
	}
	r := o.report(c)
	if len(o.Faults) > 0 {
		return v.workPage(v.PostFormValue("after"), &o)
	}
	if err := v.office.Work(v.ctx(), id, v.staff.Staff, r); err != nil {
		return err
	}
	return v.back(v.nextOrder(id), told[o.Came])
}

// told says what became of an order. It names nobody: it lies in a cookie.
var told = map[string]string{"made": "The account is made. It stays on the list until it is active.", "done": "The order is done.", "back": "The order went back, and its request to the exceptions."}

// report reads the form: what the order's end is, or what is wrong with it.
func (o *workOrder) report(c *nasdesk.Case) nasdesk.WorkReport {
	r := nasdesk.WorkReport{Account: o.Action.Account, Detail: o.Why}
	field := func(name string) string { return name + "-" + strconv.FormatInt(o.ID, 10) }
	switch o.Came {
	case "done":
		r.State = nasdesk.WorkDone
	case "made":
		r.State = nasdesk.WorkPending
		o.Faults.Add(!o.Order.New || o.Made, field("came"), "Choose what came of it")
	case "back":
		r.State = nasdesk.WorkFailed
		o.Faults.Add(o.Why == "", field("why"), "Say why it cannot be done")
	default:
		o.Faults.Add(true, field("came"), "Choose what came of it")
	}
	o.Faults.Add(len(o.Why) > 500, field("why"), "Say it in 500 letters")
	if o.Order.New && r.State != nasdesk.WorkFailed {
		r.Account = o.given(field("account"), c)
	}
	return r
}

// given is the address that the portal gave a new account.
func (o *workOrder) given(field string, c *nasdesk.Case) nasdesk.Address {
	var a nasdesk.NHSAddress
	if err := a.Set(o.Given); err != nil {
		o.Faults.Add(true, field, "Enter the address that the portal gave, such as ann.example2@nhs.net")
		return ""
	}
	at := nasdesk.Address(a)
	taken := c.Account(at)
	o.Faults.Add(taken != nil && taken.Mobile != o.Action.Mobile, field, "The register has that address for somebody else: look again which one the portal gave")
	o.Faults.Add(c.Mailbox(at) != nil, field, "That is the address of a shared mailbox")
	return at
}

// nextOrder is where the list goes on behind an order: the browser moves the focus
// there.
func (v *visit) nextOrder(id int64) string {
	to := "/work"
	after := v.PostFormValue("after")
	if after != "" && len(after) <= 64 && strings.Trim(after, "-0123456789") == "" {
		to += "?after=" + after
	}
	n, err := strconv.ParseInt(v.PostFormValue("next"), 10, 64)
	if err != nil || n <= 0 || n == id {
		return to + "#orders"
	}
	return fmt.Sprintf("%s#order-%d", to, n)
}

// chain tells each order which one comes behind it.
func (p *workPage) chain() {
	next := int64(0)
	for _, b := range slices.Backward(p.Batches) {
		for i := range slices.Backward(b.Orders) {
			b.Orders[i].Next = next
			if b.Orders[i].Waits == "" {
				next = b.Orders[i].ID
			}
		}
	}
}

// NextPage is the address of the page behind this one, "" behind the last.
func (p workPage) NextPage() string {
	if p.Next == "" {
		return ""
	}
	return "/work?after=" + p.Next
}
