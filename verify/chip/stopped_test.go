package chip_test

import (
	"context"
	"testing"
	"time"

	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// TestAnExaminationThatIsStoppedTriesNoMoreSignatures, whoever may have signed with as many slow keys as a message can hold: the
// visitor has left, and the next one is waiting.
func TestAnExaminationThatIsStoppedTriesNoMoreSignatures(t *testing.T) {
	p := slowPassport(t, slowKeys(t)["another generator of P-521"])
	examiner, evidence := chip.Examiner{Trust: trusttest.New(t, p.csca)}, p.evidence(t)
	begin := time.Now()
	examiner.Examine(t.Context(), evidence)
	whole := time.Since(begin)

	ctx, cancel := context.WithTimeout(t.Context(), whole/20)
	defer cancel()
	begin = time.Now()
	checks := examiner.Examine(ctx, evidence)
	took := time.Since(begin)
	t.Logf("%v of %v", took, whole)
	if took > whole/2 {
		t.Errorf("it took %v, %v where nobody stops it", took, whole)
	}
	for _, c := range checks {
		if c.Result != verify.Aborted {
			t.Errorf("%+v", c)
		}
	}
}
