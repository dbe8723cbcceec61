package console_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/store"
)

// strict is what an office decides that calls nobody more than twice.
func (s *site) strict() {
	s.Office.Desk = office.Desk{MostCalls: 2, Outcomes: []office.Outcome{{ID: "granted", Names: map[string]string{"de": "Erteilt"}}}}
}

// in reads a check-in.
func (s *site) in(t *testing.T, id string) store.CheckIn {
	t.Helper()
	c, _, err := s.Store.CheckIn(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// token finds what a page's form to an address was made for.
func token(t *testing.T, body, action string) url.Values {
	t.Helper()
	form := regexp.MustCompile(regexp.QuoteMeta(`action="`+action+`"`) + `[^>]*>\s*<input type="hidden" name="command" value="([^"]+)"`)
	found := form.FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("no form to %s", action)
	}
	return url.Values{"command": {found[1]}}
}

func TestADoubleClickCallsOneVisitor(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	first := s.send(t, checkintest.Appointment(noon))
	second := s.send(t, checkintest.Appointment(noon))
	b := s.signedIn(t, "reception")
	form := token(t, b.get("/").body, "/next")
	for range 2 {
		if r := b.post("/next", form); r.header.Get("Location") != "/visitor/"+first {
			t.Errorf("led to %s", r.header.Get("Location"))
		}
	}
	end := token(t, b.get("/").body, "/visitor/"+first+"/done")
	b.post("/visitor/"+first+"/done", end)
	b.post("/visitor/"+first+"/done", end)
	b.post("/next", form) // an old page
	if c := s.in(t, second); c.State != store.Waiting {
		t.Errorf("the second visitor is %s", c.State)
	}
	b.post("/desk/undo", url.Values{})
	b.post("/desk/undo", url.Values{}) // clicked twice: the call stays
	if c := s.in(t, first); c.State != store.Called {
		t.Errorf("after undoing the end the visitor is %s", c.State)
	}
	form = token(t, b.get("/").body, "/visitor/"+first+"/return")
	b.post("/visitor/"+first+"/return", form)
	if r := b.post("/next", token(t, b.get("/").body, "/next")); r.header.Get("Location") != "/visitor/"+first {
		t.Errorf("a new page calls nobody: %s", r.header.Get("Location"))
	}
}

func TestAVisitorIsOnlyANoShowByOneMoreStep(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	s.strict()
	id := s.send(t, checkintest.Appointment(noon))
	b := s.signedIn(t, "reception")
	b.post("/next", url.Values{})
	b.post("/visitor/"+id+"/recall", url.Values{})
	if body := b.get("/").body; strings.Contains(body, "/recall") || !strings.Contains(body, "2-mal aufgerufen") {
		t.Error("the page does not say that the visitor was called often enough")
	}
	b.post("/visitor/"+id+"/return", url.Values{})
	r := b.post("/next", url.Values{})
	if r.header.Get("Location") != "/visitor/"+id || s.in(t, id).State != store.Waiting {
		t.Fatalf("next, please: led to %s, the visitor is %s", r.header.Get("Location"), s.in(t, id).State)
	}
	b.post("/visitor/"+id+"/no-show", token(t, b.get("/visitor/"+id).body, "/visitor/"+id+"/no-show"))
	if c := s.in(t, id); c.State != store.NoShow {
		t.Fatalf("the visitor is %s", c.State)
	}
	b.post("/visitor/"+id+"/come-back", token(t, b.get("/visitor/"+id).body, "/visitor/"+id+"/come-back"))
	if b.post("/next", url.Values{}); s.in(t, id).State != store.Called {
		t.Error("whoever is there after all is not called")
	}
}

func TestANoteAtTheEndIsSealedAndReadOnTheFileAlone(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	s.strict()
	id := s.send(t, checkintest.Genuine(noon))
	b := s.signedIn(t, "brandt")
	b.post("/visitor/"+id+"/call", url.Values{})
	const note = `Kommt <script>alert("Eriksson")</script> wieder`
	if r := b.post("/visitor/"+id+"/done", url.Values{"outcome": {"invented"}}); r.status != http.StatusBadRequest {
		t.Errorf("an outcome that the office does not know: %d", r.status)
	}
	if r := b.post("/visitor/"+id+"/done", url.Values{"note": {strings.Repeat("x", 1001)}}); r.status != http.StatusBadRequest {
		t.Errorf("a note without end: %d", r.status)
	}
	b.post("/visitor/"+id+"/done", url.Values{"outcome": {"granted"}, "note": {note}})
	if c := s.in(t, id); c.State != store.Done || c.Outcome != "granted" {
		t.Fatalf("%s, %q", c.State, c.Outcome)
	}
	sealed, err := s.Store.ClosingNote(t.Context(), id)
	if err != nil || sealed == nil || strings.Contains(string(sealed), "Eriksson") {
		t.Errorf("kept: %q, %v", sealed, err)
	}
	if body := b.get("/visitor/" + id).body; !strings.Contains(body, "Kommt &lt;script&gt;") || !strings.Contains(body, "Erteilt") {
		t.Error("the file does not tell how the visit ended")
	}
	if body := b.get("/").body; strings.Contains(body, "Kommt") {
		t.Error("the list tells the note")
	}
}

func TestWhoIsParkedIsOnesOwnUntilShared(t *testing.T) {
	t.Parallel()
	now := noon
	s := open(t, func() time.Time { return now })
	id := s.send(t, checkintest.Genuine(noon))
	b := s.signedIn(t, "brandt")
	b.post("/visitor/"+id+"/call", url.Values{})
	for _, minutes := range []string{"0", "x", "9999"} {
		if r := b.post("/visitor/"+id+"/park", url.Values{"minutes": {minutes}}); r.status != http.StatusBadRequest {
			t.Errorf("%s minutes: %d", minutes, r.status)
		}
	}
	b.post("/visitor/"+id+"/park", url.Values{"minutes": {"10"}})
	other := s.signedIn(t, "yilmaz")
	if r := other.post("/visitor/"+id+"/call", url.Values{}); r.header.Get("Location") != "/?notice=parked" {
		t.Errorf("another called: %s", r.header.Get("Location"))
	}
	if body := b.get("/desk").body; !strings.Contains(body, "Erinnerung um 12:10") || strings.Contains(body, "Es ist so weit") {
		t.Error("the desk does not tell when to be reminded")
	}
	now = noon.Add(10 * time.Minute)
	if body := b.get("/desk").body; !strings.Contains(body, "Es ist so weit") {
		t.Error("the desk does not say that it is time")
	}
	b.post("/desk/home", url.Values{})
	other.post("/visitor/"+id+"/call", url.Values{})
	if c := s.in(t, id); c.CalledBy != "yilmaz" {
		t.Errorf("%+v", c.Standing)
	}
	if body := other.get("/desk").body; !strings.Contains(body, "In der Pause: Jana Brandt") {
		t.Error("nobody is told who is away")
	}
}

func TestACallForHelpRingsAtEveryConsole(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	s.signedIn(t, "brandt").post("/desk/alarm", url.Values{})
	b := s.signedIn(t, "okafor")
	if body := b.get("/").body; !strings.Contains(body, `data-asking="alarm-brandt"`) || !strings.Contains(body, "Jana Brandt braucht sofort Hilfe: Zimmer 204") {
		t.Error("the other console does not ring")
	}
	b.post("/desk/alarm/brandt/end", url.Values{})
	if body := b.get("/").body; strings.Contains(body, "alarm-brandt") {
		t.Error("it rings on")
	}
}

func TestAVisitorIsTransferredToAnotherQueueAlone(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	id := s.send(t, checkintest.Genuine(noon))
	b := s.signedIn(t, "brandt")
	b.post("/visitor/"+id+"/call", url.Values{})
	for _, form := range []url.Values{{"to": {"nobody"}}, {"to": {"yilmaz"}, "service": {"nothing"}}, {}} {
		if r := b.post("/visitor/"+id+"/transfer", form); r.status != http.StatusBadRequest {
			t.Errorf("%v: %d", form, r.status)
		}
	}
	b.post("/visitor/"+id+"/transfer", url.Values{"to": {"yilmaz"}, "service": {"collect-card"}})
	if c := s.in(t, id); c.Queue != "yilmaz" || c.Room != "Zimmer 207" || c.Service != "collect-card" {
		t.Errorf("%+v, %s, %s", c.Standing, c.Room, c.Service)
	}
}

func TestOnlyTheLeadClosesAServiceAndThoseWaitingAreToldOf(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	s.onlyLead(t, "brandt")
	s.send(t, checkintest.Appointment(noon))
	form := url.Values{"service": {"appointment"}}
	if r := s.signedIn(t, "yilmaz").post("/desk/close", form); r.status != http.StatusForbidden {
		t.Errorf("by another: %d", r.status)
	}
	b := s.signedIn(t, "brandt")
	if r := b.post("/desk/close", url.Values{"service": {"nothing"}}); r.status != http.StatusBadRequest {
		t.Errorf("a service that is not there: %d", r.status)
	}
	b.post("/desk/close", form)
	if body := b.get("/desk").body; !strings.Contains(body, "1 werden noch bedient") {
		t.Error("nobody is told that visitors wait at a closed service")
	}
	events, err := s.Store.Events(t.Context(), "2026-03-02")
	if err != nil || !slices.ContainsFunc(events, func(e queue.Event) bool {
		return e.Kind == queue.KindClosed && e.By == "brandt" && e.Service == "appointment"
	}) {
		t.Errorf("not kept: %+v, %v", events, err)
	}
}

func TestAVisitorWithoutAStationHasANumberOfTheDesksOwn(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	s.console.WalkIn = func(ctx context.Context, id, desk, service, language string) error {
		_, err := s.Service.WalkIn(ctx, intake.WalkIn{ID: id, Desk: desk, Service: service, Language: language})
		return err
	}
	s.onlyLead(t, "brandt")
	stations := s.send(t, checkintest.Appointment(noon))
	b := s.signedIn(t, "brandt")
	form := token(t, b.get("/desk").body, "/desk/walk-in")
	form.Set("service", "appointment")
	form.Set("language", "uk")
	for range 2 {
		if r := b.post("/desk/walk-in", form); r.header.Get("Location") != "/visitor/"+form.Get("command") {
			t.Fatalf("led to %s: %s", r.header.Get("Location"), r.body)
		}
	}
	c := s.in(t, form.Get("command"))
	if c.Ticket == s.in(t, stations).Ticket || c.Language != "uk" || c.State != store.Waiting || c.Discrepancy != "" || c.Twin {
		t.Errorf("%+v", c)
	}
	if all, err := s.Store.Queue(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("%d wait, %v", len(all), err)
	}
	for name, value := range map[string]string{"service": "nothing", "language": "<b>", "command": "1"} {
		wrong := token(t, b.get("/desk").body, "/desk/walk-in")
		wrong.Set("language", "uk")
		wrong.Set(name, value)
		if r := b.post("/desk/walk-in", wrong); r.status != http.StatusBadRequest {
			t.Errorf("%s %q: %d", name, value, r.status)
		}
	}
	b.post("/desk/close", url.Values{"service": {""}})
	late := token(t, b.get("/desk").body, "/desk/walk-in")
	late.Set("language", "uk")
	if r := b.post("/desk/walk-in", late); r.header.Get("Location") != "/?notice=closed" {
		t.Errorf("a closed office takes somebody new: %s", r.header.Get("Location"))
	}
	if body := b.get("/?notice=closed").body; !strings.Contains(body, "niemand mehr angenommen") {
		t.Error("nobody is told why")
	}
}
