package chip

import (
	"bytes"
	"crypto"
	"encoding/binary"
	"maps"
	"math/big"
	"slices"
)

// Quirks of chip authentication.
const (
	// RefusesStrongest answers 6A80 to MSE:Set for the strongest of several ways that DG14 lists.
	RefusesStrongest Quirk = "refuses-strongest"
	// RefusesStrongestLate takes MSE:Set AT for the strongest of several ways and answers 6300 to GENERAL AUTHENTICATE.
	RefusesStrongestLate Quirk = "refuses-strongest-late"
	// StaticKeyAlone has the key in DG14 without a ChipAuthenticationInfo, and uses it with 3DES (Doc 9303-11, 8.5).
	StaticKeyAlone Quirk = "static-key-alone"
	// IdentifierOnce has the key's identifier in its ChipAuthenticationInfo and not beside the key, and wants it told.
	IdentifierOnce Quirk = "identifier-once"
	// StaticKeyVersion2 states version 2 in every ChipAuthenticationInfo, and means 1 (Doc 9303-11, 9.2.5).
	StaticKeyVersion2 Quirk = "static-key-version-2"
)

// Quirks of active authentication.
const (
	// ActiveInDER answers by ECDSA in DER: Portuguese passports.
	ActiveInDER Quirk = "active-in-der"
	// ActiveHashUnstated has no ActiveAuthenticationInfo in DG14.
	ActiveHashUnstated Quirk = "active-hash-unstated"
	// ActiveAsCertificates names ecdsa-with-SHA256 and its like in DG14, not the plain signature.
	ActiveAsCertificates Quirk = "active-as-certificates"
	// ActiveExactLength answers 6700 where Le is not exactly the signature's length.
	ActiveExactLength Quirk = "active-exact-length"
	// ActiveCorrectsLength answers 6Cxx with that length.
	ActiveCorrectsLength Quirk = "active-corrects-length"
	// ActiveNeedsExtended answers 6700 to INTERNAL AUTHENTICATE whose Le is 256 or less.
	ActiveNeedsExtended Quirk = "active-needs-extended"
	// ActiveRecoversAll signs with RSA so that the challenge is recovered too: header 4A.
	ActiveRecoversAll Quirk = "active-recovers-all"
	// ActivePadded signs with RSA over a short message of its own, behind padding: header 6B, or 4B with ActiveRecoversAll.
	ActivePadded Quirk = "active-padded"
	// ActiveNumbersSHA1 signs with RSA and SHA-1, and trailer 33CC.
	ActiveNumbersSHA1 Quirk = "active-numbers-sha1"
	// ActiveUnnumbered signs with RSA, and trailer BC whatever the hash function is.
	ActiveUnnumbered Quirk = "active-unnumbered"
	// ActiveOffModulus answers n - s where that is what RSA gives an s for.
	ActiveOffModulus Quirk = "active-off-modulus"
	// ActiveDropsZeros answers by RSA without leading zeros.
	ActiveDropsZeros Quirk = "active-drops-zeros"
	// ActiveAddsZero answers by RSA with a leading zero.
	ActiveAddsZero Quirk = "active-adds-zero"
)

// Quirks of the files.
const (
	// PortraitTooLong has a facial record in DG2 that states 8 bytes less than it has, and the face in it too: New Zealand's
	// passports.
	PortraitTooLong Quirk = "portrait-too-long"
	// LongLengths has lengths in three bytes in EF.CardAccess, DG14 and DG15, which need two or one.
	LongLengths Quirk = "long-lengths"
)

func authenticityQuirks() []Quirk {
	return []Quirk{
		RefusesStrongest, RefusesStrongestLate, StaticKeyAlone, IdentifierOnce, StaticKeyVersion2,
		ActiveInDER, ActiveHashUnstated, ActiveAsCertificates, ActiveExactLength, ActiveCorrectsLength, ActiveNeedsExtended,
		ActiveRecoversAll, ActivePadded, ActiveNumbersSHA1, ActiveUnnumbered, ActiveOffModulus, ActiveDropsZeros, ActiveAddsZero,
		PortraitTooLong, LongLengths,
	}
}

