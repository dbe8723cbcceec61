package chip_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
)

func TestASignerWhoseCertificateIsLeftOutIsFoundInTheDirectory(t *testing.T) {
	for name, byKeyID := range map[string]bool{"by serial number": false, "by key": true} {
		p := newPassport(t)
		p.message.NoCertificate, p.message.ByKeyID = true, byKeyID
		dir := t.TempDir()
		store, err := chip.OpenStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		take(t, store, p.csca.Certificate.Raw, "csca.cer")
		ids := []string{"chip.pa.signature", "chip.pa.chain"}
		checks := examine(store, p.evidence(t))
		for _, id := range ids {
			if checks[id].Result != verify.Undetermined {
				t.Errorf("%s, without: %+v", name, checks[id])
			}
		}
		other := newPassport(t)
		ldif := directory([2]string{"userCertificate;binary", string(other.dsc.Certificate.Raw)},
			[2]string{"userCertificate;binary", string(p.dsc.Certificate.Raw)})
		result, err := store.Import(ldif, "001.ldif", pkitest.Day)
		if err != nil || result.Signers != 2 || result.Imported != 0 || len(result.Rejected) > 0 || len(store.List()) != 1 {
			t.Fatalf("%s: %+v, %v", name, result, err)
		}
		if again, err := store.Import(ldif, "001.ldif", pkitest.Day); err != nil || again.Signers != 0 || again.Known != 2 {
			t.Errorf("%s, again: %+v, %v", name, again, err)
		}
		reopened, err := chip.OpenStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		checks = examine(reopened, p.evidence(t))
		for _, id := range ids {
			if checks[id].Result != verify.Passed {
				t.Errorf("%s, with: %+v", name, checks[id])
			}
		}
	}
}

func TestASignerOfTheDirectoryIsNoAnchor(t *testing.T) {
	p, forger := newPassport(t), newPassport(t)
	p.message.Signer = pkitest.Issue(t, forger.csca, pkitest.Template{CommonName: "DSC", Country: "UT"})
	p.message.NoCertificate = true
	store := newStore(t, p.csca)
	if _, err := store.Import(directory([2]string{"userCertificate", string(p.message.Signer.Certificate.Raw)}), "x.ldif", pkitest.Day); err != nil {
		t.Fatal(err)
	}
	checks := examine(store, p.evidence(t))
	if checks["chip.pa.signature"].Result != verify.Passed || checks["chip.pa.chain"].Result != verify.Undetermined {
		t.Errorf("%+v, %+v", checks["chip.pa.signature"], checks["chip.pa.chain"])
	}
}

func TestSignersThatWereTamperedWithAreNotUsed(t *testing.T) {
	p := newPassport(t)
	p.message.NoCertificate = true
	dir := t.TempDir()
	store, err := chip.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	take(t, store, p.csca.Certificate.Raw, "csca.cer")
	if _, err := store.Import(directory([2]string{"userCertificate", string(p.dsc.Certificate.Raw)}), "x.ldif", pkitest.Day); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.signers"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	if err := os.WriteFile(files[0], newPassport(t).dsc.Certificate.Raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if check := examine(store, p.evidence(t))["chip.pa.chain"]; check.Result != verify.Undetermined {
		t.Errorf("%+v", check)
	}
}
