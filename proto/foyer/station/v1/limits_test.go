package stationv1_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func TestASealedFileIsNoLargerThanItsSizeSays(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	const chunk = 64 << 10
	for _, size := range []int{0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3*chunk + 7, 1 << 20, 16 << 20} {
		var sealed bytes.Buffer
		w, err := age.Encrypt(&sealed, key.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if most := int(stationv1.SealedSize(int64(size))); sealed.Len() > most || most > sealed.Len()+4<<10 {
			t.Errorf("%d bytes have %d sealed, and are said to have %d", size, sealed.Len(), most)
		}
	}
}

func TestTheContractSaysItsLimits(t *testing.T) {
	text, err := os.ReadFile("station.proto")
	if err != nil {
		t.Fatal(err)
	}
	contract := strings.Join(strings.Fields(strings.ReplaceAll(string(text), "//", " ")), " ")
	for _, limit := range []string{
		fmt.Sprintf("%d sealed files", stationv1.MaxFiles),
		fmt.Sprintf("at most %d MiB each and %d MiB together", stationv1.MaxFile>>20, stationv1.MaxCheckIn>>20),
		fmt.Sprintf("a record of at most %d MiB", stationv1.MaxRecord>>20),
		fmt.Sprintf("%d persons, %d documents, %d checks", stationv1.MaxPersons, stationv1.MaxDocuments, stationv1.MaxChecks),
		fmt.Sprintf("texts of at most %d characters", stationv1.MaxText),
		fmt.Sprintf("of the sealed bytes, at most %d MiB", stationv1.MaxFile>>20),
		fmt.Sprintf("other_names = 2; at most %d", stationv1.MaxOtherNames),
		fmt.Sprintf("of DG16; at most %d", stationv1.MaxToNotify),
		fmt.Sprintf("other_persons = 3; at most %d", stationv1.MaxOthers),
	} {
		if !strings.Contains(contract, limit) {
			t.Errorf("station.proto does not say %q", limit)
		}
	}
}
