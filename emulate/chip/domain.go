package chip

import (
	"io"
	"math/big"
)

// element is a member of a cyclic group of prime order.
type element interface {
	add(element) element // the group's operation; both of one group
	multiply(scalar *big.Int) element
	neutral() bool
	encode() []byte // as a public key: an uncompressed point, or an unsigned integer
	secret() []byte // as a shared secret, of the field's length: the x-coordinate, or the integer (Doc 9303-11, 9.6)
}

// domain is domain parameters for key agreement (Doc 9303-11, 9.5.1).
type domain interface {
	generator() element
	order() *big.Int
	decode(publicKey []byte) (element, bool) // only members of the group, and not the neutral one
	// fromField is the second half of the integrated mapping (Doc 9303-11, 4.4.3.3.2): a generator from a number
	// below field.
	fromField(number *big.Int) (element, bool)
	field() *big.Int
	tag() byte                     // of a public key in an authentication token (Doc 9303-11, 9.4.3 and 9.4.4)
	algorithm(KeyEncoding) []byte  // AlgorithmIdentifier with the parameters spelt out
	bits(publicKey element) []byte // content of the BIT STRING in a SubjectPublicKeyInfo
}

// standardized gives the standardized domain parameters of an identifier (Doc 9303-11, 9.5.1).
func standardized(id int) (domain, bool) {
	if p, ok := curves[id]; ok {
		return newCurve(p), true
	}
	if p, ok := groups[id]; ok {
		return newModularGroup(p), true
	}
	return nil, false
}

// isCurve reports whether a valid identifier is that of an elliptic curve.
func isCurve(id int) bool { return id >= 8 }

// needsExtendedLength reports whether public keys are too long for a short command: those of 2048 bits.
func needsExtendedLength(id int) bool { return id == 1 || id == 2 }

func hexadecimal(digits string) *big.Int {
	n, ok := new(big.Int).SetString(digits, 16)
	if !ok {
		panic("chip: " + digits + " is no number") // only the tables come here
	}
	return n
}

// size is how many bytes numbers below n need.
func size(n *big.Int) int { return (n.BitLen() + 7) / 8 }

// fixed encodes a number below modulus in the modulus's length, leading zeros included.
func fixed(n, modulus *big.Int) []byte { return n.FillBytes(make([]byte, size(modulus))) }

// newScalar draws a number from 1 to order-1: as many bytes as the order has, the first freed of bits beyond the order's
// length, and again while the number is outside.
func newScalar(random io.Reader, order *big.Int) (*big.Int, error) {
	bytes := make([]byte, size(order))
	for {
		if _, err := io.ReadFull(random, bytes); err != nil {
			return nil, err
		}
		bytes[0] &= 0xFF >> (8*len(bytes) - order.BitLen())
		if n := new(big.Int).SetBytes(bytes); n.Sign() > 0 && n.Cmp(order) < 0 {
			return n, nil
		}
	}
}
