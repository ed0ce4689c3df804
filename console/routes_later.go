package console

// Each of these moves into the file of its pages.
var (
	queueRoutes      []route
	requestRoutes    []route
	quarantineRoutes []route
	workRoutes       []route
	registerRoutes   []route
	figureRoutes     []route
	tryRoutes        []route
)
