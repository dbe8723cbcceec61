package emrtd

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// NoID stands where a SecurityInfo leaves its optional identifier out.
const NoID = -1

// tagSet is that of SET OF SecurityInfo.
const tagSet = 0x31

// maxSecurityInfos is how many entries are read at most. Chips have fewer than 20.
const maxSecurityInfos = 64

// maxGroups is how many entries with a public key or domain parameters are looked into: explicit parameters of the worst kind
// take 20 ms each to check. Chips have up to three.
const maxGroups = 8

// errSecurityInfos says that bytes are not the SecurityInfos that should stand there.
var errSecurityInfos = errors.New("malformed security infos")

// SecurityInfos are the protocols that a chip supports, as EF.CardAccess, EF.CardSecurity and DG14 list them (ICAO
// Doc 9303-11, 9.2). In EF.CardAccess nobody has signed them.
type SecurityInfos struct {
	PACE                   []PACEInfo
	PACEDomainParameters   []PACEDomainParameterInfo
	ChipAuthentication     []ChipAuthenticationInfo
	ChipAuthenticationKeys []ChipAuthenticationPublicKeyInfo
	ActiveAuthentication   []ActiveAuthenticationInfo
	// Unusable says why entries were left out that name no protocol, or one of these and are malformed or of a group that is
	// not understood.
	Unusable []error
	groups   int  // entries with a public key or domain parameters
	keys     int  // entries with a public key, usable or not
	ber      bool // lengths are not as DER has them
}

// PACEInfo is a variant of PACE (ICAO Doc 9303-11, 9.2.1).
type PACEInfo struct {
	Protocol    asn1.ObjectIdentifier // id-PACE-ECDH-GM-AES-CBC-CMAC-128 and its like
	Version     int                   // 2 is the one that there is; 0 where it is left out
	ParameterID int                   // up to 31 standardized, above the chip's own, or NoID
	longer      bool                  // than the standard has it
}

// PACEDomainParameterInfo is a set of explicit domain parameters (ICAO Doc 9303-11, 9.2.2).
type PACEDomainParameterInfo struct {
	Protocol    asn1.ObjectIdentifier // id-PACE-ECDH-GM and its like, without a cipher
	ParameterID int                   // or NoID
	group       group
}

// ChipAuthenticationInfo is a variant of chip authentication (ICAO Doc 9303-11, 9.2.5).
type ChipAuthenticationInfo struct {
	Protocol asn1.ObjectIdentifier // id-CA-ECDH-AES-CBC-CMAC-128 and its like
	Version  int                   // 1; 0 where it is left out
	KeyID    int                   // or NoID
	longer   bool                  // than the standard has it
	implied  bool                  // by its key, and not there
}

// ChipAuthenticationPublicKeyInfo is a static public key of the chip, for chip authentication or the chip authentication
// mapping of PACE (ICAO Doc 9303-11, 9.2.6). It has been validated as an element of its group.
type ChipAuthenticationPublicKeyInfo struct {
	Protocol asn1.ObjectIdentifier // id-PK-DH or id-PK-ECDH
	KeyID    int                   // or NoID
	group    group
	public   element
}

// ActiveAuthenticationInfo names the signature algorithm of active authentication by ECDSA (ICAO Doc 9303-11, 9.2.4).
type ActiveAuthenticationInfo struct {
	Version            int // 1; 0 where it is left out
	SignatureAlgorithm asn1.ObjectIdentifier
}

// ParseDG14 takes DG14 apart, which is SecurityInfos in a data object of their own (ICAO Doc 9303-10, 4.7.14), as
// [ParseSecurityInfos] does. What is asked of a chip and what is judged afterwards both come from here.
func ParseDG14(file []byte) (*SecurityInfos, error) {
	der, ber := toDER(file)
	set, _, err := wantTLV(der, uint32(dataGroupTags[13]))
	if err != nil {
		return nil, fmt.Errorf("DG14: %w", err)
	}
	infos, err := ParseSecurityInfos(set)
	if err != nil {
		return nil, fmt.Errorf("DG14: %w", err)
	}
	infos.ber = infos.ber || ber
	return infos, nil
}

