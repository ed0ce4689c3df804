package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"nasdesk"
)

// The figures by which an operator sees how the service stands. docs/operating.md
// says what each means and what to do about it.
type metrics struct {
	registry *prometheus.Registry
	outcomes *prometheus.CounterVec
	alarms   *prometheus.CounterVec
}

func newMetrics(s *service) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "nasdesk_requests_total", Help: "Requests decided by this program, by kind and outcome."}, []string{"kind", "outcome"}),
		alarms:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "nasdesk_alarms_total", Help: "Alarms raised, by what they say."}, []string{"what"})}
	m.registry.MustRegister(m.outcomes, m.alarms, &gauges{s: s}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// decided counts the outcomes of a decision, and writes a line for each request
// under its reference.
func (s *service) decided(d *nasdesk.Decision, raw int64) {
	for _, r := range d.Results {
		s.metrics.outcomes.WithLabelValues(r.Kind, string(r.Outcome)).Inc()
		s.log.Info("decided", "reference", r.Reference, "kind", r.Kind, "outcome", r.Outcome, "reasons", r.Reasons, "message", raw)
	}
}

// gauges tell how the service stands at the moment it is asked.
type gauges struct{ s *service }

func described(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("nasdesk_"+name, help, labels, nil)
}

var (
	descUnaccounted = described("unaccounted_messages", "Messages in the inbox that are neither taken nor parked. Must be 0.")
	descUnmoved     = described("unmoved_messages", "Messages that are decided and could not be moved to their folder.")
	descListed      = described("seconds_since_listing", "Seconds since the inbox was last listed; -1 before the first time.")
	descConnected   = described("inbox_connected", "1 while this program is connected to the inbox.")
	descHolds       = described("holds_inbox", "1 on the node that takes mail from the inbox.")
	descAlive       = described("node_alive", "1 while this node may act on what it has claimed.")
	descWaiting     = described("waiting_rows", "What is due and not done, at most 1001.", "queue")
	descOldest      = described("waiting_oldest_seconds", "Since when the oldest of it is due.", "queue")
	descFailed      = described("failed_rows", "What was given up within the last day, at most 1001.", "queue")
	descStaff       = described("staff_queue_rows", "What waits for staff, at most 1001.", "queue")
	descBudget      = described("send_budget_left", "Mails that may still be sent within this hour.")
	descDatabase    = described("database_up", "1 while the database answers.")
)

// Describe implements prometheus.Collector.
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descUnaccounted, descUnmoved, descListed, descConnected, descHolds, descAlive, descWaiting, descOldest, descFailed, descStaff, descBudget, descDatabase} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	h := g.s.door.Health()
	gauge(descUnaccounted, float64(h.Unaccounted))
	gauge(descUnmoved, float64(h.Unmoved))
	gauge(descConnected, truth(h.Connected))
	gauge(descHolds, truth(g.s.holdsInbox()))
	gauge(descAlive, truth(g.s.node == nil || g.s.node.Alive()))
	since := -1.0
	if !h.Listed.IsZero() {
		since = g.s.line.Clock().Sub(h.Listed).Seconds()
	}
	gauge(descListed, since)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge(descDatabase, truth(g.collectStore(ctx, gauge) == nil))
}

func (g *gauges) collectStore(ctx context.Context, gauge func(*prometheus.Desc, float64, ...string)) error {
	now := g.s.now()
	backlogs, err := g.s.store.Backlogs(ctx, now)
	if err != nil {
		return err
	}
	for queue, b := range backlogs {
		gauge(descWaiting, float64(b.Rows), queue)
		gauge(descFailed, float64(b.Failed), queue)
		oldest := 0.0
		if b.Oldest > 0 {
			oldest = now.Time().Sub(b.Oldest.Time()).Seconds()
		}
		gauge(descOldest, oldest, queue)
	}
	counts, err := g.s.store.Counts(ctx, nasdesk.DateOf(now.Time()))
	if err != nil {
		return err
	}
	for queue, n := range counts {
		gauge(descStaff, float64(n), string(queue))
	}
	if most := g.s.mails.Budget.PerHour; most > 0 {
		sent, err := g.s.store.RepliesSince(ctx, "", now-nasdesk.Timestamp(time.Hour.Microseconds()))
		if err != nil {
			return err
		}
		gauge(descBudget, float64(max(0, most-sent)))
	}
	return nil
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (s *service) holdsInbox() bool { return s.node == nil || s.node.HoldsInbox() }

// ready says what stands in the way of the service, or nil.
func (s *service) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	h := s.door.Health()
	switch {
	case s.store.Ping(ctx) != nil:
		return errors.New("the database does not answer")
	case s.node != nil && !s.node.Alive():
		return errors.New("this node was silent too long and is joining again")
	case s.holdsInbox() && !h.Connected:
		return errors.New("the inbox is not connected")
	case h.Unaccounted > 0:
		return fmt.Errorf("%d messages in the inbox are not accounted for", h.Unaccounted)
	}
	return nil
}

// observed is what is served to operators' programs: health, readiness, figures.
// Nothing of it is personal data, and nothing asks who calls: keep the address
// within.
func (s *service) observed(profiles bool) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.ready(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	if profiles {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
}

// serveHTTP serves on an address until ctx ends.
func serveHTTP(ctx context.Context, what, listen, certificate, key string, srv *http.Server, log *slog.Logger) error {
	door, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("%s.listen: %w", what, err)
	}
	srv.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	srv.BaseContext = func(net.Listener) context.Context { return ctx }
	ended := make(chan error, 1)
	go func() {
		if certificate != "" {
			ended <- srv.ServeTLS(door, certificate, key)
		} else {
			ended <- srv.Serve(door)
		}
	}()
	log.Info("listening", "for", what, "at", door.Addr().String())
	select {
	case err := <-ended:
		return fmt.Errorf("%s: %w", what, err)
	case <-ctx.Done():
	}
	leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(leave); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
