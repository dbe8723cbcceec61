package chip

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// File is a file to be imported.
type File struct {
	Name string // names it in the provenance; folders before it are left out
	Data []byte // at most 256 MB
}

// Imported says what became of everything in an imported file.
type Imported struct {
	Imported int `json:"imported"`
	Known    int `json:"known"` // stood in the store already
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
}

// Deviation is something that was imported although it deviates from what it should be.
type Deviation struct {
	Subject string `json:"subject"` // of a certificate, or the publisher of a list
	Reason  string `json:"reason"`
}

// Import is [Store.ImportFiles] for one file; that it was refused is an error.
func (s *Store) Import(data []byte, source string, now time.Time) (Imported, error) {
	results, err := s.ImportFiles([]File{{source, data}}, now)
	return results[0], errors.Join(err, results[0].Refused)
}

// ImportFiles adds what the files hold: certificates of CSCAs and revocation lists, in DER or PEM or in a wrapping that nobody
// signed (.p7b), CSCA master lists of ICAO or a state, in DER, PEM or as a mail, LDIF of the ICAO Public Key Directory,
// deviation lists of ICAO and defect lists of the BSI. Now is the
// time of import. There is one result a file; the order of the files does not matter, because certificates are taken first,
// then master lists, then what a CSCA must have signed. An error means that the folder cannot be written, and then some of
// it may stand there.
//
// A certificate is taken because whoever imports vouches for it; so is a master list whose publisher the store does not
// know, with a warning. It must state that it signs certificates; where its basic constraints contradict its key usage in
// that, it is taken because somebody vouches for it, which is told. A revocation list is taken only when a CSCA of the store
// signed it, a list of defects or deviations only when such a CSCA issued its signer for that. Of lists of one publisher the
// newest is kept. From LDIF, which nobody signs, come no anchors, few links whose issuer the store lacks, and no master list
// whose signature cannot be checked; document signers in it are kept apart.
func (s *Store) ImportFiles(files []File, now time.Time) ([]Imported, error) {
	results := make([]Imported, len(files))
	parcels := make([]*parcel, len(files))
	for i, file := range files {
		results[i].Rejected = []Rejected{}
		parcels[i] = &parcel{result: &results[i], origin: Provenance{Source: filepath.Base(file.Name), Imported: now.UTC()}}
		parcels[i].unpack(file.Data)
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return results, fmt.Errorf("import: %w", err)
	}
	for _, take := range []func([]*parcel) error{
		s.takeCertificates, s.takeSigners, s.takeMasterLists, s.takeCRLs, s.takeLists,
	} {
		if err := take(parcels); err != nil {
			return results, fmt.Errorf("import: %w", err)
		}
	}
	return results, nil
}

// vouching is who stands behind certificates on their way into the store.
type vouching int

const (
	nobody   vouching = iota // they stand in a directory: none is an anchor
	stranger                 // so does the master list that they stand in, and its publisher is not known
	somebody                 // whoever imports the file, or the publisher of a master list
)

// vouching is who stands behind the certificates that came as such.
func (p *parcel) vouching() vouching {
	if p.directory {
		return nobody
	}
	return somebody
}

// takeCertificates adds the certificates that came as such.
func (s *Store) takeCertificates(parcels []*parcel) error {
	for _, p := range parcels {
		var certificates [][]byte
		for i := range items([]*parcel{p}, kindCertificate) {
			certificates = append(certificates, i.content)
		}
		if err := s.addCertificates(certificates, p.vouching(), p.origin, p); err != nil {
			return err
		}
	}
	return nil
}

// addCertificates puts certificates of one origin into the store, in one file, and counts them. Which of them may
// stand there depends on who vouches for them.
func (s *Store) addCertificates(certificates [][]byte, by vouching, origin Provenance, p *parcel) error {
	var file []byte
	added := map[string]held[*pki.Certificate]{}
	strangers := map[string]int{}
	for _, der := range certificates {
		id := fingerprint(der)
		_, old := s.certificates[id]
		_, twice := added[id]
		if old || twice {
			p.result.Known++
		} else if c := p.admit(der, by); c != nil && (by != nobody || s.hasRoomFor(c, strangers, p)) {
			added[id] = held[*pki.Certificate]{c, origin}
			p.tellDeviation(c)
			file = append(file, der...)
		}
	}
	if len(added) == 0 {
		return nil
	}
	if err := s.save(fingerprint(file), kindCertificate, file, origin); err != nil {
		return err
	}
	maps.Copy(s.certificates, added)
	s.lineage.forget()
	p.result.Imported += len(added)
	return nil
}

