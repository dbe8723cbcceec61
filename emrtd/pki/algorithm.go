package pki

import (
	"bytes"
	"crypto"
	_ "crypto/sha1"   // the hash functions that algorithms name are linked in
	_ "crypto/sha256" // likewise
	_ "crypto/sha512" // likewise
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// scheme is how a signature is made.
type scheme int

const (
	schemeRSA    scheme = iota + 1 // RSASSA-PKCS1-v1_5
	schemeRSAPSS                   // RSASSA-PSS
	schemeECDSA                    // as a sequence or side by side
)

// String names the scheme for people.
func (s scheme) String() string {
	switch s {
	case schemeRSA:
		return "PKCS #1 v1.5"
	case schemeRSAPSS:
		return "RSASSA-PSS"
	}
	return "ECDSA"
}

// algorithm is how a signature is to be checked.
type algorithm struct {
	scheme scheme
	hash   crypto.Hash // 0 where a key's identifier stands for the algorithm, which leaves it to the digest algorithm
	mask   crypto.Hash // in the mask generation function, for RSASSA-PSS
	salt   int         // bytes, for RSASSA-PSS
}

// maxSalt bounds the salt of RSASSA-PSS, in bytes, by the longest modulus.
const maxSalt = maxRSA / 8

// hashFunctions are those that ICAO Doc 9303-12, section 4, allows, and SHA-1, which old documents have.
func hashFunctions() []crypto.Hash {
	return []crypto.Hash{crypto.SHA256, crypto.SHA1, crypto.SHA384, crypto.SHA512, crypto.SHA224}
}

// hashIdentifier gives the object identifier of one of the [hashFunctions]; nil for any other.
func hashIdentifier(hash crypto.Hash) asn1.ObjectIdentifier {
	switch hash {
	case crypto.SHA1:
		return asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	case crypto.SHA224:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}
	case crypto.SHA256:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	case crypto.SHA384:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	case crypto.SHA512:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
	}
	return nil
}

// hashFunction gives the one of the [hashFunctions] that has this object identifier; 0 where none has.
func hashFunction(oid string) crypto.Hash {
	return hashThat(func(hash crypto.Hash) bool { return hashIdentifier(hash).String() == oid })
}

// hashOfLength gives the hash function whose digests have so many bytes; 0 where there is none.
func hashOfLength(size int) crypto.Hash {
	return hashThat(func(hash crypto.Hash) bool { return hash.Size() == size })
}

// hashThat gives the first of the [hashFunctions] that is meant; 0 where none is.
func hashThat(is func(crypto.Hash) bool) crypto.Hash {
	functions := hashFunctions()
	if i := slices.IndexFunc(functions, is); i >= 0 {
		return functions[i]
	}
	return 0
}

// plainAlgorithm gives the signature algorithms that need no parameters (RFC 3279, RFC 4055, RFC 5758); the zero value
// for any other.
func plainAlgorithm(oid string) algorithm {
	switch oid {
	case oidRSAKey:
		return algorithm{scheme: schemeRSA}
	case oidECKey:
		return algorithm{scheme: schemeECDSA}
	case "1.2.840.113549.1.1.5", "1.3.14.3.2.29": // the second is older (OIW)
		return algorithm{scheme: schemeRSA, hash: crypto.SHA1}
	case "1.2.840.113549.1.1.14":
		return algorithm{scheme: schemeRSA, hash: crypto.SHA224}
	case "1.2.840.113549.1.1.11":
		return algorithm{scheme: schemeRSA, hash: crypto.SHA256}
	case "1.2.840.113549.1.1.12":
		return algorithm{scheme: schemeRSA, hash: crypto.SHA384}
	case "1.2.840.113549.1.1.13":
		return algorithm{scheme: schemeRSA, hash: crypto.SHA512}
	case "1.2.840.10045.4.1":
		return algorithm{scheme: schemeECDSA, hash: crypto.SHA1}
	case "1.2.840.10045.4.3.1":
		return algorithm{scheme: schemeECDSA, hash: crypto.SHA224}
	case "1.2.840.10045.4.3.2":
		return algorithm{scheme: schemeECDSA, hash: crypto.SHA256}
	case "1.2.840.10045.4.3.3":
		return algorithm{scheme: schemeECDSA, hash: crypto.SHA384}
	case "1.2.840.10045.4.3.4":
		return algorithm{scheme: schemeECDSA, hash: crypto.SHA512}
	case oidPlainECDSA + ".1":
		return algorithm{scheme: schemeECDSA, hash: crypto.SHA1}
	case oidPlainECDSA + ".2":
		return algorithm{scheme: schemeECDSA, hash: crypto.SHA224}
	case oidPlainECDSA + ".3":
		return algorithm{scheme: schemeECDSA, hash: crypto.SHA256}
	case oidPlainECDSA + ".4":
		return algorithm{scheme: schemeECDSA, hash: crypto.SHA384}
	case oidPlainECDSA + ".5":
		return algorithm{scheme: schemeECDSA, hash: crypto.SHA512}
	}
	return algorithm{}
}

