package trust

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// maxDirectoryLists bounds how many master lists are taken from one directory: anyone can write them, and to find the signer of each
// may take seconds. ICAO's has thirty.
const maxDirectoryLists = 64

// masterListCandidate is a master list that an import has, and that may come to be taken.
type masterListCandidate struct {
	*pki.MasterList
	item   item
	bundle *bundle
	signed time.Time // zero where it does not say
	err    error     // why it is not taken so far
}

// origin is where the certificates of a list come from.
func (candidate *masterListCandidate) origin() Provenance {
	origin := candidate.bundle.origin
	origin.By, origin.Signed = byList, candidate.signed
	return origin
}

// publisher is who signed a list, and by what that is known.
type publisher struct {
	*pki.SignedData
	path  []string // as of Provenance
	rests string   // likewise
}

// strangerError is that nobody vouches for the publisher of a list; whoever compares the fingerprint may.
type strangerError struct {
	why         error
	subject     string
	fingerprint string
}

// Error says how whoever imports may vouch for the publisher.
func (e strangerError) Error() string {
	return fmt.Sprintf("nobody vouches for its publisher (%v). Compare the SHA-256 fingerprint of %s, %s, with the one that the publisher "+
		"states on its own page; if they are the same, import again with --trust-publisher %s", e.why, e.subject, colons(e.fingerprint), e.fingerprint)
}

// Unwrap gives why nobody vouches yet.
func (e strangerError) Unwrap() error { return e.why }

// unknownError is that the issuer of a list's signer is not known, of which a strangerError is made when it stays so.
type unknownError struct {
	why    error
	signed *pki.SignedData
	signer *pki.Certificate
}

// Error is the cause.
func (e unknownError) Error() string { return e.why.Error() }

// Unwrap gives the cause.
func (e unknownError) Unwrap() error { return e.why }

// refusal is why a list was not taken in the end. For a publisher that is not known that has the certificate worth comparing: the CSCA
// that issued its signer, which lasts, where the list has it, and else the signer's own.
func (candidate *masterListCandidate) refusal() error {
	e := new(unknownError)
	switch {
	case !errors.As(candidate.err, e):
		return candidate.err
	case errors.As(e.why, new(DistrustedError)), errors.Is(e.why, pki.ErrSignature), errors.As(e.why, new(OtherKeyError)):
		return fmt.Errorf("its publisher is not to be trusted: %w", e.why)
	}
	worth := e.signer
	if csca := pki.IssuerAmong(slices.Concat(e.signed.Certificates, candidate.Listed), e.signer); csca != nil {
		worth = csca
	}
	return strangerError{e.why, worth.Subject, fingerprint(worth.Raw)}
}

// colons writes a fingerprint as publishers' pages do.
func colons(fingerprint string) string {
	var pairs []string
	for pair := range slices.Chunk([]byte(strings.ToUpper(fingerprint)), 2) {
		pairs = append(pairs, string(pair))
	}
	return strings.Join(pairs, ":")
}

// Why a master list is not taken although its signature verifies.
var (
	errPurpose   = errors.New("its signer's certificate does not say that it signs master lists: another key of its issuer's may be in wrong hands")
	errCountries = errors.New("its signer and the CSCAs above it name several countries")
	errOlder     = errors.New("the store has a newer list of this publisher")
	errUndated   = errors.New("it does not say when it was signed, and the store has a list of this publisher: to have this one instead, remove that")
)

// masterListCandidates parses the master lists that may be taken, in the order in which they were signed, whichever they came in; one whose
// signature does not verify or cannot be checked is refused.
func masterListCandidates(bundles []*bundle) []*masterListCandidate {
	var lists []*masterListCandidate
	count := map[*bundle]int{}
	for i, b := range items(bundles, kindMasterList) {
		if count[b]++; b.directory && count[b] > maxDirectoryLists {
			b.refuseList("", fmt.Errorf("more than %d master lists in one directory", maxDirectoryLists))
			continue
		}
		list, err := pki.ParseMasterList(i.content)
		if err == nil {
			if err = list.Verify(); err != nil && !errors.Is(err, pki.ErrSignature) {
				err = fmt.Errorf("the list's signature cannot be checked: %w", err)
			}
		}
		if err != nil {
			b.refuseList("", err)
			continue
		}
		candidate := &masterListCandidate{MasterList: list, item: i, bundle: b}
		candidate.signed, _ = list.SigningTime()
		lists = append(lists, candidate)
	}
	slices.SortStableFunc(lists, func(candidate, b *masterListCandidate) int {
		return cmp.Or(candidate.signed.Compare(b.signed), cmp.Compare(fingerprint(candidate.item.content), fingerprint(b.item.content)))
	})
	return lists
}

