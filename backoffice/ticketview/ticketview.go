// Package ticketview is the visitor's own view, to which the code on the ticket leads: how many come before, how long it may take, and
// which room once called. A visitor who must leave the lobby for a while can say so.
//
// It is meant for the public network and has a listener of its own. It knows a visit by the ticket's token alone, and tells nothing
// that is personal and nothing that depends on a verdict: who comes before is counted as the station was told on arrival
// (backoffice/intake). A token that never was, one of a visit that ended and one of yesterday get the same answer.
package ticketview

import (
	"cmp"
	"context"
	"crypto/tls"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/foyer-station/foyer/backoffice/client"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/web"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

//go:embed assets templates text
var files embed.FS

const (
	usualBeat   = 15 * time.Second // of a live page; view.js takes three missed beats for a lost connection
	mostStreams = 2000             // at once: an office has some hundred visitors waiting
	ownStreams  = 4                // at once, of one ticket: a family reads it on several phones
	// away is how long a visitor is not called who asks for time, and mostAways how often one may ask.
	away      = 10 * time.Minute
	mostAways = 3
)

// Store is what the visitor's view asks of the office's store. What each method promises stands at [store.Store], which is one.
type Store interface {
	Changed() <-chan struct{}
	Visit(ctx context.Context, token string) (store.Visit, error)
	StepAway(ctx context.Context, token string, at, until time.Time, most int) error
	ComeBack(ctx context.Context, token string, at time.Time) error
}

// Expected is a range for how long somebody waits now for a service before whom ahead others come for it; ok is false where nobody knows.
type Expected func(ctx context.Context, service string, ahead int) (from, to time.Duration, ok bool, err error)

// Settings are what an office decides about the view; zero values are good for most.
type Settings struct {
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	Expected       Expected       // nil, or where it does not know: half to whole of what those before take by the office file
	Beat           time.Duration  // how often a live page hears that it is one: 15 s
}

// View is the handler of an office's visitors' views.
type View struct {
	http.Handler
	office    *office.Office
	store     Store
	expected  Expected
	trusted   []netip.Prefix
	now       func() time.Time
	log       *slog.Logger
	beat      time.Duration
	templates *template.Template
	texts     map[string]*texts
	few       *throttle
	streams   *streams
	stop      func()
	stopped   chan struct{}
}

// New makes the view of an office. Now is the clock. The log gets failures, never a token.
func New(o *office.Office, s Store, settings Settings, now func() time.Time, log *slog.Logger) (*View, error) {
	v := &View{
		office: o, store: s, expected: settings.Expected, trusted: settings.TrustedProxies, now: now, log: log,
		beat: cmp.Or(settings.Beat, usualBeat), streams: newStreams(), stopped: make(chan struct{}),
	}
	v.stop = sync.OnceFunc(func() { close(v.stopped) })
	var err error
	if v.texts, err = loadTexts(); err != nil {
		return nil, fmt.Errorf("ticket view: %w", err)
	}
	if v.templates, err = template.ParseFS(files, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("ticket view: %w", err)
	}
	if v.few, err = newThrottle(); err != nil {
		return nil, fmt.Errorf("ticket view: %w", err)
	}
	assets, err := fs.Sub(files, "assets")
	if err != nil {
		return nil, fmt.Errorf("ticket view: %w", err)
	}
	v.Handler = web.Secure(v.routes(assets))
	return v, nil
}

// Serve serves visitors on a listener until ctx ends, over TLS unless config is nil. Running requests then get as long as grace;
// event streams end at once.
func (v *View) Serve(ctx context.Context, listener net.Listener, config *tls.Config, grace time.Duration) error {
	return web.Serve(ctx, listener, config, v, v.Stop, v.log, grace)
}

// Stop ends all event streams, so that a server can shut down; pages reconnect by themselves.
func (v *View) Stop() { v.stop() }

func (v *View) routes(assets fs.FS) http.Handler {
	mux := http.NewServeMux()
	// One by one: /assets/{file} would be a ticket's address too.
	for _, name := range []string{"view.css", "view.js"} {
		mux.HandleFunc("GET /assets/"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, assets, name) })
	}
	mux.HandleFunc("GET /{token}", v.visiting(v.show))
	mux.HandleFunc("GET /{token}/events", v.visiting(v.stream))
	mux.HandleFunc("POST /{token}/away", v.visiting(v.stepAway))
	mux.HandleFunc("POST /{token}/back", v.visiting(v.comeBack))
	mux.HandleFunc("/", v.nowhere)
	return mux
}

// visiting lets only requests pass that have the token of a visit. All others get one answer, after the same work; whoever sends
// many has to wait, whatever they are for.
func (v *View) visiting(next func(http.ResponseWriter, *http.Request, string, store.Visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, from, at := r.PathValue("token"), client.Of(r, v.trusted), v.now()
		if !v.few.allow(from, token, at) {
			w.Header().Set("Retry-After", "10")
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		visit, err := store.Visit{}, store.ErrNotFound
		if stationv1.IsTicketToken(token) {
			visit, err = v.store.Visit(r.Context(), token)
		}
		switch {
		case errors.Is(err, store.ErrNotFound):
			v.nowhere(w, r)
		case err != nil:
			v.fail(w, err)
		default:
			v.few.found(from, token, at)
			next(w, r, token, visit)
		}
	}
}

func (v *View) stepAway(w http.ResponseWriter, r *http.Request, token string, _ store.Visit) {
	at := v.now()
	v.after(w, r, v.store.StepAway(r.Context(), token, at, at.Add(away), mostAways))
}

func (v *View) comeBack(w http.ResponseWriter, r *http.Request, token string, _ store.Visit) {
	v.after(w, r, v.store.ComeBack(r.Context(), token, v.now()))
}

// after leads back to the page, which shows what is so now: also where the visitor was called meanwhile, or had asked too often.
func (v *View) after(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil && !errors.Is(err, store.ErrTaken) && !errors.Is(err, store.ErrTooOften) && !errors.Is(err, store.ErrNotFound) {
		v.fail(w, err)
		return
	}
	// Relative (RFC 9110, 10.2.2): a proxy may have the view under a path of its own.
	w.Header().Set("Location", "../"+r.PathValue("token"))
	w.WriteHeader(http.StatusSeeOther)
}

// fail answers a request that could not be served, and logs why; a browser that went meanwhile is no failure.
func (v *View) fail(w http.ResponseWriter, err error) {
	if !errors.Is(err, context.Canceled) {
		v.log.Error("a visitor's view failed", "error", err)
	}
	http.Error(w, "internal error", http.StatusInternalServerError)
}
