package emrtd

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
)

// Instruction bytes (ISO/IEC 7816-4).
const (
	insManageSecurityEnvironment = 0x22
	insExternalAuthenticate      = 0x82
	insGetChallenge              = 0x84
	insGeneralAuthenticate       = 0x86
	insSelect                    = 0xA4
	insReadBinary                = 0xB0
)

// Lengths in Basic Access Control, in bytes (ICAO Doc 9303-11, 4.3.3 and D.3).
const (
	nonceSize    = 8
	materialSize = 16
	tokenSize    = nonceSize + nonceSize + materialSize
)

// basicAccess opens the chip with the key seed (ICAO Doc 9303-11, 4.3) and turns to secure messaging.
// A refusal amounts to what refusal says.
func (c *channel) basicAccess(ctx context.Context, seed []byte, random io.Reader, refusal func(uint16) error) error {
	keys := cipher3DES.sessionKeys(seed)
	defer keys.clear()
	chipNonce, err := c.challenge(ctx)
	if err != nil {
		return err
	}
	own := make([]byte, nonceSize+materialSize) // RND.IFD, K.IFD
	defer clear(own)
	if _, err := io.ReadFull(random, own); err != nil {
		return fmt.Errorf("draw random numbers: %w", err)
	}
	nonce, material := own[:nonceSize], own[nonceSize:]
	token := make([]byte, 0, tokenSize)
	token = append(append(append(token, nonce...), chipNonce...), material...)
	defer clear(token)
	answer, err := c.authenticate(ctx, keys, token, refusal)
	if err != nil {
		return err
	}
	defer clear(answer)
	fresh := subtle.ConstantTimeCompare(answer[:nonceSize], chipNonce) &
		subtle.ConstantTimeCompare(answer[nonceSize:2*nonceSize], nonce)
	if fresh != 1 {
		return fmt.Errorf("mutual authentication: %w: not an answer to this challenge", ErrSecureMessaging)
	}
	secret := make([]byte, materialSize)
	defer clear(secret)
	subtle.XORBytes(secret, material, answer[2*nonceSize:])
	counter := append(chipNonce[4:8:8], nonce[4:]...)
	c.sm = &secureMessaging{keys: cipher3DES.sessionKeys(secret), ssc: counter}
	return nil
}

// challenge asks the chip for its nonce, RND.IC.
func (c *channel) challenge(ctx context.Context) ([]byte, error) {
	cmd := command{op: "get challenge", ins: insGetChallenge, expectedLength: nonceSize}
	nonce, status, err := c.exchange(ctx, cmd)
	if err != nil {
		return nil, err
	}
	if status != statusOK {
		return nil, cmd.refused(status, ErrRefused)
	}
	if len(nonce) != nonceSize {
		return nil, fmt.Errorf("%s: %w: nonce of %d bytes", cmd.op, ErrRefused, len(nonce))
	}
	return nonce, nil
}

// authenticate sends the enciphered token by EXTERNAL AUTHENTICATE and gives the chip's, deciphered: RND.IC, RND.IFD,
// K.IC.
func (c *channel) authenticate(ctx context.Context, keys sessionKeys, token []byte, refusal func(uint16) error) ([]byte, error) {
	cryptogram := keys.encrypt(nil, token)
	cmd := command{
		op: "mutual authentication", ins: insExternalAuthenticate,
		data: append(cryptogram, keys.authenticate(cryptogram)...), expectedLength: tokenSize + macSize,
	}
	answer, status, err := c.exchange(ctx, cmd)
	if err != nil {
		return nil, err
	}
	if status != statusOK {
		return nil, cmd.refused(status, refusal(status))
	}
	if len(answer) != tokenSize+macSize || !verified(keys.authenticate(answer[:tokenSize]), answer[tokenSize:]) {
		return nil, fmt.Errorf("%s: %w: the chip does not know the key", cmd.op, ErrSecureMessaging)
	}
	return keys.decrypt(nil, answer[:tokenSize])
}
