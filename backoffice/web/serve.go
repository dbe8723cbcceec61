// Package web is what the office's doors for browsers have in common, above all those for strangers: the lobby's display and the visitor's own view. Every server here
// bounds what a browser may send and how long it may take, and no page loads anything from elsewhere.
package web

import (
	"context"
	"crypto/tls"
	"log"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/graceful"
	"github.com/foyer-station/foyer/backoffice/loglimit"
)

// How long a browser may keep the server waiting, and how much it may send. Event streams lift the limits on themselves and keep
// one of their own, for each event.
const (
	headerTime = 10 * time.Second
	readTime   = 20 * time.Second
	writeTime  = 30 * time.Second
	idleTime   = time.Minute
	silentTime = 15 * time.Second // of a connection that has streams, before it is asked whether it is still there
	maxHeader  = 8 << 10          // bytes
	maxForm    = 1 << 10          // bytes
)

// policy lets a page load only what this server serves, run no inline script and stand in no frame (Content Security Policy
// Level 3).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Serve serves on a listener until ctx ends, over TLS unless config is nil. Running requests then get as long as grace; stop is
// called first, and ends event streams. The log gets no addresses.
func Serve(ctx context.Context, listener net.Listener, config *tls.Config, handler http.Handler, stop func(), log *slog.Logger, grace time.Duration) error {
	server := &http.Server{
		Handler:           handler,
		TLSConfig:         config,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{SendPingTimeout: silentTime, PingTimeout: silentTime, WriteByteTimeout: silentTime},
		ErrorLog:          ConnectionLog(log),
	}
	server.RegisterOnShutdown(stop)
	return graceful.Serve(ctx, server, func() error {
		if config != nil {
			return server.ServeTLS(listener, "", "")
		}
		return server.Serve(listener)
	}, grace)
}

// Secure gives every answer the headers of a page that nobody keeps, frames or follows, and bounds what is sent with a request.
// What another site sends in a visitor's name is refused.
func Secure(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Robots-Tag", "noindex")
		h.Set("Cache-Control", "no-store")
		if r.TLS != nil { // RFC 6797, 7.2: never in the clear
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

// ConnectionLog is a server's ErrorLog: it takes the lines that net/http writes about connections, ten at once and then one a second,
// and leaves out whose they are.
func ConnectionLog(to *slog.Logger) *log.Logger {
	return log.New(lines{to, loglimit.New(10, time.Second, time.Now)}, "", 0)
}

type lines struct {
	log *slog.Logger
	few *loglimit.Limiter
}

var addressAndPort = regexp.MustCompile(`([0-9]{1,3}(\.[0-9]{1,3}){3}|\[[0-9a-fA-F:.]+(%\w+)?\]):[0-9]+`)

// Write implements io.Writer.
func (l lines) Write(line []byte) (int, error) {
	l.few.Warn(l.log, strings.TrimSpace(string(addressAndPort.ReplaceAll(line, []byte("a client")))))
	return len(line), nil
}
