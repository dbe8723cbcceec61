package console_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
)

// beside is another console of the same office, over a store of its own or the same one.
func (s *site) beside(t *testing.T, over console.Store, settings console.Settings) *site {
	t.Helper()
	c, err := console.New(s.Office, over, s.Vault, settings, atNoon, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	other := &site{BackOffice: s.BackOffice, console: c, station: s.station}
	other.serve(t, nil)
	return other
}

// at is the same browser, which the next request leads to another console.
func (b *browser) at(s *site) *browser { return &browser{t: b.t, site: s, jar: b.jar, http: b.http} }

func TestWhatOneConsoleDoesTheOtherShowsAtOnce(t *testing.T) {
	t.Parallel()
	slow := console.Settings{Beat: time.Hour} // by themselves pages would not look so soon
	one := openAs(t, atNoon, setup{Settings: slow})
	other := one.beside(t, one.Store, slow)
	brandt, yilmaz := one.signedIn(t, "brandt"), other.signedIn(t, "yilmaz")
	page := yilmaz.listen("/events")
	page.next(t, "beat")
	id := one.send(t, checkintest.Genuine(noon))
	if html, _ := page.next(t, "update"); !strings.Contains(html, "A-1") {
		t.Errorf("a visitor came, and the other console shows %s", html)
	}
	brandt.post("/visitor/"+id+"/call", url.Values{})
	if html, _ := page.next(t, "update"); !strings.Contains(html, "Jana Brandt") {
		t.Errorf("one called, and the other console shows %s", html)
	}
	if r := yilmaz.post("/visitor/"+id+"/call", url.Values{}); r.header.Get("Location") != "/?notice=taken" {
		t.Errorf("called again by the other: led to %s", r.header.Get("Location"))
	}
}

// Neither hears of the other: what a page misses then comes with its next beat, and a session ends at its next look.
func TestConsolesThatHearNothingOfEachOtherShowTheSameWithinABeat(t *testing.T) {
	t.Parallel()
	quick := console.Settings{Beat: 200 * time.Millisecond}
	one := openAs(t, atNoon, setup{Settings: quick})
	apart, err := store.Open(t.Context(), filepath.Join(one.Dir, "backoffice.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { apart.Close() })
	other := one.beside(t, apart, quick)
	here := one.signedIn(t, "brandt")
	there := here.at(other)
	if r := there.get("/"); r.status != http.StatusOK {
		t.Fatalf("signed in at one, the other answers %d", r.status)
	}
	page := there.listen("/events")
	page.next(t, "beat")
	one.send(t, checkintest.Genuine(noon))
	for html := ""; !strings.Contains(html, "A-1"); {
		more := false
		if html, more = page.next(t, "update"); !more {
			t.Fatal("the other console does not show who came")
		}
	}
	here.post("/sign-out", url.Values{})
	page.wantEnded(t, "signed_out")
	if r := there.get("/"); r.status != http.StatusSeeOther {
		t.Errorf("signed out at one, the other answers %d", r.status)
	}
}
