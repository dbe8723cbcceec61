package chip

import (
	"bytes"
	"fmt"
	"io"
	"math/big"
	"slices"
)

// ChipAuthenticationKey is a static key pair for chip authentication and for PACE's chip authentication mapping
// (Doc 9303-11, 6.2 and 4.4.3.5).
type ChipAuthenticationKey struct {
	// ID is the key identifier, 1 to 255; zero for a key that has none, which is then the only one. The key of the chip
	// authentication mapping is that whose ID is the PACEInfo's Parameters (9.2.1).
	ID int
	// Parameters is the identifier of standardized domain parameters (9.5.1, table 12): 0 to 2 are DH, 8 to 18 ECDH.
	Parameters int
	// Encoding is that of the public key in its SecurityInfo.
	Encoding KeyEncoding
	// Ciphers are those of secure messaging afterwards; 3DES is reached by MSE:Set KAT and by MSE:Set AT.
	Ciphers []Cipher
	// Private is the private key, big-endian, from 1 to the order of the group less 1; see [NewPrivateKey].
	Private []byte
}

// NewPrivateKey draws a private key for standardized domain parameters, 0 to 2 or 8 to 18, in the way of
// [Options.Random].
func NewPrivateKey(parameters int, random io.Reader) ([]byte, error) {
	d, ok := standardized(parameters)
	if !ok {
		return nil, fmt.Errorf("chip: there are no domain parameters %d", parameters)
	}
	key, err := newScalar(random, d.order())
	if err != nil {
		return nil, fmt.Errorf("chip: private key: %w", err)
	}
	return fixed(key, d.order()), nil
}

func (k ChipAuthenticationKey) check() error {
	if k.ID < 0 || k.ID > 255 {
		return fmt.Errorf("chip: key identifier %d is not from 0 to 255", k.ID)
	}
	if k.Encoding > X942Parameters || k.Encoding == X942Parameters && isCurve(k.Parameters) {
		return fmt.Errorf("chip: key with domain parameters %d has no encoding %d", k.Parameters, k.Encoding)
	}
	if slices.ContainsFunc(k.Ciphers, func(c Cipher) bool { return !c.valid() }) {
		return fmt.Errorf("chip: chip authentication has an unknown cipher")
	}
	return checkPrivate(k.Parameters, k.Private)
}

func checkPrivate(parameters int, private []byte) error {
	d, ok := standardized(parameters)
	if !ok {
		return fmt.Errorf("chip: there are no domain parameters %d", parameters)
	}
	if n := new(big.Int).SetBytes(private); n.Sign() == 0 || n.Cmp(d.order()) >= 0 {
		return fmt.Errorf("chip: private key is not from 1 to the order of domain parameters %d", parameters)
	}
	return nil
}

// protocol is the content of an object identifier below id-CA or id-PK: an arc for DH or ECDH, then those given.
func (k ChipAuthenticationKey) protocol(under byte, arcs ...byte) []byte {
	agreement := byte(1)
	if isCurve(k.Parameters) {
		agreement = 2
	}
	return append(append(bsiProtocol(under), agreement), arcs...)
}

// Arcs below bsi-de protocols smartcard (Doc 9303-11, 9.2.7).
const (
	arcPublicKey          = 1 // id-PK
	arcChipAuthentication = 3 // id-CA
)

// SecurityInfos are a ChipAuthenticationInfo for each cipher and the ChipAuthenticationPublicKeyInfo (Doc 9303-11, 9.2.5
// and 9.2.6) in DER, for DG14 and EF.CardSecurity.
func (k ChipAuthenticationKey) SecurityInfos() ([][]byte, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	var id []byte
	if k.ID != 0 {
		id = small(k.ID)
	}
	var infos [][]byte
	for _, c := range k.Ciphers {
		protocol := objectIdentifier(k.protocol(arcChipAuthentication, byte(c)))
		infos = append(infos, sequence(protocol, small(1), id))
	}
	public := publicKeyInfo(k.Parameters, k.Private, k.Encoding)
	return append(infos, sequence(objectIdentifier(k.protocol(arcPublicKey)), public, id)), nil
}

// EncodeSecurityInfos is SecurityInfos in DER with the members given, each in DER (Doc 9303-11, 9.2): the content of
// EF.CardAccess, and what EF.CardSecurity has signed.
func EncodeSecurityInfos(infos ...[]byte) []byte {
	return object(tagSet, slices.SortedFunc(slices.Values(infos), bytes.Compare)...) // DER orders a SET OF
}

