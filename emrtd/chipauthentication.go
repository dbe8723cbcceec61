package emrtd

import (
	"context"
	"errors"
	"fmt"
)

// P1-P2 of MANAGE SECURITY ENVIRONMENT for chip authentication: set the template for key agreement, which is all of it,
// or that for internal authentication, which GENERAL AUTHENTICATE goes on from (ICAO Doc 9303-11, 6.2.4).
const (
	setKeyAgreement           = 0x41A6
	setInternalAuthentication = 0x41A4
)

// Data objects of chip authentication (ICAO Doc 9303-11, 6.2.4).
const (
	tagAgreementKey = 0x91 // the terminal's public key in MSE:Set KAT
	tagPrivateKey   = 0x84 // reference of the chip's private key
	tagTerminalKey  = 0x80 // the terminal's public key in GENERAL AUTHENTICATE
)

// Status words of a chip that cannot read a command under the session keys that it has (ICAO Doc 9303-11, 9.8.3).
const (
	statusObjectsMissing   = 0x6987
	statusObjectsIncorrect = 0x6988
)

const opChipAuthentication = "chip authentication"

// errUnclearKey says that a chip which DG14 gives several keys agreed to one of them and answered by another: there is no
// telling which it took.
var errUnclearKey = errors.New("the chip answers by another key than was asked for, and DG14 does not say which one it means")

// authenticateChip does chip authentication where DG14 offers it, and reads the first file under the new session keys
// (ICAO Doc 9303-11, 6.2). A chip that refuses a key is asked for the next: not to know each that its issuer lists makes
// it no copy, and by which it has proved itself is told. A key that it agreed to and does not hold ends it.
func (v *visit) authenticateChip(ctx context.Context, first file) error {
	keys, offered, unusable := v.staticKeys()
	if !offered {
		return v.read(ctx, first)
	}
	if unusable != nil {
		v.reading.ChipAuthentication = &ChipAuthentication{KeyID: NoID, Err: unusable}
		return v.read(ctx, first)
	}
	var refusals error
	for _, key := range keys {
		proved, refusal, err := v.proveBy(ctx, key, first)
		copied := errors.Is(refusal, ErrNotChipsKey)
		switch {
		case proved:
			v.reading.ChipAuthentication = &ChipAuthentication{KeyID: key.KeyID, Refused: refusals}
			return v.goPast(err)
		case copied:
			v.reading.ChipAuthentication = &ChipAuthentication{KeyID: key.KeyID, Refused: refusals, Err: refusal}
		case refusal != nil:
			refusals = errors.Join(refusals, fmt.Errorf("%v: %w", key, refusal))
			v.reading.ChipAuthentication = &ChipAuthentication{KeyID: keys[0].KeyID, Err: refusals}
		}
		if err != nil {
			return err
		}
		if copied {
			break
		}
	}
	return v.readWithout(ctx, first)
}

// readWithout reads a file after chip authentication has come to nothing. The chip may have lost the session over it.
func (v *visit) readWithout(ctx context.Context, f file) error {
	authentic, _, err := v.confirm(ctx, f)
	if authentic || !errors.Is(err, ErrSecureMessaging) {
		return v.goPast(err)
	}
	if err := v.reopen(ctx); err != nil {
		return err
	}
	return v.read(ctx, f)
}

// proveBy has the chip prove that it holds a key, and reads a file under the session keys that come of it. It is asked
// twice: a copy fails twice, while a chip on whose link something went wrong need not. Where the session is lost over it,
// the chip is opened anew. Nobody can authenticate that he lacks a key, so that a chip is accused of it only where it has
// agreed twice and answered twice as one does that has other session keys; else the refusal says what it did.
func (v *visit) proveBy(ctx context.Context, key staticKey, f file) (proved bool, refusal, err error) {
	denials := 0
	for range 2 {
		err := v.timed(opChipAuthentication, func() error { return v.agree(ctx, key) })
		denied := false
		switch {
		case err != nil && !answered(err):
			return false, refusal, err
		case err == nil:
			var authentic bool
			if authentic, denied, err = v.confirm(ctx, f); authentic || !answered(err) {
				return authentic, refusal, err
			}
		}
		if denied {
			denials++
		}
		if refusal = err; denials == 2 {
			refusal = key.denied()
		}
		if !isRefusal(err) { // else the session goes on under the old keys
			if err := v.reopen(ctx); err != nil {
				return false, refusal, err
			}
		}
	}
	return false, refusal, nil
}

