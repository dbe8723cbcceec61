package chip

import (
	"crypto"
	"crypto/rsa"
	_ "crypto/sha512" // SHA-384 and SHA-512, by their numbers
	"fmt"
	"io"
	"math/big"
	"slices"
)

// ActiveAuthenticationKey is a key pair for active authentication (Doc 9303-11, 6.1): an [RSAKey] or an [ECDSAKey].
type ActiveAuthenticationKey interface {
	// DG15 is data group 15 with the public key (Doc 9303-10, 4.7.15).
	DG15() []byte

	check() error
	sign(random io.Reader, challenge []byte, form signatureForm) ([]byte, error)
}

const insideDG15 = 0x6F

// nonceSize is the length of RND.IFD in bytes (Doc 9303-11, 6.1.2.1).
const nonceSize = 8

// RSAKey signs by ISO/IEC 9796-2 digital signature scheme 1 with message recovery (Doc 9303-11, 6.1.2.2). The length of
// the modulus must be a whole number of bytes, 128 to 512.
type RSAKey struct {
	Private *rsa.PrivateKey
	Hash    crypto.Hash // SHA-1 has trailer option 1, SHA-224 to SHA-512 have option 2
}

// trailer is the trailer field (Doc 9303-11, 6.1.2.2); nil for a hash that is not allowed.
func (k RSAKey) trailer() []byte {
	switch k.Hash {
	case crypto.SHA1:
		return []byte{0xBC}
	case crypto.SHA224:
		return []byte{0x38, 0xCC}
	case crypto.SHA256:
		return []byte{0x34, 0xCC}
	case crypto.SHA384:
		return []byte{0x36, 0xCC}
	case crypto.SHA512:
		return []byte{0x35, 0xCC}
	}
	return nil
}

func (k RSAKey) check() error {
	switch {
	case k.Private == nil || k.Private.N == nil || k.Private.D == nil:
		return fmt.Errorf("chip: active authentication has no RSA key")
	case k.Private.N.BitLen()%8 != 0 || size(k.Private.N) < 128 || size(k.Private.N) > 512:
		return fmt.Errorf("chip: RSA modulus of %d bits is not 128 to 512 whole bytes", k.Private.N.BitLen())
	case k.trailer() == nil:
		return fmt.Errorf("chip: active authentication with RSA has no hash %v", k.Hash)
	}
	return nil
}

// sign gives the signature over M1, which the chip draws, and M2, the challenge. The header 6A says that the message is
// recovered in part and that M1 fills the room for it; the signature is that of ISO/IEC 9796-2, B.6. Other forms have other
// headers, and the challenge among what is recovered.
func (k RSAKey) sign(random io.Reader, challenge []byte, form signatureForm) ([]byte, error) {
	head, trailer := form.head(), k.trailer()
	switch {
	case form.numbered && k.Hash == crypto.SHA1:
		trailer = []byte{0x33, 0xCC}
	case form.unnumbered:
		trailer = []byte{0xBC}
	}
	recoverable := make([]byte, size(k.Private.N)-len(head)-k.Hash.Size()-len(trailer))
	if _, err := io.ReadFull(random, recoverable); err != nil {
		return nil, err
	}
	hash := k.Hash.New()
	if form.recoversAll {
		copy(recoverable[len(recoverable)-len(challenge):], challenge)
		challenge = nil
	}
	hash.Write(recoverable)
	hash.Write(challenge)
	message := slices.Concat(head, recoverable, hash.Sum(nil), trailer)
	return form.write(new(big.Int).Exp(new(big.Int).SetBytes(message), k.Private.D, k.Private.N), k.Private.N), nil
}

// DG15 has the key as RFC 3279, 2.3.1 has it.
func (k RSAKey) DG15() []byte {
	rsaEncryption := []byte{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01}
	null := object(0x05)
	key := sequence(integer(k.Private.N), small(k.Private.E))
	return object(insideDG15, sequence(sequence(objectIdentifier(rsaEncryption), null), bitString(key)))
}

