package trust_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// interrupted is a store's folder as an import leaves it that was interrupted before or behind its journal: of what it holds, the second
// certificate is the import's. A power cut cannot be had more exactly.
func interrupted(t *testing.T, decided bool) (dir string) {
	t.Helper()
	dir = t.TempDir()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	bring(t, store, 0, trusttest.CSCA(t, "CSCA", "UT").Certificate.Raw)
	before, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	bring(t, store, 0, trusttest.CSCA(t, "CSCA X", "XX").Certificate.Raw)
	after, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range after {
		if !slices.Contains(before, path) {
			names = append(names, fmt.Sprintf("%q", filepath.Base(path)))
			if err := os.Rename(path, path+".new"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if decided {
		journal := fmt.Sprintf(`{"put":[%s],"drop":["gone.der"]}`, strings.Join(names, ","))
		if err := os.WriteFile(filepath.Join(dir, "changes.json"), []byte(journal), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAnImportThatWasInterruptedIsUndoneOrDone(t *testing.T) {
	for _, c := range []struct {
		decided bool
		want    int
	}{{false, 1}, {true, 2}} {
		dir := interrupted(t, c.decided)
		for range 2 { // whoever opens it first has it done
			store, err := trust.OpenStore(dir)
			if err != nil || len(store.List()) != c.want {
				t.Fatalf("decided %v: %v", c.decided, err)
			}
		}
		store, err := trust.OpenStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		bring(t, store, 0, trusttest.CSCA(t, "CSCA Y", "YY").Certificate.Raw)
		left, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(left) != 2*(c.want+1) {
			t.Errorf("decided %v: left %q, %v", c.decided, left, err)
		}
	}
}

func TestAJournalThatLeavesTheFolderIsNotFollowed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "trust")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(filepath.Dir(dir), "outside")
	for path, text := range map[string]string{outside: "kept", filepath.Join(dir, "changes.json"): `{"drop":["../outside"]}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := trust.OpenStore(dir); err == nil || !strings.Contains(err.Error(), "an import was interrupted") {
		t.Error(err)
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error(err)
	}
}

// TestTwoWhoImportAtOnceLoseNothing has one import an older list into a store that it opened before another imported the newer.
func TestTwoWhoImportAtOnceLoseNothing(t *testing.T) {
	p, _, second := renewal(t)
	signer, dir := listSigner(t, second), t.TempDir()
	var stores [2]*trust.Store
	for i := range stores {
		store, err := trust.OpenStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		bring(t, store, 0, second.Certificate.Raw)
		stores[i] = store
	}
	var work sync.WaitGroup
	for i, list := range [][]byte{masterList(t, signer, -2, p.csca, second), masterList(t, signer, -1, second)} {
		work.Go(func() { bring(t, stores[i], 0, list) })
	}
	work.Wait()
	reopened, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	wantPath(t, dir, reopened, p, "both imported", "no longer counts")
	if len(reopened.List()) != 2 || reopened.Lists()[0].Distrusted == "" && len(reopened.Lists()) != 1 && reopened.Lists()[1].Distrusted == "" {
		t.Errorf("%+v", reopened.Lists())
	}
}

func TestAStoreIsAskedBySeveralAtOnce(t *testing.T) {
	p, first, second := renewal(t)
	dir := t.TempDir()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	bring(t, store, -2, second.Certificate.Raw, masterList(t, listSigner(t, second), -2, first, second))
	reopened, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	signer := p.certificate(t)
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			if _, err := reopened.CertificationPath(signer); err != nil {
				t.Error(err)
			}
			if entries := reopened.List(); len(entries) != 2 {
				t.Errorf("%+v", entries)
			}
			_, _ = reopened.Age(pkitest.Day)
		})
	}
	work.Wait()
}
