package pkitest

import (
	"crypto"
	"encoding/asn1"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Content types and purposes of signed lists (BSI TR-03129-2, section 7; ICAO Doc 9303-12, section 10).
var (
	DefectListType      = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 3, 1, 5}
	DefectListSigner    = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 3, 11, 2, 1, 2}
	DeviationListType   = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 7}
	DeviationListSigner = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 8}
	MasterListSigner    = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 3}
)

// Identification is how a list names a document signer; several at once are possible but for the first two.
type Identification struct {
	BySerial, ByKeyID, ByHash bool
}

// KnownDefect describes a defect.
type KnownDefect struct {
	Kind        []int  // below the content type
	Parameters  []byte // DER
	Description string // version 2
}

// Defect describes the defects of one signer's documents.
type Defect struct {
	Signer *Party
	Identification
	Known       []KnownDefect
	Description string // version 2
}

// Enumerated, Integers and Integer encode parameters.
func Enumerated(n int) []byte { return []byte{0x0A, 1, byte(n)} }

// Integers encodes a SET OF INTEGER below 128.
func Integers(numbers ...int) []byte {
	set := []byte{0x31, byte(3 * len(numbers))}
	for _, n := range numbers {
		set = append(set, Integer(n)...)
	}
	return set
}

// Integer encodes one below 128.
func Integer(n int) []byte { return []byte{0x02, 1, byte(n)} }

// DefectList gives a defect list of version 1 or 2.
func DefectList(t testing.TB, m Message, version int, defects ...Defect) []byte {
	t.Helper()
	m.Type = DefectListType
	m.Content = build(t, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(int64(version - 1))
			b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1})
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
				for _, d := range defects {
					sequence(b, d.encode(version))
				}
			})
		})
	})
	return m.Encode(t)
}

func (d Defect) encode(version int) cryptobyte.BuilderContinuation {
	return func(b *cryptobyte.Builder) {
		switch {
		case d.BySerial:
			sequence(b, d.Signer.issuerAndSerial)
		case d.ByKeyID:
			b.AddASN1(cbasn1.Tag(0).ContextSpecific(), d.Signer.keyID)
		}
		if d.ByHash {
			b.AddASN1OctetString(digest(crypto.SHA256, d.Signer.Certificate.Raw))
		}
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
			for _, k := range d.Known {
				k.encode(b, version)
			}
		})
		if d.Description != "" {
			text(b, cbasn1.UTF8String, d.Description)
		}
	}
}

func (k KnownDefect) encode(b *cryptobyte.Builder, version int) {
	kind := append(append(asn1.ObjectIdentifier{}, DefectListType...), k.Kind...)
	if version == 1 {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(kind)
			b.AddBytes(k.Parameters)
		})
		return
	}
	b.AddASN1(context(0), func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(kind)
		if k.Parameters != nil {
			b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddBytes(k.Parameters) })
		}
		if k.Description != "" {
			text(b, cbasn1.Tag(1).ContextSpecific(), k.Description)
		}
	})
}

func (p *Party) issuerAndSerial(b *cryptobyte.Builder) {
	b.AddBytes(p.Certificate.RawIssuer)
	b.AddASN1BigInt(p.Certificate.SerialNumber)
}

func (p *Party) keyID(b *cryptobyte.Builder) { b.AddBytes(p.Certificate.SubjectKeyId) }

func text(b *cryptobyte.Builder, tag cbasn1.Tag, s string) {
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(s)) })
}

// Deviation describes documents and how they deviate.
type Deviation struct {
	DocumentType string
	Signer       *Party
	Identification
	From, To time.Time
	Numbers  []string
	Kind     []int // below the content type
	// Parameters are in DER.
	Parameters []byte
	Text       string
}

// DeviationList gives a deviation list.
func DeviationList(t testing.TB, m Message, deviations ...Deviation) []byte {
	t.Helper()
	m.Type = DeviationListType
	m.Content = build(t, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(0)
			b.AddBytes(hashIdentifier(crypto.SHA256))
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
				for _, d := range deviations {
					sequence(b, func(b *cryptobyte.Builder) {
						sequence(b, d.documents)
						b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { sequence(b, d.description) })
					})
				}
			})
		})
	})
	return m.Encode(t)
}

func (d Deviation) documents(b *cryptobyte.Builder) {
	if d.DocumentType != "" {
		text(b, cbasn1.Tag(0).ContextSpecific(), d.DocumentType)
	}
	switch {
	case d.BySerial:
		b.AddASN1(context(1), d.Signer.issuerAndSerial)
	case d.ByKeyID:
		b.AddASN1(cbasn1.Tag(2).ContextSpecific(), d.Signer.keyID)
	case d.ByHash:
		text(b, cbasn1.Tag(3).ContextSpecific(), string(digest(crypto.SHA256, d.Signer.Certificate.Raw)))
	}
	if !d.From.IsZero() {
		b.AddASN1(context(4), func(b *cryptobyte.Builder) {
			b.AddASN1GeneralizedTime(d.From)
			b.AddASN1GeneralizedTime(d.To)
		})
	}
	if len(d.Numbers) > 0 {
		b.AddASN1(context(5), func(b *cryptobyte.Builder) {
			for _, number := range d.Numbers {
				text(b, cbasn1.PrintableString, number)
			}
		})
	}
}

func (d Deviation) description(b *cryptobyte.Builder) {
	if d.Text != "" {
		text(b, cbasn1.PrintableString, d.Text)
	}
	b.AddASN1ObjectIdentifier(append(append(asn1.ObjectIdentifier{}, DeviationListType...), d.Kind...))
	if d.Parameters != nil {
		b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddBytes(d.Parameters) })
	}
}
