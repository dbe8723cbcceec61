package trust_test

import (
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// germanList is the master list that Germany published on 2026-05-28.
func germanList(t testing.TB) []byte {
	t.Helper()
	list, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "trust", "DE_ML_2026-05-28.ml"))
	if err != nil {
		t.Skipf("SKIPPED: the German master list is not here: %v", err)
	}
	return list
}

// fill makes a store of so many certificates: those of the German list, and made ones of a country that is not in it.
func fill(t testing.TB, dir string, certificates int) {
	t.Helper()
	store, err := trust.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := []trust.ImportFile{{Name: "DE_ML_2026-05-28.ml", Data: germanList(t)}}
	if _, err := store.ImportFiles(files, german()); err != nil {
		t.Fatal(err)
	}
	var made []byte
	key := pkitest.NewECKey(t, elliptic.P384())
	for i := len(store.List()); i < certificates; i++ {
		csca := pkitest.Issue(t, nil, pkitest.Template{CommonName: fmt.Sprintf("CSCA %d", i), Country: "UT", CA: true, Key: key})
		made = append(made, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: csca.Certificate.Raw})...)
	}
	if _, err := trusttest.Import(store, made, "made.pem", pkitest.Day); err != nil {
		t.Fatal(err)
	}
	if n := len(store.List()); n != certificates {
		t.Fatalf("%d certificates", n)
	}
}

// BenchmarkOpenAStoreOf1500Certificates has 100 ms.
func BenchmarkOpenAStoreOf1500Certificates(b *testing.B) {
	dir := b.TempDir()
	fill(b, dir, 1500)
	for b.Loop() {
		if _, err := trust.OpenStore(dir); err != nil {
			b.Fatal(err)
		}
	}
}

func TestCertificatesOfOneListStandInOneFile(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 600)
	files, err := filepath.Glob(filepath.Join(dir, "*.der"))
	if err != nil || len(files) != 3 { // of the list, its publisher's CSCA, and those that were made
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, whole[:len(whole)/2], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := trust.OpenStore(dir); err == nil {
			t.Error("opened with half a file")
		}
		if err := os.WriteFile(file, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// certificateOf gives the listed certificate of that SHA-256.
func certificateOf(t testing.TB, list []byte, id string) []byte {
	t.Helper()
	parsed, err := pki.ParseMasterList(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, der := range parsed.Listed {
		if fmt.Sprintf("%x", sha256.Sum256(der)) == id {
			return der
		}
	}
	t.Fatalf("no certificate %s", id)
	return nil
}
