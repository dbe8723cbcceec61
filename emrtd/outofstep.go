package emrtd

import (
	"context"
	"errors"
	"fmt"
)

// errGivenUp says that a chip has dropped secure messaging over a file, and again, or while it was already read carefully.
var errGivenUp = errors.New("the chip drops the session each time this file is read")

// careful makes the channel ask for nothing that a chip could take amiss: files by selection, their headers first, never
// beyond their end, and little at once.
func (b *blocks) careful() {
	b.selects, b.beyondEnd, b.learnt = true, false, leastBlock
}

// outOfStep says that the session is lost over a file: by a status word in clear, whichever, for chips tell it by many; or
// by an answer that is not authentic, as the same words are when they come in data objects without a checksum, or with one
// under other keys. Chips that count a command they refuse, or lose count over it, refuse all that follows.
func (v *visit) outOfStep(err error) bool { return errors.Is(err, ErrSecureMessaging) }

// readCarefully reads a file over which the session was lost in a new one, and asks from then on for nothing that may have
// been the reason. Nobody has authenticated the answer that told it, so that it costs no more than this file: where
// careful reading loses the session too, the file is given up, and the chip opened once more for the others. What the
// session was lost by stays where it does not open again.
func (v *visit) readCarefully(ctx context.Context, f file, lost error) error {
	v.note(NoteSessionLost, "secure messaging was lost over %s, and the chip opened anew: %s", f.name, reasonOf(lost))
	if err := v.reopenFor(ctx, f); err != nil {
		return errors.Join(lost, err)
	}
	if !v.careful {
		v.careful = true
		v.blocks.careful()
		if lost = v.fetch(ctx, f, v.progress(f)); !v.outOfStep(lost) {
			return lost
		}
		if err := v.reopenFor(ctx, f); err != nil {
			return errors.Join(lost, err)
		}
	}
	return givenUp(lost)
}

// givenUp is an error of secure messaging that has cost one file, and not the session that is open now.
func givenUp(lost error) error {
	var refusal *StatusError
	if errors.As(lost, &refusal) {
		return &StatusError{Op: refusal.Op, Status: refusal.Status, Err: errGivenUp}
	}
	return fmt.Errorf("%w: %v", errGivenUp, lost)
}

// reopenFor opens the chip anew and goes to where a file is: in the application, or beside it.
func (v *visit) reopenFor(ctx context.Context, f file) error {
	if f.name != FileCardSecurity {
		return v.reopen(ctx)
	}
	if err := v.leave(ctx); err != nil {
		return err
	}
	return v.unlock(ctx)
}