// toDER is [pki.ToDER], and says whether it changed anything.
func toDER(file []byte) (der []byte, ber bool) {
	der = pki.ToDER(file)
	return der, !bytes.HasPrefix(file, der)
}

// ParseSecurityInfos takes SecurityInfos apart: EF.CardAccess as it is, the value of DG14, the signed content of
// EF.CardSecurity; in DER, or with lengths as BER has them. What follows the set, as file systems pad, is not looked at;
// protocols that are not known here are passed over, and entries that are none, or of a known protocol and cannot be used,
// are told in Unusable. The error says that there is no such set, one of more than 64 entries, or one that names no protocol.
func ParseSecurityInfos(file []byte) (*SecurityInfos, error) {
	der, ber := toDER(file)
	set, _, err := wantTLV(der, tagSet)
	if err != nil {
		return nil, fmt.Errorf("%w: no set: %w", errSecurityInfos, err)
	}
	infos := &SecurityInfos{ber: ber}
	named := len(set) == 0
	for n := 0; len(set) > 0; n++ {
		if n == maxSecurityInfos {
			return nil, fmt.Errorf("%w: more than %d entries", errSecurityInfos, maxSecurityInfos)
		}
		if entries := bytes.TrimLeft(set, "\x00"); len(entries) < len(set) {
			infos.cannotUse("entry %d: %w: zeros", n, errSecurityInfos)
			set = entries
			continue
		}
		_, _, rest, err := nextTLV(set)
		if err != nil {
			infos.cannotUse("entry %d: %w: %w", n, errSecurityInfos, err)
			break
		}
		named = infos.take(n, pki.ToDER(set[:len(set)-len(rest)])) || named
		set = rest
	}
	if !named {
		return nil, infos.Unusable[0]
	}
	return infos, nil
}

// take takes in one entry, or tells why it cannot be used; false where it names no protocol.
func (s *SecurityInfos) take(n int, element cryptobyte.String) bool {
	var entry cryptobyte.String
	var protocol asn1.ObjectIdentifier
	if !element.ReadASN1(&entry, tags.SEQUENCE) || !entry.ReadASN1ObjectIdentifier(&protocol) {
		s.cannotUse("entry %d: %w: it names no protocol", n, errSecurityInfos)
		return false
	}
	if err := s.add(protocol, entry); err != nil {
		s.cannotUse("entry %d, %v: %w", n, protocol, err)
	}
	return true
}

func (s *SecurityInfos) cannotUse(format string, args ...any) {
	s.Unusable = append(s.Unusable, fmt.Errorf(format, args...))
}

// Subtrees of protocols(2) smartcard(2) below bsi-de, and the object of active authentication (ICAO Doc 9303-11, 9.2.3,
// 9.2.4 and 9.2.7).
const (
	idSmartcard            = "0.4.0.127.0.7.2.2"
	arcPublicKey           = 1
	arcChipAuthentication  = 3
	arcPACE                = 4
	idActiveAuthentication = "2.23.136.1.1.5"
)

// add takes in one entry, from behind its protocol on.
func (s *SecurityInfos) add(protocol asn1.ObjectIdentifier, entry cryptobyte.String) error {
	const below = 8 // arcs of idSmartcard
	if protocol.String() == idActiveAuthentication {
		return s.addActiveAuthentication(entry)
	}
	if len(protocol) <= below || protocol[:below].String() != idSmartcard {
		return nil
	}
	switch arc, arcs := protocol[below], len(protocol)-below; {
	case arc == arcPACE && arcs == 3:
		return s.addPACE(protocol, entry)
	case arc == arcPACE && arcs == 2 || arc == arcPublicKey && arcs == 2:
		if arc == arcPublicKey {
			s.keys++
		}
		if s.groups++; s.groups > maxGroups {
			return fmt.Errorf("%w: more than %d keys and domain parameters", errSecurityInfos, maxGroups)
		}
		if arc == arcPublicKey {
			return s.addPublicKey(protocol, entry)
		}
		return s.addDomainParameters(protocol, entry)
	case arc == arcChipAuthentication && arcs == 3:
		return s.addChipAuthentication(protocol, entry)
	}
	return nil
}

