package emrtd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/bits"
)

// Data objects of PACE (ICAO Doc 9303-11, 4.4.4.1, 4.4.5 and 9.4). In answers to GENERAL AUTHENTICATE the tag is one
// more than in the command.
const (
	tagMechanism    = 0x80
	tagPassword     = 0x83
	tagReference    = 0x84 // of the domain parameters
	tagDynamic      = 0x7C
	tagNonce        = 0x80
	tagMapping      = 0x81
	tagEphemeralKey = 0x83
	tagToken        = 0x85
	tagChipData     = 0x8A
	tagPublicKey    = 0x7F49
	tagObjectID     = 0x06
)

// setAuthentication is P1-P2 of MANAGE SECURITY ENVIRONMENT: set the authentication template for mutual authentication.
const setAuthentication = 0xC1A4

// maxNonce bounds the encrypted nonce, in bytes; the standard has 16 or 32.
const maxNonce = 64

// The steps of PACE, for errors.
const (
	opSelect  = "select PACE"
	opNonce   = "PACE nonce"
	opMapping = "PACE mapping"
	opAgree   = "PACE key agreement"
	opMutual  = "PACE mutual authentication"
)

// paceSession is one run of PACE.
type paceSession struct {
	*channel
	paceVariant
	password password
	random   io.Reader
}

// open opens the chip (ICAO Doc 9303-11, 4.4) and turns to secure messaging.
func (s *paceSession) open(ctx context.Context) error {
	nonce, err := s.nonce(ctx)
	if err != nil {
		return err
	}
	defer clear(nonce)
	base, chipKey, err := s.mapNonce(ctx, nonce)
	if err != nil {
		return err
	}
	agreed, err := s.agree(ctx, opAgree, tagEphemeralKey, base)
	if err != nil {
		return err
	}
	secret := agreed.shared.secret()
	defer clear(secret)
	keys := s.cipher().sessionKeys(secret)
	data, err := s.authenticateMutually(ctx, keys, agreed)
	if err != nil {
		keys.clear()
		return err
	}
	s.sm = newSecureMessaging(keys)
	if s.mapping() == mappingChipAuthentication {
		s.keepMapping(chipKey, keys, data)
	}
	return nil
}

// nonce selects PACE and gives the chip's nonce, deciphered. The reference of the domain parameters is due only where
// there are several sets; but some chips refuse to go on without it, so that a refusal is asked back once.
func (s *paceSession) nonce(ctx context.Context) ([]byte, error) {
	encrypted, err := s.encryptedNonce(ctx, s.ambiguous && s.ParameterID != NoID)
	if !s.ambiguous && s.ParameterID != NoID && complains(err) {
		refusal := err
		if encrypted, err = s.encryptedNonce(ctx, true); err == nil {
			s.reading.note(NoteReference, "PACE was taken with the reference of its only domain parameters, and not without: %s", reasonOf(refusal))
		}
	}
	if err != nil {
		return nil, err
	}
	key := s.cipher().derive(s.password.encoded, counterPassword)
	defer clear(key)
	block := s.cipher().block(key)
	if len(encrypted) == 0 || len(encrypted) > maxNonce {
		return nil, fmt.Errorf("%s: %d bytes", opNonce, len(encrypted))
	}
	nonce, err := decryptCBC(block, make([]byte, block.BlockSize()), encrypted)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", opNonce, err)
	}
	return nonce, nil
}

// complains says whether the chip refused a command for its form or its data.
func complains(err error) bool {
	var refusal *StatusError
	return errors.As(err, &refusal) && (refusal.Status>>8 == 0x67 || refusal.Status>>8 == 0x6A)
}

// encryptedNonce selects PACE, with or without the reference of the domain parameters, and asks for the nonce.
func (s *paceSession) encryptedNonce(ctx context.Context, withReference bool) ([]byte, error) {
	data := appendTLV(nil, tagMechanism, s.oid()...)
	data = appendTLV(data, tagPassword, s.password.reference)
	if withReference {
		data = appendTLV(data, tagReference, unsigned(s.ParameterID)...)
	}
	cmd := command{
		op: opSelect, ins: insManageSecurityEnvironment, p1: setAuthentication >> 8, p2: setAuthentication & 0xFF, data: data,
	}
	_, status, err := s.exchange(ctx, cmd)
	if err != nil {
		return nil, err
	}
	if !s.password.worthTrying(status) {
		return nil, cmd.refused(status, ErrRefused)
	}
	body, err := s.generalAuthenticate(ctx, opNonce, 0, nil)
	if err != nil {
		return nil, err
	}
	return object(opNonce, body, tagNonce)
}

// unsigned gives a number that is not negative in the least number of bytes, at least one.
func unsigned(n int) []byte {
	return big.NewInt(int64(n)).FillBytes(make([]byte, max(1, (bits.Len(uint(n))+7)/8)))
}

