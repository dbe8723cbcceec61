package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/browsertest"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/mutual"
)

// yesterday sends visitors, closes their day, and gives their ids.
func (s *site) yesterday(t *testing.T, at time.Time, visitors ...*checkintest.CheckIn) (ids []string) {
	t.Helper()
	for _, c := range visitors {
		ids = append(ids, s.send(t, c))
	}
	tomorrow := s.Office.Day(at.Add(24 * time.Hour))
	if left, err := s.Store.CloseDay(t.Context(), "", tomorrow, at); err != nil || left != len(visitors) {
		t.Fatalf("%d were left, %v", left, err)
	}
	return ids
}

func TestTheLeadSeesInTheBrowserWhoWasLeftAndWhatErasingWaitsFor(t *testing.T) {
	t.Parallel()
	ctx := chrome(t)
	s := open(t, time.Now)
	now := time.Now()
	ids := s.yesterday(t, now, checkintest.Genuine(now), checkintest.Doubtful(now), checkintest.Staff(now))
	if err := s.Vault.Erase(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	if err := s.Store.Forget(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	s.send(t, checkintest.Genuine(now))
	live := chromedp.WaitVisible(`#link[data-state="live"]`)
	browsertest.Do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("brandt"), chromedp.WaitVisible("#dismiss-"+ids[0]))
	if err := s.Store.HoldErasing(t.Context(), store.Erasing{Reason: store.HoldClock, Held: 22, ClockAt: now.Add(120 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	browsertest.Do(t, ctx, "the alarm comes by itself", chromedp.WaitVisible("#confirm-erasing"))
	picture(t, ctx, "lead", true)
	browsertest.Do(t, ctx, "confirm", press("#confirm-erasing"), chromedp.WaitNotPresent("#confirm-erasing"), live)
	if state, err := s.Store.Erasing(t.Context()); err != nil || state.Confirmed.IsZero() {
		t.Errorf("it is not confirmed: %+v, %v", state, err)
	}
	browsertest.Do(t, ctx, "dismiss", press("#dismiss-"+ids[0]), chromedp.WaitNotPresent("#dismiss-"+ids[0]), live)
	browsertest.Do(t, ctx, "queue again", press("#readmit-"+ids[2]), chromedp.WaitNotPresent("#dismiss-"+ids[2]), live)
	queue, err := s.Store.Queue(t.Context())
	if err != nil || len(queue) != 2 || queue[1].ID != ids[2] {
		t.Errorf("%d wait, %v; want the one who was queued again, last", len(queue), err)
	}
}

func TestTheLeadIsToldInBothLanguagesAndNobodyIsNamed(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	ids := s.yesterday(t, noon, checkintest.Genuine(noon), checkintest.Appointment(noon), checkintest.Staff(noon))
	if err := s.Store.EndErasing(t.Context(), noon, 3); err != nil {
		t.Fatal(err)
	}
	b := s.signedIn(t, "brandt")
	for _, reason := range []store.Hold{store.HoldClock, store.HoldMany} {
		if err := s.Store.HoldErasing(t.Context(), store.Erasing{Reason: reason, Held: 22, DayHeld: 5, ClockAt: noon}); err != nil {
			t.Fatal(err)
		}
		for tag, words := range map[string][]string{
			"de": {"Für die Leitung", "22 Anmeldungen", "der Tag von 5 Personen", "konnten: 3", "Daten vorhanden", "keine Daten abgegeben"},
			"en": {"For the lead", "22 check-ins", "the day of 5 people", "erased: 3", "data kept", "no data given"},
		} {
			b.post("/language", url.Values{"language": {tag}, "path": {"/"}})
			r := b.get("/")
			for _, word := range words {
				if r.status != http.StatusOK || !strings.Contains(r.body, word) {
					t.Errorf("in %s the page does not say %q (status %d)", tag, word, r.status)
				}
			}
			for _, secret := range []string{"Eriksson", "L898902C3", "1974"} {
				if strings.Contains(r.body, secret) {
					t.Errorf("the list says %q", secret)
				}
			}
			if r := b.get("/visitor/" + ids[0]); r.status != http.StatusOK || strings.Contains(r.body, "call-") {
				t.Errorf("the page of a visitor of a closed day: %d, or it offers to call", r.status)
			}
		}
	}
}

func TestTheLeadIsToldOfEveryCertificateAndAloudOfThoseThatWantSomebody(t *testing.T) {
	now := time.Now()
	in := func(days int) time.Time { return now.AddDate(0, 0, days).Add(time.Hour) }
	year := now.AddDate(-1, 0, 0)
	s := open(t, atNoon)
	s.onlyLead(t, "brandt")
	s.console.Certificates = func() []mutual.Certificate {
		return []mutual.Certificate{
			{Name: "station gate-1", NotBefore: year, NotAfter: in(200)},
			{Name: "back_office", NotBefore: year, NotAfter: in(20)},
			{Name: "console", NotBefore: year, NotAfter: in(2)},
			{Name: "client_ca", NotBefore: year, NotAfter: in(-1)},
			{Name: "station gate-2", NotBefore: in(3), NotAfter: in(300)},
			{Name: "station gate-3", Fault: mutual.Message{Key: "certificate.unreadable", English: "no such file"}, Unusable: true},
			{Name: "station gate-4", NotBefore: year, NotAfter: in(100), Fault: mutual.Message{Key: "certificate.open_key", English: "its key may be read by others"}},
		}
	}
	date := func(days int, layout string) string { return in(days).Format(layout) }
	lead, other := s.signedIn(t, "brandt"), s.signedIn(t, "reception")
	for tag, words := range map[string][]string{
		"en": {
			"“station gate-1”: 200 days left, until " + date(200, time.DateOnly),
			`<p class="notice">The certificate “back_office” runs out on ` + date(20, time.DateOnly),
			`<p class="notice bad" role="alert">The certificate “console” runs out on ` + date(2, time.DateOnly),
			`<p class="notice bad" role="alert">The certificate “client_ca” ran out on ` + date(-1, time.DateOnly),
			`<p class="notice bad" role="alert">The certificate “station gate-2” is not valid before ` + date(3, time.DateOnly),
			`<p class="notice bad" role="alert">Something is wrong with the certificate “station gate-3”`,
			`<p class="notice">Something is wrong with the certificate “station gate-4”`,
		},
		"de": {"„station gate-1“: noch 200 Tage, bis " + date(200, "02.01.2006"), "„client_ca“ ist am " + date(-1, "02.01.2006") + " abgelaufen"},
	} {
		for _, b := range []*browser{lead, other} {
			b.post("/language", url.Values{"language": {tag}, "path": {"/"}})
		}
		page := lead.get("/").body
		for _, word := range words {
			if !strings.Contains(page, word) {
				t.Errorf("the lead is not told %q", word)
			}
		}
		if strings.Contains(page, `class="notice">“station gate-1”`) || strings.Count(page, "gate-1”") > 1 {
			t.Error("a certificate that is well is told aloud")
		}
		if page := other.get("/").body; strings.Contains(page, "gate-1") || strings.Contains(page, "client_ca") {
			t.Error("who does not lead is told of certificates")
		}
	}
}
