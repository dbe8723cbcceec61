package emrtd

import (
	"cmp"
	"encoding/asn1"
	"slices"
)

// mapping is a way of mapping the nonce to a generator (ICAO Doc 9303-11, 4.4.3.3); the more is proved by it or the more
// common it is, the greater.
type mapping int

const (
	mappingIntegrated mapping = iota + 1
	mappingGeneric
	mappingChipAuthentication
)

// paceVersion is the version of PACE that there is (ICAO Doc 9303-11, 9.2.1).
const paceVersion = 2

// String names key agreement and mapping, as "PACE-ECDH-GM"; an arc that ICAO Doc 9303-11, 9.2.3, does not have is
// "PACE".
func (p PACEInfo) String() string {
	names := map[int]string{
		1: "PACE-DH-GM", 2: "PACE-ECDH-GM", 3: "PACE-DH-IM", 4: "PACE-ECDH-IM", 6: "PACE-ECDH-CAM",
	}
	if name, known := names[p.family()]; known {
		return name
	}
	return "PACE"
}

// family is the arc that stands for key agreement and mapping; 0 where there is none.
func (p PACEInfo) family() int { return p.arcFromEnd(2) }

// cipher is what the last arc stands for.
func (p PACEInfo) cipher() cipherID { return cipherID(p.arcFromEnd(1)) }

func (p PACEInfo) arcFromEnd(n int) int {
	if len(p.Protocol) < n {
		return 0
	}
	return p.Protocol[len(p.Protocol)-n]
}

func (p PACEInfo) mapping() mapping {
	switch p.family() {
	case 3, 4:
		return mappingIntegrated
	case 6:
		return mappingChipAuthentication
	}
	return mappingGeneric
}

func (p PACEInfo) elliptic() bool { return p.family()%2 == 0 }

// known says whether the protocol is one of ICAO Doc 9303-11, 9.2.3.
func (p PACEInfo) known() bool {
	if p.Version != paceVersion || p.cipher() < cipher3DES || p.cipher() > cipherAES256 {
		return false
	}
	switch p.family() {
	case 1, 2, 3, 4:
		return true
	case 6:
		return p.cipher() != cipher3DES
	}
	return false
}

// oid gives the object identifier as it goes over the link: without tag and length.
func (p PACEInfo) oid() []byte {
	der, err := asn1.Marshal(p.Protocol)
	if err != nil {
		panic(err) // it was read from DER
	}
	return der[2:] // arcs of id-PACE take 10 bytes, so the length takes one
}

// paceVariant is a PACEInfo with its group.
type paceVariant struct {
	PACEInfo
	group group
	// ambiguous says that the chip has several sets of domain parameters, and must be told which.
	ambiguous bool
}

// bestPACE chooses among the variants that the chip offers: chip authentication mapping before generic before integrated
// mapping, then the strongest cipher, elliptic curves before residues, the largest field. It says whether there is one
// that can be used.
func (s *SecurityInfos) bestPACE() (paceVariant, bool) {
	var usable []paceVariant
	for _, info := range s.PACE {
		g, secure := s.groupOf(info)
		if !info.known() || !secure || info.mapping() == mappingIntegrated && !hasIntegratedMapping(g) {
			continue
		}
		ambiguous := slices.ContainsFunc(s.PACE, func(o PACEInfo) bool { return o.ParameterID != info.ParameterID })
		usable = append(usable, paceVariant{info, g, ambiguous})
	}
	if len(usable) == 0 {
		return paceVariant{}, false
	}
	return slices.MaxFunc(usable, func(a, b paceVariant) int {
		return cmp.Or(
			cmp.Compare(a.mapping(), b.mapping()),
			cmp.Compare(a.cipher(), b.cipher()),
			cmp.Compare(a.group.publicTag(), b.group.publicTag()), // 84 is DH, 86 ECDH
			cmp.Compare(a.group.fieldPrime().BitLen(), b.group.fieldPrime().BitLen()),
		)
	}), true
}

// groupOf finds the group of a PACEInfo, and says whether it may be used. Explicit domain parameters are not signed, and
// bad ones give the password away; they are used only if they are known to be good (ICAO Doc 9303-11, 9.2.2).
func (s *SecurityInfos) groupOf(info PACEInfo) (group, bool) {
	const lastStandardized = 31
	if info.ParameterID >= 0 && info.ParameterID <= lastStandardized {
		g, known := standardized(info.ParameterID)
		return g, known && isElliptic(g) == info.elliptic()
	}
	for _, domain := range s.PACEDomainParameters {
		sameID := domain.ParameterID == info.ParameterID || info.ParameterID == NoID && len(s.PACEDomainParameters) == 1
		if sameID && isElliptic(domain.group) == info.elliptic() {
			return domain.group, isStandardized(domain.group)
		}
	}
	return nil, false
}

func isElliptic(g group) bool {
	_, elliptic := g.(ellipticGroup)
	return elliptic
}

// isStandardized says whether a group is one that is published for this use.
func isStandardized(g group) bool {
	switch g := g.(type) {
	case ellipticGroup:
		return g.Name() != ""
	case *residueGroup:
		return g.published
	}
	return false
}

// hasIntegratedMapping says whether elements of the field can be mapped into the group: p = 3 mod 4 for curves.
func hasIntegratedMapping(g group) bool {
	p := g.fieldPrime()
	return !isElliptic(g) || p.Bit(0) == 1 && p.Bit(1) == 1
}
