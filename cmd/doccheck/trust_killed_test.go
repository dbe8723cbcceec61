package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// TestAnImportThatIsKilledLeavesTheOldStoreOrTheNew kills doccheck, as a power cut does, at many moments of an import that puts lists in
// the place of others.
func TestAnImportThatIsKilledLeavesTheOldStoreOrTheNew(t *testing.T) {
	program, err := exec.LookPath("doccheck") // this test's own, as testscript has it
	if err != nil {
		t.Fatal(err)
	}
	ut := csca(t, "CSCA Utopia", "UT")
	signer := lister(t, ut)
	many := func(country string) (all []*pkitest.Party) {
		for i := range 40 {
			all = append(all, csca(t, fmt.Sprintf("CSCA %d", i), country))
		}
		return all
	}
	v := newVault(t)
	v.take(map[string][]byte{"ut.cer": ut.Certificate.Raw})
	v.take(map[string][]byte{"old.ml": listOf(t, signer, pkitest.Day.AddDate(0, -1, 0), many("OO")...)})
	old := newVault(t).files
	if err := os.CopyFS(old, os.DirFS(v.store)); err != nil {
		t.Fatal(err)
	}
	files := v.save(map[string][]byte{
		"new.ml": listOf(t, signer, pkitest.Day, many("NN")...), "ut.crl": pkitest.RevocationList{Issuer: ut}.Encode(t),
	})
	states := map[string]int{}
	for i := range 20 { // a dozen files come and go
		store := filepath.Join(t.TempDir(), "trust")
		if err := os.CopyFS(store, os.DirFS(old)); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, append([]string{"trust", "import", "--store", store}, files...)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killed := killWhen(cmd, store, i)
		again := vault{t, store, v.files}
		countries, _ := again.counting()
		state := fmt.Sprint(slices.Compact(slices.Sorted(slices.Values(countries))), len(countries))
		states[state]++
		if state != "[OO UT] 41" && state != "[NN UT] 41" {
			t.Errorf("killed at %s: %s", killed, state)
		}
		if _, status := again.take(nil, files...); status != 0 {
			t.Errorf("killed at %s: the import afterwards ends with %d", killed, status)
		}
		if countries, _ := again.counting(); len(countries) != 41 || slices.Contains(countries, "OO") {
			t.Errorf("killed at %s: in the end %v", killed, countries)
		}
	}
	t.Log(states)
	if len(states) < 2 {
		t.Errorf("killed in one state alone: %v", slices.Collect(maps.Keys(states)))
	}
}

// killWhen kills a command when the folder that it writes has changed that often, or when it ends, and says when that was.
func killWhen(cmd *exec.Cmd, folder string, changes int) string {
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	last, seen := "", -1
	for {
		select {
		case <-ended:
			return "its end"
		default:
		}
		if now := namesIn(folder); now != last {
			last = now
			seen++
		}
		if seen >= changes {
			_ = cmd.Process.Kill()
			<-ended
			return fmt.Sprintf("change %d", changes)
		}
		time.Sleep(20 * time.Microsecond) // how often the folder is looked at
	}
}

func namesIn(folder string) string {
	entries, _ := os.ReadDir(folder)
	return fmt.Sprint(entries)
}
