package emrtd

import (
	"cmp"
	"encoding/asn1"
	"fmt"
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

// PACEVersion is the version of PACE that there is (ICAO Doc 9303-11, 9.2.1). In version 1, of BSI TR-03110 2.01, the
// authentication token is over the domain parameters too.
const PACEVersion = 2

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

// Known says whether the protocol is one of ICAO Doc 9303-11, 9.2.3, in whatever version.
func (p PACEInfo) Known() bool {
	if p.cipher() < cipher3DES || p.cipher() > cipherAES256 {
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

// paceVariant is a PACEInfo with its group, and the identifier of that.
type paceVariant struct {
	PACEInfo
	group group
	// ambiguous says that the chip has several sets of domain parameters, and must be told which.
	ambiguous bool
	// guessed says that the PACEInfo does not tell its group.
	guessed bool
	// misstated says that it tells one by an identifier that stands for nothing.
	misstated bool
}

// irregularity is how far a variant is from what the standard has: what it does not know comes last.
func (p paceVariant) irregularity() int {
	switch {
	case p.Version != PACEVersion:
		return 2
	case p.misstated:
		return 1
	}
	return 0
}

// usablePACE are the variants that the chip offers and that can be used here, each once, the strongest first: chip
// authentication mapping before generic before integrated mapping, then the strongest cipher, elliptic curves before residues,
// the largest field. A group that is guessed comes behind those that are told, and behind all others what the standard does
// not know: an identifier that stands for nothing, another version.
func (s *SecurityInfos) usablePACE() []paceVariant {
	var usable []paceVariant
	for _, info := range s.PACE {
		if !info.Known() {
			continue
		}
		for _, variant := range s.variantsOf(info) {
			if info.mapping() != mappingIntegrated || hasIntegratedMapping(variant.group) {
				usable = append(usable, variant)
			}
		}
	}
	slices.SortStableFunc(usable, func(a, b paceVariant) int {
		return cmp.Or(
			cmp.Compare(a.irregularity(), b.irregularity()),
			cmp.Compare(b.mapping(), a.mapping()),
			cmp.Compare(b.cipher(), a.cipher()),
			cmp.Compare(b.group.publicTag(), a.group.publicTag()), // 84 is DH, 86 ECDH
			cmp.Compare(b.strength(), a.strength()),
		)
	})
	return distinct(usable)
}

// distinct are the first of those variants that would be asked for alike.
func distinct(variants []paceVariant) (all []paceVariant) {
	for _, v := range variants {
		if !slices.ContainsFunc(all, func(o paceVariant) bool { return o.alike(v.PACEInfo) }) {
			all = append(all, v)
		}
	}
	return all
}

// alike says whether both are the same protocol with the same domain parameters.
func (p PACEInfo) alike(o PACEInfo) bool {
	return p.ParameterID == o.ParameterID && p.Protocol.Equal(o.Protocol)
}

// same says whether they are alike in version too.
func (p PACEInfo) same(o PACEInfo) bool { return p.alike(o) && p.Version == o.Version }

// spelt names a variant for people.
func (p PACEInfo) spelt() string {
	if p.ParameterID == NoID {
		return fmt.Sprintf("%s (cipher %d, parameters not stated)", p, p.cipher())
	}
	return fmt.Sprintf("%s (cipher %d, parameters %d)", p, p.cipher(), p.ParameterID)
}

// strength is the size of the field in bits; 0 of one that is guessed.
func (p paceVariant) strength() int {
	if p.guessed {
		return 0
	}
	return p.group.fieldPrime().BitLen()
}

// variantsOf are what a PACEInfo may mean: what its identifier says; where it has none, each set of explicit domain
// parameters; where nothing tells its group, every standardized one. Such chips are in the field, though the standard wants
// the identifier there (ICAO Doc 9303-11, 9.2.1). Which group the chip uses shows by the public key that it sends, and so
// before the password is tested.
func (s *SecurityInfos) variantsOf(info PACEInfo) (all []paceVariant) {
	variant := paceVariant{
		PACEInfo: info, guessed: !s.TellsGroup(info),
		ambiguous: slices.ContainsFunc(s.PACE, func(o PACEInfo) bool { return o.ParameterID != info.ParameterID }),
	}
	variant.misstated = variant.guessed && info.ParameterID != NoID
	add := func(g group, id int) {
		if isElliptic(g) == info.elliptic() && isStandardized(g) {
			variant.group, variant.ParameterID = g, id
			all = append(all, variant)
		}
	}
	if g, known := standardized(info.ParameterID); known {
		add(g, info.ParameterID)
		return all
	}
	for _, domain := range s.PACEDomainParameters {
		if info.ParameterID == NoID || domain.ParameterID == info.ParameterID {
			add(domain.group, domain.ParameterID)
		}
	}
	if variant.guessed {
		variant.ambiguous = false
		for _, id := range likelyParameters() {
			g, _ := standardized(id)
			add(g, id)
		}
	}
	return all
}

// TellsGroup says whether a PACEInfo tells its domain parameters: by an identifier that stands for some, or by leaving it out
// beside explicit ones.
func (s *SecurityInfos) TellsGroup(info PACEInfo) bool {
	_, known := standardized(info.ParameterID)
	return known || slices.ContainsFunc(s.PACEDomainParameters, func(d PACEDomainParameterInfo) bool {
		return info.ParameterID == NoID || d.ParameterID == info.ParameterID
	})
}

// likelyParameters are the identifiers of the standardized domain parameters, the most common in the field first.
func likelyParameters() []int { return []int{13, 12, 16, 15, 17, 18, 14, 11, 10, 9, 8, 2, 1, 0} }

func isElliptic(g group) bool {
	_, elliptic := g.(ellipticGroup)
	return elliptic
}

// isStandardized says whether a group is one that is published for this use. Explicit domain parameters are not signed, and
// bad ones give the password away; they are used only if they are known to be good (ICAO Doc 9303-11, 9.2.2).
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
