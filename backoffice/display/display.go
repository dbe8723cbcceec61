// Package display is the call display of the lobby: the number that is called, the room, the last four calls, chime and speech.
//
// It has a listener of its own, so that a display is let into the lobby's network and no further. A display is a browser with a
// token of its own, which it got for a code that is good once. It is told nothing that is personal: tickets, rooms, and in which
// language a number is spoken. Each event is a whole board, so that a display that was cut off is right again with the next one; one
// that hears nothing shows no call at all.
package display

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
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/web"
)

//go:embed assets templates text
var files embed.FS

const (
	usualBeat   = 3 * time.Second // display.js takes three missed beats for a lost connection
	mostStreams = 64              // at once, of all displays
	pairEvery   = time.Second     // the codes have 80 bits: this spares the database, and keeps nobody from guessing who could
	pairAtOnce  = 20
)

// Store is what displays ask of the office's store. What each method promises stands at [store.Store], which is one.
type Store interface {
	Changed() <-chan struct{}
	Calls(ctx context.Context, callers []string, n int) ([]store.CalledVisitor, error)
	PairDisplay(ctx context.Context, codeSHA256, tokenSHA256 []byte, now time.Time) (store.Display, error)
	Display(ctx context.Context, tokenSHA256 []byte) (store.Display, error)
}

// Speaker says a text in a language's voice, as a whole WAV file; [ErrMute] where it cannot.
type Speaker interface {
	Say(ctx context.Context, voice, text string) ([]byte, error)
}

// Settings are what may differ from an office's usual displays; zero values are good for most.
type Settings struct {
	Beat time.Duration // how often a display hears that it is live: 3 s
}

// Displays is the handler of all displays of an office.
type Displays struct {
	http.Handler
	office    *office.Office
	store     Store
	speaker   Speaker
	now       func() time.Time
	log       *slog.Logger
	beat      time.Duration
	templates *template.Template
	words     *words
	chime     []byte // WAV
	version   string // of templates, assets and words
	pairing   *rate.Limiter
	streams   chan struct{} // holds one for each open stream
	stop      func()
	stopped   chan struct{}
}

// New makes the displays of an office. Now is the clock. The log gets failures, and which displays come and go.
func New(o *office.Office, s Store, speaker Speaker, settings Settings, now func() time.Time, log *slog.Logger) (*Displays, error) {
	d := &Displays{
		office: o, store: s, speaker: speaker, now: now, log: log, beat: cmp.Or(settings.Beat, usualBeat), chime: chime(),
		pairing: rate.NewLimiter(rate.Every(pairEvery), pairAtOnce), streams: make(chan struct{}, mostStreams), stopped: make(chan struct{}),
	}
	d.stop = sync.OnceFunc(func() { close(d.stopped) })
	var err error
	if d.words, err = loadWords(); err != nil {
		return nil, fmt.Errorf("display: %w", err)
	}
	if d.templates, err = template.ParseFS(files, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("display: %w", err)
	}
	if d.version, err = versionOf(files); err != nil {
		return nil, fmt.Errorf("display: %w", err)
	}
	assets, err := fs.Sub(files, "assets")
	if err != nil {
		return nil, fmt.Errorf("display: %w", err)
	}
	d.Handler = web.Secure(d.routes(assets))
	return d, nil
}

// Serve serves displays on a listener until ctx ends, over TLS unless config is nil. Running requests then get as long as grace;
// event streams end at once.
func (d *Displays) Serve(ctx context.Context, listener net.Listener, config *tls.Config, grace time.Duration) error {
	return web.Serve(ctx, listener, config, d, d.Stop, d.log, grace)
}

// Stop ends all event streams, so that a server can shut down; displays reconnect by themselves.
func (d *Displays) Stop() { d.stop() }

func (d *Displays) routes(assets fs.FS) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(assets)))
	mux.HandleFunc("GET /pair", d.showPairing)
	mux.HandleFunc("POST /pair", d.pair)
	mux.HandleFunc("GET /{$}", d.showBoard)
	mux.HandleFunc("GET /events", d.paired(d.streamBoard))
	mux.HandleFunc("GET /chime.wav", d.paired(d.serveChime))
	mux.HandleFunc("GET /speech/{call}", d.paired(d.serveSpeech))
	return mux
}

// paired lets only displays with a token pass.
func (d *Displays) paired(next func(http.ResponseWriter, *http.Request, store.Display)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		which, err := d.display(r)
		switch {
		case errors.Is(err, store.ErrNotFound):
			http.Error(w, "not a display of this office", http.StatusUnauthorized)
		case err != nil:
			d.fail(w, err)
		default:
			next(w, r, which)
		}
	}
}

func (d *Displays) render(w http.ResponseWriter, status int, name string, data any) {
	page, err := d.execute(name, data)
	if err != nil {
		d.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(page)
}

// fail answers a request that could not be served, and logs why; a browser that went meanwhile is no failure.
func (d *Displays) fail(w http.ResponseWriter, err error) {
	if !errors.Is(err, context.Canceled) {
		d.log.Error("a display's request failed", "error", err)
	}
	http.Error(w, "internal error", http.StatusInternalServerError)
}