// maxLinksOfNobody bounds how many links of one name come from directories whose issuer the store does not have: anyone can
// write them, and a state has a handful.
const maxLinksOfNobody = 32

// hasRoomFor says whether a link that comes in a directory may be added, to strangers of its name which come with it; that it
// may not is told.
func (s *Store) hasRoomFor(link *pki.Certificate, strangers map[string]int, p *parcel) bool {
	if _, err := s.issuerOf(link); err == nil {
		return true
	}
	name := link.SubjectIndex()
	if strangers[name] == 0 {
		strangers[name] = s.strangersNamed(name)
	}
	if strangers[name]++; strangers[name] > maxLinksOfNobody {
		p.reject(link.Subject, "a directory has many links of this name, whose issuer is not in the store")
		return false
	}
	return true
}

// admit gives a certificate that may stand among the store's CSCAs; nil for one that may not, which is told or set aside.
// None may that does not state that it signs certificates: document signers stand in lists too.
func (p *parcel) admit(der []byte, by vouching) *pki.Certificate {
	certificate, err := pki.ParseCertificate(der)
	switch {
	case err != nil:
		p.rejectCertificate(err)
	case by == nobody && certificate.SignsDocuments():
		p.signers = append(p.signers, certificate)
	case !certificate.SignsCertificates() && certificate.CA:
		p.reject(certificate.Subject, "its key usage does not let it sign certificates")
	case !certificate.SignsCertificates(), !certificate.CA && by != somebody:
		p.reject(certificate.Subject, "its basic constraints do not let it sign certificates")
	case by == nobody && certificate.SelfSigned():
		p.reject(certificate.Subject, "a directory vouches for no CSCA: take it from a master list, or import it on its own")
	default:
		return certificate
	}
	return nil
}

// arrival is a master list on its way into the store.
type arrival struct {
	*pki.MasterList
	item   item
	parcel *parcel
	doubt  string // what could not be checked about it
	// early are those of its certificates that are taken at once; late are those that contradict themselves, where nobody known
	// publishes the list: they are taken once the others, which may be the publisher's, are in the store.
	early, late [][]byte
}

// vouching is who stands behind the certificates of the list.
func (a arrival) vouching() vouching {
	if a.parcel.directory && a.doubt != "" {
		return stranger
	}
	return somebody
}

// takeMasterLists adds what master lists hold: first the lists whose publishers the store knows, which may make other
// publishers known, and in the end the others with their doubts. What comes of it does not depend on the order in which lists
// stand, nor does importing them again bring more.
func (s *Store) takeMasterLists(parcels []*parcel) error {
	pending := masterLists(parcels)
	var late []arrival
	for len(pending) > 0 {
		var known, unknown []arrival
		for _, list := range pending {
			if list.doubt = s.doubt(list.MasterList); list.doubt == "" {
				known = append(known, list)
			} else {
				unknown = append(unknown, list)
			}
		}
		if len(known) == 0 {
			known, unknown = putOff(unknown), nil
			late = known
		}
		for _, list := range known {
			if err := s.addListed(list); err != nil {
				return err
			}
		}
		pending = unknown
	}
	return s.takeLate(late)
}

// putOff parts from lists what is to be taken late, where nobody vouches for it.
func putOff(lists []arrival) []arrival {
	for i := range lists {
		list := &lists[i]
		if list.vouching() == somebody {
			continue
		}
		list.early = slices.DeleteFunc(slices.Clone(list.Listed), func(der []byte) bool {
			c, err := pki.ParseCertificate(der)
			contradicts := err == nil && c.IssuerDeviation() != ""
			if contradicts {
				list.late = append(list.late, der)
			}
			return contradicts
		})
	}
	return lists
}

// takeLate takes what was put off of lists, if their publishers are known by now. The doubt stays: they may have made each other
// known.
func (s *Store) takeLate(lists []arrival) error {
	for _, list := range lists {
		origin := list.parcel.origin
		origin.Signed, _ = list.SigningTime()
		origin.Warning = list.doubt
		by := stranger
		if s.doubt(list.MasterList) == "" {
			by = somebody
		}
		if err := s.addCertificates(list.late, by, origin, list.parcel); err != nil {
			return err
		}
	}
	return nil
}

