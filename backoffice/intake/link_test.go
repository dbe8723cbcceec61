package intake_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/kiosk/link/linktest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func TestIntakeAndAStationsLinkKeepWhatTheyPromiseEachOther(t *testing.T) {
	linktest.Exercise(t, func(t *testing.T) linktest.Office {
		b := checkintest.Start(t, func() time.Time { return noon }, t.Output())
		return linktest.Office{
			Conn: b.Connect(t, "utopia", "station-1"), Now: noon, Taken: func(t testing.TB) []linktest.CheckIn { return taken(t, b) },
		}
	})
}

// taken opens what the back office has, in the order in which it came.
func taken(t testing.TB, b *checkintest.BackOffice) (all []linktest.CheckIn) {
	t.Helper()
	queue, err := b.Store.Queue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range queue {
		c := linktest.CheckIn{ID: in.ID, Ticket: in.Ticket, Day: in.Day, Service: in.Service, Language: in.Language, Record: &stationv1.CheckInRecord{}}
		_, sealed, err := b.Store.CheckIn(t.Context(), in.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := b.Vault.Open(t.Context(), in.ID, sealed)
		if err != nil {
			t.Fatal(err)
		}
		if err := proto.Unmarshal(text, c.Record); err != nil {
			t.Fatal(err)
		}
		for n, f := range c.Record.Files {
			content, err := b.Vault.ReadFile(t.Context(), in.ID, n, f.Size, [32]byte(f.Sha256))
			if err != nil {
				t.Fatal(err)
			}
			c.Files = append(c.Files, content)
		}
		all = append(all, c)
	}
	return all
}
