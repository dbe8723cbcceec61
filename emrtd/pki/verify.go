package pki

import (
	"bytes"
	"cmp"
	"crypto"
	"errors"
	"fmt"
	"slices"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// finding is what the search for a message's signer comes to.
type finding struct {
	signer      *signerInfo
	certificate *Certificate // nil with missing
	missing     error        // why the certificate is not known
	err         error        // of the signature, under certificate
	deviations  []Deviation  // where neither is an error
}

// SignerCertificate gives the signer's certificate among [SignedData.Certificates]: that which has the key that signed,
// whoever is named; where none has, that which is named. One that cannot be parsed gives a [*CertificateError]; none, an
// [ErrMalformed].
func (s *SignedData) SignerCertificate() (*Certificate, error) {
	f := s.finding()
	return f.certificate, f.missing
}

// Verify checks that the content has the signed digest, and the signature with the key in [SignedData.SignerCertificate]. It
// says nothing about that certificate. An [ErrSignature] is evidence: the digest or a key was tested, and the key was that of
// the certificate in the message that the signer is named by or, where it holds one alone, of that one.
func (s *SignedData) Verify() error {
	f := s.finding()
	return cmp.Or(f.missing, f.err)
}

// Deviations gives what is let pass in a message that verifies; empty for one that does not.
func (s *SignedData) Deviations() []Deviation { return s.finding().deviations }

// maxTried bounds how many certificates are tried, of those in the message and of those that were added: more than any
// message holds, and few enough to cost a station nothing.
const maxTried = 8

// candidate is a certificate that may be the signer's.
type candidate struct {
	certificate *triedCertificate
	embedded    bool // in the message
	named       bool
	failure     error // why it is not, or cannot be used
}

// candidates are the certificates in the order in which they are tried: those in the message, then those that were added; of
// each, those that the signer is named by; and of these and the others those first that are no authority's.
func (s *SignedData) candidates() []*candidate {
	var all []*candidate
	seen := map[string]bool{}
	for i, der := range s.Certificates {
		if seen[string(der)] {
			continue
		}
		seen[string(der)] = true
		c := s.trials.parse(der)
		one := &candidate{certificate: c, embedded: i < s.embedded, named: s.signer.names(c.Certificate)}
		if c.err != nil {
			one.failure = &CertificateError{Subject: c.Subject, Err: c.err}
		}
		all = append(all, one)
	}
	rank := func(c *candidate) (n int) {
		if !c.embedded {
			n += 4
		}
		if !c.named {
			n += 2
		}
		if c.certificate.SignsCertificates() {
			n++
		}
		return n
	}
	slices.SortStableFunc(all, func(a, b *candidate) int { return cmp.Compare(rank(a), rank(b)) })
	return all
}

// findOne tries one certificate after the other. The names that a message calls its signer by are not signed, and issuers
// get them wrong: the order of their parts, the serial number, one pair for two certificates. Only a key tells who signed.
// Whoever has it is the signer, and whether he may be is a question about his certificate.
func (s *SignedData) findOne() finding {
	f := s.findCertificate()
	f.signer = &s.signer
	return f
}

func (s *SignedData) findCertificate() finding {
	m := s.signedMessage()
	candidates := s.candidates()
	tried := map[bool]int{}
	for _, c := range candidates {
		tried[c.embedded]++
		deviations, ok := c.try(m, tried[c.embedded] <= maxTried)
		if !ok {
			continue
		}
		if m.digestErr != nil {
			return finding{certificate: c.certificate.Certificate, err: m.digestErr}
		}
		namesake := slices.ContainsFunc(candidates, func(o *candidate) bool {
			return o != c && o.named && c.named && (o.embedded || !c.embedded)
		})
		return finding{certificate: c.certificate.Certificate, deviations: s.deviationsOf(c.certificate.Certificate, namesake, append(m.deviations, deviations...))}
	}
	return s.settle(candidates)
}

// FindSigner gives the first of the certificates, in DER, whose key made the signature in the way that is stated; nil where none
// has, or can be used. How many are tried is the caller's to bound; whole says that all of them were, for which some take too
// long.
func (s *SignedData) FindSigner(certificates [][]byte) (signer []byte, whole bool) {
	m, spent := s.signedMessage(), &s.trials.sought
	m.fitting, m.spent = fitting, spent
	for _, der := range certificates {
		if spent.exhausted() {
			return nil, false
		}
		_, element, err := parseButKey(der)
		if err != nil {
			continue
		}
		key, err := readKey(element)
		if spent.spend(keyEffort(key, err)); err != nil {
			continue
		}
		if _, err := m.verify(key); err == nil {
			return der, true
		}
	}
	return nil, !spent.exhausted()
}

// deviationsOf gives all that is let pass, where certificate is the signer's.
func (s *SignedData) deviationsOf(certificate *Certificate, namesake bool, others []Deviation) []Deviation {
	deviations := append(slices.Clone(s.deviations), s.signer.misnames(certificate)...)
	if namesake {
		deviations = append(deviations, DeviationNamesake)
	}
	return once(append(deviations, others...))
}

// try says whether c's key made the signature, and with what deviations; if not, c's failure says why.
func (c *candidate) try(m *signedMessage, within bool) ([]Deviation, bool) {
	if c.failure != nil {
		return nil, false
	}
	if !within {
		c.failure = &CertificateError{c.certificate.Subject, fmt.Errorf("more than %d certificates", maxTried)}
		return nil, false
	}
	key, err := m.trials.readKey(c.certificate)
	if err != nil {
		c.failure = &CertificateError{c.certificate.Subject, err}
		return nil, false
	}
	trial := failedTrial{m.signer, string(c.certificate.Raw)}
	if c.failure = m.trials.failure(trial); c.failure != nil {
		return nil, false
	}
	deviations, err := m.verify(key)
	if c.failure = err; err != nil {
		m.trials.fail(trial, err)
	}
	return deviations, err == nil
}

// settle says what it means that no certificate has the key. Against the document it is evidence where the key was tested of
// every certificate that the signer is named by; or of the only one in the message, if that is no authority's and the name
// can be meant for it. That the key of another certificate does not fit says nothing: the signer's is missing then. So does
// what was added to the message, which may be anybody's; and the certificate of what states that it is an authority's key,
// which may have issuer and serial number of the signer's, and signs nothing but lists.
func (s *SignedData) settle(candidates []*candidate) finding {
	candidates = slices.DeleteFunc(candidates, func(c *candidate) bool { return !c.embedded })
	accused := slices.DeleteFunc(slices.Clone(candidates), func(c *candidate) bool {
		return !c.named || c.certificate.extensions.usage&usageCertSign != 0 && !s.isList
	})
	if len(accused) == 0 && len(candidates) == 1 && s.resembles(candidates[0].certificate.Certificate) {
		accused = candidates
	}
	if len(accused) == 0 {
		return finding{missing: malformed("signer's certificate is missing")}
	}
	worst := accused[0]
	for _, c := range accused {
		if !errors.Is(c.failure, ErrSignature) {
			worst = c
			break
		}
	}
	var unusable *CertificateError
	if errors.As(worst.failure, &unusable) {
		return finding{missing: worst.failure}
	}
	return finding{certificate: worst.certificate.Certificate, err: worst.failure}
}

// resembles says whether the signer's name, which is not c's, may be meant for c: it says nothing, has c's serial number, or
// a key identifier where c has none. Another serial number is how another certificate of the same issuer is named.
func (s *SignedData) resembles(c *Certificate) bool {
	id := s.signer.signerIdentifier
	switch {
	case c.SignsCertificates() || c.SerialNumber == nil:
		return false
	case id.keyID != nil:
		return c.extensions.keyID == nil
	}
	return id.serial == nil || id.serial.Cmp(c.SerialNumber) == 0
}

// signedMessage is what a signature is over, in every way in which that may be meant.
type signedMessage struct {
	attempts    []attempt
	attemptsErr error // why there is none
	spellings   []spelling
	signature   []byte
	deviations  []Deviation
	digestErr   error // why the content is not, or may not be, what was signed
	fitting     func([]attempt, publicKey) []attempt
	signer      int
	trials      *trials
	spent       *effort
	isList      bool
}

func (s *SignedData) signedMessage() *signedMessage {
	m := &signedMessage{
		signature: s.signer.signature, spellings: s.signer.spellings(s.Content), fitting: fittingWidely,
		signer: s.number, trials: s.trials, spent: &s.trials.found, isList: s.isList,
	}
	stated, statedErr := readHash(new(s.signer.digestAlgorithm))
	actual := stated
	if s.signer.attributes != nil {
		actual, m.digestErr = s.digestFunction(stated, statedErr)
	}
	if actual != stated && m.digestErr == nil {
		m.deviations = []Deviation{DeviationDigestAlgorithm}
	}
	if m.isList && actual == crypto.SHA1 {
		m.deviations = append(m.deviations, DeviationSHA1)
	}
	m.attempts, m.attemptsErr = attemptsOf(s.signer.signatureAlgorithm, differing([]crypto.Hash{actual, stated})...)
	return m
}

// digestFunction finds the hash function by which the content has the signed digest: the stated one or, where that is not
// known or another, the one of the digest's length. The digest is signed, and the identifier is not.
func (s *SignedData) digestFunction(stated crypto.Hash, statedErr error) (crypto.Hash, error) {
	digest := s.signer.messageDigest
	for _, hash := range differing([]crypto.Hash{stated, hashOfLength(len(digest))}) {
		if bytes.Equal(hashed(hash, s.Content), digest) {
			return hash, nil
		}
	}
	if statedErr != nil {
		return 0, statedErr
	}
	return stated, fmt.Errorf("%w: the content does not have the signed digest", ErrSignature)
}

// spellings gives what may have been signed. Attributes are signed as a SET OF in DER, which is sorted (RFC 5652, 5.4);
// signers have also signed them in the order in which they stand, and in the encoding. Without attributes it is the content.
func (s *signerInfo) spellings(content []byte) []spelling {
	if s.attributes == nil {
		return []spelling{newSpelling(content)}
	}
	sorted := slices.SortedFunc(slices.Values(s.attributes), bytes.Compare)
	spellings := []spelling{newSpelling(setOf(sorted))}
	if !slices.EqualFunc(sorted, s.attributes, bytes.Equal) {
		spellings = append(spellings, newSpelling(setOf(s.attributes), DeviationAttributeOrder))
	}
	if len(s.standing) > 0 {
		standing := append([]byte{byte(cbasn1.SET)}, s.standing[1:]...)
		if !slices.ContainsFunc(spellings, func(o spelling) bool { return bytes.Equal(o.content, standing) }) {
			spellings = append(spellings, newSpelling(standing, DeviationAttributeEncoding))
		}
	}
	return spellings
}

// verify says whether key made the signature. The error is that of a [verifier].
func (m *signedMessage) verify(key publicKey) ([]Deviation, error) {
	if m.attemptsErr != nil {
		return nil, m.attemptsErr
	}
	attempts := m.fitting(m.attempts, key)
	if m.isList {
		attempts = tellSHA1(attempts)
	}
	return verifyAny(key, attempts, m.spellings, m.signature, m.spent)
}