// confirm reads a file after chip authentication: whoever can answer under the new session keys, if only to refuse, has the
// private key, and has authenticated itself. Denied says that the answers were those of one that has other session keys: protected by
// those, or the status words for that (ICAO Doc 9303-11, 9.8.3). Other words in clear say nothing of keys.
func (v *visit) confirm(ctx context.Context, f file) (authentic, denied bool, err error) {
	link := &listening{Card: v.card}
	v.card = link
	defer func() { v.card = link.Card }()
	v.sm.authentic = false
	err = v.fetch(ctx, f, v.progress(f))
	authentic = v.sm.authentic || err == nil
	if authentic && v.outOfStep(err) {
		err = v.readCarefully(ctx, f, err)
	}
	denied = !authentic && errors.Is(err, ErrSecureMessaging) &&
		(link.naked == 0 || link.naked == statusObjectsMissing || link.naked == statusObjectsIncorrect)
	return authentic, denied, err
}

// listening notes the first status word that stood alone, 0 where all came with data or secure messaging.
type listening struct {
	Card
	naked uint16
}

// Transmit implements [Card].
func (l *listening) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := l.Card.Transmit(ctx, command)
	if len(answer) == 2 && l.naked == 0 && answer[0] != 0x61 {
		_, l.naked = splitStatus(answer)
	}
	return answer, err
}

// staticKeys are the keys for chip authentication in DG14, and the requests for them.
func (v *visit) staticKeys() (keys []staticKey, offered bool, err error) {
	file, there := v.reading.Files[FileDG14]
	if !there {
		return nil, false, nil
	}
	infos, err := v.reading.dg14.keep(file, ParseDG14)
	if err != nil {
		return nil, true, err
	}
	return infos.staticKeys()
}

// answered says that an error is what the chip has answered, or what somebody has in its name, and not a broken link.
func answered(err error) bool {
	var refusal *StatusError
	return errors.As(err, &refusal) || errors.Is(err, ErrSecureMessaging) || errors.Is(err, errFile)
}

// agree agrees with the chip on new session keys (ICAO Doc 9303-11, 6.2.1).
func (v *visit) agree(ctx context.Context, key staticKey) error {
	private, err := key.group.scalar(v.options.random())
	if err != nil {
		return err
	}
	defer clear(private)
	if err := v.sendKey(ctx, key, key.group.generator().multiply(private).encode()); err != nil {
		return err
	}
	secret := key.public.multiply(private).secret()
	defer clear(secret)
	v.sm.clear()
	v.sm = newSecureMessaging(key.cipher.sessionKeys(secret))
	return nil
}

// sendKey sends the terminal's public key. Triple-DES has a command for it that some chips do not know; they take the two
// that there are for AES (ICAO Doc 9303-11, 6.2.4 and 8.5).
func (v *visit) sendKey(ctx context.Context, key staticKey, public []byte) error {
	if key.cipher != cipher3DES || v.noSetKAT {
		return v.agreeInTwo(ctx, key, public)
	}
	data := append(appendTLV(nil, tagAgreementKey, public...), key.reference()...)
	err := v.manageSecurity(ctx, setKeyAgreement, data)
	var refusal *StatusError
	if !errors.As(err, &refusal) {
		return err
	}
	if second := v.agreeInTwo(ctx, key, public); second != nil {
		return errors.Join(second, err)
	}
	v.noSetKAT = isRefusal(err)
	return nil
}

// agreeInTwo names the protocol first, and sends the public key then.
func (v *visit) agreeInTwo(ctx context.Context, key staticKey, public []byte) error {
	data := append(appendTLV(nil, tagMechanism, key.mechanism()...), key.reference()...)
	if err := v.manageSecurity(ctx, setInternalAuthentication, data); err != nil {
		return err
	}
	cmd := command{
		op: opChipAuthentication, ins: insGeneralAuthenticate, expectedLength: 256,
		data: appendTLV(nil, tagDynamic, appendTLV(nil, tagTerminalKey, public...)...),
	}
	return v.mustSucceed(ctx, cmd)
}

// manageSecurity sets a template of the security environment.
func (v *visit) manageSecurity(ctx context.Context, template uint16, data []byte) error {
	return v.mustSucceed(ctx, command{
		op: opChipAuthentication, ins: insManageSecurityEnvironment, p1: byte(template >> 8), p2: byte(template), data: data,
	})
}

// mustSucceed sends a command whose answer's data tell nothing.
func (v *visit) mustSucceed(ctx context.Context, cmd command) error {
	_, status, err := v.exchange(ctx, cmd)
	if err == nil && status != statusOK {
		return cmd.refused(status, nil)
	}
	return err
}
