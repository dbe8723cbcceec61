package lds_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen/lds"
)

var day = time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)

func signed(t *testing.T, seed uint64, a lds.Algorithm) (csca, sod []byte) {
	t.Helper()
	csca, signer := signerOf(t, seed, a)
	sod, err := signer.SOD(lds.LDS17, map[int][]byte{1: lds.DG1([]string{"A"}), 2: []byte("portrait")}, issued())
	if err != nil {
		t.Fatal(err)
	}
	return csca, sod
}

func issued() time.Time { return day.AddDate(-2, 0, 0) }

func signerOf(t *testing.T, seed uint64, a lds.Algorithm) (csca []byte, signer lds.Signer) {
	t.Helper()
	issuer, err := lds.NewIssuer(seed, "CSCA Utopia Specimen", day)
	if err != nil {
		t.Fatal(err)
	}
	if signer, err = issuer.Signer(a, "P", issued(), issued().AddDate(10, 0, 0)); err != nil {
		t.Fatal(err)
	}
	return issuer.CSCA(), signer
}

// body is what stands in a data object with a length of three bytes (82 xx xx), as EF.SOD has.
func body(t *testing.T, file []byte) []byte {
	t.Helper()
	if len(file) < 4 || file[0] != 0x77 || file[1] != 0x82 {
		t.Fatalf("not a template 77 with a two-byte length: % X", file[:min(4, len(file))])
	}
	return file[4:]
}

func TestOpenSSLVerifiesWhatIsSignedUpToTheCSCA(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: what is signed is not verified independently")
	}
	for _, a := range []lds.Algorithm{lds.ECDSA, lds.RSA} {
		t.Run(string(a), func(t *testing.T) {
			csca, signer := signerOf(t, 1, a)
			_, sod := signed(t, 1, a)
			cardSecurity, err := signer.CardSecurity([]byte{0x31, 0x00}, issued())
			if err != nil {
				t.Fatal(err)
			}
			stranger, _ := signed(t, 2, lds.ECDSA)
			for name, der := range map[string][]byte{"EF.SOD": body(t, sod), "EF.CardSecurity": cardSecurity} {
				if out, err := verified(t, openssl, der, csca); err != nil {
					t.Fatalf("openssl does not verify %s: %v\n%s", name, err, out)
				}
				if _, err := verified(t, openssl, der, stranger); err == nil {
					t.Errorf("openssl verifies %s against the CSCA of a stranger", name)
				}
			}
		})
	}
}

// verified is what openssl says of CMS SignedData under an anchor.
func verified(t *testing.T, openssl string, der, anchor []byte) ([]byte, error) {
	t.Helper()
	dir := t.TempDir()
	file, ca := filepath.Join(dir, "signed.der"), filepath.Join(dir, "csca.pem")
	write(t, file, der)
	write(t, ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: anchor}))
	return exec.Command(openssl, "cms", "-verify", "-inform", "DER", "-in", file, "-binary", "-purpose", "any",
		"-CAfile", ca, "-attime", "1773446400", "-out", filepath.Join(dir, "content")).CombinedOutput()
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

// Tags and their order are those of Doc 9303-10: 3.11.2 for EF.DIR, 4.6.1 for EF.COM, 4.7.12 for DG12.
func TestTheFilesThatTellWhatTheChipHolds(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"EF.DIR":      {lds.DIR(), "61094F07A0000002471001"},
		"EF.COM, 1.7": {lds.COM(lds.LDS17, 1, 2), "60145F0104303130375F36063034303030305C026175"},
		"EF.COM, 1.8": {lds.COM(lds.LDS18, 1, 2, 11, 12, 14, 15), "60185F0104303130385F36063034303030305C0661756B6C6E6F"},
		"DG12, authority": {lds.DG12(lds.DocumentDetails{Authority: "Home Office", Issued: issued()}),
			"6C1F5C045F195F265F190B486F6D653C4F66666963655F26083230323430333134"},
	} {
		if got := fmt.Sprintf("%X", c.file); got != c.want {
			t.Errorf("%s is %s, want %s", name, got, c.want)
		}
	}
}

