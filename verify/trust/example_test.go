package trust_test

import (
	"fmt"
	"log"
	"os"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify/trust"
)

// A store is filled once, with what States publish, and then asked about the signer of every document.
func Example() {
	dir, err := os.MkdirTemp("", "trust")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	utopia, err := specimen.NewMaker(1, day)
	if err != nil {
		log.Fatal(err)
	}
	store, err := trust.OpenStore(dir)
	if err != nil {
		log.Fatal(err)
	}
	files := []trust.ImportFile{{Name: "utopia.der", Data: utopia.CSCA()}, {Name: "utopia.crl", Data: utopia.CRL()}}
	results, err := store.ImportFiles(files, trust.Terms{Now: day})
	if err != nil || results[0].Refused != nil || results[1].Refused != nil {
		log.Fatal(results, err)
	}
	fmt.Println("imported:", results[0].Imported, "certificate,", results[1].Imported, "revocation list")

	signer := signerOfAPassport(utopia)
	path, err := store.CertificationPath(signer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("issued by:", path[0].Subject)
	revocation := store.Revocation(signer, path[0], day)
	fmt.Println("not revoked:", revocation.Status == trust.StatusGood, "- by the list of", revocation.List.Format(time.DateOnly))
	// Output:
	// imported: 1 certificate, 1 revocation list
	// issued by: CN=CSCA Utopia Specimen,O=Utopia,C=UT
	// not revoked: true - by the list of 2026-03-01
}

// signerOfAPassport is whose certificate stands in a passport's EF.SOD.
func signerOfAPassport(utopia *specimen.Maker) *pki.Certificate {
	passport, err := utopia.Make(utopia.People()[0], specimen.Genuine)
	if err != nil {
		log.Fatal(err)
	}
	sod, err := pki.ParseSOD(passport.Files[emrtd.FileSOD])
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sod.SignerCertificate()
	if err != nil {
		log.Fatal(err)
	}
	return signer
}
