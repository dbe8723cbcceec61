package chip

import "math/big"

// KeyEncoding is how a SubjectPublicKeyInfo names its algorithm and domain parameters (Doc 9303-11, 9.5 and 9.6).
type KeyEncoding byte

// The encodings of public keys. Those of X9.42 are not compliant, but such documents have been issued (Doc 9303-11, 8.5).
const (
	StandardizedParameters KeyEncoding = iota // by their identifier
	ExplicitParameters                        // spelt out: ECParameters for ECDH, those of PKCS #3 for DH
	X942Parameters                            // spelt out as X9.42 does, for DH alone
)

// Content of object identifiers of public keys (Doc 9303-11, 9.5; RFC 3279, 2.3; PKCS #3).
func ecPublicKey() []byte { return []byte{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01} }

func primeField() []byte { return []byte{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x01, 0x01} }

func dhKeyAgreement() []byte { return []byte{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x03, 0x01} }

func dhPublicNumber() []byte { return []byte{0x2A, 0x86, 0x48, 0xCE, 0x3E, 0x02, 0x01} }

func standardizedParameters() []byte { return []byte{0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x02} }

// algorithm has ECParameters (TR-03111, 5.1.1.1; RFC 3279, 2.3.5).
func (c *curve) algorithm(KeyEncoding) []byte {
	return sequence(objectIdentifier(ecPublicKey()), sequence(
		small(1),
		sequence(objectIdentifier(primeField()), integer(c.p)),
		sequence(object(tagOctetString, fixed(c.a, c.p)), object(tagOctetString, fixed(c.b, c.p))),
		object(tagOctetString, c.base.encode()),
		integer(c.n),
		small(1)))
}

func (c *curve) bits(key element) []byte { return key.encode() }

// algorithm has DHParameter of PKCS #3, or DomainParameters of X9.42 (RFC 3279, 2.3.3), which tell the order too.
func (g *modularGroup) algorithm(encoding KeyEncoding) []byte {
	if encoding == ExplicitParameters {
		return sequence(objectIdentifier(dhKeyAgreement()), sequence(integer(g.p), integer(g.base.number)))
	}
	return sequence(objectIdentifier(dhPublicNumber()), sequence(integer(g.p), integer(g.base.number), integer(g.q)))
}

func (g *modularGroup) bits(key element) []byte { return integer(key.(residue).number) }

// publicKeyInfo is the SubjectPublicKeyInfo for a private key.
func publicKeyInfo(parameters int, private []byte, encoding KeyEncoding) []byte {
	d, _ := standardized(parameters)
	algorithm := sequence(objectIdentifier(standardizedParameters()), small(parameters))
	if encoding != StandardizedParameters {
		algorithm = d.algorithm(encoding)
	}
	public := d.generator().multiply(new(big.Int).SetBytes(private))
	return sequence(algorithm, bitString(d.bits(public)))
}
