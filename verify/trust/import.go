package trust

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// ImportFile is a file to be imported.
type ImportFile struct {
	Name string // names it in the provenance; folders before it are left out
	Data []byte // at most 256 MB
}

// Imported says what became of everything in an imported file.
type Imported struct {
	Imported int `json:"imported"`
	Known    int `json:"known"` // stood in the store already
	// Unvouched counts what of the rejected nobody vouches for, although it would be believed: lists, and CSCAs of a directory.
	Unvouched int `json:"unvouched,omitempty"`
	// Signers are document signers of a directory, kept for documents that leave out their signer's certificate.
	Signers  int        `json:"signers,omitempty"`
	Rejected []Rejected `json:"rejected"`
	// Deviations are what was imported although it deviates from what it should be, and how.
	Deviations []Deviation `json:"deviations,omitempty"`
	// Warning says what could not be checked about the file as a whole; empty when there is nothing to say.
	Warning string `json:"warning,omitempty"`
	// Refused is why nothing of the file was taken: it is no kind of file that a store takes, or its signature is broken.
	Refused error `json:"-"`
}

// Rejected is something that was not imported.
type Rejected struct {
	Subject string `json:"subject"` // of a certificate, or the issuer of a list; empty when it could not be read
	Reason  string `json:"reason"`
	// Fingerprint is that of the certificate by which the publisher of a list may be made known, SHA-256 in hexadecimal; empty where
	// none may.
	Fingerprint string `json:"fingerprint,omitempty"`
}

// Deviation is something that was imported although it deviates from what it should be.
type Deviation struct {
	Subject string `json:"subject"` // of a certificate, or the publisher of a list
	Reason  string `json:"reason"`  // a [pki.Deviation], which whoever shows it has words for
}

// Terms are on what an import takes.
type Terms struct {
	Now time.Time // of the import
	Day time.Time // by which validity is judged; Now when zero
	// Publishers are certificates that the importer vouches for, by SHA-256 in hexadecimal: of a CSCA that issued the signer of a master
	// list, which becomes an anchor as if it had been imported itself; or of the signer, for that list alone.
	Publishers []string
	// Again takes in what was removed.
	Again bool
}

// trusts says whether the importer vouches for the certificate of a fingerprint.
func (t Terms) trusts(fingerprint string) bool { return slices.Contains(t.Publishers, fingerprint) }

// ImportFiles adds what the files hold: certificates of CSCAs and revocation lists, in DER or PEM or in a wrapping that nobody
// signed (.p7b), CSCA master lists of ICAO or a state, in DER, PEM or as a mail, LDIF of the ICAO Public Key Directory,
// deviation lists of ICAO and defect lists of the BSI. There is one result a file; the order of the files does not matter. An error
// means that the folder cannot be written; then it is as it was.
//
// A certificate that came as such is taken because whoever imports vouches for it. It must state that it signs certificates; where
// its basic constraints contradict its key usage in that, it is taken because somebody vouches for it, which is told. A master list
// is taken only from a publisher who is known: a CSCA of the store, or of another list that is taken, issued its signer for master
// lists (ICAO Doc 9303-12, 7.1), or the terms name him. Signer and CSCA must be valid, and not revoked. A revocation list is taken
// only when a CSCA of the store signed it, a list of defects or deviations only when such a CSCA issued its signer for that. Of
// lists of one publisher the newest is kept, and what it leaves out, it vouches for no longer. From LDIF, which nobody signs, come
// no anchors, and few links whose issuer the store lacks; document signers in it are kept apart.
func (s *Store) ImportFiles(files []ImportFile, terms Terms) ([]Imported, error) {
	if terms.Day.IsZero() {
		terms.Day = terms.Now
	}
	results := make([]Imported, len(files))
	bundles := make([]*bundle, len(files))
	for i, file := range files {
		results[i].Rejected = []Rejected{}
		bundles[i] = &bundle{result: &results[i], origin: Provenance{Source: filepath.Base(file.Name), Imported: terms.Now.UTC()}}
		bundles[i].unpack(file.Data)
	}
	for _, take := range []func([]*bundle, Terms) error{
		s.takeCertificates, s.takeSigners, s.takeSignedByCSCAs, s.takeLists,
	} {
		if err := take(bundles, terms); err != nil {
			return results, fmt.Errorf("import: %w", err)
		}
	}
	for _, b := range bundles {
		s.tellDistrusted(b)
	}
	if err := s.commit(); err != nil {
		return results, fmt.Errorf("import: %w", err)
	}
	return results, nil
}

// tellFallen tells of certificates that an importer vouches for and that do not count all the same: they were revoked, say.
func (s *Store) tellDistrusted(b *bundle) {
	if b.directory {
		return
	}
	distrusted := s.current().distrusted
	for i := range items([]*bundle{b}, kindCertificate) {
		id := fingerprint(i.content)
		if why := distrusted[id]; why != "" && s.removed[id].Removed.IsZero() {
			b.rejectUnvouched(s.certificates[id].Subject, errors.New("it is in the trust store and does not count: "+why))
		}
	}
}