// ECDSAKey signs by ECDSA in the plain format (Doc 9303-11, 6.1.2.3; TR-03111, 4.2.1 and 5.2.1).
type ECDSAKey struct {
	Parameters int         // identifier of standardized domain parameters, 8 to 18
	Private    []byte      // big-endian, from 1 to the order of the group less 1; see [NewPrivateKey]
	Hash       crypto.Hash // SHA-224 to SHA-512, not longer than the order
}

// algorithmArc is the last arc below ecdsa-plain-signatures (TR-03111, 5.2.1.1); zero for a hash that is not allowed.
func (k ECDSAKey) algorithmArc() byte {
	return map[crypto.Hash]byte{crypto.SHA224: 2, crypto.SHA256: 3, crypto.SHA384: 4, crypto.SHA512: 5}[k.Hash]
}

func (k ECDSAKey) check() error {
	if err := checkPrivate(k.Parameters, k.Private); err != nil {
		return err
	}
	d, _ := standardized(k.Parameters)
	if !isCurve(k.Parameters) || k.algorithmArc() == 0 || k.Hash.Size() > size(d.order()) {
		return fmt.Errorf("chip: active authentication has no domain parameters %d with hash %v", k.Parameters, k.Hash)
	}
	return nil
}

func (k ECDSAKey) sign(random io.Reader, challenge []byte, form signatureForm) ([]byte, error) {
	d, _ := standardized(k.Parameters)
	hash := k.Hash.New()
	hash.Write(challenge)
	digest := new(big.Int).SetBytes(hash.Sum(nil)) // whole: check allows none that is longer than the order
	for {
		nonce, err := newScalar(random, d.order())
		if err != nil {
			return nil, err
		}
		r := new(big.Int).SetBytes(d.generator().multiply(nonce).secret())
		r.Mod(r, d.order())
		s := new(big.Int).Mul(r, new(big.Int).SetBytes(k.Private))
		s.Mul(s.Add(s, digest), nonce.ModInverse(nonce, d.order()))
		if s.Mod(s, d.order()); r.Sign() == 0 || s.Sign() == 0 {
			continue
		}
		if form.der {
			return sequence(integer(r), integer(s)), nil
		}
		return append(fixed(r, d.order()), fixed(s, d.order())...), nil
	}
}

// DG15 has the key with its domain parameters spelt out (Doc 9303-11, 9.5.2).
func (k ECDSAKey) DG15() []byte {
	return object(insideDG15, publicKeyInfo(k.Parameters, k.Private, ExplicitParameters))
}

// SecurityInfo is the ActiveAuthenticationInfo in DER that DG14 must have for ECDSA (Doc 9303-11, 9.2.4).
func (k ECDSAKey) SecurityInfo() []byte {
	algorithm := []byte{0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x01, 0x04, 0x01, k.algorithmArc()}
	return sequence(objectIdentifier(activeProtocol()), small(1), objectIdentifier(algorithm))
}

// activeProtocol is the content of id-icao-mrtd-security-aaProtocolObject.
func activeProtocol() []byte { return []byte{0x67, 0x81, 0x08, 0x01, 0x01, 0x05} }

// internalAuthenticate is INTERNAL AUTHENTICATE (Doc 9303-11, 6.1.3).
func (c *Chip) internalAuthenticate(command command, room int) response {
	key := c.options.ActiveAuthentication
	switch {
	case key == nil:
		return response{status: swInstructionNotSupported}
	case command.p1 != 0 || command.p2 != 0:
		return response{status: swWrongParameters}
	case len(command.data) != nonceSize:
		return response{status: swWrongLength}
	case c.session == nil:
		return response{status: swSecurityStatus}
	}
	signature, err := key.sign(c.options.Random, command.data, c.options.signatureForm())
	if err != nil {
		return response{status: swNoDiagnosis}
	}
	switch sw := c.options.refusesLength(command, len(signature)); {
	case sw != swSuccess:
		return response{status: sw}
	case len(signature) > room:
		return response{status: swWrongLength}
	}
	return response{data: signature, status: swSuccess}
}