// EncodeDG14 is data group 14 with the SecurityInfos given, each in DER (Doc 9303-10, 4.7.14).
func EncodeDG14(infos ...[]byte) []byte { return object(0x6E, EncodeSecurityInfos(infos...)) }

// setKeyAgreement is MSE:Set KAT, chip authentication with 3DES in one command (Doc 9303-11, 6.2.4.1).
func (c *Chip) setKeyAgreement(template controlReference) response {
	if c.options.NoSetKAT {
		return response{status: swWrongParameters}
	}
	key, sw := c.chipAuthenticationKey(template, func(k ChipAuthenticationKey) bool {
		return slices.Contains(k.Ciphers, TripleDES)
	})
	if sw == swSuccess && c.options.has(RefusesStrongest) && c.options.refusesKey(key, TripleDES) {
		sw = swWrongData
	}
	if sw == swSuccess {
		sw = c.agree(key, TripleDES, template.publicKey)
	}
	return response{status: sw}
}

// setChipAuthentication is MSE:Set AT for internal authentication (Doc 9303-11, 6.2.4.2).
func (c *Chip) setChipAuthentication(template controlReference) response {
	mechanism := template.mechanism
	if len(mechanism) == 0 {
		return response{status: swWrongData}
	}
	cipher := Cipher(mechanism[len(mechanism)-1])
	key, sw := c.chipAuthenticationKey(template, func(k ChipAuthenticationKey) bool {
		return slices.Contains(k.Ciphers, cipher) &&
			slices.Equal(k.protocol(arcChipAuthentication, byte(cipher)), mechanism)
	})
	refuses := c.options.refusesKey(key, cipher)
	switch {
	case sw != swSuccess:
		return response{status: sw}
	case refuses && c.options.has(RefusesStrongest):
		return response{status: swWrongData}
	}
	c.protocol = func(data []byte, chained bool) ([]byte, step, uint16) {
		public, ok := only(0x80, data)
		switch {
		case chained:
			return nil, nil, swLastOfChain
		case !ok:
			return nil, nil, swWrongData
		case refuses && c.options.has(RefusesStrongestLate):
			return nil, nil, swVerificationFailed
		}
		return nil, nil, c.agree(key, cipher, public)
	}
	return response{status: swSuccess}
}

// chipAuthenticationKey finds the key that is asked for: that with the identifier, or the only one that suits.
func (c *Chip) chipAuthenticationKey(t controlReference, suits func(ChipAuthenticationKey) bool) (
	ChipAuthenticationKey, uint16) {
	if c.session == nil {
		return ChipAuthenticationKey{}, swSecurityStatus
	}
	suitable := slices.DeleteFunc(slices.Clone(c.options.ChipAuthentication), func(k ChipAuthenticationKey) bool {
		return !suits(k)
	})
	if len(suitable) == 0 && len(c.options.ChipAuthentication) > 0 {
		return ChipAuthenticationKey{}, swWrongData
	}
	named := slices.DeleteFunc(suitable, func(k ChipAuthenticationKey) bool {
		id := new(big.Int).SetBytes(t.privateKeyReference)
		if t.privateKeyReference == nil {
			return k.ID != 0 && c.options.has(IdentifierOnce)
		}
		return id.Cmp(big.NewInt(int64(k.ID))) != 0
	})
	if len(named) != 1 {
		return ChipAuthenticationKey{}, swReferenceNotFound
	}
	return named[0], swSuccess
}

// agree restarts secure messaging with keys from the static key and the terminal's (Doc 9303-11, 6.2.1 and 6.2.2). The
// response still goes out under the old ones.
func (c *Chip) agree(key ChipAuthenticationKey, cipher Cipher, public []byte) uint16 {
	d, _ := standardized(key.Parameters)
	peer, ok := d.decode(public)
	if !ok {
		return swWrongData
	}
	secret := peer.multiply(new(big.Int).SetBytes(key.Private)).secret()
	defer clear(secret)
	c.session = newSession(cipher.protection(secret))
	return swSuccess
}

// mappingKey is the static key for the chip authentication mapping with these domain parameters (Doc 9303-11, 9.2.1).
func (c *Chip) mappingKey(parameters int) (ChipAuthenticationKey, bool) {
	keys := c.options.ChipAuthentication
	i := slices.IndexFunc(keys, func(k ChipAuthenticationKey) bool {
		return k.ID == parameters && k.Parameters == parameters
	})
	if i < 0 {
		return ChipAuthenticationKey{}, false
	}
	return keys[i], true
}