// takeSignedByCSCAs adds revocation lists and master lists, whose publishers one another may make known. Master lists are taken one
// after the other, the oldest whose publisher is known first: as they would have been by who had imported each on its day, so that
// whom a State's list has left out publishes none after it. Revocation lists come before each.
func (s *Store) takeSignedByCSCAs(bundles []*bundle, terms Terms) (err error) {
	crls, lists := crlCandidates(bundles), masterListCandidates(bundles)
	for {
		if crls, err = s.takeCRLs(crls, terms); err != nil {
			return err
		}
		taken, err := s.takeOne(lists, terms)
		if err != nil {
			return err
		} else if taken < 0 {
			break
		}
		lists = slices.Delete(lists, taken, taken+1)
	}
	for _, candidate := range crls {
		if candidate.bundle.directory { // which has those of states that no list has
			candidate.bundle.reject(candidate.list.Issuer, candidate.err.Error())
		} else {
			candidate.bundle.rejectUnvouched(candidate.list.Issuer, candidate.err)
		}
	}
	for _, candidate := range lists {
		candidate.bundle.refuseList(publisherName(candidate), candidate.refusal())
	}
	return nil
}

// takeOne takes the first of the lists whose publisher is known, and says which that was; less than 0 where none is.
func (s *Store) takeOne(lists []*masterListCandidate, terms Terms) (int, error) {
	for i, candidate := range lists {
		if id := fingerprint(candidate.item.content); s.current().lists[id] && s.lists[id].Rests != "" {
			return i, s.addCertificates(candidate.Listed, candidate.origin(), candidate.bundle, terms) // all of which are known
		}
		p, err := s.publisherOf(candidate, terms)
		if candidate.err = err; err != nil {
			continue
		}
		candidate.SignedData = p.SignedData
		candidate.signed, _ = p.SigningTime() // of several signers, each states his own
		return i, s.addListed(candidate, p, terms)
	}
	return -1, nil
}

// listLike gives the store's list of the same kind and publisher as another, if it counts; false where there is none.
func (s *Store) listLike(list publication) (id string, has bool) {
	st := s.current()
	for _, id := range slices.Sorted(maps.Keys(s.lists)) {
		if st.lists[id] && samePublisher(list, s.lists[id].content) {
			return id, true
		}
	}
	return "", false
}

// publisherOf finds, among the signers of a list, one that may publish it and is known. The error is an [unknownError] where he may
// publish it and is not known.
func (s *Store) publisherOf(candidate *masterListCandidate, terms Terms) (publisher, error) {
	var failure error
	for _, signed := range append([]*pki.SignedData{candidate.SignedData}, candidate.Cosigners...) {
		p, err := s.checkMasterListSigner(signed, candidate, terms)
		if err == nil {
			return p, nil
		}
		if failure == nil || errors.As(err, new(unknownError)) {
			failure = err
		}
	}
	return publisher{}, failure
}

// checkMasterListSigner checks one signer of a list: that his signature is not weak, that his certificate is for master lists and
// valid when he signed and today, that nobody has revoked it, and that it is known: by a CSCA that counts, or by its fingerprint.
func (s *Store) checkMasterListSigner(signed *pki.SignedData, candidate *masterListCandidate, terms Terms) (publisher, error) {
	signer, err := signed.SignerCertificate()
	if err != nil {
		return publisher{}, err
	}
	isCSCA := signer.SignsCertificates()
	switch weakness := signed.Weakness(); {
	case weakness != "":
		return publisher{}, errors.New("its signature is not taken for a list: " + weakness)
	case !isCSCA && !signer.SignsMasterLists():
		return publisher{}, errPurpose
	}
	if err := checkDays(signed, signer, terms.Day); err != nil {
		return publisher{}, err
	}
	if why := s.revokedAnyhow(signer); why != "" {
		return publisher{}, fmt.Errorf("%w: %s", errRevoked, why)
	}
	if id := fingerprint(signer.Raw); !isCSCA {
		named := terms.trusts(id)
		if err := s.mayTake(id, keyDigest(signer), terms.Again || named); err != nil {
			return publisher{}, fmt.Errorf("its signer: %w", err)
		}
		if named {
			return publisher{signed, []string{id}, id}, nil
		}
	}
	if err := s.takeNamed(signed, signer, candidate, terms); err != nil {
		return publisher{}, err
	}
	path, err := s.CertificationPath(signer)
	if err != nil {
		return publisher{}, unknownError{err, signed, signer}
	}
	return publisherUnder(path, signed, signer, terms.Day)
}

// publisherUnder is the publisher whose certificate, signer, was issued at the end of a path.
func publisherUnder(path []*pki.Certificate, signed *pki.SignedData, signer *pki.Certificate, day time.Time) (publisher, error) {
	ids := pathFrom(signer, path)
	return publisher{signed, ids, ids[len(ids)-1]}, checkIssuerOfLists(path, signer, day)
}

