package emrtd

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// insInternalAuthenticate is INTERNAL AUTHENTICATE (ISO/IEC 7816-4).
const insInternalAuthenticate = 0x88

const opActiveAuthentication = "active authentication"

// challengeChip has the chip sign a challenge, where it has DG15 (ICAO Doc 9303-11, 6.1). Only a link that breaks is an
// error.
func (v *visit) challengeChip(ctx context.Context) error {
	if _, there := v.reading.Files[FileDG15]; !there {
		return nil
	}
	challenge := make([]byte, nonceSize)
	if _, err := io.ReadFull(v.options.random(), challenge); err != nil {
		return fmt.Errorf("draw random numbers: %w", err)
	}
	return v.timed(opActiveAuthentication, func() error {
		response, refusals, broken := v.internalAuthenticate(ctx, challenge)
		if broken == nil || refusals != nil {
			v.reading.ActiveAuthentication = &ActiveAuthentication{Challenge: challenge, Response: response, Err: refusals}
		}
		return broken
	})
}

// internalAuthenticate gives the chip's signature over a challenge, or why there is none. Where one of its lengths is
// refused, or is answered by what no signature fits into, it is asked for by the next; a chip that has given up its session
// over a refusal is opened anew for that. The second error is that of the link.
func (v *visit) internalAuthenticate(ctx context.Context, challenge []byte) (response []byte, refusals, broken error) {
	key, err := v.reading.dg15.keep(v.reading.Files[FileDG15], pki.ParseDG15)
	if err != nil {
		key = nil // verify says why
	}
	for _, length := range v.signatureLengths(key) {
		answer, refusal, broken := v.sign(ctx, challenge, length, refusals != nil)
		switch {
		case broken != nil:
			return nil, errors.Join(refusals, refusal), broken
		case refusal != nil:
			refusals = errors.Join(refusals, refusal)
		case key == nil || key.Fits(answer):
			v.noteSignatureLength(length, refusals)
			return answer, nil, nil
		default:
			response = answer
		}
	}
	if response != nil {
		return response, nil, nil
	}
	return nil, refusals, nil
}

// noteSignatureLength notes by what length a chip signed that had refused others.
func (v *visit) noteSignatureLength(length expected, refusals error) {
	if refusals != nil {
		v.note(NoteSignatureLength, "the challenge was signed when %d bytes were asked for, and refused before: %s", length.bytes, reasonOf(refusals))
	}
}

// sign sends INTERNAL AUTHENTICATE. Where the session turns out to be lost, the chip is opened anew, and asked again if it
// may have lost it over a refusal before. Broken says that it cannot be spoken to any more.
func (v *visit) sign(
	ctx context.Context, challenge []byte, length expected, again bool,
) (response []byte, refusal, broken error) {
	cmd := command{
		op: opActiveAuthentication, ins: insInternalAuthenticate, data: challenge, expectedLength: length.bytes, long: length.extended,
	}
	for ; ; again = false {
		response, status, err := v.exchange(ctx, cmd)
		switch {
		case err == nil && status == statusOK:
			return response, nil, nil
		case err == nil:
			return nil, cmd.refused(status, nil), nil
		case !errors.Is(err, ErrSecureMessaging):
			return nil, nil, err
		}
		if broken := v.reopen(ctx); broken != nil || !again {
			return nil, err, broken
		}
	}
}

// expected is an expected length, Le.
type expected struct {
	bytes    int
	extended bool // by a command of extended length, for what secure messaging puts around them
}

// signatureLengths are the expected lengths to ask for a signature by, in order: whatever comes, which is what the standard
// has; the signature's own length, which some chips insist on; and the most by a command of extended length. If an answer of
// short length may be too small for it, extended length comes first on a chip that announces it.
func (v *visit) signatureLengths(key *pki.ActiveKey) []expected {
	anything, most := expected{256, false}, expected{extendedLength, true}
	if key == nil {
		return []expected{anything, most}
	}
	size := key.SignatureSize()
	exact := expected{size, size > v.maxData(256)}
	if exact.extended && v.blocks.announced > 0 {
		return []expected{most, exact, anything}
	}
	return []expected{anything, exact, most}
}
