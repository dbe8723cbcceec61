package ticketview_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/ticketview"
)

func TestAVisitorSeesWhatIsExpectedNowAndTheOfficeFileWhereNobodyKnows(t *testing.T) {
	s := open(t)
	s.send(t, checkintest.Appointment(s.clock.Now()))
	_, token := s.send(t, in("en", checkintest.Appointment(s.clock.Now())))
	known := true
	expected := func(_ context.Context, service string, ahead int) (from, to time.Duration, ok bool, err error) {
		if service != "appointment" || ahead != 1 {
			t.Errorf("asked for %s behind %d", service, ahead)
		}
		return 40 * time.Minute, 55 * time.Minute, known, nil
	}
	v, err := ticketview.New(s.Office, s.Store, ticketview.Settings{Expected: expected}, s.clock.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	page := func() string {
		answer := httptest.NewRecorder()
		v.ServeHTTP(answer, httptest.NewRequest("GET", "/"+token, nil))
		return answer.Body.String()
	}
	expect(t, page(), "40 to 55 minutes")
	known = false
	expect(t, page(), "5 to 10 minutes")
}
