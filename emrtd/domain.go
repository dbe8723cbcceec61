package emrtd

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/curve"
)

// errDomainParameters says that domain parameters are malformed or of a kind that is not taken here.
var errDomainParameters = errors.New("unusable domain parameters")

// Bounds of the prime of a residue group, in bits. The largest standardized one has 2,048.
const (
	leastPrimeBits = 1024
	mostPrimeBits  = 3072
)

// parseDomainParameters reads the contents of an AlgorithmIdentifier that stands for a group (ICAO Doc 9303-11, 9.5;
// named curves, which it does not allow, are taken as well). Where the parameters are standardized ones, the group is
// the standardized one.
func parseDomainParameters(algorithm cryptobyte.String) (group, error) {
	var kind asn1.ObjectIdentifier
	if !algorithm.ReadASN1ObjectIdentifier(&kind) {
		return nil, errDomainParameters
	}
	switch kind.String() {
	case "0.4.0.127.0.7.1.2": // standardizedDomainParameters
		var id int
		if !algorithm.ReadASN1Integer(&id) {
			return nil, errDomainParameters
		}
		if g, known := standardized(id); known {
			return g, nil
		}
	case "1.2.840.10045.2.1": // id-ecPublicKey
		return parseCurve(algorithm)
	case "1.2.840.10046.2.1": // dhpublicnumber, X9.42
		return parseResidueGroup(algorithm, true)
	case "1.2.840.113549.1.3.1": // dhKeyAgreement, PKCS #3
		return parseResidueGroup(algorithm, false)
	}
	return nil, fmt.Errorf("%w: %s", errDomainParameters, boundedOID(kind))
}

// maxArcs is how many arcs of an object identifier are repeated: a stranger may write tens of thousands.
const maxArcs = 16

// boundedOID is an object identifier for people.
func boundedOID(id asn1.ObjectIdentifier) string {
	if len(id) > maxArcs {
		return id[:maxArcs].String() + "..."
	}
	return id.String()
}

// parseCurve reads ECParameters: a name, or SpecifiedECDomain (SEC 1, C.2).
func parseCurve(in cryptobyte.String) (group, error) {
	var name asn1.ObjectIdentifier
	if in.PeekASN1Tag(tags.OBJECT_IDENTIFIER) && in.ReadASN1ObjectIdentifier(&name) {
		if c, known := curve.ByOID(name.String()); known {
			return ellipticGroup{c}, nil
		}
		return nil, fmt.Errorf("%w: curve %s", errDomainParameters, boundedOID(name))
	}
	parameters, generator, err := curve.ParseParameters(in)
	if err == nil {
		_, err = parameters.SetGenerator(generator)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDomainParameters, err)
	}
	c, err := curve.New(parameters)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDomainParameters, err)
	}
	return ellipticGroup{c}, nil
}

// parseResidueGroup reads p, g and, in X9.42, q. Without it the group is that of all residues, of order p-1: there is no
// subgroup that a public key could lie outside of.
func parseResidueGroup(in cryptobyte.String, withOrder bool) (group, error) {
	var domain cryptobyte.String
	var p, g, q *big.Int
	if !in.ReadASN1(&domain, tags.SEQUENCE) || !readUnsigned(&domain, &p) || !readUnsigned(&domain, &g) ||
		withOrder && !readUnsigned(&domain, &q) {
		return nil, errDomainParameters
	}
	if bits := p.BitLen(); bits < leastPrimeBits || bits > mostPrimeBits || p.Bit(0) == 0 {
		return nil, fmt.Errorf("%w: a prime of %d bits", errDomainParameters, bits)
	}
	for id := range 3 {
		known, _ := standardized(id)
		if k := known.(*residueGroup); k.p.Cmp(p) == 0 && k.g.Cmp(g) == 0 && (q == nil || k.q.Cmp(q) == 0) {
			return k, nil
		}
	}
	all := new(big.Int).Sub(p, big.NewInt(1))
	if q == nil {
		q = all
	}
	if q.BitLen() < 160 || new(big.Int).Mod(all, q).Sign() != 0 {
		return nil, fmt.Errorf("%w: order of the subgroup", errDomainParameters)
	}
	group, err := newResidueGroup(p, q, g)
	if err != nil {
		return nil, err
	}
	if _, err := group.decode(g.Bytes()); err != nil {
		return nil, fmt.Errorf("%w: generator: %w", errDomainParameters, err)
	}
	return group, nil
}

// readUnsigned reads an INTEGER of at most mostPrimeBits as what it means where none can be negative: some encoders leave
// out the leading zero.
func readUnsigned(in *cryptobyte.String, v **big.Int) bool {
	var digits cryptobyte.String
	if !in.ReadASN1(&digits, tags.INTEGER) || len(digits) > mostPrimeBits/8+1 {
		return false
	}
	*v = new(big.Int).SetBytes(digits)
	return true
}
