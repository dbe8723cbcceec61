package chip

import (
	"bytes"
	"errors"
	"slices"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// maxSigners bounds how many certificates are read for one EF.SOD: a directory is a stranger's, who may name thousands alike.
const maxSigners = 32

// maxSearched bounds how many are tried of those that share no more than an issuer or a country with how a signer is named: a
// state has a few hundred, and each is a key to be tested.
const maxSearched = 512

// unknownSigner is why a signer is not known. None is evidence: anyone can write a directory, and a CSCA signs no documents.
type unknownSigner struct{ code verify.Code }

// Error is the code.
func (e unknownSigner) Error() string { return string(e.code) }

// Why a signer is not known, as errors.
var (
	errMissing   = unknownSigner{codeMissing}
	errHearsay   = unknownSigner{codeHearsay}
	errUnissued  = unknownSigner{codeUnissued}
	errTooMany   = unknownSigner{codeTooMany}
	errTooSlow   = unknownSigner{codeTooSlow}
	errAuthority = unknownSigner{codeAuthority}
)

// signerReason says why the signer is not known: an [unknownSigner], or a certificate that cannot be used here.
func signerReason(err error) verify.Reason {
	var unknown unknownSigner
	if errors.As(err, &unknown) {
		return verify.Because(unknown.code)
	}
	return verify.Because(codeSignerOther).With("cause", causeOf(err)).With(verify.Detail, err.Error())
}

// findSigner finds the signer of EF.SOD, which is there: in the file or, where no key there signed it, in the store. What the
// file holds comes first, and nothing in a directory can keep it from being tried.
func (x *examination) findSigner() {
	x.preferKnownSigner()
	x.signer, x.signerErr = x.sod.SignerCertificate()
	if x.signerErr == nil && !errors.Is(x.sod.Verify(), pki.ErrSignature) {
		return
	}
	if unusable := new(*pki.CertificateError); x.signerErr != nil && !errors.As(x.signerErr, unusable) {
		x.signerErr = errMissing
	}
	if x.findElsewhere() || x.signerErr != nil {
		return
	}
	if x.signer.SignsCertificates() {
		x.signer, x.signerErr = nil, errAuthority
	}
}

// preferKnownSigner takes, of several signers of EF.SOD whose signatures verify, one whom a CSCA of the store issued.
func (x *examination) preferKnownSigner() {
	known := func(signed *pki.SignedData) bool {
		signer, err := signed.SignerCertificate()
		if err != nil || signed.Verify() != nil {
			return false
		}
		return x.trust.HasIssuer(signer)
	}
	others := x.sod.Signers()[1:]
	if len(others) == 0 || known(x.sod.SignedData) {
		return
	}
	for _, signed := range others {
		if known(signed) {
			x.sod.SignedData = signed
			return
		}
	}
}

// findElsewhere finds the signer of EF.SOD among the certificates of the store, which are tried in this order: those that a
// CSCA issued, and the others, for whom nobody vouches. Of such a one no more is said than that its key signed: anyone can put
// a known key beside any name, day and country. False where none has the key.
func (x *examination) findElsewhere() bool {
	found := x.namedElsewhere()
	if sod, signer := x.signedByOneOf(x.issued(found)); signer != nil {
		x.sod, x.signer, x.signerErr = sod, signer, nil
		return true
	}
	if x.signerErr == nil && !x.signer.SignsCertificates() {
		return false // a certificate of EF.SOD itself was tested
	}
	if x.takeHearsay(x.signedByOneOf(found)) {
		return true
	}
	if x.findAmongIssuersOwn() {
		return true
	}
	if x.signerErr != nil && len(found) > 0 && !errors.Is(x.signerErr, errTooMany) && !errors.Is(x.signerErr, errTooSlow) {
		x.signerErr = errHearsay
	}
	return false
}

// namedElsewhere gives the certificates of the store that EF.SOD's signers are named by, each once: as many of one signer as the
// bound allows for all.
func (x *examination) namedElsewhere() (found [][]byte) {
	signers := x.sod.Signers()
	for _, signed := range signers {
		named := x.trust.SignersNamed(signed, maxSigners)
		for _, der := range named[:min(len(named), maxSigners/len(signers))] {
			if !slices.ContainsFunc(found, func(other []byte) bool { return bytes.Equal(other, der) }) {
				found = append(found, der)
			}
		}
	}
	return found
}

// takeHearsay takes a certificate for that of EF.SOD's signer for which nobody vouches; false where there is none, or the key did
// not sign what EF.SOD holds.
func (x *examination) takeHearsay(sod *pki.SOD, signer *pki.Certificate) bool {
	if signer == nil || sod.Verify() != nil {
		return false
	}
	x.sod, x.hearsay, x.signer, x.signerErr = sod, signer, nil, errUnissued
	return true
}

// findAmongIssuersOwn finds a signer that EF.SOD names wrongly among those of the same issuer, or of the country of that or of the
// document: the name is not signed, and the key tells.
func (x *examination) findAmongIssuersOwn() bool {
	signers := x.sod.Signers()
	for _, signed := range signers {
		issuersOwn, more := x.trust.SignersOf(signed, maxSearched, x.authority().countries...)
		issuersOwn = issuersOwn[:min(len(issuersOwn), maxSearched/len(signers))]
		der, whole := signed.FindSigner(issuersOwn)
		if der != nil {
			sod, signer := x.signedByOneOf([][]byte{der})
			if signer != nil && len(x.issued([][]byte{der})) > 0 {
				x.sod, x.signer, x.signerErr = sod, signer, nil
				return true
			}
			return x.takeHearsay(sod, signer)
		}
		switch {
		case x.signerErr == nil:
		case !whole:
			x.signerErr = errTooSlow
		case more:
			x.signerErr = errTooMany
		}
	}
	return false
}

// signedByOneOf gives EF.SOD anew with the certificates, and whose key of them made its signature; nil where none did.
func (x *examination) signedByOneOf(certificates [][]byte) (*pki.SOD, *pki.Certificate) {
	if len(certificates) == 0 {
		return nil, nil
	}
	sod := x.sod.With(certificates)
	signer, err := sod.SignerCertificate()
	if err != nil || !slices.ContainsFunc(certificates, func(der []byte) bool { return bytes.Equal(der, signer.Raw) }) {
		return nil, nil
	}
	return sod, signer
}

// issued are those of the certificates that a CSCA of the store issued.
func (x *examination) issued(certificates [][]byte) (issued [][]byte) {
	for _, der := range certificates {
		if c, err := pki.ParseCertificate(der); err == nil && x.trust.HasIssuer(c) {
			issued = append(issued, der)
		}
	}
	return issued
}