func (s *SecurityInfos) addPACE(protocol asn1.ObjectIdentifier, entry cryptobyte.String) error {
	info := PACEInfo{Protocol: protocol}
	if !readVariant(&entry, &info.Version, &info.ParameterID) {
		return errSecurityInfos
	}
	info.longer = !entry.Empty()
	s.PACE = append(s.PACE, info)
	return nil
}

func (s *SecurityInfos) addChipAuthentication(protocol asn1.ObjectIdentifier, entry cryptobyte.String) error {
	info := ChipAuthenticationInfo{Protocol: protocol}
	if !readVariant(&entry, &info.Version, &info.KeyID) {
		return errSecurityInfos
	}
	info.longer = !entry.Empty()
	s.ChipAuthentication = append(s.ChipAuthentication, info)
	return nil
}

func (s *SecurityInfos) addActiveAuthentication(entry cryptobyte.String) error {
	var info ActiveAuthenticationInfo
	if entry.PeekASN1Tag(tags.INTEGER) && !readSmall(&entry, &info.Version) ||
		!entry.ReadASN1ObjectIdentifier(&info.SignatureAlgorithm) {
		return errSecurityInfos
	}
	s.ActiveAuthentication = append(s.ActiveAuthentication, info)
	return nil
}

func (s *SecurityInfos) addDomainParameters(protocol asn1.ObjectIdentifier, entry cryptobyte.String) error {
	info := PACEDomainParameterInfo{Protocol: protocol}
	var algorithm cryptobyte.String
	if !entry.ReadASN1(&algorithm, tags.SEQUENCE) || !readID(&entry, &info.ParameterID) {
		return errSecurityInfos
	}
	var err error
	if info.group, err = parseDomainParameters(algorithm); err != nil {
		return err
	}
	s.PACEDomainParameters = append(s.PACEDomainParameters, info)
	return nil
}

func (s *SecurityInfos) addPublicKey(protocol asn1.ObjectIdentifier, entry cryptobyte.String) error {
	info := ChipAuthenticationPublicKeyInfo{Protocol: protocol}
	var key, algorithm cryptobyte.String
	var public []byte
	if !entry.ReadASN1(&key, tags.SEQUENCE) || !readID(&entry, &info.KeyID) ||
		!key.ReadASN1(&algorithm, tags.SEQUENCE) || !key.ReadASN1BitStringAsBytes(&public) {
		return errSecurityInfos
	}
	var err error
	if info.group, err = parseDomainParameters(algorithm); err != nil {
		return err
	}
	if _, modp := info.group.(*residueGroup); modp { // wrapped in an INTEGER (RFC 3279, 2.3.3)
		y, wrapped := cryptobyte.String(public), cryptobyte.String(nil)
		if !y.ReadASN1(&wrapped, tags.INTEGER) {
			return errSecurityInfos
		}
		public = wrapped
	}
	if info.public, err = info.group.decode(public); err != nil {
		return err
	}
	s.ChipAuthenticationKeys = append(s.ChipAuthenticationKeys, info)
	return nil
}

// readVariant reads what a variant of a protocol has behind its name: the version, which some leave out, and an optional
// identifier.
func readVariant(entry *cryptobyte.String, version, id *int) bool {
	*id = NoID
	return entry.Empty() || readSmall(entry, version) && readID(entry, id)
}

// readID reads the optional identifier at an entry's end; further fields are left alone.
func readID(entry *cryptobyte.String, id *int) bool {
	*id = NoID
	return !entry.PeekASN1Tag(tags.INTEGER) || readSmall(entry, id)
}

// readSmall reads an INTEGER from zero to 2^31-1, with more leading zeros than DER allows too.
func readSmall(in *cryptobyte.String, v *int) bool {
	var digits cryptobyte.String
	if !in.ReadASN1(&digits, tags.INTEGER) || digits.Empty() || digits[0] > 0x7F {
		return false
	}
	n := new(big.Int).SetBytes(digits)
	*v = int(n.Int64())
	return n.BitLen() < 32
}