// ECDSAHash is the hash function of a signature algorithm with ECDSA, 0 for any other; plain says that the algorithm writes
// r and s side by side (BSI TR-03111, 5.2.1), as active authentication must (ICAO Doc 9303-11, 6.1.2.3).
func ECDSAHash(oid string) (hash crypto.Hash, plain bool) {
	how := plainAlgorithm(oid)
	if how.scheme != schemeECDSA {
		return 0, false
	}
	return how.hash, strings.HasPrefix(oid, oidPlainECDSA+".")
}

// oidPlainECDSA is above the algorithms that write r and s side by side (BSI TR-03111, 5.2.1), which ICAO does not have.
const oidPlainECDSA = "0.4.0.127.0.7.1.1.4.1"

// Object identifiers of RSASSA-PSS (RFC 4055).
const (
	oidRSAPSS = "1.2.840.113549.1.1.10"
	oidMGF1   = "1.2.840.113549.1.1.8"
)

// readIdentifier takes an AlgorithmIdentifier off s; parameters are what stands behind the object identifier.
func readIdentifier(s *cryptobyte.String) (oid string, parameters cryptobyte.String, err error) {
	var identifier cryptobyte.String
	if !s.ReadASN1(&identifier, cbasn1.SEQUENCE) {
		return "", nil, malformed("algorithm identifier")
	}
	oid, ok := readOID(&identifier)
	if !ok {
		return "", nil, malformed("algorithm identifier")
	}
	return oid, identifier, nil
}

// readHash takes the identifier of a hash function off s. One that is not known gives an [ErrUnsupported].
func readHash(s *cryptobyte.String) (crypto.Hash, error) {
	oid, _, err := readIdentifier(s)
	if err != nil {
		return 0, err
	}
	hash := hashFunction(oid)
	if hash == 0 {
		return 0, fmt.Errorf("%w: hash function %s", ErrUnsupported, boundedOID(oid))
	}
	return hash, nil
}

// readAlgorithm takes the identifier of a signature algorithm off s. One that is not known gives an [ErrUnsupported].
func readAlgorithm(s *cryptobyte.String) (algorithm, error) {
	oid, parameters, err := readIdentifier(s)
	if err != nil {
		return algorithm{}, err
	}
	if oid == oidRSAPSS {
		return readPSS(parameters)
	}
	a := plainAlgorithm(oid)
	if a.scheme == 0 {
		return algorithm{}, fmt.Errorf("%w: signature algorithm %s", ErrUnsupported, boundedOID(oid))
	}
	return a, nil
}

// sameAlgorithm compares two identifiers: by what they say where their parameters are spelt in two ways.
func sameAlgorithm(a, b cryptobyte.String) bool {
	if bytes.Equal(a, b) {
		return true
	}
	first, firstErr := readAlgorithm(&a)
	second, secondErr := readAlgorithm(&b)
	return firstErr == nil && secondErr == nil && first == second
}

// absent says whether an algorithm identifier has no parameters: none, or the NULL that stands for none.
func absent(parameters cryptobyte.String) bool {
	return parameters.Empty() || bytes.Equal(parameters, []byte{byte(cbasn1.NULL), 0})
}

// pssWith is RSASSA-PSS with one hash function for message and mask, and as much salt as that is long.
func pssWith(hash crypto.Hash) algorithm {
	return algorithm{scheme: schemeRSAPSS, hash: hash, mask: hash, salt: hash.Size()}
}

