package chip

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"iter"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// maxImport bounds an imported file, in bytes: the directory of ICAO, the greatest that there is, has about a hundred
// megabytes in LDIF.
const maxImport = 256 << 20

// parcel is a file on its way into the store.
type parcel struct {
	items     []item
	directory bool // LDIF
	origin    Provenance
	result    *Imported
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

// reject tells of an item that cannot be used.
func (p *parcel) reject(subject, reason string) {
	p.result.Rejected = append(p.result.Rejected, Rejected{subject, reason})
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

// unpack finds out what the file is and what it holds.
func (p *parcel) unpack(data []byte) {
	var err error
	switch {
	case len(data) > maxImport:
		err = fmt.Errorf("%d bytes, more than %d", len(data), maxImport)
	case p.unpackPEM(data):
	case isLDIF(data):
		err = p.unpackLDIF(data)
	case pki.IsCertificate(data):
		p.items = []item{{kindCertificate, data}}
	default:
		err = p.unpackDER(data)
	}
	if err != nil {
		p.items = nil
		p.result.Refused = fmt.Errorf("import: %w", err)
	}
}

// unpackPEM takes certificates and revocation lists in PEM (RFC 7468); false when there are none.
func (p *parcel) unpackPEM(data []byte) bool {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "CERTIFICATE":
			p.items = append(p.items, item{kindCertificate, block.Bytes})
		case "X509 CRL":
			p.items = append(p.items, item{kindCRL, block.Bytes})
		}
	}
	return len(p.items) > 0
}

// isLDIF says whether data begins as an LDIF file may: with its version, an entry or a comment (RFC 2849).
func isLDIF(data []byte) bool {
	for _, beginning := range []string{"version:", "dn:", "#"} {
		if bytes.HasPrefix(data, []byte(beginning)) {
			return true
		}
	}
	return false
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

// unpackDER takes a revocation list or a signed list, which may be in BER.
func (p *parcel) unpackDER(data []byte) error {
	if _, err := pki.ParseCRL(data); !errors.Is(err, pki.ErrMalformed) {
		p.items = []item{{kindCRL, data}}
		return nil
	}
	signed, err := pki.ParseSignedData(data)
	if err != nil {
		return fmt.Errorf("neither a certificate nor a list that the store takes: %w", err)
	}
	switch signed.ContentType {
	case pki.MasterListType:
		p.items = []item{{kindMasterList, data}}
	case pki.DefectListType:
		p.items = []item{{kindDefectList, data}}
	case pki.DeviationListType:
		p.items = []item{{kindDeviationList, data}}
	default:
		return fmt.Errorf("neither a certificate nor a list that the store takes: CMS content of type %s", signed.ContentType)
	}
	return nil
}
