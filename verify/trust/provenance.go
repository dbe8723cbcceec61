package trust

import (
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// backing is who stands behind what a file of the store holds.
type backing string

// Who may. A store of an earlier version does not say.
const (
	byImporter  backing = "importer"  // whoever imported the file itself, or named a publisher by its fingerprint
	byList      backing = "list"      // a master list, for as long as the newest of a publisher lists it
	byDirectory backing = "directory" // nobody: LDIF
)

// Provenance says where a file of the store came from.
type Provenance struct {
	Source   string    `json:"source"`   // name of the imported file
	Imported time.Time `json:"imported"` // UTC
	// By is "importer", "list" or "directory"; empty in a store of an earlier version.
	By backing `json:"by,omitempty"`

	// Path is of a signed list: the SHA-256 of its signer's certificate, and of those that it is signed down from, up to the anchor. A
	// revocation list's signer is its issuer.
	Path []string `json:"path,omitempty"`
	// Rests is the SHA-256 of the certificate by which a list's publisher was known first: the anchor of Path, that of the list before
	// where that alone vouches for the anchor, or the signer's where the importer named it.
	Rests string `json:"rests,omitempty"`
	// Named is of a list of defects: the SHA-256 of the certificate in Path by which the importer named its publisher, who speaks of other
	// States' signers too; empty where he did not.
	Named string `json:"named,omitempty"`
	// LeftOut is of a master list: the certificates of its publisher's own State that it, or one before it, had and left out, by
	// SHA-256, and when the list without them was imported.
	LeftOut map[string]time.Time `json:"left_out,omitempty"`

	// Deviations are what was let pass in a list's signature, each a [pki.Deviation] or a sentence that an earlier version wrote; empty
	// when there is nothing to say.
	Deviations []string `json:"deviations,omitempty"`
	// Signed is when its publisher made it, or the list that it stood in; zero where that is not stated.
	Signed time.Time `json:"signed,omitzero"`
	// Warning is what could not be checked about the source; empty when there is nothing to say.
	Warning string `json:"warning,omitempty"`
}

// fromList says whether certificates came from a master list; in a store of an earlier version that is told by what only such have.
func (p Provenance) fromList() bool {
	return p.By == byList || p.By == "" && (!p.Signed.IsZero() || p.Warning != "")
}

// signer is the SHA-256 of the certificate whose key signed a list; empty where that is not known.
func (p Provenance) signer() string {
	if len(p.Path) == 0 {
		return ""
	}
	return p.Path[0]
}

// validAtImport says whether a certificate had not expired when the file was imported.
func (p Provenance) validAtImport(c *certificate) bool {
	return c.NotAfter.Add(24 * time.Hour).After(p.Imported)
}

// madeOn is the time that the age is counted from. What claims to be signed after its import has a wrong clock.
func (p Provenance) madeOn() time.Time {
	if p.Signed.IsZero() || p.Signed.After(p.Imported) {
		return p.Imported
	}
	return p.Signed
}

// certificate is one of the store, with where it came from, by the file that it stands in.
type certificate struct {
	*pki.Certificate
	origins map[string]Provenance
}

// origin is what is told first: the importer's own file before others, and then the oldest.
func (c *certificate) origin() (first Provenance) {
	own := func(p Provenance) bool { return !p.fromList() && p.By != byDirectory }
	for _, p := range c.origins {
		switch {
		case first.Imported.IsZero(), own(p) && !own(first), own(p) == own(first) && p.Imported.Before(first.Imported):
			first = p
		}
	}
	return first
}

// vouchedFor says whether an importer vouches for the certificate itself, and when that was last.
func (c *certificate) vouchedFor() (last time.Time, is bool) {
	for _, p := range c.origins {
		if !p.fromList() && p.By != byDirectory {
			is = true
			if p.Imported.After(last) {
				last = p.Imported
			}
		}
	}
	return last, is
}

// inDirectory says whether the certificate stood in a directory.
func (c *certificate) inDirectory() bool {
	for _, p := range c.origins {
		if p.By == byDirectory {
			return true
		}
	}
	return false
}

// Voucher is one who vouches for a certificate.
type Voucher struct {
	By     backing   `json:"by"`     // "importer" or "list"
	Source string    `json:"source"` // name of the imported file
	Since  time.Time `json:"since"`  // when it was imported, UTC
	// Publisher and SHA256 are those of a list.
	Publisher string `json:"publisher,omitempty"`
	SHA256    string `json:"sha256,omitempty"`
}
