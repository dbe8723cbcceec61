package pki

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// DeviationCosigned is a deviation of messages: ICAO Doc 9303-10 and 9303-12 recommend one signer.
const DeviationCosigned Deviation = "cosigned"

// maxCosigners bounds how many signers of a message are tried. Where there are more, that none of these signed it is no evidence.
const maxCosigners = 16

// parseEach takes a SignedData apart once for each of its signers: for those that can be read or, where none can, with the
// error of the first. That there are several helps no forger: each signs the whole content.
func parseEach(ber []byte) (all []*SignedData, err error) {
	der, err := normalise(ber)
	if err != nil {
		return nil, err
	}
	_, signers, err := parseUpToSigners(der)
	if err != nil {
		return nil, err
	}
	if signers.Empty() {
		return nil, fmt.Errorf("%w: no signer", ErrUnsupported)
	}
	var failure error
	as, several, trials := readStanding(ber), false, newTrials()
	for n := 0; !signers.Empty() && n < maxCosigners; n++ {
		var info cryptobyte.String
		if !signers.ReadASN1(&info, cbasn1.SEQUENCE) {
			return nil, malformed("SignerInfo")
		}
		several = several || !signers.Empty()
		one, err := signedBy(der, info, several)
		if err != nil {
			failure = cmp.Or(failure, err)
			continue
		}
		one.keep(as, n)
		one.number, one.trials = n, trials
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, failure
	}
	for _, one := range all {
		one.moreSigners = !signers.Empty()
	}
	return all, nil
}

// signedBy gives the message as that one of its signers signed it.
func signedBy(der []byte, signer cryptobyte.String, several bool) (*SignedData, error) {
	s, _, err := parseUpToSigners(der)
	if err != nil {
		return nil, err
	}
	if err := s.readSigner(signer); err != nil {
		return nil, err
	}
	if several {
		s.deviations = append(s.deviations, DeviationCosigned)
	}
	return s, s.compareTypes()
}

// parseTogether takes a SignedData apart with those of its signers who pass the check; where none does, with the error of the
// first.
func parseTogether(ber []byte, check func(*SignedData) error) (*SignedData, error) {
	all, err := parseEach(ber)
	if err != nil {
		return nil, err
	}
	var fit []*SignedData
	var failure error
	for _, s := range all {
		if err := check(s); err != nil {
			failure = cmp.Or(failure, err)
			continue
		}
		fit = append(fit, s)
	}
	if len(fit) == 0 {
		return nil, failure
	}
	fit[0].others = fit[1:]
	return fit[0], nil
}

// findSigner finds the first signer whose signature verifies. Where none does, that is evidence only if it is of each.
func (s *SignedData) findSigner() finding {
	found := s.findOne()
	for _, other := range s.others {
		if found.verified() {
			break
		}
		other.Certificates = s.Certificates
		f := other.findOne()
		if f.verified() || errors.Is(found.err, ErrSignature) && !errors.Is(f.err, ErrSignature) {
			found = f
		}
	}
	if s.moreSigners && errors.Is(found.err, ErrSignature) {
		found.err = fmt.Errorf("%w: more than %d signers, none of the first of whom signed this", ErrUnsupported, maxCosigners)
	}
	return found
}

// with is the message with other certificates behind its own.
func (s *SignedData) with(certificates [][]byte) *SignedData {
	more := *s
	more.Certificates = slices.Concat(s.Certificates, certificates)
	more.others = nil
	for _, other := range s.others {
		more.others = append(more.others, other.with(certificates))
	}
	more.finding = sync.OnceValue(more.findSigner)
	return &more
}

// verified says whether the signer is known, and the signature verifies.
func (f finding) verified() bool { return f.missing == nil && f.err == nil }

// Signers gives the message as each of its signers signed it, to be asked for [SignedData.SignerID].
func (s *SignedData) Signers() []*SignedData { return append([]*SignedData{s}, s.others...) }
