package lds

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"
)

// Object identifiers of CMS (RFC 5652, RFC 5754).
var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA256RSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	oidSHA256ECDSA   = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type signerInfo struct {
	Version         int
	Issuer          issuerAndSerial
	DigestAlgorithm pkix.AlgorithmIdentifier
	Signed          asn1.RawValue // [0] IMPLICIT SET OF attribute
	Algorithm       pkix.AlgorithmIdentifier
	Signature       []byte
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type signedData struct {
	Version          int
	DigestAlgorithms []pkix.AlgorithmIdentifier `asn1:"set"`
	Content          encapsulated
	Certificates     asn1.RawValue // [0] IMPLICIT SET OF certificate
	Signers          []signerInfo  `asn1:"set"`
}

type encapsulated struct {
	Type    asn1.ObjectIdentifier
	Content []byte `asn1:"explicit,tag:0"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content signedData `asn1:"explicit,tag:0"`
}

// signed is CMS SignedData, version 3, over content of a type, with signed attributes and the signer's certificate.
func (s Signer) signed(contentType asn1.ObjectIdentifier, content []byte, at time.Time) ([]byte, error) {
	info, err := s.sign(contentType, content, at)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{oidSignedData, signedData{
		Version:          3,
		DigestAlgorithms: []pkix.AlgorithmIdentifier{{Algorithm: oidSHA256}},
		Content:          encapsulated{contentType, content},
		Certificates:     implicit(s.Certificate.Raw),
		Signers:          []signerInfo{info},
	}})
}

// sign signs the attributes, which bind the content by its hash (RFC 5652, 5.4).
func (s Signer) sign(contentType asn1.ObjectIdentifier, content []byte, at time.Time) (signerInfo, error) {
	hash := sha256.Sum256(content)
	attributes, err := signedAttributes(contentType, hash[:], at)
	if err != nil {
		return signerInfo{}, err
	}
	digest := sha256.Sum256(attributes)
	signature, err := s.Key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return signerInfo{}, err
	}
	var set asn1.RawValue
	if _, err := asn1.Unmarshal(attributes, &set); err != nil {
		return signerInfo{}, err
	}
	return signerInfo{
		Version:         1,
		Issuer:          issuerAndSerial{asn1.RawValue{FullBytes: s.Certificate.RawIssuer}, s.Certificate.SerialNumber},
		DigestAlgorithm: pkix.AlgorithmIdentifier{Algorithm: oidSHA256},
		Signed:          implicit(set.Bytes),
		Algorithm:       s.algorithm(),
		Signature:       signature,
	}, nil
}

func (s Signer) algorithm() pkix.AlgorithmIdentifier {
	if _, ok := s.Key.(*rsa.PrivateKey); ok {
		return pkix.AlgorithmIdentifier{Algorithm: oidSHA256RSA, Parameters: asn1.NullRawValue}
	}
	return pkix.AlgorithmIdentifier{Algorithm: oidSHA256ECDSA}
}

// signedAttributes is the DER SET OF that is signed; asn1.Marshal sorts it.
func signedAttributes(contentType asn1.ObjectIdentifier, hash []byte, at time.Time) ([]byte, error) {
	var attributes []attribute
	for _, a := range []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{{oidContentType, contentType}, {oidSigningTime, at.UTC()}, {oidMessageDigest, hash}} {
		value, err := asn1.Marshal(a.value)
		if err != nil {
			return nil, err
		}
		attributes = append(attributes, attribute{a.oid, []asn1.RawValue{{FullBytes: value}}})
	}
	return asn1.MarshalWithParams(attributes, "set")
}

// implicit puts what a SET holds under [0] instead.
func implicit(contents []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: contents}
}
