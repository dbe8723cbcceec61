package link

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// office is a back office that keeps its contract, and fails as it is told. Its fields may be set under mu.
type office struct {
	stationv1.UnimplementedStationServiceServer

	mu       sync.Mutex
	snapshot *stationv1.GetOfficeResponse
	lease    *stationv1.LeaseNumbersResponse
	fail     error           // of every call
	cutAfter int             // bytes of an upload after which it breaks off, once; 0 never
	loseNext bool            // the answer to the next submission is lost
	refuse   map[string]bool // check-ins that are refused
	files    map[string][]byte
	taken    map[string]*stationv1.SubmitRequest
	submits  int // calls that arrived
	offsets  []int64
	requests map[string]int   // lease requests by id
	looks    int              // at the office
	silent   string           // the check-in whose submission is never answered
	knows    func() time.Time // its clock, which it tells and compares days with; nil for an office that does not
}

func newOffice(recipient string) *office {
	return &office{
		snapshot: &stationv1.GetOfficeResponse{OfficeId: "mitte", Name: "Mitte", Recipient: recipient, Revision: 1, Lobby: "Lobby"},
		lease:    &stationv1.LeaseNumbersResponse{Prefix: "A", First: 127, Count: 100, Day: noon.Format(time.DateOnly)},
		refuse:   map[string]bool{}, files: map[string][]byte{}, taken: map[string]*stationv1.SubmitRequest{}, requests: map[string]int{},
	}
}

func (o *office) set(change func(*office)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change(o)
}

func (o *office) GetOffice(context.Context, *stationv1.GetOfficeRequest) (*stationv1.GetOfficeResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.looks++
	snapshot := proto.CloneOf(o.snapshot)
	if o.knows != nil {
		snapshot.Now = timestamppb.New(o.knows())
	}
	return snapshot, o.fail
}

func (o *office) LeaseNumbers(_ context.Context, r *stationv1.LeaseNumbersRequest) (*stationv1.LeaseNumbersResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.requests[r.GetRequestId()]++
	if o.knows != nil && r.GetDay() != o.lease.GetDay() {
		return nil, status.Error(codes.FailedPrecondition, "another day")
	}
	return o.lease, o.fail
}

func (o *office) GetUpload(_ context.Context, r *stationv1.GetUploadRequest) (*stationv1.GetUploadResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	have := o.files[string(r.GetSha256())]
	digest := sha256.Sum256(have)
	return &stationv1.GetUploadResponse{Offset: int64(len(have)), Complete: bytes.Equal(digest[:], r.GetSha256())}, o.fail
}

func (o *office) Upload(stream grpc.ClientStreamingServer[stationv1.UploadRequest, stationv1.UploadResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	header := first.GetHeader()
	o.set(func(o *office) { o.offsets = append(o.offsets, header.GetOffset()) })
	for {
		next, err := stream.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := o.store(header, next.GetChunk()); err != nil {
			return err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	have := o.files[string(header.GetSha256())]
	return stream.SendAndClose(&stationv1.UploadResponse{Offset: int64(len(have)), Complete: int64(len(have)) == header.GetSize()})
}

func (o *office) store(header *stationv1.UploadHeader, chunk []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := string(header.GetSha256())
	if len(chunk) > chunkSize {
		return status.Error(codes.InvalidArgument, "chunk too large")
	}
	o.files[key] = append(o.files[key], chunk...)
	if o.cutAfter > 0 && len(o.files[key]) >= o.cutAfter {
		o.cutAfter = 0
		return status.Error(codes.Unavailable, "cut")
	}
	return o.fail
}

func (o *office) Submit(ctx context.Context, r *stationv1.SubmitRequest) (*stationv1.SubmitResponse, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.silent == r.GetCheckInId() {
		o.mu.Unlock()
		<-ctx.Done()
		o.mu.Lock()
		return nil, ctx.Err()
	}
	o.submits++
	if o.fail != nil {
		return nil, o.fail
	}
	before, again := o.taken[r.GetCheckInId()]
	if o.refuse[r.GetCheckInId()] || again && !proto.Equal(before, r) {
		return nil, status.Error(codes.AlreadyExists, "another under this id")
	}
	for _, digest := range append([][]byte{r.GetRecordSha256()}, r.GetFileSha256()...) {
		if got := sha256.Sum256(o.files[string(digest)]); !bytes.Equal(got[:], digest) {
			return nil, status.Error(codes.FailedPrecondition, "a file is missing")
		}
	}
	o.taken[r.GetCheckInId()] = r
	if o.loseNext {
		o.loseNext = false
		return nil, status.Error(codes.Unavailable, "answer lost")
	}
	return &stationv1.SubmitResponse{Room: "12", Ahead: 3}, nil
}

// serve runs the office behind mutual TLS and gives its address and a station's side of the TLS configuration.
func serve(t *testing.T, o *office) (address string, station *tls.Config) {
	t.Helper()
	authority := newAuthority(t)
	pool := x509.NewCertPool()
	pool.AddCert(authority.certificate)
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{authority.issue(t, false)},
		ClientCAs:    pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13,
	})))
	stationv1.RegisterStationServiceServer(server, o)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-done })
	return listener.Addr().String(), authority.stationTLS(t)
}

// authority is a certificate authority for one test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{certificate, key}
}

func (a authority) issue(t *testing.T, client bool) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	if client {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		template.URIs = []*url.URL{{Scheme: "foyer", Host: "mitte", Path: "/door"}}
	} else {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// stationTLS writes a station's PEM files and reads them as the station does.
func (a authority) stationTLS(t *testing.T) *tls.Config {
	t.Helper()
	dir, pair := t.TempDir(), a.issue(t, true)
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*pem.Block{
		"station.pem":   {Type: "CERTIFICATE", Bytes: pair.Certificate[0]},
		"station.key":   {Type: "PRIVATE KEY", Bytes: key},
		"authority.pem": {Type: "CERTIFICATE", Bytes: a.certificate.Raw},
	}
	for name, block := range files {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, err := TLS(filepath.Join(dir, "station.pem"), filepath.Join(dir, "station.key"), filepath.Join(dir, "authority.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return config
}
