package intake_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// withPicture is a check-in of some size.
func withPicture(bytes int) *checkintest.CheckIn {
	c := checkintest.Appointment(noon)
	picture := make([]byte, bytes)
	rand.Read(picture)
	c.Add(checkintest.Portrait(0), picture)
	return c
}

func TestAStationUploadsNoMoreThanItMayADay(t *testing.T) {
	at := noon
	log := &checkintest.Log{}
	b := checkintest.StartIn(t, t.TempDir(), func() time.Time { return at }, log, intake.Options{BytesADay: 1 << 20})
	stolen, honest := b.Station(t, "utopia", "stolen"), b.Station(t, "utopia", "station-1")
	const third = 300 << 10
	if _, _, err := stolen.Send(t.Context(), withPicture(third)); err != nil { // taken in
		t.Fatal(err)
	}
	if _, _, err := stolen.UploadAll(t.Context(), withPicture(third)); err != nil { // unfinished
		t.Fatal(err)
	}
	request, uploads, err := stolen.UploadAll(t.Context(), withPicture(third))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = stolen.UploadAll(t.Context(), withPicture(third))
	wantCode(t, "beyond what it may", err, codes.ResourceExhausted)
	if again, err := stolen.UploadFrom(t.Context(), request.CheckInId, uploads[1], 0, len(uploads[1])); err != nil || !again.Complete {
		t.Errorf("what is there already, once more: %v, %v", again, err)
	}
	if _, err := stolen.Submit(t.Context(), request); err != nil {
		t.Errorf("what was uploaded before is not taken in: %v", err)
	}
	if _, _, err := honest.Send(t.Context(), withPicture(third)); err != nil {
		t.Errorf("another station: %v", err)
	}
	at = at.Add(25 * time.Hour)
	if _, _, err := stolen.UploadAll(t.Context(), withPicture(third)); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

// dial opens a connection as a station does, and makes no call.
func dial(t *testing.T, b *checkintest.BackOffice, station string) *tls.Conn {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(b.Dir, "pki", station+".pem"), filepath.Join(b.Dir, "pki", station+".key"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(b.CA(t))
	conn, err := tls.Dial("tcp", b.Addr, &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := conn.Read(make([]byte, 9)); err != nil { // the server's settings: it has taken the connection
		t.Fatal(err)
	}
	return conn
}

// ends says whether the other end closes a connection.
func ends(conn net.Conn, within time.Duration) bool {
	conn.SetReadDeadline(time.Now().Add(within))
	_, err := io.Copy(io.Discard, conn)
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

func TestOfOneCertificateTheNewestConnectionsStay(t *testing.T) {
	b, station := start(t)
	if _, err := station.GetOffice(t.Context(), &stationv1.GetOfficeRequest{}); err != nil {
		t.Fatal(err)
	}
	b.Station(t, "utopia", "stolen")
	var conns []*tls.Conn
	for range 30 {
		conns = append(conns, dial(t, b, "stolen"))
	}
	for n, conn := range conns[:22] {
		if !ends(conn, 10*time.Second) {
			t.Errorf("connection %d of 30 is still open", n+1)
		}
	}
	for n, conn := range conns[22:] {
		if ends(conn, 50*time.Millisecond) {
			t.Errorf("connection %d of 30 was closed", n+23)
		}
	}
	if _, err := b.Station(t, "utopia", "stolen").GetOffice(t.Context(), &stationv1.GetOfficeRequest{}); err != nil {
		t.Errorf("one more, with a call: %v", err)
	}
	if _, err := station.GetOffice(t.Context(), &stationv1.GetOfficeRequest{}); err != nil {
		t.Errorf("another station on its connection: %v", err)
	}
}

func TestOneAddressCannotKnockWithoutEnd(t *testing.T) {
	b, station := start(t)
	if _, err := station.GetOffice(t.Context(), &stationv1.GetOfficeRequest{}); err != nil {
		t.Fatal(err)
	}
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 9)}}
	const knocks, most = 300, 256
	var conns []net.Conn
	for range knocks {
		conn, err := from.DialContext(t.Context(), "tcp", b.Addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	refused := 0
	for _, conn := range conns {
		if ends(conn, 10*time.Millisecond) {
			refused++
		}
	}
	if refused != knocks-most {
		t.Errorf("%d of %d were refused", refused, knocks)
	}
	for n := range 3 { // from other addresses
		if _, err := b.Station(t, "utopia", fmt.Sprint("station-", n)).GetOffice(t.Context(), &stationv1.GetOfficeRequest{}); err != nil {
			t.Errorf("a station: %v", err)
		}
	}
}

// A station may have hundreds of streams open that wait for their turn. What came of them is in the office's memory.
func TestWhatAStationSendsBeforeItsTurnTakesLittleMemory(t *testing.T) {
	b, _ := start(t)
	ctx, stop := context.WithTimeout(t.Context(), 8*time.Second)
	defer stop()
	var most atomic.Int64
	var all sync.WaitGroup
	begin := func(station *checkintest.Station) grpc.ClientStreamingClient[stationv1.UploadRequest, stationv1.UploadResponse] {
		stream, err := station.Upload(ctx)
		if err != nil {
			return nil
		}
		sum := make([]byte, 32)
		rand.Read(sum)
		stream.Send(&stationv1.UploadRequest{Part: &stationv1.UploadRequest_Header{Header: &stationv1.UploadHeader{
			CheckInId: uuid.Must(uuid.NewV7()).String(), Sha256: sum, Size: 16 << 20,
		}}})
		return stream
	}
	first, waiting := b.Station(t, "utopia", "stolen"), b.Station(t, "utopia", "stolen")
	for range 8 { // each has its turn, and does nothing with it
		if begin(first) == nil {
			t.Fatal("no stream")
		}
	}
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if spool, _ := os.ReadDir(filepath.Join(b.Dir, "spool", "stolen")); len(spool) == 8 {
			break
		}
	}
	chunk := make([]byte, 64<<10)
	for range 10 {
		all.Go(func() {
			stream := begin(waiting)
			for sent := int64(0); stream != nil && sent < 15<<20; sent += int64(len(chunk)) {
				most.Store(max(most.Load(), sent))
				if stream.Send(&stationv1.UploadRequest{Part: &stationv1.UploadRequest_Chunk{Chunk: chunk}}) != nil {
					return
				}
			}
		})
	}
	all.Wait()
	if taken := most.Load(); taken == 0 || taken > 1<<20 {
		t.Errorf("the office took %d bytes of a stream that nobody reads", taken)
	}
}