// readPSS reads the parameters of RSASSA-PSS; what is left out has its default: SHA-1, MGF1 with SHA-1, 20 bytes of salt
// (RFC 4055, 3.1).
func readPSS(parameters cryptobyte.String) (algorithm, error) {
	var body, hash, mask cryptobyte.String
	var hasHash, hasMask bool
	a := pssWith(crypto.SHA1)
	if absent(parameters) {
		return a, nil
	}
	if !parameters.ReadASN1(&body, cbasn1.SEQUENCE) ||
		!body.ReadOptionalASN1(&hash, &hasHash, contextTag(0)) ||
		!body.ReadOptionalASN1(&mask, &hasMask, contextTag(1)) ||
		!body.ReadOptionalASN1Integer(&a.salt, contextTag(2), a.salt) || a.salt < 0 || a.salt > maxSalt {
		return algorithm{}, malformed("RSASSA-PSS parameters")
	}
	var err error
	if hasHash {
		if a.hash, err = readHash(&hash); err != nil {
			return algorithm{}, err
		}
	}
	if hasMask {
		if a.mask, err = readMask(&mask); err != nil {
			return algorithm{}, err
		}
	}
	return a, nil
}

// readMask reads a mask generation function and gives the hash function in it, or SHA-1 where it leaves it out, of which
// [attemptsOf] thinks.
func readMask(s *cryptobyte.String) (crypto.Hash, error) {
	oid, parameters, err := readIdentifier(s)
	if err != nil {
		return 0, err
	}
	if oid != oidMGF1 {
		return 0, fmt.Errorf("%w: mask generation function %s", ErrUnsupported, boundedOID(oid))
	}
	if absent(parameters) {
		return crypto.SHA1, nil
	}
	return readHash(&parameters)
}

// verify says whether signature is key's over signed, with what is let pass. The error is that of a [verifier]; an
// [ErrUnsupported] for a hash function that is not linked in.
func (a algorithm) verify(key publicKey, signed, signature []byte) ([]Deviation, error) {
	if !a.hash.Available() {
		return nil, fmt.Errorf("%w: hash function %v", ErrUnsupported, a.hash)
	}
	return key.verifier(signature)(a, hashed(a.hash, signed))
}

// hashed gives the digest of the parts, one after the other.
func hashed(hash crypto.Hash, parts ...[]byte) []byte {
	h := hash.New()
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

// signed is something with a signature in the way of X.509: a certificate or a revocation list.
type signed struct {
	tbs       cryptobyte.String // DER
	standing  cryptobyte.String // what is in tbs as it stands, where that is not in DER
	algorithm cryptobyte.String // DER of the AlgorithmIdentifier
	signature []byte
}

// readSigned takes what may be in BER apart, as cutSigned does.
func readSigned(ber []byte) (s signed, ok bool) {
	der := wholeDER(ber)
	if s, ok = cutSigned(der); ok && !bytes.Equal(der, ber) {
		s.standing = standingTBS(ber)
	}
	return s, ok
}

// cutSigned takes der apart; false for what has not the shape, or anything behind it.
func cutSigned(der cryptobyte.String) (s signed, ok bool) {
	var body cryptobyte.String
	ok = der.ReadASN1(&body, cbasn1.SEQUENCE) && der.Empty() && body.ReadASN1Element(&s.tbs, cbasn1.SEQUENCE) &&
		body.ReadASN1Element(&s.algorithm, cbasn1.SEQUENCE) && body.ReadASN1BitStringAsBytes(&s.signature) && body.Empty()
	return s, ok
}

// check checks the signature with key. The error is that of [publicKey].
func (s signed) check(key publicKey) error {
	_, err := s.verify(key)
	return err
}

// verify is check that tells the deviations too.
func (s signed) verify(key publicKey) ([]Deviation, error) {
	attempts, err := attemptsOf(s.algorithm)
	if err != nil {
		return nil, err
	}
	spellings := []spelling{newSpelling(s.tbs)}
	if s.standing != nil {
		spellings = append(spellings, newSpelling(s.standing))
	}
	return verifyAny(key, fitting(attempts, key), spellings, s.signature, nil)
}
