package pki

import (
	"bytes"
	"fmt"
	"slices"
)

// Deviation is something that a signer or an issuer has written otherwise than the standard has it, and that is let pass
// because it leaves no doubt about what was signed and by which key. The text is for people, and bounded.
type Deviation string

// Deviations of signatures and of how they are described.
const (
	DeviationNoNull          Deviation = "the RSA signature leaves out the NULL of its hash function"
	DeviationSignatureLength Deviation = "the RSA signature is not as long as its key"
	DeviationPlainECDSA      Deviation = "the ECDSA signature is r and s side by side, not a sequence in DER"
	DeviationECDSAEncoding   Deviation = "the ECDSA signature is not written as DER has it"
	DeviationGenerator       Deviation = "the generator of the key's curve is not encoded in full"
	DeviationKeyForm         Deviation = "the key is not encoded in full"
	DeviationOtherKind       Deviation = "the signature algorithm that is stated is not one of the signer's key"
	DeviationUnknown         Deviation = "the signature algorithm that is stated is not known; that of the signer's key was used"
	DeviationTwoHashes       Deviation = "the hash functions that are stated for content and signature differ"
	DeviationOtherScheme     Deviation = "the signature scheme that is stated, of PKCS #1 v1.5 and RSASSA-PSS, is not the one that was used"
	DeviationSignatureHash   Deviation = "the hash function of the signature is not the one that is stated"
	DeviationKeyStates       Deviation = "the signer's key states that it signs otherwise"
	DeviationDigestAlgorithm Deviation = "the hash function of the content is not the one that is stated"
	DeviationPSSDefaults     Deviation = "RSASSA-PSS without parameters: those of RFC 4055 were used"
	DeviationPSSParameters   Deviation = "the parameters of RSASSA-PSS that are stated are not those that were used"
	DeviationPSSMask         Deviation = "RSASSA-PSS names no hash function of its mask"
	DeviationPSSOmission     Deviation = "RSASSA-PSS leaves out parameters that are not the defaults of RFC 4055"
	// DeviationSHA1 is of lists alone: documents of old have no other hash function.
	DeviationSHA1 Deviation = "it is signed by way of SHA-1, under which two lists can be made that have one signature"
)

// Deviations of a message and its attributes.
const (
	DeviationNoAttributes   Deviation = "the content is signed directly, without signed attributes"
	DeviationNoSignedType   Deviation = "the signed attributes do not state the content's type"
	DeviationSigningTime    Deviation = "the signing time cannot be read"
	DeviationAttributeOrder Deviation = "the attributes are signed in another order than that of DER"
	// DeviationAttributeEncoding is of attributes in BER, signed as they stand.
	DeviationAttributeEncoding Deviation = "the attributes are signed in another encoding than DER"
)

// Deviations of how the signer is named.
const (
	DeviationNamesake Deviation = "several certificates have the signer's issuer and serial number; the signature shows which one signed"
	DeviationSpelling Deviation = "the signer's issuer is written otherwise than in its certificate"
	DeviationIssuer   Deviation = "the signer is named by another issuer than its certificate has"
	DeviationSerial   Deviation = "the signer is named by another serial number than its certificate has"
	DeviationStranger Deviation = "the signer is identified by another certificate's issuer and serial number"
	DeviationKeyID    Deviation = "the signer is named by another key identifier than its certificate has"
	DeviationNoKeyID  Deviation = "the signer is named by a key identifier, and its certificate has none"
	DeviationNameless Deviation = "the signer is not named"
	DeviationBER      Deviation = "the signer's certificate is not in DER"
	DeviationPurpose  Deviation = "the extended key usage of the signer is any, where there should be none"
	DeviationUsage    Deviation = "the key usage of the signer is non-repudiation alone, not digital signature"
)

// usageNonRepudiation is a bit of a key usage beside usageDigitalSignature, which is also called contentCommitment (RFC 5280,
// 4.2.1.3).
const usageNonRepudiation = 0x40

// oidAnyPurpose is the extended key usage that is any (RFC 5280, 4.2.1.12).
const oidAnyPurpose = "2.5.29.37.0"

func deviationContentType(stated, of string) Deviation {
	return Deviation("the content type is " + boundedOID(stated) + ", not that of " + of)
}

func deviationSignedType(signed string) Deviation {
	return Deviation(fmt.Sprintf("the signed content type is %s", boundedOID(signed)))
}

// DeviationsUnder gives what is let pass in c, which issuer signed: in the signature, and in what the key may be used for.
func (c *Certificate) DeviationsUnder(issuer *Certificate) []Deviation {
	var deviations []Deviation
	if issued, err := c.issuedBy(issuer); err == nil {
		deviations = slices.Clone(issued.deviations)
	}
	if c.signed.standing != nil {
		deviations = append(deviations, DeviationBER)
	}
	if c.SignsDocuments() && len(c.extensions.purposes) > 0 {
		deviations = append(deviations, DeviationPurpose)
	}
	if c.SignsDocuments() && c.extensions.statesUsage && c.extensions.usage&usageDigitalSignature == 0 {
		deviations = append(deviations, DeviationUsage)
	}
	return deviations
}

// misnames tells how id, by which the signer is named, differs from the certificate that it is; empty where it does not.
func (id *signerIdentifier) misnames(c *Certificate) []Deviation {
	switch {
	case id.keyID != nil && c.extensions.keyID == nil:
		return []Deviation{DeviationNoKeyID}
	case id.keyID != nil && !bytes.Equal(id.keyID, c.extensions.keyID):
		return []Deviation{DeviationKeyID}
	case id.keyID != nil:
		return nil
	case id.serial == nil:
		return []Deviation{DeviationNameless}
	}
	sameSerial, sameIssuer := id.serial.Cmp(c.SerialNumber) == 0, id.issuer.canonical == c.issuerName.canonical
	switch {
	case !sameSerial && !sameIssuer:
		return []Deviation{DeviationStranger}
	case !sameSerial:
		return []Deviation{DeviationSerial}
	case !sameIssuer:
		return []Deviation{DeviationIssuer}
	}
	if p, ok := cut(wholeDER(c.Raw)); ok && !bytes.Equal(p.issuer, id.rawIssuer) {
		return []Deviation{DeviationSpelling}
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
