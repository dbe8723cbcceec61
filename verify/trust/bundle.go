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

// bundle is one imported file, and what it holds: an import bundle.
type bundle struct {
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
func (b *bundle) countUnsigned(name string) {
	if b.unsigned == nil {
		b.unsigned = map[string]int{}
	}
	b.unsigned[name]++
}

// item is one of the things that a file holds, not yet parsed.
type item struct {
	kind    kind
	content []byte
}

// items gives what the bundles hold of a kind, in their order.
func items(bundles []*bundle, k kind) iter.Seq2[item, *bundle] {
	return func(yield func(item, *bundle) bool) {
		for _, b := range bundles {
			for _, i := range b.items {
				if i.kind == k && !yield(i, b) {
					return
				}
			}
		}
	}
}

// add puts things of one kind into the bundle.
func (b *bundle) add(k kind, contents [][]byte) {
	for _, content := range contents {
		b.items = append(b.items, item{k, content})
	}
}

// reject tells of an item that cannot be used.
func (b *bundle) reject(subject, reason string) {
	b.result.Rejected = append(b.result.Rejected, Rejected{Subject: subject, Reason: reason})
}

// rejectUnvouched tells of what nobody vouches for, although it would be believed.
func (b *bundle) rejectUnvouched(subject string, why error) {
	rejected := Rejected{Subject: subject, Reason: why.Error()}
	if stranger := new(strangerError); errors.As(why, stranger) {
		rejected.Subject, rejected.Fingerprint = stranger.subject, stranger.fingerprint
	}
	b.result.Rejected = append(b.result.Rejected, rejected)
	b.result.Unvouched++
}

// tellDeviation tells how a certificate that is taken deviates, if it does.
func (b *bundle) tellDeviation(c *pki.Certificate) {
	if deviation := c.IssuerDeviation(); deviation != "" {
		b.result.Deviations = append(b.result.Deviations, Deviation{c.Subject, string(deviation)})
	}
}

// tellDeviations tells what is let pass in the signature of a list that is taken.
func (b *bundle) tellDeviations(list publication) {
	for _, deviation := range list.Deviations() {
		b.result.Deviations = append(b.result.Deviations, Deviation{publisherName(list), string(deviation)})
	}
}

// warn tells what could not be checked about the file, or a list in it; once, where several have the same.
func (b *bundle) warn(text string) {
	switch warning := &b.result.Warning; {
	case *warning == "":
		*warning = text
	case text != "" && !strings.Contains(*warning, text):
		*warning += "; " + text
	}
}

// rejectCertificate tells of a certificate that cannot be parsed.
func (b *bundle) rejectCertificate(err error) {
	var failure *pki.CertificateError
	if errors.As(err, &failure) {
		b.reject(failure.Subject, failure.Err.Error())
		return
	}
	b.reject("", err.Error())
}

// refuse tells of an item that is broken, and not only of no use: a file that holds nothing else is refused.
func (b *bundle) refuse(subject string, err error) {
	if len(b.items) > 1 {
		b.reject(subject, err.Error())
		return
	}
	b.result.Refused = fmt.Errorf("import: %w", err)
}

// refuseList tells of a signed list that is not taken.
func (b *bundle) refuseList(publisher string, why error) {
	outdated := errors.Is(why, errOlder) || errors.Is(why, errUndated)
	if errors.As(why, new(strangerError)) || len(b.items) > 1 && !outdated {
		b.rejectUnvouched(publisher, why)
		return
	}
	b.refuse(publisher, why)
}

// unpack finds out what the file is and what it holds.
func (b *bundle) unpack(data []byte) {
	var err error
	switch {
	case len(data) > maxImport:
		err = fmt.Errorf("%d bytes, more than %d", len(data), maxImport)
	case pki.IsLDIF(data):
		err = b.unpackLDIF(data)
	case pki.IsDER(data):
		err = b.unpackDER(data)
	default:
		if err = b.unpackText(pki.PlainText(data)); err == nil && len(b.items) == 0 {
			err = b.unpackDER(data)
		}
	}
	if err != nil {
		b.items = nil
		b.result.Refused = fmt.Errorf("import: %w", err)
	}
	if b.has(kindCertificate) && (b.has(kindMasterList) || b.has(kindDefectList) || b.has(kindDeviationList)) {
		b.directory = true // who imports a signed list does not vouch for what stands beside it
	}
}

// has says whether the bundle holds something of a kind.
func (b *bundle) has(k kind) bool {
	return slices.ContainsFunc(b.items, func(i item) bool { return i.kind == k })
}

// unpackLDIF takes what the ICAO Public Key Directory publishes. Of a damaged file nothing is taken.
func (b *bundle) unpackLDIF(data []byte) error {
	b.directory = true
	for entry, err := range pki.ReadLDIF(bytes.NewReader(data)) {
		if err != nil {
			return err
		}
		switch entry.Kind {
		case pki.KindCertificate:
			b.items = append(b.items, item{kindCertificate, entry.DER})
		case pki.KindCRL:
			b.items = append(b.items, item{kindCRL, entry.DER})
		case pki.KindMasterList:
			b.items = append(b.items, item{kindMasterList, entry.DER})
		}
	}
	if len(b.items) == 0 {
		return errors.New("LDIF without certificates, revocation lists or master lists")
	}
	return nil
}

// unpackDER takes certificates, which may stand one behind the other or in a wrapping that nobody signed, a revocation list or a
// signed list, which may be in BER.
func (b *bundle) unpackDER(data []byte) error {
	if certificates := wholeCertificates(data); len(certificates) > 0 {
		b.add(kindCertificate, certificates)
		return nil
	}
	if wrapped, ok := pki.ParseBundle(data); ok {
		b.add(kindCertificate, wrapped.Certificates)
		b.add(kindCRL, wrapped.CRLs)
		return nil
	}
	if list := pki.FirstElement(data); len(pki.TrimText(data[len(list):])) == 0 { // what a text editor leaves behind it
		data = list
	}
	if _, err := pki.ParseCRL(data); !errors.Is(err, pki.ErrMalformed) {
		b.items = append(b.items, item{kindCRL, data})
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
	b.items = append(b.items, item{k, data})
	return nil
}
