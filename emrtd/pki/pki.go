// Package pki takes apart and checks what ePassports are signed with: CMS SignedData, the LDS security object in EF.SOD,
// certificates, revocation lists, and the lists that states publish of CSCAs, of deviations and of defects.
//
// [ParseSOD] and [ParseMasterList] take a file apart; [SignedData.Verify] checks its signature against the certificate
// inside it; [Certificate.CheckSignedBy] checks that certificate against one that is trusted; [CRL.Revokes] says whether
// its issuer has taken it back. Whom to trust, and on which day, is the caller's to decide.
//
// The contract. Every input is hostile: no length is believed, depth and size are bounded. CMS may be BER; in certificates
// and revocation lists those deviations are let pass that issuers make and that change no meaning. An error tells three
// things apart, because they are three answers about a document: [ErrSignature] is evidence of forgery, [ErrUnsupported]
// means that this package cannot tell, and [ErrMalformed] that the input is not what it should be.
//
// Only a signature or a digest that was tested and is wrong is an [ErrSignature]. What nobody signs (a message's type, the
// name that its signer is called by, the identifiers of algorithms) may deviate: a forger writes there what he likes as it
// is, so that it is no evidence for a document, and none against it. What is signed and deviates is taken where its meaning is
// beyond doubt. Either is told, as a [Deviation].
//
// Standards: RFC 5652 (CMS), RFC 5280 (X.509), RFC 8017 (RSA), BSI TR-03111 (elliptic curves), ITU-T X.690 (BER and DER),
// ICAO Doc 9303 part 3, 7.3 (deviations), part 10, 4.6.2 (EF.SOD) and part 12 (PKI), BSI TR-03129-2, 7 (defects).
// Certificates are read here and not by crypto/x509, which refuses a quarter of those that states sign with: explicit curve
// parameters, Brainpool's curves, negative serial numbers.
package pki

import (
	"errors"
	"fmt"
)

// Errors that a caller decides by.
var (
	// ErrSignature: the signature, or the digest that it covers, is not that of the content.
	ErrSignature = errors.New("signature does not verify")
	// ErrOtherContent is an ErrSignature that leaves no doubt whose signature it is: one by RSA that opens, under the key,
	// to what only the holder of its private half can have encoded, and that is of other content.
	ErrOtherContent = fmt.Errorf("%w: its key has signed other content", ErrSignature)
	// ErrUnsupported: an algorithm, a key or a certificate that this package cannot use.
	ErrUnsupported = errors.New("not supported")
	// ErrMalformed: not the structure that it should be.
	ErrMalformed = errors.New("malformed")
)

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }
