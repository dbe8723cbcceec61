package pki

import (
	"cmp"
	"crypto"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// attempt is one algorithm by which a signature may have been made, where what is stated of it leaves more than one or
// cannot be true.
//
// Several are tried, and that helps no forger: in CMS nobody signs the algorithm identifiers, so that he states what he likes
// as it is; in a certificate and a revocation list he who signs writes them. Each attempt is a full verification, with a hash
// function that the caller takes anyhow.
type attempt struct {
	algorithm
	deviations []Deviation
	uncertain  error // why the signature may be made by yet another; nil where it may not
}

// attemptsOf gives the attempts that a signature algorithm's identifier leaves, that which is stated first. Others are the
// hash functions that the content is hashed with; none for what states but one algorithm.
func attemptsOf(identifier cryptobyte.String, others ...crypto.Hash) ([]attempt, error) {
	again := identifier
	how, err := readAlgorithm(&identifier)
	if err != nil {
		return attemptsOfUnknown(again, others, err)
	}
	if how.scheme == schemeRSAPSS {
		_, parameters, err := readIdentifier(&again)
		return attemptsOfPSS(how, parameters, others), err
	}
	var attempts []attempt
	hashes := differing(append([]crypto.Hash{how.hash}, others...))
	for _, hash := range hashes {
		a := attempt{algorithm: algorithm{scheme: how.scheme, hash: hash}}
		if len(hashes) > 1 {
			a.deviations = []Deviation{DeviationTwoHashes}
		}
		attempts = append(attempts, a)
	}
	if len(attempts) == 0 {
		return nil, fmt.Errorf("%w: signature without a hash function", ErrUnsupported)
	}
	return attempts, nil
}

// attemptsOfUnknown are the attempts of an algorithm that is not known, as its identifier was not the one that was meant:
// that of the key, with a hash function that it names, as ecdsa-with-Specified does (ANSI X9.62), or that is itself, or else
// that of the content; with RSA also what an RSA key may sign by besides. None fitting is no evidence.
func attemptsOfUnknown(identifier cryptobyte.String, others []crypto.Hash, uncertain error) ([]attempt, error) {
	oid, parameters, err := readIdentifier(&identifier)
	if err != nil {
		return nil, uncertain
	}
	hashes := []crypto.Hash{hashFunction(oid)}
	if hash, err := readHash(&parameters); err == nil && oid != oidRSAPSS {
		hashes = append(hashes, hash)
	}
	var attempts []attempt
	for _, hash := range differing(append(hashes, others...)) {
		attempts = append(attempts, attempt{algorithm{hash: hash}, []Deviation{DeviationUnknown}, uncertain})
	}
	if len(attempts) == 0 {
		return nil, uncertain
	}
	return attempts, nil
}

// attemptsOfPSS are the attempts of RSASSA-PSS: as its parameters state, where what they leave out has its default (RFC
// 4055, 3.1); and then as signers do who leave out what is no default: all by the one hash function that is known.
func attemptsOfPSS(stated algorithm, parameters cryptobyte.String, others []crypto.Hash) []attempt {
	first := attempt{algorithm: stated}
	hash, whole := statesPSS(parameters)
	switch {
	case absent(parameters):
		first.deviations = []Deviation{DeviationPSSDefaults}
	case len(others) > 0 && others[0] != stated.hash:
		first.deviations = []Deviation{DeviationTwoHashes}
	}
	attempts := []attempt{first}
	if !statesMask(parameters) {
		attempts = attemptsOfMask(first)
	}
	switch {
	case whole:
		return attempts
	case hash:
		others = []crypto.Hash{stated.hash}
	case len(others) == 0:
		others = []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA224}
	}
	for _, hash := range differing(others) {
		if other := pssWith(hash); other != stated {
			attempts = append(attempts, attempt{algorithm: other, deviations: []Deviation{DeviationPSSOmission}})
		}
	}
	return attempts
}

// attemptsOfMask are the attempts where MGF1 leaves out its hash function, for which there is no default: SHA-1, which MGF1
// has where it is left out as a whole, and the hash function of the signature.
func attemptsOfMask(first attempt) []attempt {
	first.deviations = append(slices.Clone(first.deviations), DeviationPSSMask)
	second := first
	second.mask = first.hash
	return []attempt{first, second}
}

// statesMask says whether parameters of RSASSA-PSS that state MGF1 state its hash function; true where they do not state it.
func statesMask(parameters cryptobyte.String) bool {
	var body, mask cryptobyte.String
	var has bool
	if !parameters.ReadASN1(&body, cbasn1.SEQUENCE) || !body.SkipOptionalASN1(contextTag(0)) ||
		!body.ReadOptionalASN1(&mask, &has, contextTag(1)) || !has {
		return true
	}
	_, hash, err := readIdentifier(&mask)
	return err != nil || !absent(hash)
}

// statesPSS says whether parameters of RSASSA-PSS state their hash function, and whether nothing is left out.
func statesPSS(parameters cryptobyte.String) (hash, whole bool) {
	var body cryptobyte.String
	if !parameters.ReadASN1(&body, cbasn1.SEQUENCE) {
		return false, false
	}
	hash, whole = body.PeekASN1Tag(contextTag(0)), true
	for n := range uint8(3) {
		whole = whole && body.PeekASN1Tag(contextTag(n)) && body.SkipASN1(contextTag(n))
	}
	return hash, whole
}

