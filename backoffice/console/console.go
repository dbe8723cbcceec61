// Package console is the staff's side of the back office in the browser: who waits, who is next, and each visitor's file
// with its pictures and every check and its reason.
//
// Pages are made by the server, and their live parts by server-sent events: first a whole snapshot, so that a page that was cut off is
// right again as soon as it is back, and then what has changed. Without scripts everything but the live parts works.
// Nothing personal stands in a URL, nothing is cached, and who opened which file is kept.
package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/foyer-station/foyer/backoffice/loglimit"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/staff"
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

	// WalkIn admits a visitor without a station: a check-in's new id, the desk's room, a service (empty for a visitor who asks for staff)
	// and a language. The same id twice is one visitor. Nobody is admitted so where it is nil. It is set before the console serves.
	WalkIn func(ctx context.Context, id, desk, service, language string) error

	office   *office.Office
	sealer   *staff.Sealer      // nil where there are no second factors
	factors  []staff.Role       // who must have one
	party    *webauthn.WebAuthn // nil where there are no passkeys
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
	boards   boards
	stop     func()
	stopped  chan struct{}
}

// Settings are what an office decides about its console. The zero Settings are good for most.
type Settings struct {
	// Idle is how long nobody may do anything in a session before it ends and its pages go blank; 0 is UsualIdle.
	Idle time.Duration
	// TrustedProxies are those whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Sealer seals the secrets of second factors; nobody has one where it is nil.
	Sealer *staff.Sealer
	// SecondFactor are the roles of which each needs a second factor to sign in.
	SecondFactor []staff.Role
	// Origin is where staff find the console in their browsers, as CheckOrigin wants it; there are no passkeys where it is empty.
	Origin string
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
	assets, err := readAssets()
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	pages, err := parsePages(assets)
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
	party, err := relyingParty(o.Name, settings.Origin)
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	c := &Console{
		office: o, store: s, vault: v, now: now, log: log, pages: pages, throttle: throttle, nobody: nobody, refused: strangers(),
		idle: cmp.Or(settings.Idle, UsualIdle), beat: cmp.Or(settings.Beat, usualBeat), trusted: settings.TrustedProxies,
		sealer: settings.Sealer, factors: settings.SecondFactor, party: party,
		stopped: make(chan struct{}),
	}
	c.hashing.known, c.hashing.strangers = make(chan struct{}, 1), make(chan struct{}, 1)
	rand.Read(c.marking[:])
	c.stop = sync.OnceFunc(func() { close(c.stopped) })
	mux := http.NewServeMux()
	work, streams := c.tables(assets)
	if err := errors.Join(c.register(mux, work, c.working), c.register(mux, streams, c.watching)); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	answers, err := compressed(scripted(mux))
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	c.Handler = secure(http.NewCrossOriginProtection().Handler(answers))
	return c, nil
}

// Stop ends all event streams, so that a server can shut down; browsers reconnect by themselves.
func (c *Console) Stop() { c.stop() }

// tables are all that the console serves, each beside what one must be allowed in order to use it. Pages are work; streams keep a
// page live, and say nothing of whether somebody sits before it.
func (c *Console) tables(assets *assets) (pages, streams []route) {
	pages = []route{
		{"GET /assets/", anybody, forStrangers(assets.ServeHTTP)},
		{"GET /sign-in", anybody, forStrangers(c.showSignIn)},
		{"POST /sign-in", anybody, forStrangers(c.signIn)},
		{"POST /sign-out", anybody, forStrangers(c.signOut)},
		{"POST /language", anybody, forStrangers(c.chooseLanguage)},
		{"POST /look", anybody, forStrangers(c.chooseLook)},
		{"GET /second-factor", halfway, c.showFactor},
		{"POST /second-factor/code", halfway, c.proveByCode},
		{"POST /second-factor/secret", halfway, c.setSecret},
		{"POST /second-factor/passkey/add", halfway, c.beginPasskey(true)},
		{"POST /second-factor/passkey/added", halfway, c.finishPasskey(true)},
		{"POST /second-factor/passkey/show", halfway, c.beginPasskey(false)},
		{"POST /second-factor/passkey/shown", halfway, c.finishPasskey(false)},
		{"POST /session", member, c.stay},
		{"GET /{$}", staff.Receive, c.showQueue},
		{"GET /waiting", staff.Receive, c.showWaiting},
		{"GET /waiting/{queue}", staff.Receive, c.showWaiting},
		{"GET /visitor/{id}", staff.Receive, c.showVisitor},
		{"GET /visitor/{id}/file/{n}", staff.Receive, c.serveFile},
		{"GET /visitor/{id}/file/{n}/view", staff.Receive, c.showPicture},
		{"POST /visitor/{id}/decide", staff.Receive, c.adding(decide)},
		{"POST /visitor/{id}/correct", staff.Receive, c.adding(c.correct)},
		{"POST /visitor/{id}/note", staff.Receive, c.adding(addNote)},
		{"POST /visitor/{id}/help", staff.Receive, c.adding(wantHelp)},
		{"POST /visitor/{id}/coming", staff.Lead, c.adding(goHelp)},
		{"POST /left/{id}/dismiss", staff.Lead, c.dismiss},
		{"POST /left/{id}/readmit", staff.Lead, c.readmit},
		{"POST /denied/{station}/set-aside", staff.Lead, c.setAside},
		{"POST /denied/{station}/dismiss", staff.Lead, c.dismissDenied},
		{"POST /erasing/confirm", staff.Lead, c.confirmErasing},
		{"GET /log", staff.Audit, c.showLog},
		{"POST /log", staff.Audit, c.showLog},
		{"GET /stations", staff.Maintain, c.showStations},
		{"GET /accounts", staff.Administer, c.showAccounts},
		{"POST /accounts", staff.Administer, c.addAccount},
		{"POST /accounts/{id}/roles", staff.Administer, c.onAccount(c.setRoles)},
		{"POST /accounts/{id}/password", staff.Administer, c.onAccount(c.resetPassword)},
		{"POST /accounts/{id}/reset-2fa", staff.Administer, c.onAccount(c.resetFactors)},
		{"POST /accounts/{id}/disable", staff.Administer, c.onAccount(c.disableAccount)},
		{"POST /accounts/{id}/enable", staff.Administer, c.onAccount(c.enableAccount)},
		{"POST /accounts/{id}/remove", staff.Administer, c.onAccount(c.removeAccount)},
	}
	pages = append(pages, c.operations()...)
	streams = []route{
		{"GET /desk/events", staff.Receive, c.streamDesk},
		{"GET /events", staff.Receive, c.streamQueue},
		{"GET /waiting/{queue}/rows", staff.Receive, c.showRows},
		{"GET /visitor/{id}/events", staff.Receive, c.streamVisitor},
		{"GET /session/events", halfway, c.streamSession},
	}
	return pages, streams
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

// fail answers a request that could not be served, and logs why; a browser that went meanwhile is no failure.
func (c *Console) fail(w http.ResponseWriter, err error) {
	if !errors.Is(err, context.Canceled) {
		c.log.Error("console request failed", "error", err)
	}
	http.Error(w, "internal error", http.StatusInternalServerError)
}
