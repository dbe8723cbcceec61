package specimen_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/chip"
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

// inField is an emulated chip as the reader wants one.
type inField struct{ *chip.Chip }

func (f inField) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if answer := f.Chip.Transmit(ctx, command); answer != nil {
		return answer, nil
	}
	return nil, errors.Join(errors.New("the chip left the field"), ctx.Err())
}

// reading is what the station's reader gets of a specimen's chip with what is printed.
func reading(t *testing.T, s *specimen.Specimen) *emrtd.Reading {
	t.Helper()
	passport, err := s.NewChip()
	if err != nil {
		t.Fatal(err)
	}
	p := s.Person
	key := emrtd.Key{DocumentNumber: p.DocumentNumber, BirthDate: strings.ReplaceAll(p.BirthDate[2:], "-", ""),
		ExpiryDate: p.Expiry.Format("060102")}
	r, err := emrtd.Read(t.Context(), inField{passport}, key, emrtd.Options{})
	if err != nil {
		t.Fatalf("%s: %v", p.ID, err)
	}
	return r
}

func TestTheChipsOfUtopiaDifferAsThoseInTheFieldDo(t *testing.T) {
	m := maker(t)
	for i, want := range []struct{ access, files string }{
		{"PACE-ECDH-GM", "DG1 DG11 DG12 DG14 DG2 EF.COM EF.DIR EF.SOD"},
		{"BAC", "DG1 DG2 EF.COM EF.SOD"},
		{"PACE-ECDH-CAM", "DG1 DG11 DG12 DG14 DG16 DG2 DG7 EF.COM EF.CardSecurity EF.DIR EF.SOD"},
		{"PACE-ECDH-GM", "DG1 DG11 DG12 DG14 DG15 DG2 EF.COM EF.DIR EF.SOD"},
		{"PACE-ECDH-IM", "DG1 DG11 DG12 DG14 DG15 DG2 EF.COM EF.DIR EF.SOD"},
		{"PACE-ECDH-GM", "DG1 DG11 DG12 DG14 DG2 EF.COM EF.DIR EF.SOD"},
		{"PACE-DH-GM", "DG1 DG11 DG12 DG14 DG2 EF.COM EF.DIR EF.SOD"},
		{"BAC", "DG1 DG11 DG12 DG14 DG15 DG16 DG2 DG7 EF.COM EF.DIR EF.SOD"},
	} {
		s := document(t, m, i, specimen.Genuine)
		if got := strings.Join(slices.Sorted(maps.Keys(s.Files)), " "); got != want.files {
			t.Errorf("%s: files %s, want %s", s.Person.ID, got, want.files)
		}
		r := reading(t, s)
		if r.Access != want.access {
			t.Errorf("%s: opened by %q, want %q", s.Person.ID, r.Access, want.access)
		}
		for name, content := range r.Files {
			if signed, ours := s.Files[name]; ours && !bytes.Equal(content, signed) {
				t.Errorf("%s: %s was read otherwise", s.Person.ID, name)
			}
		}
	}
}

func TestACardOpensByTheNumberOnItsFront(t *testing.T) {
	s := document(t, maker(t), 5, specimen.Genuine)
	passport, err := s.NewChip()
	if err != nil {
		t.Fatal(err)
	}
	r, err := emrtd.Read(t.Context(), inField{passport}, emrtd.Key{}, emrtd.Options{CAN: s.ChipOptions.CAN})
	if err != nil || r.Files[emrtd.FileDG1] == nil {
		t.Errorf("opened by %q, %v", r.Access, err)
	}
}

func TestOnlyAChipThatCanBeReadIsMade(t *testing.T) {
	for _, v := range []specimen.Variant{specimen.NoChip, specimen.DeadChip} {
		if _, err := document(t, maker(t), 0, v).NewChip(); err == nil {
			t.Errorf("%s gives a chip", v)
		}
	}
}
