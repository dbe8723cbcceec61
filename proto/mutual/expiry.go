package mutual

import (
	"crypto/tls"
	"net"
	"time"
)

// ValidUntil is until when the certificate of the other end holds, as far as the chains go by which it was verified: none of a
// chain's certificates lasts longer than the others, and the best chain counts. Zero where nothing was verified.
func ValidUntil(state tls.ConnectionState) (until time.Time) {
	for _, chain := range state.VerifiedChains {
		end := chain[0].NotAfter
		for _, above := range chain[1:] {
			if above.NotAfter.Before(end) {
				end = above.NotAfter
			}
		}
		if end.After(until) {
			until = end
		}
	}
	return until
}

// CloseWhenExpired closes a connection when the other end's certificate runs out: TLS looks at it only once. Whoever wants to
// go on makes another, with the certificate that there is then. At now the handshake ended.
func CloseWhenExpired(conn net.Conn, state tls.ConnectionState, now time.Time) net.Conn {
	until := ValidUntil(state)
	if until.IsZero() {
		return conn
	}
	return expiring{conn, time.AfterFunc(until.Sub(now), func() { conn.Close() })}
}

// expiring is a connection with the timer that ends it.
type expiring struct {
	net.Conn
	end *time.Timer
}

// Close implements [net.Conn].
func (e expiring) Close() error {
	e.end.Stop()
	return e.Conn.Close()
}
