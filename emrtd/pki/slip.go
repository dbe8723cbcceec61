package pki

import (
	"bytes"
	"fmt"
	"slices"
)

// Slip is something that a signer or an issuer has written otherwise than the standard has it, and that is let pass because
// it leaves no doubt about what was signed and by which key. The text is for people, and bounded.
type Slip string

// Slips of signatures and of how they are described.
const (
	SlipNoNull          Slip = "the RSA signature leaves out the NULL of its hash function"
	SlipSignatureLength Slip = "the RSA signature is not as long as its key"
	SlipPlainECDSA      Slip = "the ECDSA signature is r and s side by side, not a sequence in DER"
	SlipECDSAEncoding   Slip = "the ECDSA signature is not written as DER has it"
	SlipOtherKind       Slip = "the signature algorithm that is stated is not one of the signer's key"
	SlipUnknown         Slip = "the signature algorithm that is stated is not known; that of the signer's key was used"
	SlipTwoHashes       Slip = "the hash functions that are stated for content and signature differ"
	SlipDigestAlgorithm Slip = "the hash function of the content is not the one that is stated"
	SlipPSSDefaults     Slip = "RSASSA-PSS without parameters: those of RFC 4055 were used"
	SlipPSSMask         Slip = "RSASSA-PSS names no hash function of its mask"
	SlipPSSOmission     Slip = "RSASSA-PSS leaves out parameters that are not the defaults of RFC 4055"
)

// Slips of a message and its attributes.
const (
	SlipNoAttributes   Slip = "the content is signed directly, without signed attributes"
	SlipNoSignedType   Slip = "the signed attributes do not state the content's type"
	SlipSigningTime    Slip = "the signing time cannot be read"
	SlipAttributeOrder Slip = "the attributes are signed in another order than that of DER"
	// SlipAttributeEncoding is of attributes in BER, signed as they stand.
	SlipAttributeEncoding Slip = "the attributes are signed in another encoding than DER"
)

// Slips of how the signer is named.
const (
	SlipNamesake Slip = "several certificates have the signer's issuer and serial number; the signature shows which one signed"
	SlipSpelling Slip = "the signer's issuer is written otherwise than in its certificate"
	SlipIssuer   Slip = "the signer is named by another issuer than its certificate has"
	SlipSerial   Slip = "the signer is named by another serial number than its certificate has"
	SlipStranger Slip = "the signer is identified by another certificate's issuer and serial number"
	SlipKeyID    Slip = "the signer is named by another key identifier than its certificate has"
	SlipNoKeyID  Slip = "the signer is named by a key identifier, and its certificate has none"
	SlipNameless Slip = "the signer is not named"
	SlipBER      Slip = "the signer's certificate is not in DER"
	SlipPurpose  Slip = "the extended key usage of the signer is any, where there should be none"
	SlipUsage    Slip = "the key usage of the signer is non-repudiation alone, not digital signature"
)

// usageNonRepudiation is a bit of a key usage beside usageDigitalSignature, which is also called contentCommitment (RFC 5280,
// 4.2.1.3).
const usageNonRepudiation = 0x40

// oidAnyPurpose is the extended key usage that is any (RFC 5280, 4.2.1.12).
const oidAnyPurpose = "2.5.29.37.0"

func slipContentType(stated, of string) Slip {
	return Slip("the content type is " + boundedOID(stated) + ", not that of " + of)
}

func slipSignedType(signed string) Slip {
	return Slip(fmt.Sprintf("the signed content type is %s", boundedOID(signed)))
}

// SlipsUnder gives what is let pass in c, which issuer signed: in the signature, and in what the key may be used for.
func (c *Certificate) SlipsUnder(issuer *Certificate) []Slip {
	var slips []Slip
	if _, isRSA := issuer.key.(rsaKey); isRSA {
		slips, _ = c.signed.verify(issuer.key)
	} else { // its slips are in the encoding, which costs no arithmetic
		slips = ecdsaSlips(c.signed.signature)
	}
	if c.signed.standing != nil {
		slips = append(slips, SlipBER)
	}
	if c.SignsDocuments() && len(c.extensions.purposes) > 0 {
		slips = append(slips, SlipPurpose)
	}
	if c.SignsDocuments() && c.extensions.statesUsage && c.extensions.usage&usageDigitalSignature == 0 {
		slips = append(slips, SlipUsage)
	}
	return slips
}

// misnames tells how id, by which the signer is named, differs from the certificate that it is; empty where it does not.
func (id *signerIdentifier) misnames(c *Certificate) []Slip {
	switch {
	case id.keyID != nil && c.extensions.keyID == nil:
		return []Slip{SlipNoKeyID}
	case id.keyID != nil && !bytes.Equal(id.keyID, c.extensions.keyID):
		return []Slip{SlipKeyID}
	case id.keyID != nil:
		return nil
	case id.serial == nil:
		return []Slip{SlipNameless}
	}
	sameSerial, sameIssuer := id.serial.Cmp(c.SerialNumber) == 0, id.issuer.canonical == c.issuerName.canonical
	switch {
	case !sameSerial && !sameIssuer:
		return []Slip{SlipStranger}
	case !sameSerial:
		return []Slip{SlipSerial}
	case !sameIssuer:
		return []Slip{SlipIssuer}
	}
	if p, ok := cut(wholeDER(c.Raw)); ok && !bytes.Equal(p.issuer, id.rawIssuer) {
		return []Slip{SlipSpelling}
	}
	return nil
}

// once gives the values in their order, each once.
func once[T comparable](values []T) []T {
	var out []T
	for _, v := range values {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}
