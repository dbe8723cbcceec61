package chip_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/wording"
)

// A store is filled once, with what states publish, and then asked about every document.
func ExampleExaminer_Examine() {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	maker, err := specimen.NewMaker(1, day)
	if err != nil {
		log.Fatal(err)
	}
	passport, err := maker.Make(maker.People()[0], specimen.Genuine)
	if err != nil {
		log.Fatal(err)
	}
	store, done := storeWith(passport.CSCA, day)
	defer done()
	english, err := wording.Load("en")
	if err != nil {
		log.Fatal(err)
	}
	checks := chip.Examiner{Trust: store}.Examine(context.Background(), verify.Evidence{Files: passport.Files, Day: day})
	for _, c := range checks {
		if c.ID == "chip.pa.chain" || c.ID == "chip.pa.hashes" || c.ID == "chip.ca" {
			fmt.Println(c.ID, c.Result+":", english.Sentence(c.Reasons))
		}
	}
	// Output:
	// chip.pa.chain passed: issued by CN=CSCA Utopia Specimen,O=Utopia,C=UT; the signer was valid when it signed, on 2017-12-15
	// chip.pa.hashes passed: DG1, DG2, DG11, DG12, DG14: the hash that EF.SOD states
	// chip.ca not_performed: this needs the chip itself, and the files come from elsewhere
}

// storeWith is a store with one CSCA, and what to do when it is no longer needed.
func storeWith(csca []byte, day time.Time) (store *trust.Store, done func()) {
	dir, err := os.MkdirTemp("", "trust")
	if err != nil {
		log.Fatal(err)
	}
	if store, err = trust.OpenStore(dir); err != nil {
		log.Fatal(err)
	}
	results, err := store.ImportFiles([]trust.ImportFile{{Name: "csca.der", Data: csca}}, trust.Terms{Now: day})
	if err != nil || results[0].Refused != nil {
		log.Fatal(err, results[0].Refused)
	}
	return store, func() { os.RemoveAll(dir) }
}