// masterLists parses the master lists; one with a broken signature is refused, and so is one from a directory, for which
// nobody vouches, whose signature cannot be checked.
func masterLists(parcels []*parcel) []arrival {
	var lists []arrival
	for i, p := range items(parcels, kindMasterList) {
		list, err := pki.ParseMasterList(i.content)
		if err == nil {
			if err = list.Verify(); !errors.Is(err, pki.ErrSignature) && !p.directory {
				err = nil
			}
		}
		if err != nil {
			p.refuse("", err)
			continue
		}
		lists = append(lists, arrival{MasterList: list, item: i, parcel: p, early: list.Listed})
	}
	return lists
}

// doubt says what cannot be checked about a master list whose signature is not broken, or why its publisher is not known;
// empty when a CSCA that the store holds is its issuer, and of several signers that one is taken for the publisher. It only
// warns: the list may be the one that brings the publisher's new CSCA.
func (s *Store) doubt(list *pki.MasterList) string {
	if err := list.Verify(); err != nil {
		return "the list's signature could not be checked: " + err.Error()
	}
	var unknown error
	for _, signed := range append([]*pki.SignedData{list.SignedData}, list.Cosigners...) {
		publisher, err := signed.SignerCertificate()
		if err == nil {
			err = s.checkListSigner(publisher)
		}
		if err == nil {
			list.SignedData = signed
			return ""
		}
		unknown = cmp.Or(unknown, err)
	}
	return "the list's publisher is not known: " + unknown.Error()
}

// addListed adds the certificates of a master list, and keeps the list.
func (s *Store) addListed(list arrival) error {
	publisher, err := list.SignerCertificate()
	if err == nil && errors.Is(s.checkListSigner(publisher), errRevoked) {
		list.parcel.refuse(publisherOf(list), errRevoked)
		return nil
	}
	origin := list.parcel.origin
	origin.Signed, _ = list.SigningTime()
	origin.Warning = list.doubt
	list.parcel.warn(list.doubt)
	if err := s.addCertificates(list.early, list.vouching(), origin, list.parcel); err != nil {
		return err
	}
	if _, known := s.lists[fingerprint(list.item.content)]; known {
		return nil
	}
	if kept, err := s.keepList(list.item, list.MasterList, origin); err != nil || !kept {
		return err
	}
	list.parcel.tellDeviations(list.MasterList)
	return nil
}

// takeCRLs adds the revocation lists that a CSCA of the store signed; a newer one takes the place of an older.
func (s *Store) takeCRLs(parcels []*parcel) error {
	for i, p := range items(parcels, kindCRL) {
		list, err := pki.ParseCRL(i.content)
		if err != nil {
			p.refuse("", err)
			continue
		}
		if _, known := s.crls[fingerprint(i.content)]; known {
			p.result.Known++
			continue
		}
		issuer, err := s.issuerOfCRL(list)
		if errors.Is(err, pki.ErrSignature) || errors.As(err, new(otherKeyError)) {
			p.refuse(list.Issuer, fmt.Errorf("revocation list: %w", err))
			continue
		} else if err != nil {
			p.reject(list.Issuer, err.Error())
			continue
		}
		if err := s.addCRL(list, issuer, p); err != nil {
			return err
		}
	}
	return nil
}

// addCRL puts a revocation list into the store, unless a newer one of the same issuer and key is there. That one names the
// same key as another is no proof of it: it takes the place of none that its own issuer's key did not sign.
func (s *Store) addCRL(list *pki.CRL, issuer *pki.Certificate, p *parcel) error {
	var older []string
	for id, h := range s.crls {
		if !h.content.SameIssuerAs(list) || h.content.CheckSignedBy(issuer) != nil {
			continue
		}
		if !list.ThisUpdate.After(h.content.ThisUpdate) {
			p.reject(list.Issuer, "the store has a newer revocation list of this issuer, of "+
				h.content.ThisUpdate.Format(isoDay))
			return nil
		}
		older = append(older, id)
	}
	origin := p.origin
	origin.Signed = list.ThisUpdate
	id := fingerprint(list.Raw)
	if err := s.save(id, kindCRL, list.Raw, origin); err != nil {
		return err
	}
	s.crls[id] = held[*pki.CRL]{list, origin}
	p.result.Imported++
	for _, id := range older {
		if err := s.drop(id, kindCRL); err != nil {
			return err
		}
		delete(s.crls, id)
	}
	return nil
}
