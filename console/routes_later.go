package console

// Each of these moves into the file of its pages.
var (
	registerRoutes []route
	tryRoutes      []route
)
