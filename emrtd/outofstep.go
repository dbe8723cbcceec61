package emrtd

import (
	"context"
	"errors"
)

// careful makes the channel ask for nothing that a chip could take amiss: files by selection, their headers first, never
// beyond their end, and little at once.
func (b *blocks) careful() {
	b.selects, b.beyondEnd, b.learnt = true, false, leastBlock
}

// isCareful says whether the channel has been made so.
func (b *blocks) isCareful() bool { return b.selects && !b.beyondEnd && b.learnt == leastBlock }

// outOfStep says that the chip has dropped secure messaging over a length or an offset where careful reading might not have
// made it do so. Chips that count a command they refuse, or lose count over it, refuse all that follows.
func (v *visit) outOfStep(err error) bool {
	var refusal *StatusError
	if !errors.As(err, &refusal) || !errors.Is(refusal, ErrSecureMessaging) || v.blocks.isCareful() {
		return false
	}
	switch refusal.Status {
	case 0x6700, 0x6882, 0x6987, 0x6988, 0x6B00:
		return true
	}
	return false
}

// readCarefully opens the chip anew and reads a file, once the last session is lost; the error it was lost by stays where
// that does not succeed.
func (v *visit) readCarefully(ctx context.Context, f file, lost error) error {
	v.blocks.careful()
	open := v.open
	if f.name == FileCardSecurity { // beside the application, not in it
		open = v.accessByPACE
	}
	err := v.leave(ctx)
	if err == nil {
		err = open(ctx)
	}
	if err != nil {
		return errors.Join(lost, err)
	}
	return v.fetch(ctx, f, v.progress(f))
}
