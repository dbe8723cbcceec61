package specimen_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
)

// TestOpenSSLFindsInTheChipWhatEachVariantIsAbout judges the chips with a program that shares nothing with ours: the
// signature by openssl up to the CSCA of the trust store, the hashes by looking for them in what is signed.
func TestOpenSSLFindsInTheChipWhatEachVariantIsAbout(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: the chips' signatures are not verified independently")
	}
	m := maker(t)
	for _, person := range []int{0, 1} { // ECDSA and RSA
		for _, v := range specimen.Variants() {
			s := document(t, m, person, v)
			if s.Chip != verify.ChipRead {
				if s.Files != nil {
					t.Errorf("%s has files in a chip that cannot be read", v)
				}
				continue
			}
			content, verified := signedContent(t, openssl, s)
			want := v != specimen.ForgedSignature && v != specimen.UnknownSigner
			if verified != want {
				t.Errorf("%s, %s: openssl verifies the signature: %t, want %t", s.Person.ID, v, verified, want)
			}
			hash := sha256.Sum256(s.Files["DG2"])
			if verified && bytes.Contains(content, hash[:]) != (v != specimen.WrongHash) {
				t.Errorf("%s, %s: the signed hash of DG2 is not as the variant wants it", s.Person.ID, v)
			}
		}
	}
}

// signedContent is what openssl gives of a chip's EF.SOD, and whether it verifies.
func signedContent(t *testing.T, openssl string, s *specimen.Specimen) ([]byte, bool) {
	t.Helper()
	dir := t.TempDir()
	sod, csca, out := filepath.Join(dir, "sod"), filepath.Join(dir, "csca"), filepath.Join(dir, "out")
	const header = 4            // tag 77 and a length of two bytes
	const in2025 = "1736899200" // on that day every signer is valid
	for name, data := range map[string][]byte{
		sod:  s.Files["EF.SOD"][header:],
		csca: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.CSCA}),
	} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := exec.Command(openssl, "cms", "-verify", "-inform", "DER", "-in", sod, "-binary", "-purpose", "any",
		"-CAfile", csca, "-attime", in2025, "-out", out).Run()
	content, _ := os.ReadFile(out)
	return content, err == nil
}
