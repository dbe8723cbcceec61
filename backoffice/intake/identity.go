package intake

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// stationName is what may stand for an office or a station in a certificate; it is also safe as a folder's name.
var stationName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

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
	theirs, station, err := parseSAN(certificate.URIs)
	if err != nil {
		return caller{}, status.Error(codes.Unauthenticated, err.Error())
	}
	if theirs != office {
		return caller{}, status.Errorf(codes.PermissionDenied, "this back office serves %s, the certificate is of %s", office, theirs)
	}
	return caller{station, certificate}, nil
}

func parseSAN(uris []*url.URL) (office, station string, err error) {
	if len(uris) != 1 || uris[0].Scheme != "foyer" {
		return "", "", fmt.Errorf("client certificate: want one SAN URI foyer://OFFICE/STATION")
	}
	office, station = uris[0].Host, strings.TrimPrefix(uris[0].Path, "/")
	if !stationName.MatchString(office) || !stationName.MatchString(station) {
		return "", "", fmt.Errorf("client certificate: office or station in the SAN URI is not [a-z0-9-]{1,40}")
	}
	return office, station, nil
}
