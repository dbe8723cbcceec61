package wording_test

import (
	"fmt"
	"log"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording"
)

// What a check found is said to each reader in their own language.
func Example() {
	found := []verify.Reason{
		verify.Because("cross.field").With("field", "surname").With("printed", "MARCHETTI").With("chip", "BENALI"),
	}
	for _, language := range []string{"de", "en"} {
		words, err := wording.Load(language)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(words.Sentence(found))
	}
	// Output:
	// Nachname: gedruckt MARCHETTI, Chip BENALI
	// surname: printed MARCHETTI, chip BENALI
}