// ByIssuer says that the quirk is one of how a document was made, in its keys or its signed files, and not of how any chip
// behaves: [Options.With] and [Options.Issue] must have been there before the signature.
func (q Quirk) ByIssuer() bool {
	switch q {
	case RefusesStrongest, RefusesStrongestLate, StaticKeyAlone, IdentifierOnce, StaticKeyVersion2, ActiveHashUnstated,
		ActiveAsCertificates, PortraitTooLong, LongLengths:
		return true
	}
	return false
}

// With gives a chip these quirks, and what they can show by: a second cipher to one that refuses the strongest, a limit to one
// that announces too much.
func (o Options) With(quirks ...Quirk) Options {
	o.Quirks = slices.Concat(o.Quirks, quirks)
	o.ChipAuthentication = slices.Clone(o.ChipAuthentication)
	for i := range o.ChipAuthentication {
		key := &o.ChipAuthentication[i]
		switch {
		case len(key.Ciphers) == 0: // for the chip authentication mapping alone
		case o.has(StaticKeyAlone):
			key.Ciphers = []Cipher{TripleDES}
		case len(key.Ciphers) > 1 || !o.has(RefusesStrongest) && !o.has(RefusesStrongestLate):
		case key.Ciphers[0] == TripleDES:
			key.Ciphers = []Cipher{TripleDES, AES128}
		default:
			key.Ciphers = []Cipher{TripleDES, key.Ciphers[0]}
		}
		if o.has(IdentifierOnce) && key.ID == 0 {
			key.ID = identifierOnce
		}
	}
	if o.has(AnnouncesTooMuch) && o.MaxResponse == 0 {
		o.MaxResponse = 1000
	}
	if key, isRSA := o.ActiveAuthentication.(RSAKey); isRSA && o.has(ActiveNumbersSHA1) {
		key.Hash = crypto.SHA1
		o.ActiveAuthentication = key
	}
	return o
}

// identifierOnce is the identifier that IdentifierOnce gives a key without one.
const identifierOnce = 7

// Issue gives data groups, by number, as the issuer of a chip with these options has written and must sign them.
func (o Options) Issue(groups map[int][]byte) map[int][]byte {
	groups = maps.Clone(groups)
	if file := groups[14]; file != nil {
		groups[14] = o.issueInfos(file)
	}
	if file := groups[2]; file != nil && o.has(PortraitTooLong) {
		groups[2] = shortenRecord(file)
	}
	for _, number := range []int{14, 15} {
		if file := groups[number]; file != nil && o.has(LongLengths) {
			groups[number] = lengthen(file, 2)
		}
	}
	return groups
}

// issueInfos writes DG14 anew with what the quirks leave out of it or have otherwise.
func (o Options) issueInfos(file []byte) []byte {
	_, set, _, _ := nextObject(file)
	_, rest, _, _ := nextObject(set)
	var infos [][]byte
	for len(rest) > 0 {
		_, value, after, ok := nextObject(rest)
		if !ok {
			return file
		}
		if info := o.issueInfo(rest[:len(rest)-len(after)], value); info != nil {
			infos = append(infos, info)
		}
		rest = after
	}
	return EncodeDG14(infos...)
}

// issueInfo is one entry of DG14; nil for none.
func (o Options) issueInfo(info, value []byte) []byte {
	_, protocol, fields, _ := nextObject(value)
	switch {
	case bytes.Equal(protocol, activeProtocol()) && o.has(ActiveHashUnstated):
		return nil
	case bytes.Equal(protocol, activeProtocol()) && o.has(ActiveAsCertificates):
		return sequence(objectIdentifier(protocol), small(1), objectIdentifier(ecdsaOfCertificates(fields[len(fields)-1])))
	case bytes.HasPrefix(protocol, bsiProtocol(arcChipAuthentication)) && o.has(StaticKeyAlone):
		return nil
	case bytes.HasPrefix(protocol, bsiProtocol(arcChipAuthentication)) && o.has(StaticKeyVersion2):
		_, _, behind, _ := nextObject(fields)
		return sequence(objectIdentifier(protocol), small(2), behind)
	case bytes.HasPrefix(protocol, bsiProtocol(arcPublicKey)) && o.has(IdentifierOnce):
		_, _, behind, _ := nextObject(fields)
		return sequence(objectIdentifier(protocol), fields[:len(fields)-len(behind)])
	}
	return info
}

