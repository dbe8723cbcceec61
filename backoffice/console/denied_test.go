package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

func TestWhoCameThroughADeniedStationIsShownAsThatAndTheLeadDecides(t *testing.T) {
	s := open(t, atNoon)
	id := s.send(t, checkintest.Genuine(noon))
	b := s.signedIn(t, "brandt")
	b.post("/language", url.Values{"language": {"en"}, "path": {"/"}})
	const genuine = `<span class="badge genuine">`
	if page := b.get("/"); !strings.Contains(page.body, genuine) || strings.Contains(page.body, "denied") {
		t.Error("before, the visitor is not shown as genuine")
	}
	if err := s.Store.SetDenied(t.Context(), []string{"station-1"}, noon); err != nil {
		t.Fatal(err)
	}
	for path, wants := range map[string][]string{
		"/":              {"Station denied since 2026-03-02, 12:00", "says a denied station: Genuine", "call-" + id, "Still waiting from it: 1"},
		"/visitor/" + id: {"Station denied since 2026-03-02, 12:00", "says a denied station: Genuine"},
	} {
		page := b.get(path)
		for _, want := range wants {
			if page.status != http.StatusOK || !strings.Contains(page.body, want) {
				t.Errorf("%s does not say %q (status %d)", path, want, page.status)
			}
		}
		if strings.Contains(page.body, genuine) {
			t.Errorf("%s says that the document is genuine", path)
		}
	}
	doubtful := s.send(t, checkintest.Doubtful(noon))
	if page := b.get("/visitor/" + doubtful); !strings.Contains(page.body, `<span class="badge doubtful">says a denied station: Doubtful`) {
		t.Error("a doubtful document looks better for its station's being denied")
	}
	b.post("/denied/station-1/set-aside", nil)
	if page := b.get("/"); strings.Contains(page.body, "call-"+id) || !strings.Contains(page.body, "readmit-"+id) {
		t.Error("who was set aside still waits, or cannot be queued again")
	}
	fake := s.send(t, checkintest.Genuine(noon))
	b.post("/denied/station-1/set-aside", nil)
	b.post("/left/"+id+"/readmit", nil)
	b.post("/denied/station-1/dismiss", nil)
	if page := b.get("/"); strings.Contains(page.body, fake) {
		t.Error("who is not here is still listed")
	}
	if page := b.get("/"); !strings.Contains(page.body, "call-"+id) || !strings.Contains(page.body, "Station denied") {
		t.Error("who is really here does not wait again, marked")
	}
}
