package console

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"github.com/foyer-station/foyer/backoffice/graceful"
	"github.com/foyer-station/foyer/backoffice/loglimit"
	"github.com/foyer-station/foyer/backoffice/web"
)

// How long a browser may keep the server waiting. Event streams lift the limits on themselves and keep one of their own,
// for each event; what remains is to find out about a browser that has gone without a word, or reads no more.
const (
	headerTime = 10 * time.Second
	readTime   = 30 * time.Second
	writeTime  = time.Minute
	idleTime   = 2 * time.Minute // of a connection
	silentTime = 15 * time.Second
	maxHeader  = 16 << 10
)

// Serve serves staff on a listener until ctx ends, over TLS unless config is nil. Running requests then get as long as
// grace; event streams end at once.
func (c *Console) Serve(ctx context.Context, listener net.Listener, config *tls.Config, grace time.Duration) error {
	server := &http.Server{
		Handler:           c,
		TLSConfig:         config,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{SendPingTimeout: silentTime, PingTimeout: silentTime, WriteByteTimeout: silentTime},
		ErrorLog:          web.ConnectionLog(c.log),
	}
	server.RegisterOnShutdown(c.Stop)
	return graceful.Serve(ctx, server, func() error {
		if config != nil {
			return server.ServeTLS(listener, "", "")
		}
		return server.Serve(listener)
	}, grace)
}

// strangers limits what strangers write to the log: ten lines at once, then one a second.
func strangers() *loglimit.Limiter { return loglimit.New(10, time.Second, time.Now) }
