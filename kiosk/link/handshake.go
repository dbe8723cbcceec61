package link

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/proto/mutual"
)

// unreachable is the error of a call that found no connection, with the reason in words. To gRPC all of them are
// Unavailable.
type unreachable struct {
	error
	reason mutual.Message
	shown  *x509.Certificate // the back office's, where that was the reason
}

// Unwrap gives gRPC's own error.
func (u *unreachable) Unwrap() error { return u.error }

// GRPCStatus makes it an answer like others.
func (u *unreachable) GRPCStatus() *status.Status { return status.Convert(u.error) }

// handshakes notes what keeps connections from being made: gRPC tells its callers no more than that they are not.
type handshakes struct {
	mu     sync.Mutex
	failed error // of the last handshake; nil once a call was answered
}

func (h *handshakes) note(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failed = err
}

func (h *handshakes) last() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failed
}

// explain is an interceptor that adds the reason to the error of a call that found no connection.
func (h *handshakes) explain(
	ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, call grpc.UnaryInvoker, o ...grpc.CallOption,
) error {
	err := call(ctx, method, req, reply, conn, o...)
	if c := status.Code(err); c != codes.Unavailable && c != codes.DeadlineExceeded {
		h.note(nil)
		return err
	}
	if reason := dialing(status.Convert(err).Message()); !reason.IsZero() {
		return &unreachable{error: err, reason: reason}
	}
	failed := h.last()
	if reason := mutual.Explain(failed, time.Now()); !reason.IsZero() {
		return &unreachable{error: err, reason: reason, shown: mutual.Shown(failed)}
	}
	return err
}

// What keeps a back office from being called, or from taking this station for one.
const (
	saysRefused   mutual.Key = "link.refused"
	saysNoHost    mutual.Key = "link.no_host"
	saysNoRoute   mutual.Key = "link.no_route"
	saysNoNetwork mutual.Key = "link.no_network"
	saysNoNames   mutual.Key = "link.no_names"
	saysNoStation mutual.Key = "link.no_station"
)

// dialing is what the system says where nobody could be called at all.
func dialing(message string) mutual.Message {
	for _, known := range []mutual.Message{
		{Key: saysRefused, English: "connection refused"},
		{Key: saysNoHost, English: "no such host"},
		{Key: saysNoRoute, English: "no route to host"},
		{Key: saysNoNetwork, English: "network is unreachable"},
		{Key: saysNoNames, English: "server misbehaving"},
	} {
		if strings.Contains(message, "Error while dialing") && strings.Contains(message, known.English) {
			return known
		}
	}
	return mutual.Message{}
}

// watched are credentials whose handshakes are noted.
type watched struct {
	credentials.TransportCredentials
	h *handshakes
}

// ClientHandshake notes how it ended. With TLS 1.3 a server refuses a client's certificate only after that: then it is the
// first read that fails.
func (w watched) ClientHandshake(ctx context.Context, authority string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := w.TransportCredentials.ClientHandshake(ctx, authority, raw)
	if err != nil {
		w.h.note(err)
		return conn, info, err
	}
	conn = watchedConn{conn, w.h}
	if tls, ok := info.(credentials.TLSInfo); ok {
		conn = mutual.CloseWhenExpired(conn, tls.State, time.Now())
	}
	return conn, info, nil
}

// Clone implements [credentials.TransportCredentials].
func (w watched) Clone() credentials.TransportCredentials {
	return watched{w.TransportCredentials.Clone(), w.h}
}

// watchedConn notes alerts of the other end.
type watchedConn struct {
	net.Conn
	h *handshakes
}

// Read implements [net.Conn].
func (c watchedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	var remote *net.OpError
	if errors.As(err, &remote) && remote.Op == "remote error" {
		c.h.note(err)
	}
	return n, err
}

// shownBy is the certificate of the back office that answered a call; nil without TLS.
func shownBy(p peer.Peer) *x509.Certificate {
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.PeerCertificates) == 0 {
		return nil
	}
	return info.State.PeerCertificates[0]
}

// reasonOf tells why the back office could not be reached, or does not take this station for one; nothing where that is not known.
func reasonOf(err error) mutual.Message {
	var u *unreachable
	if errors.As(err, &u) {
		return u.reason
	}
	if code(err) == codes.Unauthenticated {
		return mutual.Message{Key: saysNoStation,
			English: "the back office takes this station's certificate for no station's: it needs one SAN URI foyer://OFFICE/STATION"}
	}
	return mutual.Message{}
}