// checkIssuerOfLists checks that the CSCA of a list's signer, at the end of a path, was valid on the signer's first day and is today, and
// that all are of one country.
func checkIssuerOfLists(path []*pki.Certificate, signer *pki.Certificate, day time.Time) error {
	switch csca := path[0]; {
	case !csca.ValidOnDayOf(day):
		return fmt.Errorf("its CSCA is valid until %s, not on %s", csca.NotAfter.Format(time.DateOnly), day.Format(time.DateOnly))
	case !csca.ValidOnDayOf(signer.NotBefore):
		return errors.New("its CSCA was not valid on the day from which its signer is")
	case len(pki.CountriesOf(signer, path...)) > 1:
		return errCountries
	}
	return nil
}

// checkDays checks that a list's signer was valid when it signed, which is not to come, and is valid on the day: whoever has an
// expired key can write any day there.
func checkDays(signed *pki.SignedData, signer *pki.Certificate, day time.Time) error {
	when, stated := signed.SigningTime()
	valid := fmt.Sprintf("its signer is valid from %s to %s", signer.NotBefore.Format(time.DateOnly), signer.NotAfter.Format(time.DateOnly))
	switch {
	case !signer.ValidOnDayOf(day):
		return fmt.Errorf("%s, not on %s: import the publisher's newest list", valid, day.Format(time.DateOnly))
	case !stated:
		return nil
	case isAfter(when, day):
		return fmt.Errorf("it was signed on %s, which is after %s: set the clock, or wait", when.Format(time.DateOnly), day.Format(time.DateOnly))
	case !signer.ValidOnDayOf(when):
		return fmt.Errorf("%s, not on %s, when it signed", valid, when.Format(time.DateOnly))
	case !signer.KeyNotAfter.IsZero() && when.After(signer.KeyNotAfter.Add(24*time.Hour)), when.Add(24 * time.Hour).Before(signer.KeyNotBefore):
		return fmt.Errorf("its signer's key was not to sign on %s, when it did", when.Format(time.DateOnly))
	}
	return nil
}

// isAfter says whether a moment is to come on a day, in whichever zone its clock is.
func isAfter(moment, day time.Time) bool { return moment.After(day.Add(24 * time.Hour)) }

// takeNamed adds the CSCA that issued a list's signer, where the importer named it by its fingerprint.
func (s *Store) takeNamed(signed *pki.SignedData, signer *pki.Certificate, candidate *masterListCandidate, terms Terms) error {
	if len(terms.Publishers) == 0 {
		return nil
	}
	for _, der := range slices.Concat(signed.Certificates, candidate.Listed) {
		if !terms.trusts(fingerprint(der)) {
			continue
		}
		c, err := pki.ParseCertificate(der)
		if err != nil || !c.SignsCertificates() || signer.CheckSignedBy(c) != nil {
			continue
		}
		origin := candidate.bundle.origin
		origin.By = byImporter
		if err := s.addNamed(c, origin, candidate.bundle); err != nil {
			return err
		}
	}
	return nil
}

// addNamed adds one certificate that the importer named, whatever was thought of it before.
func (s *Store) addNamed(c *pki.Certificate, origin Provenance, b *bundle) error {
	id := fingerprint(c.Raw)
	if _, removed := s.removed[id]; removed {
		s.readmit(id)
	}
	if held := s.certificates[id]; held != nil {
		if _, vouched := held.vouchedFor(); vouched {
			return nil
		}
	} else {
		b.result.Imported++
		b.tellDeviation(c)
	}
	if b.named == nil {
		b.named = map[string]bool{}
	}
	b.named[id] = true
	s.hold(c, id, origin)
	s.lineage.forget()
	return s.save(id, kindCertificate, c.Raw, origin)
}

// revokedAnyhow says whether a revocation list or a list of defects of the store revokes a list's signer, and by what; empty where
// none does.
func (s *Store) revokedAnyhow(signer *pki.Certificate) string {
	if why, withdrawn := s.withdrawn(signer); withdrawn {
		return why
	}
	return s.current().revokedByIssuer(signer)
}

