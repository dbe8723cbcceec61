package backoffice_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func TestWhereTheLobbyIsServedIsCheckedAtTheStart(t *testing.T) {
	const view = "[ticket_view]\nlisten = \":8445\"\ncertificate = \"a\"\nkey = \"b\"\nurl = "
	for lines, want := range map[string]string{
		"[display]\nlisten = \":8444\"\ncertificate = \"a\"\nkey = \"b\"":        "",
		"[display]\nlisten = \"127.0.0.1:8444\"":                                 "",
		"[display]\nlisten = \":8444\"\ncertificate = \"a\"":                     "both certificate and key",
		"[display]\ncertificate = \"a\"\nkey = \"b\"":                            "display.listen",
		"[display]\nlistens = \":8444\"":                                         "unknown key",
		view + `"https://wait.example.org"`:                                      "",
		view + `"https://wait.example.org/queue/"`:                               "",
		view + `"http://127.0.0.1:8445"`:                                         "",
		view + `"http://wait.example.org"`:                                       "must be https",
		view + `"ftp://127.0.0.1"`:                                               "must be https",
		view + `"wait.example.org"`:                                              "must be an address",
		view + `"https://wait.example.org/?t="`:                                  "must be an address",
		view + `"https://wait.example.org/#"`:                                    "must be an address",
		view + `"https://user@wait.example.org/"`:                                "must be an address",
		view + `"https://wait.example.org/` + strings.Repeat("x", 200) + `"`:     "too long",
		view + "\"https://wait.example.org\"\ntrusted_proxies = [\"0.0.0.0/0\"]": "ticket_view.trusted_proxies",
		"[ticket_view]\nlisten = \"127.0.0.1:8445\"":                             "both listen and url",
		"[ticket_view]\nurl = \"https://wait.example.org\"":                      "both listen and url",
	} {
		path := filepath.Join(t.TempDir(), "backoffice.toml")
		if err := os.WriteFile(path, []byte(config+lines), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := backoffice.ReadConfig(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", lines, err)
		}
	}
}

func TestDisplaysAndTicketViewsWithoutACertificateStayOnLoopback(t *testing.T) {
	for _, open := range []func(*backoffice.Config){
		func(c *backoffice.Config) { c.Display.Listen = "0.0.0.0:0" },
		func(c *backoffice.Config) {
			c.TicketView.Listen, c.TicketView.URL = "0.0.0.0:0", "https://wait.example.org"
		},
	} {
		w := build(t, t.TempDir(), time.Now())
		open(&w.config)
		if s, err := backoffice.NewAt(t.Context(), w.config, w.clock.clock(), nil); err == nil || !strings.Contains(err.Error(), "loopback") {
			t.Errorf("it opened: %v, %v", s, err)
		}
	}
}

func TestAnOfficeTellsItsStationsWhereVisitorsFindTheirOwnView(t *testing.T) {
	w := build(t, t.TempDir(), time.Now())
	w.config.Display.Listen, w.config.TicketView.Listen, w.config.TicketView.URL = "127.0.0.1:0", "127.0.0.1:0", "https://wait.example.org"
	w.serve(t)
	station := w.station(t)
	office, err := station.GetOffice(t.Context(), &stationv1.GetOfficeRequest{Contract: stationv1.Contract})
	if err != nil || office.TicketUrl != "https://wait.example.org" {
		t.Errorf("stations are told %q, %v", office.GetTicketUrl(), err)
	}
	c := checkintest.Staff(time.Now())
	send(t, station, c)
	for url, want := range map[string]int{
		w.server.TicketViewURL() + "/" + stationv1.TicketToken(c.ID): http.StatusOK,
		w.server.TicketViewURL() + "/" + stationv1.TicketToken("x"):  http.StatusNotFound,
		w.server.DisplayURL() + "/events":                            http.StatusUnauthorized,
		w.server.DisplayURL() + "/pair":                              http.StatusOK,
	} {
		r, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		if r.Body.Close(); r.StatusCode != want {
			t.Errorf("%s: status %d", url, r.StatusCode)
		}
	}
}
