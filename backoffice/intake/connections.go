package intake

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
)

// Bounds of what is open at once.
const (
	// maxConnections are of one certificate. A station has one connection; others are broken ones that were not given up yet,
	// or a thief's.
	maxConnections = 8
	// maxHandshakes are of one address, before anybody knows who is there: all stations may be behind one.
	maxHandshakes = 256
)

var errManyHandshakes = errors.New("too many connections from one address that have not identified themselves")

// connections are those that are open, and bounds how many. Of one certificate the newest stay: a station whose connections all
// broke comes in.
type connections struct {
	mu            sync.Mutex
	handshakes    map[netip.Addr]int
	byCertificate map[string][]*connection // the oldest first
	byStation     map[string]int
}

func newConnections() *connections {
	return &connections{handshakes: map[netip.Addr]int{}, byCertificate: map[string][]*connection{}, byStation: map[string]int{}}
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

func addressOf(conn net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

// begin takes in a handshake of an address; false where it has too many.
func (o *connections) begin(from netip.Addr) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.handshakes[from] == maxHandshakes {
		return false
	}
	o.handshakes[from]++
	return true
}

// end ends what begin began.
func (o *connections) end(from netip.Addr) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.handshakes[from]--; o.handshakes[from] == 0 {
		delete(o.handshakes, from)
	}
}

// add takes a connection in until it is closed, and ends the oldest of the same certificate where there are too many. The station
// is empty for a certificate of none.
func (o *connections) add(certificate, station string, conn, raw net.Conn) net.Conn {
	c := &connection{Conn: conn, raw: raw}
	c.ended = sync.OnceFunc(func() { o.remove(certificate, station, c) })
	o.mu.Lock()
	all := append(o.byCertificate[certificate], c)
	o.byCertificate[certificate] = all
	o.byStation[station]++
	o.mu.Unlock()
	if len(all) > maxConnections {
		all[0].ended()
		all[0].raw.Close() // without a farewell, for which it might not listen; the server gives it up then
	}
	return c
}

func (o *connections) remove(certificate, station string, c *connection) {
	o.mu.Lock()
	defer o.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(o.byCertificate[certificate]), func(other *connection) bool { return other == c })
	if o.byCertificate[certificate] = left; len(left) == 0 {
		delete(o.byCertificate, certificate)
	}
	if o.byStation[station]--; o.byStation[station] == 0 {
		delete(o.byStation, station)
	}
}

// of counts the connections of a station.
func (o *connections) of(station string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.byStation[station]
}
