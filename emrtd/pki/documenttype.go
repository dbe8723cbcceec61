package pki

import (
	"slices"
	"strings"
)

// Bounds of what is kept of a list of document types: codes have two characters, and a state issues a score of types.
const (
	maxDocumentTypes = 64
	maxDocumentType  = 8
)

// documentKinds are the letters that document codes begin with (ICAO Doc 9303-4, -5, -6 and -7, 4.2): passports, official travel
// documents and visas.
const documentKinds = "PACIV"

// AllowsDocumentType says whether the certificate's list of document types has a document code as the first two columns of a
// machine-readable zone state it; a list's single letter is for all codes that begin with it (ICAO Doc 9303-12, 7.1.1.6). It says
// nothing, and restricted is false, where the certificate has no list or none of its types can be a document's: South Korea has
// signers of passports whose list names "KR".
func (c *Certificate) AllowsDocumentType(code string) (allowed, restricted bool) {
	code = documentType(code)
	for _, listed := range c.DocumentTypes {
		listed = documentType(listed)
		allowed = allowed || listed != "" && (listed == code || len(listed) == 1 && strings.HasPrefix(code, listed))
		restricted = restricted || len(listed) > 0 && len(listed) <= 2 && strings.Contains(documentKinds, listed[:1])
	}
	return allowed, allowed || restricted
}

// documentType is a document code without its fillers and in capitals.
func documentType(written string) string { return strings.ToUpper(strings.Trim(written, "< \t\x00")) }

// ListedDocumentTypes are the types that the certificate lists, each once and in order.
func (c *Certificate) ListedDocumentTypes() []string {
	types := slices.Sorted(slices.Values(c.DocumentTypes))
	return slices.Compact(types)
}
