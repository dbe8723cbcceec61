package intake

import (
	"context"
	"crypto/x509"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/proto/mutual"
)

type callerKey struct{}

// callerIn is who calls, put there by the edge.
func callerIn(ctx context.Context) caller { return ctx.Value(callerKey{}).(caller) }

// stationOf is the name of the station that calls.
func stationOf(ctx context.Context) string { return callerIn(ctx).station }

// caller is who calls, as the client certificate says that TLS has verified.
type caller struct {
	station     string
	certificate *x509.Certificate
}

// callerOf lets only stations of this office pass. The certificate must have exactly one SAN URI, foyer://OFFICE/STATION.
func callerOf(ctx context.Context, office string) (caller, error) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return caller{}, status.Error(codes.Unauthenticated, "no peer")
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.VerifiedChains) == 0 {
		return caller{}, status.Error(codes.Unauthenticated, "no client certificate")
	}
	certificate := info.State.PeerCertificates[0]
	theirs, station, err := mutual.StationOf(certificate.URIs)
	if err != nil {
		return caller{}, status.Errorf(codes.Unauthenticated, "client certificate: %v", err)
	}
	if theirs != office {
		return caller{}, status.Errorf(codes.PermissionDenied, "this back office serves %s, the certificate is of %s", office, theirs)
	}
	return caller{station, certificate}, nil
}
