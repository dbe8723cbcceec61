package trust

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// maxImport bounds an imported file, in bytes: the directory of ICAO, the greatest that there is, has about a hundred
// megabytes in LDIF.
const maxImport = 256 << 20

// parcel is a file on its way into the store.
type parcel struct {
	items     []item
	directory bool               // LDIF, or certificates beside signed lists: nobody vouches for those
	signers   []*pki.Certificate // of documents, found among the items
	origin    Provenance
	result    *Imported

	named      map[string]bool       // certificates in it that the importer named, by SHA-256
	strangers  pki.CertificateReader // of certificates for which nobody vouches
	selfIssued int                   // of those, how many may be CSCAs'
	unsigned   map[string]int        // revocation lists that none of their issuer's keys signed, by the issuer's name
}

// countUnsigned counts a revocation list in that name which nobody of that name signed.
func (p *parcel) countUnsigned(name string) {
	if p.unsigned == nil {
		p.unsigned = map[string]int{}
	}
	p.unsigned[name]++
}

// item is one of the things that a file holds, not yet parsed.
type item struct {
	kind    kind
	content []byte
}

// items gives what the parcels hold of a kind, in their order.
func items(parcels []*parcel, k kind) iter.Seq2[item, *parcel] {
	return func(yield func(item, *parcel) bool) {
		for _, p := range parcels {
			for _, i := range p.items {
				if i.kind == k && !yield(i, p) {
					return
				}
			}
		}
	}
}

// add puts things of one kind into the parcel.
func (p *parcel) add(k kind, contents [][]byte) {
	for _, content := range contents {
		p.items = append(p.items, item{k, content})
	}
}

// reject tells of an item that cannot be used.
func (p *parcel) reject(subject, reason string) {
	p.result.Rejected = append(p.result.Rejected, Rejected{Subject: subject, Reason: reason})
}

// rejectUnvouched tells of what nobody vouches for, although it would be believed.
func (p *parcel) rejectUnvouched(subject string, why error) {
	rejected := Rejected{Subject: subject, Reason: why.Error()}
	if stranger := new(strangerError); errors.As(why, stranger) {
		rejected.Subject, rejected.Fingerprint = stranger.subject, stranger.fingerprint
	}
	p.result.Rejected = append(p.result.Rejected, rejected)
	p.result.Unvouched++
}

// tellDeviation tells how a certificate that is taken deviates, if it does.
func (p *parcel) tellDeviation(c *pki.Certificate) {
	if deviation := c.IssuerDeviation(); deviation != "" {
		p.result.Deviations = append(p.result.Deviations, Deviation{c.Subject, deviation})
	}
}

// tellDeviations tells what is let pass in the signature of a list that is taken.
func (p *parcel) tellDeviations(list publication) {
	for _, deviation := range list.Deviations() {
		p.result.Deviations = append(p.result.Deviations, Deviation{publisherName(list), string(deviation)})
	}
}

// warn tells what could not be checked about the file, or a list in it; once, where several have the same.
func (p *parcel) warn(doubt string) {
	switch warning := &p.result.Warning; {
	case *warning == "":
		*warning = doubt
	case doubt != "" && !strings.Contains(*warning, doubt):
		*warning += "; " + doubt
	}
}

// rejectCertificate tells of a certificate that cannot be parsed.
func (p *parcel) rejectCertificate(err error) {
	var failure *pki.CertificateError
	if errors.As(err, &failure) {
		p.reject(failure.Subject, failure.Err.Error())
		return
	}
	p.reject("", err.Error())
}

// refuse tells of an item that is broken, and not only of no use: a file that holds nothing else is refused.
func (p *parcel) refuse(subject string, err error) {
	if len(p.items) > 1 {
		p.reject(subject, err.Error())
		return
	}
	p.result.Refused = fmt.Errorf("import: %w", err)
}

// refuseList tells of a signed list that is not taken.
func (p *parcel) refuseList(publisher string, why error) {
	outdated := errors.Is(why, errOlder) || errors.Is(why, errUndated)
	if errors.As(why, new(strangerError)) || len(p.items) > 1 && !outdated {
		p.rejectUnvouched(publisher, why)
		return
	}
	p.refuse(publisher, why)
}

// unpack finds out what the file is and what it holds.
func (p *parcel) unpack(data []byte) {
	var err error
	switch {
	case len(data) > maxImport:
		err = fmt.Errorf("%d bytes, more than %d", len(data), maxImport)
	case pki.IsLDIF(data):
		err = p.unpackLDIF(data)
	case pki.IsDER(data):
		err = p.unpackDER(data)
	default:
		if err = p.unpackText(pki.PlainText(data)); err == nil && len(p.items) == 0 {
			err = p.unpackDER(data)
		}
	}
	if err != nil {
		p.items = nil
		p.result.Refused = fmt.Errorf("import: %w", err)
	}
	if p.has(kindCertificate) && (p.has(kindMasterList) || p.has(kindDefectList) || p.has(kindDeviationList)) {
		p.directory = true // who imports a signed list does not vouch for what stands beside it
	}
}

// has says whether the parcel holds something of a kind.
func (p *parcel) has(k kind) bool {
	return slices.ContainsFunc(p.items, func(i item) bool { return i.kind == k })
}

// unpackLDIF takes what the ICAO Public Key Directory publishes. Of a damaged file nothing is taken.
func (p *parcel) unpackLDIF(data []byte) error {
	p.directory = true
	for entry, err := range pki.ReadLDIF(bytes.NewReader(data)) {
		if err != nil {
			return err
		}
		switch entry.Kind {
		case pki.KindCertificate:
			p.items = append(p.items, item{kindCertificate, entry.DER})
		case pki.KindCRL:
			p.items = append(p.items, item{kindCRL, entry.DER})
		case pki.KindMasterList:
			p.items = append(p.items, item{kindMasterList, entry.DER})
		}
	}
	if len(p.items) == 0 {
		return errors.New("LDIF without certificates, revocation lists or master lists")
	}
	return nil
}

// unpackDER takes certificates, which may stand one behind the other or in a wrapping that nobody signed, a revocation list or a
// signed list, which may be in BER.
func (p *parcel) unpackDER(data []byte) error {
	if certificates := wholeCertificates(data); len(certificates) > 0 {
		p.add(kindCertificate, certificates)
		return nil
	}
	if bundle, ok := pki.ParseBundle(data); ok {
		p.add(kindCertificate, bundle.Certificates)
		p.add(kindCRL, bundle.CRLs)
		return nil
	}
	if list := pki.FirstElement(data); len(pki.TrimText(data[len(list):])) == 0 { // what a text editor leaves behind it
		data = list
	}
	if _, err := pki.ParseCRL(data); !errors.Is(err, pki.ErrMalformed) {
		p.items = append(p.items, item{kindCRL, data})
		return nil
	}
	contentType, err := pki.ContentType(data)
	if err != nil {
		return fmt.Errorf("neither a certificate nor a list that the store takes%s: %w", otherFile(data), err)
	}
	kinds := map[string]kind{
		pki.MasterListType: kindMasterList, pki.DefectListType: kindDefectList, pki.DeviationListType: kindDeviationList,
	}
	k, taken := kinds[contentType]
	if !taken {
		if _, err := pki.ParseMasterList(data); err != nil {
			return fmt.Errorf("neither a certificate nor a list that the store takes: signed content of type %s", contentType)
		}
		k = kindMasterList // of another type
	}
	p.items = append(p.items, item{k, data})
	return nil
}
