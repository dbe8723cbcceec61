package chip_test

import (
	"context"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
)

func ExampleExaminer_Examine() {
	store, err := chip.OpenStore("testdata/no-such-store")
	if err != nil {
		fmt.Println(err)
		return
	}
	examiner := chip.Examiner{Trust: store}
	checks := examiner.Examine(context.Background(), verify.Evidence{
		Chip: verify.ChipAbsent,
		Day:  time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
	})
	fmt.Println(checks[0].ID, checks[0].Result+":", checks[0].Reason)
	// Output: chip.access not_supported: the document has no chip, or none that answers
}
