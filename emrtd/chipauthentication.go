package emrtd

import (
	"cmp"
	"context"
	"errors"
	"slices"
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

const opChipAuthentication = "chip authentication"

// errNoStaticKey says that DG14 speaks of chip authentication and has no key for it that can be used.
var errNoStaticKey = errors.New("DG14 has no key for chip authentication that can be used here")

// staticKey is a public key of the chip with the cipher to use it for.
type staticKey struct {
	ChipAuthenticationPublicKeyInfo
	cipher cipherID
}

// bestStaticKey chooses the key with the strongest cipher, then elliptic curves before residues, the largest field.
// Offered says that the chip has chip authentication at all; the error why there is no key to do it with.
func (s *SecurityInfos) bestStaticKey() (best staticKey, offered bool, err error) {
	var usable []staticKey
	for _, key := range s.ChipAuthenticationKeys {
		for _, c := range s.ciphersFor(key) {
			usable = append(usable, staticKey{key, c})
		}
	}
	if len(usable) == 0 {
		offered = len(s.ChipAuthentication)+len(s.ChipAuthenticationKeys) > 0
		return best, offered, errors.Join(append([]error{errNoStaticKey}, s.Unusable...)...)
	}
	best = slices.MaxFunc(usable, func(a, b staticKey) int {
		return cmp.Or(
			cmp.Compare(a.cipher, b.cipher),
			cmp.Compare(a.group.publicTag(), b.group.publicTag()), // 84 is DH, 86 ECDH
			cmp.Compare(a.group.fieldPrime().BitLen(), b.group.fieldPrime().BitLen()),
		)
	})
	return best, true, nil
}

// ciphersFor are those that a key may be used for, by the entries for its key agreement that have its identifier, or, where
// it is the only key, any. Without an entry it is Triple-DES: some documents leave it out (ICAO Doc 9303-11, 8.5).
func (s *SecurityInfos) ciphersFor(key ChipAuthenticationPublicKeyInfo) []cipherID {
	var ciphers []cipherID
	named := false
	for _, info := range s.ChipAuthentication {
		agreement, c := info.arcs()
		if agreement != key.agreement() || info.KeyID != key.KeyID && len(s.ChipAuthenticationKeys) > 1 {
			continue
		}
		named = true
		if info.Version == 1 && c >= cipher3DES && c <= cipherAES256 {
			ciphers = append(ciphers, c)
		}
	}
	if !named {
		return []cipherID{cipher3DES}
	}
	return ciphers
}

// Arcs below id-CA and id-PK (ICAO Doc 9303-11, 9.2.7).
const (
	arcDH   = 1
	arcECDH = 2
)

// arcs are the last two of the protocol.
func (i ChipAuthenticationInfo) arcs() (agreement int, c cipherID) {
	last := i.Protocol[len(i.Protocol)-2:]
	return last[0], cipherID(last[1])
}

// agreement is the arc of the key agreement that the key serves.
func (i ChipAuthenticationPublicKeyInfo) agreement() int {
	if isElliptic(i.group) {
		return arcECDH
	}
	return arcDH
}

// mechanism is the content of the protocol's object identifier, below id-CA.
func (k staticKey) mechanism() []byte {
	return append([]byte("\x04\x00\x7F\x00\x07\x02\x02\x03"), byte(k.agreement()), byte(k.cipher))
}

// reference is the data object that names the private key, where it has an identifier.
func (k staticKey) reference() []byte {
	if k.KeyID == NoID {
		return nil
	}
	return appendTLV(nil, tagPrivateKey, unsigned(k.KeyID)...)
}

// authenticateChip does chip authentication where DG14 offers it, and reads the first file under the new session keys
// (ICAO Doc 9303-11, 6.2). Where the session is lost over it, the chip is opened anew and asked once more: a copy fails
// twice, while a chip on whose link something went wrong need not.
func (v *visit) authenticateChip(ctx context.Context, first file) error {
	key, offered, unusable := v.staticKey()
	if !offered {
		return v.read(ctx, first)
	}
	if unusable != nil {
		v.reading.ChipAuthentication = &ChipAuthentication{KeyID: NoID, Err: unusable}
		return v.read(ctx, first)
	}
	for _, last := range []bool{false, true} {
		err := v.timed(opChipAuthentication, func() error { return v.agree(ctx, key) })
		if err != nil && !answered(err) {
			return err
		}
		lost, err := v.confirm(ctx, first, &ChipAuthentication{KeyID: key.KeyID, Err: err}, last)
		if !lost {
			return v.goPast(err)
		}
		if err := v.reopen(ctx); err != nil {
			return err
		}
	}
	return v.read(ctx, first)
}

// confirm reads a file after chip authentication: whoever can answer under the new session keys, if only to refuse, has the
// private key. Lost says that nobody could, or that the chip has refused the protocol and lost the session over it; the
// error is then no reason to end. Nobody can authenticate that he lacks a key, so that a chip is accused of it the last
// time alone.
func (v *visit) confirm(ctx context.Context, f file, proof *ChipAuthentication, last bool) (lost bool, err error) {
	v.sm.heard = false
	err = v.fetch(ctx, f, v.progress(f))
	torn := err != nil && !v.sm.heard && !answered(err)
	lost = errors.Is(err, ErrSecureMessaging) && !v.sm.heard
	switch {
	case lost && proof.Err == nil && last:
		proof.Err = ErrNotChipsKey
	case lost && proof.Err == nil:
		proof.Err = err
	}
	if !torn || proof.Err != nil {
		v.reading.ChipAuthentication = proof
	}
	return lost, err
}

// staticKey is the key for chip authentication in DG14, which is SecurityInfos in a data object of their own.
func (v *visit) staticKey() (key staticKey, offered bool, err error) {
	file, there := v.reading.Files[FileDG14]
	if !there {
		return key, false, nil
	}
	der, _, err := wantTLV(file, uint32(dataGroupTags[13]))
	if err != nil {
		return key, true, err
	}
	infos, err := ParseSecurityInfos(der)
	if err != nil {
		return key, true, err
	}
	return infos.bestStaticKey()
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
	v.noSetKAT = isRefusal(err)
	if second := v.agreeInTwo(ctx, key, public); second != nil {
		return errors.Join(err, second)
	}
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
