package console

// A view is something of personal data that a page shows.
type view struct {
	what    string
	request int64
	subject string
}

// viewed writes into the journal that this member of staff saw something of
// personal data: once for each page, however often it is called. What says what
// was seen, as "request" or "account"; request is its id, 0 for none; subject is
// whom it concerns, an address, kept as a digest. A page that cannot be
// journalled is not shown.
func (v *visit) viewed(what string, request int64, subject string) error {
	it := view{what, request, subject}
	if v.journalled[it] {
		return nil
	}
	if err := v.office.Store.Viewed(v.ctx(), v.staff.Staff, what, request, subject, v.now); err != nil {
		return err
	}
	if v.journalled == nil {
		v.journalled = map[view]bool{}
	}
	v.journalled[it] = true
	return nil
}
