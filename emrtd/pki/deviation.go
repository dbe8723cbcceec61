package pki

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Deviation is something that a signer, an issuer or a chip has written otherwise than the standard has it, and that is let pass
// because it leaves no doubt about what was signed and by which key. It is a code, [a-z0-9_]{1,40}; some have "=" and what stands
// there behind it, which is bounded. Whoever shows it has words for the code.
type Deviation string

// Code is the deviation without what stands there.
func (d Deviation) Code() string {
	code, _, _ := strings.Cut(string(d), "=")
	return code
}

// Value is what stands there; empty where the code says it all.
func (d Deviation) Value() string {
	_, value, _ := strings.Cut(string(d), "=")
	return value
}

// of is the deviation with what stands there.
func (d Deviation) of(value any) Deviation { return Deviation(fmt.Sprintf("%s=%v", d, value)) }

// Deviations of signatures and of how they are described.
const (
	DeviationNoNull          Deviation = "no_null"
	DeviationSignatureLength Deviation = "signature_length"
	DeviationPlainECDSA      Deviation = "plain_ecdsa"
	DeviationECDSAEncoding   Deviation = "ecdsa_encoding"
	DeviationGenerator       Deviation = "generator"
	DeviationKeyForm         Deviation = "key_form"
	DeviationOtherKind       Deviation = "other_kind"
	DeviationUnknown         Deviation = "unknown"
	DeviationTwoHashes       Deviation = "two_hashes"
	DeviationOtherScheme     Deviation = "other_scheme"
	DeviationSignatureHash   Deviation = "signature_hash"
	DeviationKeyStates       Deviation = "key_states"
	DeviationDigestAlgorithm Deviation = "digest_algorithm"
	DeviationPSSDefaults     Deviation = "pss_defaults"
	DeviationPSSParameters   Deviation = "pss_parameters"
	DeviationPSSMask         Deviation = "pss_mask"
	DeviationPSSOmission     Deviation = "pss_omission"
	// DeviationSHA1 is of lists alone: documents of old have no other hash function.
	DeviationSHA1 Deviation = "sha1"
)

// Deviations of a message and its attributes.
const (
	DeviationNoAttributes   Deviation = "no_attributes"
	DeviationNoSignedType   Deviation = "no_signed_type"
	DeviationSigningTime    Deviation = "signing_time"
	DeviationAttributeOrder Deviation = "attribute_order"
	// DeviationAttributeEncoding is of attributes in BER, signed as they stand.
	DeviationAttributeEncoding Deviation = "attribute_encoding"
)

// Deviations of types, with the one that is stated.
const (
	DeviationContentType Deviation = "content_type" // of EF.SOD
	DeviationListContent Deviation = "list_content" // of a master list
	DeviationSignedType  Deviation = "signed_type"
)

// Deviations of certificates.
const (
	DeviationCountry       Deviation = "country" // with how the country is written
	DeviationNoConstraints Deviation = "no_constraints"
	DeviationConstraints   Deviation = "constraints"
)

// Deviations of a chip's answer in active authentication.
const (
	DeviationExtraZeros  Deviation = "extra_zeros"
	DeviationMissingZero Deviation = "missing_zero"
	DeviationNegated     Deviation = "negated"
	DeviationHeader      Deviation = "header"      // with the octet
	DeviationTrailer     Deviation = "trailer"     // with the hash function that was used
	DeviationNoRecovery  Deviation = "no_recovery" // with scheme and hash function
	DeviationSequence    Deviation = "sequence"
	DeviationHashStated  Deviation = "hash_stated"  // with the one that was used
	DeviationHashOmitted Deviation = "hash_omitted" // with the one that was used
)

// Deviations of how the signer is named.
const (
	DeviationNamesake Deviation = "namesake"
	DeviationSpelling Deviation = "spelling"
	DeviationIssuer   Deviation = "issuer"
	DeviationSerial   Deviation = "serial"
	DeviationStranger Deviation = "stranger"
	DeviationKeyID    Deviation = "key_id"
	DeviationNoKeyID  Deviation = "no_key_id"
	DeviationNameless Deviation = "nameless"
	DeviationBER      Deviation = "ber"
	DeviationPurpose  Deviation = "purpose"
	DeviationUsage    Deviation = "usage"
)

// usageNonRepudiation is a bit of a key usage beside usageDigitalSignature, which is also called contentCommitment (RFC 5280,
// 4.2.1.3).
const usageNonRepudiation = 0x40

// oidAnyPurpose is the extended key usage that is any (RFC 5280, 4.2.1.12).
const oidAnyPurpose = "2.5.29.37.0"

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
