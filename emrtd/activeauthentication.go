package emrtd

import (
	"context"
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

// internalAuthenticate gives the chip's signature over a challenge.
func (v *visit) internalAuthenticate(ctx context.Context, challenge []byte) ([]byte, error) {
	cmd := command{op: opActiveAuthentication, ins: insInternalAuthenticate, data: challenge, expectedLength: 256}
	response, status, err := v.exchange(ctx, cmd)
	if err == nil && status != statusOK {
		err = cmd.refused(status, nil)
	}
	if err != nil {
		return nil, err
	}
	return response, nil
}
