package demo_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/vault"
)

func TestABackOfficeKilledAtAnyMomentOfErasingErasesTheRestAtTheNextStart(t *testing.T) {
	dir := t.TempDir()
	config, _ := prepare(t, dir)
	address, kill := start(t, dir)
	station := connect(t, dir, address)
	const overdue = 18
	for range overdue {
		if _, _, err := station.Send(t.Context(), checkintest.Genuine(time.Now().Add(-97*time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	kill()
	left := func() int {
		files, err := os.ReadDir(filepath.Join(config.Data, "files"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	for kills := 0; left() > 0; kills++ {
		if kills == 100 {
			t.Fatalf("after %d starts %d of %d check-ins have files", kills, left(), overdue)
		}
		before := left()
		_, kill := start(t, dir)
		// It is killed a little later after each start, once something is erased.
		for deadline := time.Now().Add(time.Minute); left() == before && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(kills) * 3 * time.Millisecond)
		kill()
	}
	_, end := serve(t, config)
	s, err := backoffice.OpenStore(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		n, err := s.CountCheckIns(t.Context())
		if n == 0 && err == nil {
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("%d check-ins are left, %v", n, err)
		}
	}
	end()
	v, err := vault.Open(t.Context(), filepath.Join(config.Data, "files"), config.Keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := v.CheckIns(t.Context())
	if err := errors.Join(err, v.Close()); err != nil || len(keys) != 0 {
		t.Errorf("%d keys are left, %v", len(keys), err)
	}
}
