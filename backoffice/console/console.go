// Package console is the staff's side of the back office in the browser: who waits, who is next, and each visitor's file
// with its pictures and every check and its reason.
//
// Pages are made by the server; htmx replaces their live parts by server-sent events, each of which is a whole snapshot,
// so that a page that was cut off is right again with the next one. Without scripts everything but the live parts works.
// Nothing personal stands in a URL, nothing is cached, and who opened which file is kept.
package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/foyer-station/foyer/backoffice/loglimit"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/mutual"
)

//go:embed assets templates text
var files embed.FS

const maxForm = 16 << 10 // a note of a thousand characters, each written as twelve, and more

// policy lets a page load only what this server serves, run no inline script and stand in no frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Console is the handler of the staff console.
type Console struct {
	http.Handler
	// Certificates are those that the office lives by. The lead is told of what runs out; of none where it is nil. It is set
	// before the console serves.
	Certificates func() []mutual.Certificate
	// Outdated names the stations that speak an older contract than the office, for the lead; of none where it is nil. It is set before
	// the console serves.
	Outdated func() []string

	office   *office.Office
	store    Store
	vault    Vault
	now      func() time.Time
	log      *slog.Logger
	pages    *pages
	idle     time.Duration
	beat     time.Duration
	trusted  []netip.Prefix
	throttle *staff.Throttle
	hashing  struct{ known, strangers chan struct{} } // each holds as many as may hash a password at once
	nobody   string                                   // a hash for names that do not exist, so that they take as long
	refused  *loglimit.Limiter
	marking  [32]byte // key of the clients' marks in the log
	watchers watchers
	stop     func()
	stopped  chan struct{}
}

// Settings are what an office decides about its console. The zero Settings are good for most.
type Settings struct {
	// Idle is how long nobody may do anything in a session before it ends and its pages go blank; 0 is UsualIdle.
	Idle time.Duration
	// TrustedProxies are those whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Beat is how often a live page hears that it is one; 0 is ten seconds.
	Beat time.Duration
}

// The bounds of Settings.Idle, and what most offices take. PCI DSS 4.0, 8.2.8 asks for 15 minutes.
const (
	MinIdle   = time.Minute
	MaxIdle   = sessionTime
	UsualIdle = 15 * time.Minute
)

// New makes the console of an office. Now is the clock. The log gets failures and refused sign-ins, never anything of a
// visitor, and no name or address of who signs in.
func New(o *office.Office, s Store, v Vault, settings Settings, now func() time.Time, log *slog.Logger) (*Console, error) {
	pages, err := parsePages()
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	nobody, err := staff.Hash("a password that nobody has")
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	throttle, err := staff.NewThrottle()
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	c := &Console{
		office: o, store: s, vault: v, now: now, log: log, pages: pages, throttle: throttle, nobody: nobody, refused: strangers(),
		idle: cmp.Or(settings.Idle, UsualIdle), beat: cmp.Or(settings.Beat, usualBeat), trusted: settings.TrustedProxies,
		stopped: make(chan struct{}),
	}
	c.hashing.known, c.hashing.strangers = make(chan struct{}, 1), make(chan struct{}, 1)
	rand.Read(c.marking[:])
	c.stop = sync.OnceFunc(func() { close(c.stopped) })
	assets, err := fs.Sub(files, "assets")
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	c.Handler = secure(http.NewCrossOriginProtection().Handler(c.routes(assets)))
	return c, nil
}

// Stop ends all event streams, so that a server can shut down; browsers reconnect by themselves.
func (c *Console) Stop() { c.stop() }

func (c *Console) routes(assets fs.FS) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", cached(http.FileServerFS(assets))))
	mux.HandleFunc("GET /sign-in", c.showSignIn)
	mux.HandleFunc("POST /sign-in", c.signIn)
	mux.HandleFunc("POST /sign-out", c.signOut)
	mux.HandleFunc("POST /language", c.chooseLanguage)
	mux.HandleFunc("POST /session", c.signedIn(c.stay))
	mux.HandleFunc("GET /{$}", c.signedIn(c.showQueue))
	mux.HandleFunc("GET /events", c.watching(c.streamQueue))
	mux.HandleFunc("POST /next", c.signedIn(c.callNext))
	mux.HandleFunc("GET /visitor/{id}", c.signedIn(c.showVisitor))
	mux.HandleFunc("GET /visitor/{id}/events", c.watching(c.streamVisitor))
	mux.HandleFunc("GET /visitor/{id}/file/{n}", c.signedIn(c.serveFile))
	mux.HandleFunc("GET /visitor/{id}/file/{n}/view", c.signedIn(c.showPicture))
	mux.HandleFunc("POST /visitor/{id}/call", c.signedIn(c.call))
	mux.HandleFunc("POST /visitor/{id}/done", c.signedIn(c.finish(store.Done)))
	mux.HandleFunc("POST /visitor/{id}/no-show", c.signedIn(c.finish(store.NoShow)))
	mux.HandleFunc("POST /visitor/{id}/return", c.signedIn(c.giveBack))
	for path, read := range map[string]entryReader{"decide": decide, "correct": c.correct, "note": addNote, "help": wantHelp} {
		mux.HandleFunc("POST /visitor/{id}/"+path, c.signedIn(c.allowed(staff.Receive, c.adding(read))))
	}
	mux.HandleFunc("POST /visitor/{id}/coming", c.signedIn(c.allowed(staff.Lead, c.adding(goHelp))))
	mux.HandleFunc("POST /look", c.chooseLook)
	mux.HandleFunc("POST /left/{id}/dismiss", c.signedIn(c.leading(c.dismiss)))
	mux.HandleFunc("POST /left/{id}/readmit", c.signedIn(c.leading(c.readmit)))
	mux.HandleFunc("POST /denied/{station}/set-aside", c.signedIn(c.leading(c.setAside)))
	mux.HandleFunc("POST /denied/{station}/dismiss", c.signedIn(c.leading(c.dismissDenied)))
	mux.HandleFunc("POST /erasing/confirm", c.signedIn(c.leading(c.confirmErasing)))
	return mux
}

func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if r.TLS != nil { // RFC 6797, 7.2: never in the clear
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache") // ask whether it has changed
		next.ServeHTTP(w, r)
	})
}

// fail answers a request that could not be served, and logs why; a browser that went meanwhile is no failure.
func (c *Console) fail(w http.ResponseWriter, err error) {
	if !errors.Is(err, context.Canceled) {
		c.log.Error("console request failed", "error", err)
	}
	http.Error(w, "internal error", http.StatusInternalServerError)
}
