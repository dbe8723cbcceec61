package intake_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/appointments"
	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

// kept is the book of every day, or why it cannot be read.
type kept struct {
	book appointments.Book
	err  error
}

// Book implements intake.Booked.
func (k kept) Book(context.Context, string) (appointments.Book, error) { return k.book, k.err }

func TestAVisitorWithAnAppointmentIsKnownByNameAndBirthDate(t *testing.T) {
	anna := appointments.Appointment{Number: "T-4711", Start: noon, Name: "Anna Maria Eriksson", BirthDate: "1974-08-12"}
	twin := anna
	twin.BirthDate = "1974-08-13"
	for name, c := range map[string]struct {
		kept kept
		want bool
	}{
		"hers":             {kept{book: appointments.Book{twin, anna}}, true},
		"another's":        {kept{book: appointments.Book{twin}}, false},
		"none":             {kept{}, false},
		"cannot be opened": {kept{err: errors.New("torn")}, false},
	} {
		var log bytes.Buffer
		office := checkintest.StartIn(t, t.TempDir(), func() time.Time { return noon }, &log, intake.Options{Booked: c.kept})
		station := office.Station(t, "utopia", "station-1")
		visitor := checkintest.Genuine(noon)
		if _, _, err := station.Send(t.Context(), visitor); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found, _, err := office.Store.CheckIn(t.Context(), visitor.ID)
		if err != nil || found.Decision.Explanation == nil || found.Decision.Explanation.Facts.Appointment != c.want {
			t.Errorf("%s: the rules saw %+v, %v", name, found.Decision.Explanation, err)
		}
		for _, text := range []string{"Eriksson", "4711", "1974"} {
			if strings.Contains(log.String(), text) {
				t.Errorf("%s: the log holds %q", name, text)
			}
		}
	}
}
