package console_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

func TestTwoVisitorsWithOneNumberAreShownWithWhatTellsThemApart(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	other := s.Station(t, "utopia", "station-2")
	var ids []string
	for n, station := range []*checkintest.Station{s.station, other} {
		c := checkintest.Staff(noon.Add(time.Duration(n-20) * time.Minute))
		request, _, err := station.Prepare(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		request.Ticket = "A-1" // the second station's has been leased to the first
		if _, err := station.Submit(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
	}
	b := s.signedIn(t, "brandt")
	b.post("/language", url.Values{"language": {"en"}, "path": {"/"}})
	for path, wants := range map[string][]string{
		"/":                  {"this one at station station-1, 11:40", "this one at station station-2, 11:41", "Number of another station", "Call A-1, station-2, 11:41"},
		"/visitor/" + ids[0]: {"this one at station station-1, 11:40"},
		"/visitor/" + ids[1]: {"this one at station station-2, 11:41", "Number of another station"},
	} {
		page := b.get(path)
		for _, want := range wants {
			if !strings.Contains(page.body, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
	}
	if err := s.Store.Call(t.Context(), "brandt", ids[1], noon); err != nil {
		t.Fatal(err)
	}
	if page := b.get("/"); !strings.Contains(page.body, "station-2, 11:41") {
		t.Error("who was called is not told apart")
	}
}
