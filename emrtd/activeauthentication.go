package emrtd

import (
	"context"
	"errors"
	"fmt"
	"io"
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
		response, err := v.internalAuthenticate(ctx, challenge)
		if err != nil && !answered(err) {
			return err
		}
		v.reading.ActiveAuthentication = &ActiveAuthentication{Challenge: challenge, Response: response, Err: err}
		return nil
	})
}

// internalAuthenticate gives the chip's signature over a challenge, or why there is none. Where one of its lengths is
// refused, it is asked for by the other.
func (v *visit) internalAuthenticate(ctx context.Context, challenge []byte) ([]byte, error) {
	var refusals error
	for _, length := range v.signatureLengths() {
		cmd := command{op: opActiveAuthentication, ins: insInternalAuthenticate, data: challenge, expectedLength: length}
		response, status, err := v.exchange(ctx, cmd)
		if err == nil && status == statusOK {
			return response, nil
		}
		if err == nil {
			err = cmd.refused(status, nil)
		}
		refusals = errors.Join(refusals, err)
		var refusal *StatusError
		if !errors.As(err, &refusal) {
			break
		}
	}
	return nil, refusals
}

// signatureLengths are the expected lengths to ask for a signature by, in order. It is shorter than DG15, which holds the
// modulus where it is an RSA signature. If an answer of short length may be too small for it, extended length comes
// first on a chip that announces it, and last on another: many have it and do not tell.
func (v *visit) signatureLengths() []int {
	switch {
	case len(v.reading.Files[FileDG15]) <= v.maxData(256):
		return []int{256}
	case v.blocks.announced > 0:
		return []int{extendedLength, 256}
	}
	return []int{256, extendedLength}
}
