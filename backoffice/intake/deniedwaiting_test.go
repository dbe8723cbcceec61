package intake_test

import (
	"context"
	"io"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
)

// watchDenied notes the deny list until the test ends.
func watchDenied(t *testing.T, b *checkintest.BackOffice) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Service.WatchDenied(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// waitForMarks waits until just these check-ins are marked as of a denied station.
func waitForMarks(t *testing.T, what string, b *checkintest.BackOffice, marked map[string]bool) {
	t.Helper()
	wrong := ""
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		wrong = ""
		for id, want := range marked {
			c, _, err := b.Store.CheckIn(t.Context(), id)
			if err != nil || c.State != store.Waiting || c.Closed {
				t.Fatalf("%s: %s waits no more: %+v, %v", what, id, c, err)
			}
			if !c.DeniedSince.IsZero() != want {
				wrong = id
			}
		}
		if wrong == "" {
			return
		}
	}
	t.Errorf("%s: the mark of %s is not %v", what, wrong, marked[wrong])
}

func TestWhoWaitsIsMarkedAndKeptWhenTheStationIsDenied(t *testing.T) {
	b, deny := denying(t, io.Discard)
	stolen, honest := b.Station(t, "utopia", "stolen"), b.Station(t, "utopia", "station-1")
	through, other := checkintest.Genuine(noon), checkintest.Genuine(noon)
	for station, c := range map[*checkintest.Station]*checkintest.CheckIn{stolen: through, honest: other} {
		if _, _, err := station.Send(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	request, _, err := stolen.UploadAll(t.Context(), checkintest.Genuine(noon))
	if err != nil {
		t.Fatal(err)
	}
	watchDenied(t, b)
	marked := map[string]bool{through.ID: true, other.ID: false}
	deny("stolen")
	waitForMarks(t, "denied by name", b, marked)
	_, err = stolen.Submit(t.Context(), request)
	wantCode(t, "what it uploaded before", err, codes.PermissionDenied)
	deny("")
	waitForMarks(t, "denied no more", b, map[string]bool{through.ID: false, other.ID: false})
	deny("sha256:" + fingerprint(t, b, "stolen"))
	waitForMarks(t, "denied by its certificate", b, marked)
	if queue, err := b.Store.Queue(t.Context()); err != nil || len(queue) != 2 {
		t.Errorf("%d wait, %v", len(queue), err)
	}
	if err := b.Store.SetAside(t.Context(), "brandt", "stolen", noon); err != nil {
		t.Fatal(err)
	}
	left, err := b.Store.LeftOver(t.Context())
	if err != nil || len(left) != 1 || left[0].ID != through.ID {
		t.Errorf("set aside were %v, %v", left, err)
	}
	if err := b.Store.Readmit(t.Context(), "brandt", through.ID, "2026-03-02", noon); err != nil {
		t.Fatal(err)
	}
	waitForMarks(t, "queued again", b, marked)
}