// The beginning and the end are those of Doc 9303-10, 4.6.2.3.
func TestTheSecurityObjectTellsItsVersionFromLDS18On(t *testing.T) {
	_, signer := signerOf(t, 1, lds.ECDSA)
	versions := []byte("\x30\x0E\x13\x040108\x13\x06040000")
	for v, want := range map[lds.Version]byte{lds.LDS17: 0, lds.LDS18: 1} {
		sod, err := signer.SOD(v, map[int][]byte{1: []byte("zone")}, issued())
		if err != nil {
			t.Fatal(err)
		}
		start := []byte{0x02, 0x01, want, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}
		if !bytes.Contains(sod, start) || bytes.Contains(sod, versions) != (want == 1) {
			t.Errorf("LDS version %s: EF.SOD is %X", v, sod)
		}
	}
}

func TestPersonalDetailsAreInNationalCharacters(t *testing.T) {
	dg11 := lds.DG11(lds.PersonalDetails{
		Surname: "De Yıldırım", GivenNames: "Tomáš Jiří",
		PersonalNumber: "7", BirthDate: "1988-05-30", PlaceOfBirth: "Port Hythloday",
	})
	list := "\x5C\x08\x5F\x0E\x5F\x10\x5F\x2B\x5F\x11"
	name, birth, place := "De<Yıldırım<<Tomáš<Jiří", "19880530", "Port<Hythloday"
	want := list + "\x5F\x0E" + string(rune(len(name))) + name + "\x5F\x10\x017" +
		"\x5F\x2B\x08" + birth + "\x5F\x11\x0E" + place
	if got := string(dg11); got != "\x6B"+string(rune(len(want)))+want {
		t.Errorf("DG11 is %q", got)
	}
}

// Doc 9303-10, 4.7.11 and 4.7.16: several other names stand in a template with their number, each person to notify in one of their own.
func TestWhatThereAreSeveralOfIsCounted(t *testing.T) {
	dg11 := lds.DG11(lds.PersonalDetails{Surname: "A", GivenNames: "B", OtherNames: []string{"C", "D, E"}})
	if want := "\x6B\x1D\x5C\x04\x5F\x0E\x5F\x0F\x5F\x0E\x04A<<B\xA0\x0E\x02\x01\x02\x5F\x0F\x01C\x5F\x0F\x04D<<E"; string(dg11) != want {
		t.Errorf("DG11 is %q, want %q", dg11, want)
	}
	dg16 := lds.DG16(lds.PersonToNotify{Recorded: issued(), Surname: "A", GivenNames: "B", Telephone: "1", Address: "C 2"}, lds.PersonToNotify{})
	if want := "\x5F\x50\x0820240314\x5F\x51\x04A<<B\x5F\x52\x011\x5F\x53\x03C<2\xA2"; !bytes.Contains(dg16, []byte(want)) {
		t.Errorf("DG16 is %q, which has no %q", dg16, want)
	}
	if dg7 := lds.DG7([]byte("JPEG")); string(dg7) != "\x67\x0A\x02\x01\x01\x5F\x43\x04JPEG" {
		t.Errorf("DG7 is %q", dg7)
	}
}

func TestTheRevocationListTakesBackCompromisedSignersAlone(t *testing.T) {
	issuer, err := lds.NewIssuer(1, "CSCA Utopia Specimen", day)
	if err != nil {
		t.Fatal(err)
	}
	der, err := issuer.CRL(day, issued(), issued().AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	csca, err := x509.ParseCertificate(issuer.CSCA())
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(csca); err != nil {
		t.Error(err)
	}
	revoked := func(s lds.Signer, err error) bool {
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(list.RevokedCertificateEntries, func(e x509.RevocationListEntry) bool {
			return e.SerialNumber.Cmp(s.Certificate.SerialNumber) == 0
		})
	}
	for _, later := range []int{0, 1, 2} {
		on := issued().AddDate(0, 0, later)
		if revoked(issuer.Signer(lds.ECDSA, "P", on, on.AddDate(10, 0, 0))) {
			t.Errorf("the signer of day %d is revoked", later)
		}
		if got := revoked(issuer.Compromised(lds.ECDSA, "P", on, on.AddDate(10, 0, 0))); got != (later < 2) {
			t.Errorf("the compromised signer of day %d is revoked: %t", later, got)
		}
	}
}
