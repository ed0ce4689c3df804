package console

var staffRoutes = []route{
	{"GET /staff", lead, staffPage},
}

func staffPage(v *visit) error {
	all, err := v.office.Store.StaffAll(v.ctx())
	if err != nil {
		return err
	}
	return v.show("staff", all)
}
