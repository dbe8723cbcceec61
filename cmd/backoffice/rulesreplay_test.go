package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/demo"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/replay"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/verify"
)

// pastDay is an office that had a day on 2 March: four came at once to collect a card and were received by yilmaz, 10 minutes each. It
// gives the configuration file.
func pastDay(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	config, _, err := demo.Prepare(t.Context(), dir, morning)
	if err != nil {
		t.Fatal(err)
	}
	s, err := backoffice.OpenStore(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	admitCollectors(t, s, 4)
	for n := range 4 {
		at := morning.Add(time.Duration(10*n) * time.Minute)
		for _, c := range []queue.Command{{Do: queue.Next, At: at}, {Do: queue.Finish, At: at.Add(10 * time.Minute), CheckIn: fmt.Sprint("visitor-", n)}} {
			c.By, c.Queues, c.Day = "yilmaz", []string{"yilmaz"}, "2026-03-02"
			if _, err := s.Do(t.Context(), c, queue.Rules{}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Brandt is there as well, for somebody who asks for a residence permit and leaves again.
	admitOne(t, s, 4, "residence-permit", "brandt")
	for _, c := range []queue.Command{{Do: queue.Next, At: morning}, {Do: queue.Miss, At: morning, CheckIn: "visitor-4"}} {
		c.By, c.Queues, c.Day = "brandt", []string{"brandt"}, "2026-03-02"
		if _, err := s.Do(t.Context(), c, queue.Rules{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "backoffice.toml")
}

func admitCollectors(t *testing.T, s *store.Store, visitors int) {
	t.Helper()
	for n := range visitors {
		admitOne(t, s, n, "collect-card", "yilmaz")
	}
}

func admitOne(t *testing.T, s *store.Store, n int, service, to string) {
	t.Helper()
	id := fmt.Sprint("visitor-", n)
	facts := routing.Facts{Service: service, Language: "uk", Verdict: verify.Genuine, Nationality: "UTO", Letter: "E", Persons: 1}
	a := store.Admission{CheckIn: store.CheckIn{ID: id, Station: "station-1", ConfirmedAt: morning, Service: service, Language: "uk", Ticket: fmt.Sprint("A-", n), Day: "2026-03-02"},
		Today: "2026-03-02", At: morning, Request: []byte(id)}
	err := s.Admit(t.Context(), a, func([]store.Queued) store.Placement {
		return store.Placement{Decision: routing.Decision{Caseworker: to, Explanation: &routing.Explanation{Facts: facts}}}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sharedCollection is the example with a second one who hands out cards.
func sharedCollection(t *testing.T) string {
	return officeFile(t, "service = [\"collect-card\"]\nto = [\"yilmaz\"]", "service = [\"collect-card\"]\nto = [\"yilmaz\", \"brandt\"]")
}

func TestRulesReplaySaysWhatWouldHaveChanged(t *testing.T) {
	config := pastDay(t)
	code, stdout, stderr := call(t, "", "rules", "replay", "2026-03-02", "--with", sharedCollection(t), "--config", config, "--ceiling", "25m")
	for _, want := range []string{
		"2026-03-02: 5 visitors waits",
		"service collect-card 10 / 30 / 30 (4) 10 / 30 / 30 (4) 0 / 10 / 10 (4)",
		"longer than 25m0s 1 1 0",
		"yilmaz 100 % of 40 min (4) 100 % of 40 min (4) 50 % of 40 min (2)",
		"sent elsewhere: 2 visitors 2 from yilmaz to brandt, by collection",
		"error of the play, in minutes: +0.0 / +0.0 / +0.0, and +0 left waiting",
	} {
		if !strings.Contains(strings.Join(strings.Fields(stdout), " "), want) {
			t.Errorf("no %q", want)
		}
	}
	if code != 0 || t.Failed() {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

func TestRulesReplayAnswersInJSONWithNothingOfAnybody(t *testing.T) {
	config := pastDay(t)
	code, stdout, stderr := call(t, "", "rules", "replay", "2026-03-02", "--with", sharedCollection(t), "--config", config, "--json")
	var r replay.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != 0 || r.Moved != 2 || r.Was.Wait.Longest != 30 || r.With.Wait.Longest != 20 {
		t.Errorf("exit %d, %v: %s%s", code, err, stdout, stderr)
	}
	for _, personal := range []string{"visitor-", "UTO", "A-1"} {
		if strings.Contains(stdout, personal) {
			t.Errorf("it says %q: %s", personal, stdout)
		}
	}
}

func TestRulesReplayEndsInOneWhereTheRulesAreWorse(t *testing.T) {
	config := pastDay(t)
	onlyOkafor := officeFile(t, "service = [\"collect-card\"]\nto = [\"yilmaz\"]", "service = [\"collect-card\"]\nto = [\"okafor\"]")
	code, stdout, _ := call(t, "", "rules", "replay", "2026-03-02", "--with", onlyOkafor, "--config", config)
	for _, want := range []string{"sent where nobody called from that day: 4 visitors", "in the file, and received nobody that day: okafor, reception"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q", want)
		}
	}
	if code != 1 || t.Failed() {
		t.Errorf("exit %d: %s", code, stdout)
	}
	if code, _, _ := call(t, "", "rules", "replay", "2026-03-02", "--with", sharedCollection(t), "--config", config, "--ceiling", "5m"); code != 1 {
		t.Errorf("somebody waits longer than the ceiling: exit %d", code)
	}
}

func TestRulesReplayRefusesWhatItCannotPlay(t *testing.T) {
	config, good := pastDay(t), officeFile(t, "", "")
	noOffice := filepath.Join(t.TempDir(), "backoffice.toml")
	text, err := os.ReadFile(config)
	if err == nil {
		err = os.WriteFile(noOffice, []byte(strings.Replace(string(text), `"office.toml"`, `"nothing.toml"`, 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	o, err := office.Parse(office.Example)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{1, "nobody came on that day", []string{"2026-03-01", "--with", good, "--config", config}},
		{2, "the day is not over", []string{o.Day(time.Now()), "--with", good, "--config", config}},
		{2, "the day is not over", []string{"2999-01-01", "--with", good, "--config", config}},
		{2, "is no day", []string{"2026-02-30", "--with", good, "--config", config}},
		{2, "is no day", []string{"yesterday", "--with", good, "--config", config}},
		{2, "line 31: ", []string{"2026-03-02", "--with", officeFile(t, `steps = ["document", "signature"]`, `steps = ["iris"]`), "--config", config}},
		{2, "there is no caseworker", []string{"2026-03-02", "--with", officeFile(t, `to = ["okafor"]`, `to = ["nobody"]`), "--config", config}},
		{2, "--ceiling", []string{"2026-03-02", "--with", good, "--config", config, "--ceiling", "-5m"}},
		{2, "--with", []string{"2026-03-02", "--config", config}},
		{3, "office file", []string{"2026-03-02", "--with", good, "--config", noOffice}},
	} {
		if code, stdout, stderr := call(t, "", append([]string{"rules", "replay"}, c.args...)...); code != c.code || !strings.Contains(stderr, c.says) || stdout != "" {
			t.Errorf("%v: exit %d, %q, %q; want %d and %q", c.args, code, stdout, stderr, c.code, c.says)
		}
	}
}