// takeCertificates adds the certificates that came as such.
func (s *Store) takeCertificates(bundles []*bundle, terms Terms) error {
	for _, b := range bundles {
		var certificates [][]byte
		for i := range items([]*bundle{b}, kindCertificate) {
			certificates = append(certificates, i.content)
		}
		origin := b.origin
		if origin.By = byImporter; b.directory {
			origin.By = byDirectory
		}
		if err := s.addCertificates(certificates, origin, b, terms); err != nil {
			return err
		}
	}
	return nil
}

// addCertificates puts certificates of one origin into the store, in one file, and counts them. Which of them may
// stand there depends on who vouches for them.
func (s *Store) addCertificates(certificates [][]byte, origin Provenance, b *bundle, terms Terms) error {
	var file []byte
	added := map[string]*pki.Certificate{}
	strangers := map[string]int{}
	for _, der := range certificates {
		id := fingerprint(der)
		if r, removed := s.removed[id]; removed && !s.mayReadmit(id, origin, b, terms) {
			b.reject(r.Subject, removedError(r).Error())
			continue
		}
		if b.named[id] {
			continue // it was counted
		}
		old, held := s.certificates[id]
		if held && s.vouchesAnew(old, origin) {
			added[id], file = old.Certificate, append(file, der...)
		}
		if _, twice := added[id]; held || twice {
			b.result.Known++
		} else if c := b.admit(der, origin.By); c != nil && (origin.By != byDirectory || s.hasRoomFor(c, strangers, b)) {
			added[id], file = c, append(file, der...)
			b.result.Imported++
			b.tellDeviation(c)
		}
	}
	if len(added) == 0 {
		return nil
	}
	in := fingerprint(file)
	for _, c := range added {
		s.hold(c, in, origin)
	}
	s.lineage.forget()
	return s.save(in, kindCertificate, file, origin)
}

// vouchesAnew says whether an importer vouches for a certificate that came otherwise before, or that has come to be distrusted since he did.
func (s *Store) vouchesAnew(c *certificate, origin Provenance) bool {
	last, vouched := c.vouchedFor()
	return origin.By == byImporter && (!vouched || origin.Imported.After(last) && s.current().distrusted[fingerprint(c.Raw)] != "")
}

// mayReadmit takes a certificate in again that was removed, if the importer says so, or names it by a file of its own.
func (s *Store) mayReadmit(id string, origin Provenance, b *bundle, terms Terms) bool {
	if terms.Again || origin.By == byImporter && len(b.items) == 1 {
		s.readmit(id)
		return true
	}
	return false
}

// removedError is why what was removed is not taken.
func removedError(r removal) error {
	return errors.New("it was removed from the trust store on " + r.Removed.Format(time.DateOnly) +
		": import it as a file of its own, or with --again, to have it back")
}

// maxLinksOfNobody bounds how many links of one name come from directories whose issuer the store does not have: anyone can
// write them, and a state has a handful.
const maxLinksOfNobody = 32

// hasRoomFor says whether a link that comes in a directory may be added, to strangers of its name which come with it; that it
// may not is told.
func (s *Store) hasRoomFor(link *pki.Certificate, strangers map[string]int, b *bundle) bool {
	if _, err := s.CertificationPath(link); err == nil {
		return true
	}
	name := link.SubjectIndex()
	if strangers[name] == 0 {
		strangers[name] = s.untrustedNamed(name)
	}
	if strangers[name]++; strangers[name] > maxLinksOfNobody {
		b.reject(link.Subject, "a directory has many links of this name, whose issuer is not in the store")
		return false
	}
	return true
}

// admit gives a certificate that may stand among the store's CSCAs; nil for one that may not, which is told or set aside.
// None may that does not state that it signs certificates: document signers stand in lists too.
func (b *bundle) admit(der []byte, by backing) *pki.Certificate {
	parse := pki.ParseCertificate
	if by == byDirectory {
		parse = b.strangers.Parse
	}
	certificate, err := parse(der)
	switch {
	case err != nil:
		b.rejectCertificate(err)
	case by == byDirectory && certificate.SignsDocuments():
		b.signers = append(b.signers, certificate)
	case !certificate.SignsCertificates() && certificate.CA:
		b.reject(certificate.Subject, "its key usage does not let it sign certificates")
	case !certificate.SignsCertificates(), !certificate.CA && by == byDirectory:
		b.reject(certificate.Subject, "its basic constraints do not let it sign certificates")
	case by == byDirectory && !b.mayTest(certificate):
		b.reject(certificate.Subject, "a directory has many certificates that may be a CSCA's, and vouches for none")
	case by == byDirectory && certificate.SelfSigned():
		b.rejectUnvouched(certificate.Subject, errors.New("a directory vouches for no CSCA: take it from a master list, or import it on its own"))
	default:
		return certificate
	}
	return nil
}

// maxSelfIssued bounds how many certificates of a directory are tested whether they are signed with their own keys, which a stranger
// chooses such that it takes long. A directory has links of some hundred states.
const maxSelfIssued = 1024

// mayTest says whether a certificate of a directory may be tested with its own key.
func (b *bundle) mayTest(c *pki.Certificate) bool {
	if !c.IssuedInNameOf(c) {
		return true
	}
	b.selfIssued++
	return b.selfIssued <= maxSelfIssued
}
