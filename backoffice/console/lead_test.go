package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
)

// yesterday sends visitors, closes their day, and gives their ids.
func (s *site) yesterday(t *testing.T, at time.Time, visitors ...*checkintest.CheckIn) (ids []string) {
	t.Helper()
	for _, c := range visitors {
		ids = append(ids, s.send(t, c))
	}
	tomorrow := s.Office.Day(at.Add(24 * time.Hour))
	if left, err := s.Store.CloseDay(t.Context(), tomorrow, at); err != nil || left != len(visitors) {
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
	do(t, ctx, "sign in", chromedp.Navigate(s.url), signInAs("brandt"), chromedp.WaitVisible("#dismiss-"+ids[0]))
	if err := s.Store.HoldSweep(t.Context(), store.HoldClock, 22, now.Add(120*time.Hour)); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, "the alarm comes by itself", chromedp.WaitVisible("#confirm-erasing"))
	picture(t, ctx, "lead", true)
	do(t, ctx, "confirm", press("#confirm-erasing"), chromedp.WaitNotPresent("#confirm-erasing"), live)
	if state, err := s.Store.Sweep(t.Context()); err != nil || state.Confirmed.IsZero() {
		t.Errorf("it is not confirmed: %+v, %v", state, err)
	}
	do(t, ctx, "dismiss", press("#dismiss-"+ids[0]), chromedp.WaitNotPresent("#dismiss-"+ids[0]), live)
	do(t, ctx, "queue again", press("#readmit-"+ids[2]), chromedp.WaitNotPresent("#dismiss-"+ids[2]), live)
	queue, err := s.Store.Queue(t.Context())
	if err != nil || len(queue) != 2 || queue[1].ID != ids[2] {
		t.Errorf("%d wait, %v; want the one who was queued again, last", len(queue), err)
	}
}

func TestTheLeadIsToldInBothLanguagesAndNobodyIsNamed(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	ids := s.yesterday(t, noon, checkintest.Genuine(noon), checkintest.Appointment(noon), checkintest.Staff(noon))
	if err := s.Store.EndSweep(t.Context(), noon, 3); err != nil {
		t.Fatal(err)
	}
	b := s.signedIn(t, "brandt")
	for _, reason := range []store.Hold{store.HoldClock, store.HoldMany} {
		if err := s.Store.HoldSweep(t.Context(), reason, 22, noon); err != nil {
			t.Fatal(err)
		}
		for tag, words := range map[string][]string{
			"de": {"Für die Leitung", "22 Anmeldungen", "konnten: 3", "Daten vorhanden", "keine Daten abgegeben"},
			"en": {"For the lead", "22 check-ins", "erased: 3", "data kept", "no data given"},
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
