package intake

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"

	"google.golang.org/grpc/credentials"
)

// Bounds of what is open at once.
const (
	// maxConnections are of one certificate. A station has one connection; others are broken ones that were not given up yet,
	// or a thief's.
	maxConnections = 8
	// maxHandshakes are of one address, before anybody knows who is there: all stations may be behind one.
	maxHandshakes = 256
)

var errManyHandshakes = errors.New("too many connections of one address that have not said whose they are")

// connections bounds how many are open. Of one certificate the newest stay: a station whose connections all broke comes in.
type connections struct {
	credentials.TransportCredentials
	open *opened
}

type opened struct {
	mu         sync.Mutex
	handshakes map[netip.Addr]int
	by         map[string][]*connection // by certificate, the oldest first
}

func newConnections(inner credentials.TransportCredentials) connections {
	return connections{inner, &opened{handshakes: map[netip.Addr]int{}, by: map[string][]*connection{}}}
}

// connection is one that tells when it is closed.
type connection struct {
	net.Conn
	raw   net.Conn
	ended func()
}

// Close implements [net.Conn].
func (c *connection) Close() error {
	c.ended()
	return c.Conn.Close()
}

// ServerHandshake implements [credentials.TransportCredentials].
func (c connections) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	from := addressOf(raw)
	if !c.open.begin(from) {
		return nil, nil, errors.Join(errManyHandshakes, raw.Close())
	}
	defer c.open.end(from)
	conn, info, err := c.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		return conn, info, err
	}
	tls, ok := info.(credentials.TLSInfo)
	if !ok || len(tls.State.PeerCertificates) == 0 { // no station: it gets no call through
		return conn, info, nil
	}
	return c.open.add(fingerprint(tls.State.PeerCertificates[0]), conn, raw), info, nil
}

// Clone implements [credentials.TransportCredentials].
func (c connections) Clone() credentials.TransportCredentials {
	c.TransportCredentials = c.TransportCredentials.Clone()
	return c
}

func addressOf(conn net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

func (o *opened) begin(from netip.Addr) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.handshakes[from] == maxHandshakes {
		return false
	}
	o.handshakes[from]++
	return true
}

func (o *opened) end(from netip.Addr) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.handshakes[from]--; o.handshakes[from] == 0 {
		delete(o.handshakes, from)
	}
}

// add takes a connection in, and ends the oldest of the same certificate where there are too many.
func (o *opened) add(certificate string, conn, raw net.Conn) net.Conn {
	c := &connection{Conn: conn, raw: raw}
	c.ended = sync.OnceFunc(func() { o.remove(certificate, c) })
	o.mu.Lock()
	all := append(o.by[certificate], c)
	o.by[certificate] = all
	o.mu.Unlock()
	if len(all) > maxConnections {
		all[0].ended()
		all[0].raw.Close() // without a farewell, for which it might not listen; the server gives it up then
	}
	return c
}

func (o *opened) remove(certificate string, c *connection) {
	o.mu.Lock()
	defer o.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(o.by[certificate]), func(other *connection) bool { return other == c })
	if o.by[certificate] = left; len(left) == 0 {
		delete(o.by, certificate)
	}
}
