package lds

import (
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Content types of what a document signer signs: the LDS security object (Doc 9303-10, 4.6.2), and SecurityInfos
// (Doc 9303-11, 9.2.11).
var (
	oidSecurityObject = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 1}
	oidSecurityInfos  = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 3, 2, 1}
)

type securityObject struct {
	Version   int
	Algorithm pkix.AlgorithmIdentifier
	Hashes    []groupHash
	Versions  versionInfo `asn1:"optional"` // from version 1 on
}

type groupHash struct {
	Number int
	Hash   []byte
}

type versionInfo struct {
	LDS     string `asn1:"printable"`
	Unicode string `asn1:"printable"`
}

// SOD is EF.SOD over data groups by their number, signed at a time: the LDS security object with SHA-256, of version 0
// for LDS 1.7 and of version 1 after it.
func (s Signer) SOD(v Version, groups map[int][]byte, at time.Time) ([]byte, error) {
	object := securityObject{Algorithm: pkix.AlgorithmIdentifier{Algorithm: oidSHA256}}
	if v != LDS17 {
		object.Version, object.Versions = 1, versionInfo{string(v), unicodeVersion}
	}
	for _, n := range slices.Sorted(maps.Keys(groups)) {
		hash := sha256.Sum256(groups[n])
		object.Hashes = append(object.Hashes, groupHash{n, hash[:]})
	}
	content, err := asn1.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("specimen EF.SOD: %w", err)
	}
	der, err := s.signed(oidSecurityObject, content, at)
	if err != nil {
		return nil, fmt.Errorf("specimen EF.SOD: %w", err)
	}
	return tlv(tagSOD, der), nil
}

// CardSecurity is EF.CardSecurity with SecurityInfos, DER, signed at a time (Doc 9303-10, 3.11.4; Doc 9303-11, 9.2.11).
func (s Signer) CardSecurity(infos []byte, at time.Time) ([]byte, error) {
	der, err := s.signed(oidSecurityInfos, infos, at)
	if err != nil {
		return nil, fmt.Errorf("specimen EF.CardSecurity: %w", err)
	}
	return der, nil
}
