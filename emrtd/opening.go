package emrtd

import (
	"context"
	"errors"
	"fmt"
)

// accessBasic is how a chip was opened that was opened by Basic Access Control.
const accessBasic = "BAC"

// maxVariants bounds the variants of PACE that one chip is tried with. Chips in the field offer up to three.
const maxVariants = 16

// openFirst opens a chip for the first time. What it refuses before it has tested the key says nothing of the key: it is
// asked for the same again, then for the next variant of PACE, then by Basic Access Control, which gives the same
// files, only with less protection against who listens. That a variant was refused is noted. Where the key was tested and
// is wrong, nothing else is tried; and nothing is once the chip has opened: else one that proves itself by chip
// authentication mapping could give way to a copy that refuses that.
func (v *visit) openFirst(ctx context.Context) error {
	var refusals error
	for n := range min(len(v.offered), maxVariants) {
		v.pace = &v.offered[n]
		err := v.unlock(ctx)
		if !v.mayTryAgain(err) {
			v.noteGuess(err)
			return joined(err, refusals)
		}
		refusals = errors.Join(refusals, err)
		if !v.pace.guessed {
			v.note(NoteRefused, "%s was refused: %s", v.pace.spelt(), reasonOf(err))
		}
		if err := v.leave(ctx); err != nil {
			return err
		}
	}
	v.pace = nil
	if v.password.reference != referenceMRZ {
		if refusals != nil {
			return refusals
		}
		return fmt.Errorf("%w: a card access number, and the chip offers no PACE that is known here", ErrKey)
	}
	err := v.unlock(ctx)
	if err == nil && refusals != nil {
		v.note(NoteBasicAccess, "it was opened by Basic Access Control")
	}
	return joined(err, refusals)
}

// noteGuess notes that the variant which opened the chip was guessed.
func (v *visit) noteGuess(err error) {
	if err == nil && v.pace.guessed {
		v.note(NoteDomainGuessed, "EF.CardAccess does not tell the domain parameters of PACE; they are those of identifier %d", v.pace.ParameterID)
	}
}

// joined is an error with those before it; nil where it is nil.
func joined(err, before error) error {
	if err == nil || before == nil {
		return err
	}
	return errors.Join(err, before)
}

// unlock opens the chip by one procedure, and asks again where it refuses: twice for PACE, whose first step is two commands, of
// which a chip may refuse either once. Whether a variant was guessed right shows the first time.
func (v *visit) unlock(ctx context.Context) error {
	again := 1
	if v.pace != nil {
		again = 2
		if v.pace.guessed {
			again = 0
		}
	}
	err := v.access(ctx)
	refusal := err
	for range again {
		if !v.mayTryAgain(err) || v.pace != nil && v.pace.refusedToken(err) {
			break
		}
		if left := v.leave(ctx); left != nil {
			return left
		}
		err = v.access(ctx)
	}
	if err == nil && refusal != nil {
		v.note(NoteRefusedOnce, "%s was refused at first, and taken when it was asked for again: %s", v.procedure(), reasonOf(refusal))
	}
	return err
}

// procedure names how the chip is opened, for a note.
func (v *visit) procedure() string {
	if v.pace == nil {
		return "Basic Access Control"
	}
	return v.pace.spelt()
}

// refusedToken says that the chip refused the token of a variant of another version, as one does every time that means it.
func (p paceVariant) refusedToken(err error) bool {
	var refusal *StatusError
	return p.Version != PACEVersion && errors.As(err, &refusal) && refusal.Op == opMutual
}

// mayTryAgain says whether a chip that refused to be opened may be asked once more. A card access number is not risked: it
// is over once the chip may have counted a try, or has few of them left.
func (v *visit) mayTryAgain(err error) bool {
	if v.password.reference != referenceMRZ {
		var refusal *StatusError
		if !errors.As(err, &refusal) {
			return errors.Is(err, ErrRefused)
		}
		if _, counted := refusal.TriesLeft(); counted || refusal.Op == opMutual {
			return false
		}
	}
	return errors.Is(err, ErrRefused) || errors.Is(err, ErrNotEPassport)
}

// reasonOf is what a chip refused, and how.
func reasonOf(err error) string {
	var refusal *StatusError
	if errors.As(err, &refusal) {
		return (&StatusError{Op: refusal.Op, Status: refusal.Status}).Error()
	}
	return err.Error()
}
