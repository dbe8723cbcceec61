package intake_test

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// denying starts a back office with a deny list, and gives a function that writes it.
func denying(t *testing.T, log io.Writer) (*checkintest.BackOffice, func(lines string)) {
	t.Helper()
	dir := t.TempDir()
	list := filepath.Join(dir, "denied.txt")
	write := func(lines string) {
		t.Helper()
		if err := os.WriteFile(list, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# nobody yet\n\n")
	return checkintest.StartIn(t, dir, func() time.Time { return noon }, log, intake.Options{Denied: list}), write
}

// fingerprint is a station's certificate as openssl shows it: with colons, in capital letters.
func fingerprint(t *testing.T, b *checkintest.BackOffice, station string) string {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(b.Dir, "pki", station+".pem"), filepath.Join(b.Dir, "pki", station+".key"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(fmt.Sprintf("% X", sha256.Sum256(pair.Certificate[0])), " ", ":")
}

func TestADeniedStationIsOutAtOnceOnItsOpenConnection(t *testing.T) {
	b, deny := denying(t, io.Discard)
	stolen, honest := b.Station(t, "utopia", "stolen"), b.Station(t, "utopia", "station-1")
	look := func(s *checkintest.Station) codes.Code {
		_, err := s.GetOffice(t.Context(), &stationv1.GetOfficeRequest{})
		return status.Code(err)
	}
	for _, c := range []struct {
		lines string
		want  codes.Code
	}{
		{"", codes.OK},
		{"# gone since Monday\nstolen # from the entrance\n", codes.PermissionDenied},
		{"", codes.OK},
		{"SHA256:" + fingerprint(t, b, "stolen"), codes.PermissionDenied},
		{"sha256:" + strings.ToLower(strings.ReplaceAll(fingerprint(t, b, "stolen"), ":", "")), codes.PermissionDenied},
		{"sha256:" + fingerprint(t, b, "station-1") + "\r\nstolen\r\n", codes.PermissionDenied},
		{"sha256 Fingerprint=" + fingerprint(t, b, "stolen"), codes.PermissionDenied},
		{"\ufeffstolen\r\n", codes.PermissionDenied},
		{"stole\n", codes.OK},
	} {
		deny(c.lines)
		if got := look(stolen); got != c.want {
			t.Errorf("with %q the stolen station gets %v, want %v", c.lines, got, c.want)
		}
	}
	deny("stolen")
	if got := look(honest); got != codes.OK {
		t.Errorf("another station gets %v", got)
	}
	for name, call := range map[string]func() error{
		"LeaseNumbers": func() error {
			_, err := stolen.LeaseNumbers(t.Context(), &stationv1.LeaseNumbersRequest{RequestId: uuid.NewString(), Count: 1})
			return err
		},
		"GetUpload": func() error {
			_, err := stolen.GetUpload(t.Context(), &stationv1.GetUploadRequest{})
			return err
		},
		"Submit": func() error {
			_, err := stolen.Submit(t.Context(), &stationv1.SubmitRequest{})
			return err
		},
		"Upload": func() error {
			_, err := stolen.UploadAs(t.Context(), nil, nil)
			return err
		},
		"a new connection": func() error {
			_, err := b.Station(t, "utopia", "stolen").GetOffice(t.Context(), &stationv1.GetOfficeRequest{})
			return err
		},
	} {
		wantCode(t, name, call(), codes.PermissionDenied)
	}
}

func TestAnUploadThatRunsEndsWhenItsStationIsDenied(t *testing.T) {
	b, deny := denying(t, io.Discard)
	stolen := b.Station(t, "utopia", "stolen")
	stream, err := stolen.Upload(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.Must(uuid.NewV7()).String()
	begin(t, b, stream, "stolen", id, []byte("half"), 8)
	deny("stolen")
	began := time.Now()
	var end stationv1.UploadResponse
	wantCode(t, "the running upload", stream.RecvMsg(&end), codes.PermissionDenied)
	t.Logf("the stream ended after %v", time.Since(began).Round(time.Millisecond))
}

func TestADenyListThatIsSpoiledHoldsAsItWas(t *testing.T) {
	log := &checkintest.Log{}
	b, deny := denying(t, log)
	stolen, second := b.Station(t, "utopia", "stolen"), b.Station(t, "utopia", "second")
	look := func(s *checkintest.Station) error {
		_, err := s.GetOffice(t.Context(), &stationv1.GetOfficeRequest{})
		return err
	}
	deny("stolen\n")
	wantCode(t, "denied", look(stolen), codes.PermissionDenied)
	for name, lines := range map[string]string{
		"a slip of the pen": "Stolen!\nsecond\n", "half a fingerprint": "sha256:00ff\nsecond\n",
		"too long": "second\n" + strings.Repeat("#", 2<<20), "not text": "second\n\x00\xff",
	} {
		deny(lines)
		wantCode(t, name+": who was denied before", look(stolen), codes.PermissionDenied)
		wantCode(t, name+": who is denied now", look(second), codes.PermissionDenied)
	}
	if err := os.Remove(filepath.Join(b.Dir, "denied.txt")); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "without the list", look(stolen), codes.PermissionDenied)
	if n := strings.Count(log.String(), "list of denied stations cannot be read"); n != 1 {
		t.Errorf("told %d times", n)
	}
	deny("second\n")
	wantCode(t, "mended", look(stolen), codes.OK)
}

func TestAStationSeesNothingOfAnothers(t *testing.T) {
	b, station := start(t)
	c := checkintest.Genuine(noon)
	request, _, err := station.Send(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	stolen := b.Station(t, "utopia", "stolen")
	at, err := stolen.GetUpload(t.Context(), &stationv1.GetUploadRequest{CheckInId: c.ID, Sha256: request.RecordSha256})
	if err != nil || at.Offset != 0 || at.Complete {
		t.Errorf("another's file: %v, %v", at, err)
	}
	_, err = stolen.Submit(t.Context(), request)
	wantCode(t, "another's check-in", err, codes.AlreadyExists)
}
