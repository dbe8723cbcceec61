package backoffice_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// told is what an office tells a monitoring system.
type told string

// ask asks an office as Prometheus does.
func (w *world) ask(t *testing.T) told {
	t.Helper()
	response, err := http.Get(w.server.MetricsURL())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
		t.Fatalf("%s, %s, %v:\n%s", response.Status, response.Header.Get("Content-Type"), err, text)
	}
	return told(text)
}

// value is that of a metric with its labels, as it is written; not there is an error.
func (s told) value(t *testing.T, metric string) float64 {
	t.Helper()
	line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(metric) + ` (\S+)$`).FindStringSubmatch(string(s))
	if line == nil {
		t.Errorf("%s is not told", metric)
		return -1
	}
	n, err := strconv.ParseFloat(line[1], 64)
	if err != nil {
		t.Error(err)
	}
	return n
}

func (s told) want(t *testing.T, metrics map[string]float64) {
	t.Helper()
	for metric, want := range metrics {
		if got := s.value(t, metric); got != want {
			t.Errorf("%s %v, want %v", metric, got, want)
		}
	}
}

// watchedOffice serves with metrics.
func watchedOffice(t *testing.T) *world {
	t.Helper()
	w := build(t, t.TempDir(), morning)
	w.config.Metrics.Listen = "127.0.0.1:0"
	w.serve(t)
	return w
}

func TestAnOfficeTellsAMonitoringSystemHowItIs(t *testing.T) {
	w := watchedOffice(t)
	before := w.ask(t)
	before.want(t, map[string]float64{
		"foyer_metrics_complete":                               1,
		"foyer_waiting_check_ins":                              0,
		"foyer_spool_check_ins":                                0,
		"foyer_connections_refused_total":                      0,
		`foyer_submissions_refused_total{reason="no_room"}`:    0,
		`foyer_certificate_well{certificate="back_office"}`:    1,
		`foyer_erasing_held_check_ins{reason="clock"}`:         0,
		"foyer_disk_takes_uploads":                             1,
		"foyer_disk_ballast_held":                              1,
		`foyer_submissions_refused_total{reason="incomplete"}`: 0,
	})
	if strings.Contains(string(before), `station="`) {
		t.Error("a station is told of before any came")
	}
	station := w.station(t)
	ticket, _ := send(t, station, checkintest.Genuine(morning))
	request, uploads, err := station.Prepare(t.Context(), checkintest.Genuine(morning))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := station.Submit(t.Context(), request); status.Code(err) != codes.FailedPrecondition {
		t.Fatalf("a check-in without its files: %v", err)
	}
	sum := sha256.Sum256(uploads[0])
	header := &stationv1.UploadHeader{CheckInId: request.CheckInId, Sha256: sum[:], Size: int64(len(uploads[0]))}
	if _, err := station.UploadAs(t.Context(), header, uploads[0]); err != nil {
		t.Fatal(err)
	}
	s := w.open(t)
	defer s.Close()
	if err := s.HoldErasing(t.Context(), store.Erasing{Reason: store.HoldMany, Held: 22, DayHeld: 5, ClockAt: morning}); err != nil {
		t.Fatal(err)
	}
	now := w.ask(t)
	now.want(t, map[string]float64{
		"foyer_waiting_check_ins":                                      1,
		"foyer_called_check_ins":                                       0,
		"foyer_left_check_ins":                                         0,
		"foyer_spool_check_ins":                                        1,
		"foyer_spool_bytes":                                            float64(len(uploads[0])),
		`foyer_erasing_held_check_ins{reason="many"}`:                  22,
		"foyer_day_held_check_ins":                                     5,
		`foyer_erasing_held_check_ins{reason="clock"}`:                 0,
		"foyer_erasing_failed_check_ins":                               0,
		`foyer_station_connections{station="station-1"}`:               1,
		`foyer_stations{contract="1"}`:                                 0,
		`foyer_stations{contract="2"}`:                                 1,
		`foyer_stations{contract="newer"}`:                             0,
		`foyer_station_last_call_seconds{station="station-1"}`:         float64(morning.Unix()),
		`foyer_submissions_refused_total{reason="incomplete"}`:         1,
		`foyer_certificate_well{certificate="station station-1"}`:      1,
		`foyer_certificate_days_left{certificate="back_office"}`:       364,
		`foyer_certificate_days_left{certificate="station station-1"}`: 364,
	})
	if end := now.value(t, `foyer_certificate_expiry_seconds{certificate="client_ca"}`); end < float64(time.Now().AddDate(9, 0, 0).Unix()) {
		t.Errorf("the authority ends at %v", end)
	}
	if free, reserve := now.value(t, "foyer_disk_free_bytes"), now.value(t, "foyer_disk_reserve_bytes"); free <= reserve || reserve < 1<<20 {
		t.Errorf("%v bytes are free, and uploads leave %v", free, reserve)
	}
	for _, secret := range []string{"Eriksson", "L898902C3", request.CheckInId, ticket, "brandt"} {
		if strings.Contains(string(now), secret) {
			t.Errorf("the metrics say %q", secret)
		}
	}
}

