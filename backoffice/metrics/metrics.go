// Package metrics tells a monitoring system how an office is, in Prometheus' text format: how long certificates last, how much
// room the disk has, what waits, which stations are there, what was refused. It listens on loopback alone and tells nothing of
// visitors or staff.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/foyer-station/foyer/backoffice/graceful"
	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/mutual"
)

// Figures are an office's at one moment. What could not be found out is nil.
type Figures struct {
	At           time.Time // by the machine's clock, as TLS sees it
	Certificates []mutual.Certificate
	Disk         *Disk
	Uploads      *Uploads
	Visitors     *store.VisitorCounts
	Erasing      *store.Erasing
	Stations     []intake.Station

	RefusedSubmissions map[string]int64 // since the start, by reason
	RefusedConnections int64
}

// Disk is the room on the volume of the data folder, in bytes.
type Disk struct {
	Free    int64
	Reserve int64 // that uploads leave
	Ballast bool  // what starting and erasing need is held
}

// Uploads are what stations have sent of check-ins that are not submitted.
type Uploads struct {
	CheckIns int
	Bytes    int64
}

// Bounds of whoever asks: a monitoring system on the same machine.
const (
	headerTime = 5 * time.Second
	answerTime = 20 * time.Second
	readyTime  = 2 * time.Second // after which an office that does not answer is not ready
	idleTime   = 2 * time.Minute
	maxHeader  = 8 << 10
)

// Listen listens on loopback; on any other address it is an error.
func Listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics: %w", err)
	}
	if at, ok := l.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		return nil, errors.Join(fmt.Errorf("metrics are served on loopback only, not on %s", address), l.Close())
	}
	return l, nil
}

// Office is what is asked how it is.
type Office struct {
	// Look determines the figures. With an error they lack what could not be found out.
	Look func(context.Context) (Figures, error)
	// Ready returns nil while check-ins can be taken, else an error that says in a few words why not.
	Ready func(context.Context) error
}

// Serve answers GET /metrics, /livez, which is 200 while there is anybody to answer, and /readyz, which is 503 with the reason while no
// check-ins can be taken, until ctx ends; then it gives answers under way as long as grace. An error of Look is logged, and the figures
// are told without what it could not find out.
func Serve(ctx context.Context, l net.Listener, o Office, log *slog.Logger, grace time.Duration) error {
	server := &http.Server{
		Handler: handler(o, log), ReadHeaderTimeout: headerTime, ReadTimeout: headerTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	return graceful.Serve(ctx, server, func() error { return server.Serve(l) }, grace)
}

func handler(o Office, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		figures, err := o.Look(r.Context())
		if err != nil && r.Context().Err() == nil {
			log.Error("some of the metrics could not be determined", "error", err)
		}
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(collector{figures, err == nil})
		promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true}).ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		if err := o.Ready(ctx); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	return mux
}