// ecdsaOfCertificates is the content of ecdsa-with-SHA1 or its like (RFC 3279, RFC 5758) for the last arc of a plain
// signature's: 1 is SHA-1, 2 to 5 are SHA-224 to SHA-512.
func ecdsaOfCertificates(arc byte) []byte {
	signatures := []byte{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04}
	if arc == 1 {
		return append(signatures, 1)
	}
	return append(signatures, 3, arc-1)
}

// shortenRecord makes the lengths of the facial record and of its first face 8 less than they are.
func shortenRecord(file []byte) []byte {
	file = bytes.Clone(file)
	if record := bytes.Index(file, []byte("FAC\x00")); record >= 0 {
		for _, at := range []int{record + 8, record + 14} {
			binary.BigEndian.PutUint32(file[at:], binary.BigEndian.Uint32(file[at:])-8)
		}
	}
	return file
}

// lengthen writes the outermost objects of a file with lengths of three bytes, so many levels of them.
func lengthen(file []byte, levels int) []byte {
	tag, value, _, ok := nextObject(file)
	if !ok || levels == 0 {
		return file
	}
	value = lengthen(value, levels-1)
	return slices.Concat([]byte{tag, 0x82, byte(len(value) >> 8), byte(len(value))}, value)
}

// refusesKey says whether the chip refuses a key for a cipher: the strongest cipher that it has, or the first of its keys
// where all have the same.
func (o Options) refusesKey(key ChipAuthenticationKey, c Cipher) bool {
	ways, strongest := 0, c
	for _, k := range o.ChipAuthentication {
		ways += len(k.Ciphers)
		strongest = max(strongest, slices.Max(append(slices.Clone(k.Ciphers), 0)))
	}
	same := slices.ContainsFunc(o.ChipAuthentication, func(k ChipAuthenticationKey) bool {
		return slices.ContainsFunc(k.Ciphers, func(other Cipher) bool { return other != strongest })
	})
	return ways > 1 && c == strongest && (same || key.ID == o.ChipAuthentication[0].ID)
}

// signatureForm is how a chip writes a signature of active authentication.
type signatureForm struct {
	der, recoversAll, padded, numbered, unnumbered, offModulus, dropsZeros, addsZero bool
}

func (o Options) signatureForm() signatureForm {
	return signatureForm{
		der: o.has(ActiveInDER), recoversAll: o.has(ActiveRecoversAll), padded: o.has(ActivePadded),
		numbered: o.has(ActiveNumbersSHA1), unnumbered: o.has(ActiveUnnumbered), offModulus: o.has(ActiveOffModulus),
		dropsZeros: o.has(ActiveDropsZeros), addsZero: o.has(ActiveAddsZero),
	}
}

// head is the header and the padding before a recoverable message (ISO/IEC 9796-2, 8.1.2).
func (f signatureForm) head() []byte {
	kind := byte(0x60)
	if f.recoversAll {
		kind = 0x40
	}
	if f.padded {
		return []byte{kind | 0x0B, 0xBB, 0xBB, 0xBB, 0xBA}
	}
	return []byte{kind | 0x0A}
}

// write gives the answer for a signature s.
func (f signatureForm) write(s, modulus *big.Int) []byte {
	if f.offModulus {
		s = new(big.Int).Sub(modulus, s)
	}
	answer := fixed(s, modulus)
	switch {
	case f.dropsZeros:
		return bytes.TrimLeft(answer, "\x00")
	case f.addsZero:
		return append([]byte{0}, answer...)
	}
	return answer
}

// refusesLength is the status word by which a chip refuses to give a signature by the length that is asked for.
func (o Options) refusesLength(command command, size int) uint16 {
	switch {
	case o.has(ActiveExactLength) && command.expected != size, o.has(ActiveNeedsExtended) && command.expected <= 256:
		return swWrongLength
	case o.has(ActiveCorrectsLength) && command.expected != size && size <= 256:
		return swRightLength | uint16(byte(size))
	}
	return swSuccess
}
