package pki

import (
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds of what a stranger writes and this package repeats or compares. Files go up to megabytes, and what is told of one
// stands in many reasons of one record.
const (
	maxOIDOctets = 64      // of an object identifier that is read: three times as many as any that is known here has; what is longer is read in part
	maxOID       = 40      // characters of an object identifier that is repeated
	maxNameText  = 200     // characters of a name that is repeated
	maxName      = 4 << 10 // octets of a name that is read; those of issuers have up to 300
	maxNameParts = 128     // sets and attributes of a name that is read; those of issuers have up to 20
)

// readOID takes an OBJECT IDENTIFIER off s. Of one that is longer than any that means something it gives the beginning and a
// digest, which is equal to no other's.
func readOID(s *cryptobyte.String) (string, bool) {
	var element, content cryptobyte.String
	var id asn1.ObjectIdentifier
	if !s.ReadASN1Element(&element, cbasn1.OBJECT_IDENTIFIER) {
		return "", false
	}
	whole := element
	if !element.ReadASN1(&content, cbasn1.OBJECT_IDENTIFIER) || len(content) <= maxOIDOctets {
		ok := whole.ReadASN1ObjectIdentifier(&id)
		return id.String(), ok
	}
	start := content[:maxOIDOctets]
	for len(start) > 1 && start[len(start)-1]&0x80 != 0 { // an arc that goes on
		start = start[:len(start)-1]
	}
	beginning := cryptobyte.String(appendElement(nil, byte(cbasn1.OBJECT_IDENTIFIER), start))
	ok := beginning.ReadASN1ObjectIdentifier(&id)
	return fmt.Sprintf("%v...%x", id, sha256.Sum256(content)), ok
}

// boundedOID is an object identifier for people.
func boundedOID(oid string) string { return boundedText(oid, maxOID) }

// boundedText is text of at most so many characters, for people, who read it on terminals too: what is cut off is told by
// dots, and what is not printable by U+FFFD.
func boundedText(text string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > most {
			return b.String() + "..."
		}
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
	}
	return b.String()
}