func TestTheManualNamesTheMetricsThatThereAreAndNoOthers(t *testing.T) {
	w := watchedOffice(t)
	send(t, w.station(t), checkintest.Staff(morning))
	manual, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(manual), "\n### Metrics\n")
	section, _, _ = strings.Cut(section, "\nA station's metrics")
	name := regexp.MustCompile(`foyer_[a-z_]+`)
	all := func(text string) []string {
		return slices.Compact(slices.Sorted(slices.Values(name.FindAllString(text, -1))))
	}
	if there, named := all(string(w.ask(t))), all(section); len(there) == 0 || !slices.Equal(there, named) {
		t.Errorf("there are %v\nthe manual names %v", there, named)
	}
}

func TestAStationThatGoesIsSeenToBeGone(t *testing.T) {
	w := watchedOffice(t)
	t.Run("connected", func(t *testing.T) {
		send(t, w.station(t), checkintest.Staff(morning))
		w.ask(t).want(t, map[string]float64{`foyer_station_connections{station="station-1"}`: 1})
	})
	until(t, "the connection is over", func() bool {
		return strings.Contains(string(w.ask(t)), "foyer_station_connections{station=\"station-1\"} 0\n")
	})
}

func TestWhatCannotBeFoundOutHidesNothingElse(t *testing.T) {
	w := watchedOffice(t)
	spool := filepath.Join(w.config.Data, "spool")
	if err := os.RemoveAll(spool); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(spool, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	now := w.ask(t)
	now.want(t, map[string]float64{"foyer_metrics_complete": 0, "foyer_waiting_check_ins": 0, `foyer_certificate_well{certificate="back_office"}`: 1})
	if strings.Contains(string(now), "foyer_disk_free_bytes") {
		t.Error("room is told of that nobody could look for")
	}
}

func TestACertificateThatDoesNotServeIsToldWithoutAnEnd(t *testing.T) {
	w := watchedOffice(t)
	if err := os.WriteFile(w.config.Stations.Certificate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	now := w.ask(t)
	now.want(t, map[string]float64{`foyer_certificate_well{certificate="back_office"}`: 0})
	if strings.Contains(string(now), `foyer_certificate_days_left{certificate="back_office"}`) {
		t.Error("a certificate that is not there has days left")
	}
}

func TestMetricsAreToldOnLoopbackAloneAndOnlyWhereTheyAreWanted(t *testing.T) {
	w := build(t, t.TempDir(), morning)
	w.serve(t)
	if url := w.server.MetricsURL(); url != "" {
		t.Errorf("nobody asked for %s", url)
	}
	w.stop()
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0", "nowhere"} {
		w.config.Metrics.Listen = address
		if s, err := backoffice.New(t.Context(), w.config, nil); err == nil {
			t.Errorf("metrics are told on %s", address)
			s.Close()
		}
	}
	w.config.Metrics.Listen = "127.0.0.1:0"
	w.serve(t)
	for path, want := range map[string]int{"/": 404, "/debug/pprof/": 404, "/metrics/x": 404} {
		response, err := http.Get(strings.TrimSuffix(w.server.MetricsURL(), "/metrics") + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
	response, err := http.Post(w.server.MetricsURL(), "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("written to, it says %s", fmt.Sprint(response.StatusCode))
	}
}
