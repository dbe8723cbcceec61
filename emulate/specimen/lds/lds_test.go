package lds_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen/lds"
)

var day = time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)

func signed(t *testing.T, seed uint64, a lds.Algorithm) (csca, sod []byte) {
	t.Helper()
	issuer, err := lds.NewIssuer(seed, "CSCA Utopia Specimen", day)
	if err != nil {
		t.Fatal(err)
	}
	issued := day.AddDate(-2, 0, 0)
	signer, err := issuer.Signer(a, "P", issued, issued.AddDate(10, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	sod, err = signer.SOD(map[int][]byte{1: lds.DG1([]string{"A"}), 2: []byte("portrait")}, issued)
	if err != nil {
		t.Fatal(err)
	}
	return issuer.CSCA(), sod
}

// body is what stands in a data object with a length of three bytes (82 xx xx), as EF.SOD has.
func body(t *testing.T, file []byte) []byte {
	t.Helper()
	if len(file) < 4 || file[0] != 0x77 || file[1] != 0x82 {
		t.Fatalf("not a template 77 with a two-byte length: % X", file[:min(4, len(file))])
	}
	return file[4:]
}

func TestOpenSSLVerifiesTheSecurityObjectUpToTheCSCA(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: EF.SOD is not verified independently")
	}
	for _, a := range []lds.Algorithm{lds.ECDSA, lds.RSA} {
		t.Run(string(a), func(t *testing.T) {
			csca, sod := signed(t, 1, a)
			stranger, _ := signed(t, 2, lds.ECDSA)
			dir := t.TempDir()
			der := filepath.Join(dir, "sod.der")
			write(t, der, body(t, sod))
			verify := func(anchor []byte) ([]byte, error) {
				ca := filepath.Join(dir, "csca.pem")
				write(t, ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: anchor}))
				return exec.Command(openssl, "cms", "-verify", "-inform", "DER", "-in", der, "-binary", "-purpose", "any",
					"-CAfile", ca, "-attime", "1773446400", "-out", filepath.Join(dir, "content")).CombinedOutput()
			}
			if out, err := verify(csca); err != nil {
				t.Fatalf("openssl does not verify it: %v\n%s", err, out)
			}
			if _, err := verify(stranger); err == nil {
				t.Error("openssl verifies it against the CSCA of a stranger")
			}
		})
	}
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheSameSeedSignsTheSameBytes(t *testing.T) {
	for _, a := range []lds.Algorithm{lds.ECDSA, lds.RSA} {
		cscaA, sodA := signed(t, 1, a)
		cscaB, sodB := signed(t, 1, a)
		if !bytes.Equal(cscaA, cscaB) || !bytes.Equal(sodA, sodB) {
			t.Errorf("%s: two runs differ", a)
		}
		if cscaC, _ := signed(t, 2, a); bytes.Equal(cscaA, cscaC) {
			t.Errorf("%s: another seed gives the same CSCA", a)
		}
	}
}

func TestTheCSCAIsACertificateOfUtopia(t *testing.T) {
	issuer, err := lds.NewIssuer(1, "CSCA Utopia Specimen", day)
	if err != nil {
		t.Fatal(err)
	}
	csca, err := x509.ParseCertificate(issuer.CSCA())
	if err != nil {
		t.Fatal(err)
	}
	if err := csca.CheckSignatureFrom(csca); err != nil {
		t.Errorf("not self-signed: %v", err)
	}
	if len(csca.Subject.Country) != 1 || csca.Subject.Country[0] != "UT" {
		t.Errorf("country %v, want UT", csca.Subject.Country)
	}
}

func TestDG2HoldsAFaceRecordWhoseLengthsAgree(t *testing.T) {
	for _, size := range []int{10, 200, 20_000, 70_000} {
		file, err := lds.DG2(lds.Portrait{JPEG: make([]byte, size), Width: 480, Height: 640, Sex: "F"})
		if err != nil {
			t.Fatal(err)
		}
		var group asn1.RawValue
		if rest, err := asn1.Unmarshal(file, &group); err != nil || len(rest) != 0 {
			t.Fatalf("%d bytes: outer length is wrong: %v, %d bytes left", size, err, len(rest))
		}
		record := bytes.Index(file, []byte("FAC\x00010\x00"))
		if record < 0 {
			t.Fatal("no ISO/IEC 19794-5 record")
		}
		b := file[record+8:]
		length := int(b[0])<<24 | int(b[1])<<16 | int(b[2])<<8 | int(b[3])
		if length != len(file)-record {
			t.Errorf("record says %d bytes, has %d", length, len(file)-record)
		}
	}
	if _, err := lds.DG2(lds.Portrait{Width: 70_000, Height: 1}); err == nil {
		t.Error("a picture too wide for the record is taken")
	}
}
