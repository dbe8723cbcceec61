package external_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// socket is where every daemon of this process listens: libpcsclite reads its address once.
var socket string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "foyer-external-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer os.RemoveAll(dir)
	socket = filepath.Join(dir, "pcscd.comm")
	os.Setenv("PCSCLITE_CSOCK_NAME", socket)
	devicestest.RunPreloaded(m)
}

// run runs a subject's test.
func run(t *testing.T, s hwtest.Subject) hwtest.Report {
	t.Helper()
	return hwtest.Report{At: time.Now(), Level: hwtest.External, Source: hwtest.FromDevices, Checks: hwtest.Run(t.Context(), []hwtest.Subject{s}, time.Minute, nil)}
}

// results are what became of the checks, by their names: "sharpness passed".
func results(r hwtest.Report) (all []string) {
	for _, c := range r.Checks {
		_, name, _ := strings.Cut(c.ID, ".")
		if name != "present" && name != "state" {
			all = append(all, name+" "+string(c.Result))
		}
	}
	return all
}

func find(t *testing.T, r hwtest.Report, name string) hwtest.Check {
	t.Helper()
	i := slices.IndexFunc(r.Checks, func(c hwtest.Check) bool { return strings.HasSuffix(c.ID, "."+name) })
	if i < 0 {
		t.Fatalf("no check %s in %v", name, results(r))
	}
	return r.Checks[i]
}

// wantAll wants these results, those not named passed.
func wantAll(t *testing.T, r hwtest.Report, but map[string]hwtest.Result) {
	t.Helper()
	for _, c := range r.Checks {
		_, name, _ := strings.Cut(c.ID, ".")
		want := hwtest.Passed
		if other, is := but[name]; is {
			want = other
		}
		if c.Result != want {
			t.Errorf("%s: %s, %v, %+v, want %s", c.ID, c.Result, c.Reason, c.Measure, want)
		}
		if (c.Result == hwtest.Failed || c.Result == hwtest.NotPerformed) && (c.Reason.IsZero() || c.Remedy.IsZero() && c.Result == hwtest.Failed) {
			t.Errorf("%s says %v, and to do %v", c.ID, c.Reason, c.Remedy)
		}
		knows(t, c)
	}
}

// knows wants words for all that a check says, in each language.
func knows(t *testing.T, c hwtest.Check) {
	t.Helper()
	for _, language := range wording.Languages() {
		words, err := wording.Load(language)
		if err != nil {
			t.Fatal(err)
		}
		if (!c.Reason.IsZero() && !words.Knows(c.Reason)) || (!c.Remedy.IsZero() && !words.Knows(c.Remedy)) {
			t.Errorf("no words in %s for %v or %v", language, c.Reason, c.Remedy)
		}
	}
}

// during runs a subject until at is closed, and interrupts it then.
func interrupted(t *testing.T, s hwtest.Subject, at <-chan struct{}) []hwtest.Check {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		select {
		case <-at:
		case <-ctx.Done():
		}
		cancel()
	}()
	return hwtest.Run(ctx, []hwtest.Subject{s}, time.Minute, nil)
}