// addListed adds the certificates of a master list, and keeps the list.
func (s *Store) addListed(candidate *masterListCandidate, p publisher, terms Terms) error {
	id := fingerprint(candidate.item.content)
	if err := s.mayTake(id, signedDigest(candidate), terms.Again); err != nil {
		candidate.bundle.refuseList(publisherName(candidate), err)
		return nil
	}
	origin := candidate.origin()
	if err := cmp.Or(s.mayRenew(candidate), s.maySucceed(candidate, p)); err != nil {
		candidate.bundle.refuseList(publisherName(candidate), err)
		return nil
	}
	kept := origin
	kept.Path, kept.Rests = p.path, s.restsOn(candidate, p)
	kept.LeftOut = s.leftOutBy(candidate, terms.Now)
	if err := s.addCertificates(candidate.Listed, origin, candidate.bundle, terms); err != nil {
		return err
	}
	candidate.bundle.tellDeviations(candidate.MasterList)
	return s.keepList(candidate.item, candidate.MasterList, kept)
}

// mayRenew says why a list cannot take the place of the one that the store has of its publisher.
func (s *Store) mayRenew(candidate *masterListCandidate) error {
	old, has := s.listLike(candidate.MasterList)
	h := s.lists[old]
	switch {
	case !has, old == fingerprint(candidate.item.content):
		return nil
	case candidate.signed.IsZero(): // it may be older, whatever the other says of itself
		return errUndated
	}
	made := h.Signed
	if made.IsZero() {
		made = h.Imported
	}
	if !candidate.signed.After(made) {
		return fmt.Errorf("%w, of %s", errOlder, made.Format(time.DateOnly))
	}
	return nil
}

// maySucceed says why whoever published a list is not whom that State's list, which the store has, vouches for: another State's list
// may have a CSCA in this one's name, which that is not to displace.
func (s *Store) maySucceed(candidate *masterListCandidate, p publisher) error {
	old, has := s.listLike(candidate.MasterList)
	anchor, held := s.certificates[p.path[len(p.path)-1]]
	if !has || !held || p.rests == p.path[0] {
		return nil
	}
	_, vouched := anchor.vouchedFor()
	listed := s.current().listed[old]
	if vouched || slices.ContainsFunc(p.path[1:], func(id string) bool { return listed[id] || slices.Contains(s.lists[old].Path, id) }) {
		return nil
	}
	why := errors.New("the list of its State that the trust store has does not have its CSCA, another State's does")
	return strangerError{why, anchor.Subject, fingerprint(anchor.Raw)}
}

// restsOn is what a list rests on: its publisher's anchor or, where nobody vouches for that but the list before, what that rests on.
// So a publisher may renew its CSCA by its own list, and no list makes its own publisher known.
func (s *Store) restsOn(candidate *masterListCandidate, p publisher) string {
	old, has := s.listLike(candidate.MasterList)
	anchor, held := s.certificates[p.rests]
	if !has || !held || old == fingerprint(candidate.item.content) {
		return p.rests
	}
	_, vouched := anchor.vouchedFor()
	by := s.current().vouchers[p.rests]
	if !vouched && len(by) == 1 && by[0] == old {
		return cmp.Or(s.lists[old].Rests, p.rests)
	}
	return p.rests
}

// leftOutBy gives what a list and those before it have left out of their own State's certificates, and since when.
func (s *Store) leftOutBy(candidate *masterListCandidate, now time.Time) map[string]time.Time {
	old, has := s.listLike(candidate.MasterList)
	country := countryOfPublisher(candidate.MasterList)
	if !has || country == "" {
		return nil
	}
	out, listed := maps.Clone(s.lists[old].LeftOut), listingOf(candidate.MasterList)
	maps.DeleteFunc(out, func(id string, _ time.Time) bool { return listed[id] })
	for id := range s.current().listed[old] {
		if c, held := s.certificates[id]; held && !listed[id] && c.Country == country {
			if out == nil {
				out = map[string]time.Time{}
			}
			out[id] = now.UTC()
		}
	}
	return out
}

// countryOfPublisher is the State that published a master list; empty where its signer names none, or several.
func countryOfPublisher(list publication) string {
	signer, err := list.SignerCertificate()
	if err != nil || signer.Country != signer.IssuerCountry {
		return ""
	}
	return signer.Country
}

// samePublisher says whether two lists are of one kind and publisher. Of master lists, a State has one: its CSCAs change their names
// with their keys.
func samePublisher(a, b publication) bool {
	if kindOf(a) != kindOf(b) {
		return false
	}
	if kindOf(a) == kindMasterList {
		if x, y := countryOfPublisher(a), countryOfPublisher(b); x != "" || y != "" {
			return x == y
		}
	}
	id := publisherID(a)
	return id != "" && id == publisherID(b)
}

// signedBy has that of a list's signers taken for its publisher whose certificate has this SHA-256.
func signedBy(list *pki.MasterList, id string) {
	for _, signed := range append([]*pki.SignedData{list.SignedData}, list.Cosigners...) {
		if signer, err := signed.SignerCertificate(); err == nil && fingerprint(signer.Raw) == id {
			list.SignedData = signed
			return
		}
	}
}