// differing gives the hash functions, each once, without what is none.
func differing(hashes []crypto.Hash) []crypto.Hash {
	return once(slices.DeleteFunc(slices.Clone(hashes), func(hash crypto.Hash) bool { return hash == 0 }))
}

// fitting gives the attempts with schemes that key signs with: signers have stated that of another kind of key, which cannot
// be what they meant. With RSA those follow by which the key may have signed whatever is stated: the signature is opened once
// for all of them.
func fitting(attempts []attempt, key publicKey) []attempt {
	rsa, isRSA := key.(rsaKey)
	var fit []attempt
	for _, a := range attempts {
		fit = append(fit, a.fitting(rsa, isRSA))
	}
	if isRSA {
		fit = append(fit, attempts[0].insteadByRSA()...)
	}
	return fit
}

// fittingWidely is fitting for what nobody signs the algorithm of: by ECDSA too other hash functions follow, each of which takes
// a verification of its own.
func fittingWidely(attempts []attempt, key publicKey) []attempt {
	fit := fitting(attempts, key)
	if _, isRSA := key.(rsaKey); isRSA {
		return fit
	}
	for _, hash := range hashFunctions() {
		other := attempts[0].by(algorithm{scheme: schemeECDSA, hash: hash})
		if !slices.ContainsFunc(fit, func(a attempt) bool { return a.algorithm == other.algorithm }) {
			fit = append(fit, other)
		}
	}
	return fit
}

// fitting is the attempt with a scheme that the key signs with.
func (a attempt) fitting(key rsaKey, isRSA bool) attempt {
	fit := a
	switch {
	case !isRSA:
		fit.algorithm = algorithm{scheme: schemeECDSA, hash: a.hash}
	case key.only.scheme == schemeRSAPSS && key.only.hash != 0:
		fit.algorithm = key.only
	case key.only.scheme == schemeRSAPSS:
		fit.algorithm = pssWith(a.hash)
	default:
		fit.algorithm = algorithm{scheme: schemeRSA, hash: a.hash}
	}
	switch {
	case a.scheme == fit.scheme, a.scheme == schemeRSAPSS && isRSA:
		return a
	case a.scheme != 0:
		fit.deviations = append(slices.Clone(a.deviations), DeviationOtherKind)
	}
	return fit
}

// insteadByRSA is how an RSA key may have signed in the place of what is stated: by either scheme, with any of the hash functions
// that are taken, for the mask too, and with as much salt as there is.
func (a attempt) insteadByRSA() (others []attempt) {
	for _, hash := range hashFunctions() {
		others = append(others, a.by(algorithm{scheme: schemeRSA, hash: hash}))
	}
	for _, hash := range hashFunctions() {
		for _, mask := range once(append([]crypto.Hash{hash}, hashFunctions()...)) {
			others = append(others, a.by(algorithm{schemeRSAPSS, hash, mask, anySalt}))
		}
	}
	return others
}

// by is an attempt by another algorithm than a, which is stated.
func (a attempt) by(other algorithm) attempt {
	deviation := DeviationSignatureHash
	switch {
	case a.scheme == 0:
		deviation = DeviationUnknown
	case (a.scheme == schemeECDSA) != (other.scheme == schemeECDSA):
		deviation = DeviationOtherKind
	case a.scheme != other.scheme:
		deviation = DeviationOtherScheme
	case a.scheme == schemeRSAPSS:
		deviation = DeviationPSSParameters
	case a.hash == other.hash: // by a key that states that it signs otherwise, which it is told for
		return attempt{algorithm: other, uncertain: a.uncertain}
	}
	return attempt{other, []Deviation{deviation}, a.uncertain}
}

// spelling is one encoding of what a signature is over.
type spelling struct {
	content    []byte
	deviations []Deviation
	digests    map[crypto.Hash][]byte // known already
}

// digest gives that of the spelling, which is made once: what is signed may be long, and is tried often.
func (s *spelling) digest(hash crypto.Hash) []byte {
	digest, known := s.digests[hash]
	if !known {
		digest = hashed(hash, s.content)
		s.digests[hash] = digest
	}
	return digest
}

func newSpelling(content []byte, deviations ...Deviation) spelling {
	return spelling{content, deviations, map[crypto.Hash][]byte{}}
}

// verifyAny says whether signature is key's over one of the spellings in one of the attempts, and with what deviations. The
// error is that of a [verifier]: an [ErrUnsupported] where one could not be told and none fits, or where no more may be spent.
func verifyAny(key publicKey, attempts []attempt, spellings []spelling, signature []byte, spent *effort) ([]Deviation, error) {
	failure := ErrSignature
	verify, each := key.verifier(signature), verificationEffort(key)
	for _, a := range attempts {
		for _, s := range spellings {
			if !spent.spend(each) {
				return nil, errEffort
			}
			deviations, err := verify(a.algorithm, s.digest(a.hash))
			if err == nil {
				return once(slices.Concat(a.deviations, s.deviations, deviations)), nil
			}
			failure = graver(failure, cmp.Or(a.uncertain, err))
		}
	}
	return nil, failure
}

// graver is what a failure says beside another: what could not be told leaves all open, and that a key has signed other content
// says more than that it has not signed this.
func graver(one, other error) error {
	if !errors.Is(one, ErrSignature) || errors.Is(one, ErrOtherContent) && errors.Is(other, ErrSignature) {
		return one
	}
	return other
}
