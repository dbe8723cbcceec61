package chip

import (
	"fmt"
	"math/big"
)

// Mapping is PACE's way from the nonce to a generator (Doc 9303-11, 4.4.3.3).
type Mapping byte

// The mappings of Doc 9303-11.
const (
	GenericMapping            Mapping = iota
	IntegratedMapping                 // not with NIST P-224, whose prime is 1 modulo 4
	ChipAuthenticationMapping         // elliptic curves and AES only
)

// PACEInfo is a variant of PACE that a chip offers (Doc 9303-11, 9.2.1).
type PACEInfo struct {
	Mapping Mapping
	Cipher  Cipher
	// Parameters is the identifier of standardized domain parameters (9.5.1, table 12): 0 to 2 are DH, 8 to 18 ECDH.
	Parameters int
}

// protocol is the object identifier's content, id-PACE and two arcs.
func (i PACEInfo) protocol() []byte {
	arc := map[Mapping]byte{GenericMapping: 1, IntegratedMapping: 3, ChipAuthenticationMapping: 5}[i.Mapping]
	if isCurve(i.Parameters) {
		arc++
	}
	return append(bsiProtocol(4), arc, byte(i.Cipher))
}

// bsiProtocol is the content of an object identifier below 0.4.0.127.0.7.2.2, bsi-de protocols smartcard.
func bsiProtocol(arc byte) []byte { return []byte{0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, arc} }

func (i PACEInfo) check(shortOnly bool) error {
	d, ok := standardized(i.Parameters)
	switch {
	case !ok:
		return fmt.Errorf("chip: PACE has no domain parameters %d", i.Parameters)
	case shortOnly && needsExtendedLength(i.Parameters):
		return fmt.Errorf("chip: PACE with domain parameters %d needs extended length", i.Parameters)
	case !i.Cipher.valid() || i.Mapping > ChipAuthenticationMapping:
		return fmt.Errorf("chip: PACE has no mapping %d with cipher %d", i.Mapping, i.Cipher)
	case i.Mapping == ChipAuthenticationMapping && (!isCurve(i.Parameters) || i.Cipher == TripleDES):
		return fmt.Errorf("chip: the chip authentication mapping is for elliptic curves and AES only")
	case i.Mapping == IntegratedMapping && isCurve(i.Parameters) && d.field().Bit(1) == 0:
		return fmt.Errorf("chip: the integrated mapping has no point encoding for domain parameters %d", i.Parameters)
	}
	return nil
}

// SecurityInfo is the PACEInfo in DER (Doc 9303-11, 9.2.1). EF.CardAccess has it, and DG14 and EF.CardSecurity repeat it
// (9.2.11).
func (i PACEInfo) SecurityInfo() []byte {
	return sequence(objectIdentifier(i.protocol()), small(2), small(i.Parameters))
}

// bareSecurityInfo is SecurityInfo without the identifier of the domain parameters: see [PACEWithoutParameterID].
func (i PACEInfo) bareSecurityInfo() []byte {
	return sequence(objectIdentifier(i.protocol()), small(2))
}

// nonceSize is the length of the nonce s in bytes. The integrated mapping wants the fewest blocks that make a key
// (Doc 9303-11, 4.4.3.3.2); for the others a block of AES is enough.
func (i PACEInfo) nonceSize() int {
	if i.Mapping == IntegratedMapping && i.Cipher.keySize() > 16 {
		return 32
	}
	return 16
}

// pseudoRandom is the function Rp(s,t) (Doc 9303-11, 4.4.3.3.2).
func (c Cipher) pseudoRandom(s, t []byte, p *big.Int) *big.Int {
	c0 := hexadecimal("a668892a7c41e3ca739f40b057d85904").Bytes()
	c1 := hexadecimal("a4e136ac725f738b01c1f60217c188ad").Bytes()
	if len(s) == 32 {
		c0 = hexadecimal("d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676").Bytes()
		c1 = hexadecimal("54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517").Bytes()
	}
	key := encryptCBC(c.block(t), nil, s)
	var output []byte
	for len(output)*8 < p.BitLen()+64 {
		block := c.block(key[:c.keySize()])
		output = append(output, encryptCBC(block, nil, c1)...)
		key = encryptCBC(block, nil, c0)
	}
	number := new(big.Int).SetBytes(output)
	return number.Mod(number, p)
}

// cardAccess is the content of EF.CardAccess (Doc 9303-10, 3.11.3).
func cardAccess(o Options) []byte {
	var members [][]byte
	if o.has(PACEUnknownBeside) {
		members = append(members, sequence(objectIdentifier(append(bsiProtocol(4), 7, byte(AES128))), small(2), small(13)))
	}
	for _, info := range o.PACE {
		members = append(members, info.listed(o)...)
	}
	return EncodeSecurityInfos(members...)
}

// listed are the entries that a variant has in EF.CardAccess: one, but for quirks.
func (i PACEInfo) listed(o Options) [][]byte {
	asVersion := func(version int) []byte {
		return sequence(objectIdentifier(i.protocol()), small(version), small(i.Parameters))
	}
	switch {
	case o.has(PACEWithoutParameterID):
		return [][]byte{i.bareSecurityInfo()}
	case o.has(PACEParametersUnknown):
		return [][]byte{sequence(objectIdentifier(i.protocol()), small(2), small(99))}
	case o.has(PACEVersion1):
		return [][]byte{asVersion(1)}
	case o.has(PACEVersion1Beside):
		return [][]byte{asVersion(1), i.SecurityInfo()}
	case o.has(PACETwice):
		return [][]byte{i.SecurityInfo(), i.SecurityInfo()}
	case o.has(PACELonger):
		return [][]byte{sequence(objectIdentifier(i.protocol()), small(2), small(i.Parameters), small(0))}
	}
	return [][]byte{i.SecurityInfo()}
}
