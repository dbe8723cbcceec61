package chip

import "math/big"

// Content of object identifiers of public keys (Doc 9303-11, 9.1 and 9.2.6; RFC 3279, 2.3; TR-03110-3, A.2.1.1).
func ecPublicKey() []byte { return []byte{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01} }

func primeField() []byte { return []byte{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x01, 0x01} }

func dhPublicNumber() []byte { return []byte{0x2A, 0x86, 0x48, 0xCE, 0x3E, 0x02, 0x01} }

func standardizedParameters() []byte { return []byte{0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x02} }

// algorithm has ECParameters (TR-03111, 5.1.1.1; RFC 3279, 2.3.5).
func (c *curve) algorithm() []byte {
	return sequence(objectIdentifier(ecPublicKey()), sequence(
		small(1),
		sequence(objectIdentifier(primeField()), integer(c.p)),
		sequence(object(tagOctetString, fixed(c.a, c.p)), object(tagOctetString, fixed(c.b, c.p))),
		object(tagOctetString, c.base.encode()),
		integer(c.n),
		small(1)))
}

func (c *curve) bits(key element) []byte { return key.encode() }

// algorithm has DomainParameters of X9.42 (RFC 3279, 2.3.3).
func (g *modularGroup) algorithm() []byte {
	return sequence(objectIdentifier(dhPublicNumber()), sequence(integer(g.p), integer(g.base.number), integer(g.q)))
}

func (g *modularGroup) bits(key element) []byte { return integer(key.(residue).number) }

// publicKeyInfo is the SubjectPublicKeyInfo for a private key, with the parameters spelt out or by their identifier.
func publicKeyInfo(parameters int, private []byte, explicit bool) []byte {
	d, _ := standardized(parameters)
	algorithm := sequence(objectIdentifier(standardizedParameters()), small(parameters))
	if explicit {
		algorithm = d.algorithm()
	}
	public := d.generator().multiply(new(big.Int).SetBytes(private))
	return sequence(algorithm, bitString(d.bits(public)))
}