// mapNonce gives the generator that the nonce is mapped to, and what the chip sent for the mapping, where it is a key.
func (s *paceSession) mapNonce(ctx context.Context, nonce []byte) (base, chipKey element, err error) {
	if s.mapping() == mappingIntegrated {
		own := make([]byte, s.cipher().keySize())
		if _, err := io.ReadFull(s.random, own); err != nil {
			return nil, nil, fmt.Errorf("draw random numbers: %w", err)
		}
		if _, err := s.generalAuthenticate(ctx, opMapping, tagMapping, own); err != nil {
			return nil, nil, err
		}
		base, err = integratedMapping(s.group, s.cipher(), nonce, own)
		return base, nil, err
	}
	agreed, err := s.agree(ctx, opMapping, tagMapping, s.group.generator())
	if err != nil {
		return nil, nil, err
	}
	base, err = genericMapping(s.group, nonce, agreed.shared)
	return base, agreed.chip, err
}

// agreement is what a Diffie-Hellman key agreement came to.
type agreement struct {
	own    []byte // the public key that was sent
	theirs []byte // the public key that came, as it came
	chip   element
	shared element
}

// agree exchanges ephemeral public keys on the base.
func (s *paceSession) agree(ctx context.Context, op string, tag byte, base element) (a agreement, err error) {
	private, err := s.group.scalar(s.random)
	if err != nil {
		return a, err
	}
	defer clear(private)
	own := base.multiply(private)
	a.own = own.encode()
	body, err := s.generalAuthenticate(ctx, op, tag, a.own)
	if err != nil {
		return a, err
	}
	if a.theirs, err = object(op, body, uint32(tag)+1); err != nil {
		return a, err
	}
	a.chip, err = s.group.decode(a.theirs)
	if err != nil && s.guessed {
		return a, fmt.Errorf("%s: %w: the chip's key is of another group than was guessed", op, ErrRefused)
	}
	if err != nil {
		return a, fmt.Errorf("%s: %w", op, err)
	}
	if a.chip.equal(own) {
		return a, fmt.Errorf("%s: %w: the terminal's own", op, errPublicKey)
	}
	a.shared = a.chip.multiply(private)
	return a, nil
}

// authenticateMutually exchanges the authentication tokens (ICAO Doc 9303-11, 4.4.3.4) and gives the encrypted chip
// authentication data, nil where there are none.
func (s *paceSession) authenticateMutually(ctx context.Context, keys sessionKeys, a agreement) ([]byte, error) {
	own := keys.authenticate(s.publicKey(a.theirs))
	body, err := s.generalAuthenticate(ctx, opMutual, tagToken, own)
	if err != nil {
		return nil, err
	}
	token, err := object(opMutual, body, tagToken+1)
	if err != nil {
		return nil, err
	}
	if !verified(keys.authenticate(s.publicKey(a.own)), token) {
		return nil, fmt.Errorf("%s: %w: the chip does not know the password", opMutual, ErrSecureMessaging)
	}
	data, _ := findTLV(body, tagChipData) // where they are due and missing, verifying them fails
	return data, nil
}

// publicKey gives the data object that an authentication token is made over (ICAO Doc 9303-11, 9.4).
func (s *paceSession) publicKey(value []byte) []byte {
	inner := appendTLV(nil, tagObjectID, s.oid()...)
	inner = appendTLV(inner, s.group.publicTag(), value...)
	return append([]byte{tagPublicKey >> 8}, appendTLV(nil, tagPublicKey&0xFF, inner...)...)
}

// generalAuthenticate does one step, with one data object or none, and gives the contents of the answer. Only the last
// step ends the chain.
func (s *paceSession) generalAuthenticate(ctx context.Context, op string, tag byte, value []byte) ([]byte, error) {
	var inner []byte
	if value != nil {
		inner = appendTLV(nil, tag, value...)
	}
	cmd := command{
		op: op, chained: op != opMutual, ins: insGeneralAuthenticate, data: appendTLV(nil, tagDynamic, inner...),
		expectedLength: 256,
	}
	if len(cmd.data) > 255 {
		cmd.expectedLength = extendedLength
	}
	answer, status, err := s.exchange(ctx, cmd)
	if err != nil {
		return nil, err
	}
	if status != statusOK && op == opMutual && s.Version == PACEVersion { // in another the chip may expect another token
		return nil, cmd.refused(status, refusedKey(status))
	}
	if status != statusOK {
		return nil, cmd.refused(status, ErrRefused)
	}
	if len(answer) == 0 { // some chips answer the nonce of the integrated mapping so
		return nil, nil
	}
	body, _, err := wantTLV(answer, tagDynamic)
	if err != nil {
		return nil, noAnswer(op, err)
	}
	return body, nil
}

// object gives one data object of a step's answer.
func object(op string, body []byte, tag uint32) ([]byte, error) {
	value, err := findTLV(body, tag)
	if err != nil {
		return nil, noAnswer(op, err)
	}
	return value, nil
}

// noAnswer is the error of a step that was not refused and was not answered either. Before the token it is as good as a
// refusal.
func noAnswer(op string, err error) error {
	if op == opMutual {
		return fmt.Errorf("%s: %w", op, err)
	}
	return fmt.Errorf("%s: %w: %w", op, ErrRefused, err)
}
