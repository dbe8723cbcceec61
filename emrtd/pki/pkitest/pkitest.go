// Package pkitest makes what ePassports are signed with, for tests: certificate authorities, document signers, CMS
// SignedData, EF.SOD, master lists, revocation lists and lists of defects and deviations, right or wrong in a chosen way.
// It shares no code with package pki, which takes them apart.
package pkitest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Content types (ICAO Doc 9303-10, 4.6.2, and 9303-12, CSCA master lists).
var (
	SecurityObjectType = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 1}
	MasterListType     = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 2}
)

// Party is a certificate with its key.
type Party struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// Template describes a certificate. Zero fields have sensible values: a name in Utopia, ten years around Day.
type Template struct {
	CommonName string
	Country    string // none stated when empty
	CA         bool
	From, To   time.Time
	Key        crypto.Signer           // P-256 when nil
	Serial     *big.Int                // made up when nil
	KeyID      []byte                  // subject key identifier; the key's by SHA-1 when nil
	Algorithm  x509.SignatureAlgorithm // of the certificate's own signature
	Usage      x509.KeyUsage           // none stated when 0
	Purposes   []x509.ExtKeyUsage      // extended key usage; none stated when empty, and no OtherPurpose
	// OtherPurpose is an extended key usage that crypto/x509 does not know.
	OtherPurpose asn1.ObjectIdentifier
	// NoConstraints leaves basic constraints out.
	NoConstraints bool
	Extensions    []pkix.Extension // others
}

// keyDigest is a key's identifier by the first method of RFC 5280, 4.2.1.2.
func keyDigest(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		t.Fatal(err)
	}
	digest := sha1.Sum(info.Key.Bytes)
	return digest[:]
}

// Day is the day around which certificates are valid unless said otherwise.
var Day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// Issue makes a certificate signed by issuer, or by itself when issuer is nil.
func Issue(t testing.TB, issuer *Party, d Template) *Party {
	t.Helper()
	if d.Key == nil {
		d.Key = NewECKey(t, elliptic.P256())
	}
	if d.From.IsZero() {
		d.From, d.To = Day.AddDate(-5, 0, 0), Day.AddDate(5, 0, 0)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	check(t, err)
	if d.Serial != nil {
		serial = d.Serial
	}
	if d.KeyID == nil {
		d.KeyID = keyDigest(t, d.Key)
	}
	subject := pkix.Name{CommonName: d.CommonName}
	if d.Country != "" {
		subject.Country = []string{d.Country}
	}
	template := &x509.Certificate{
		SerialNumber: serial, NotBefore: d.From, NotAfter: d.To, SignatureAlgorithm: d.Algorithm,
		Subject: subject, BasicConstraintsValid: !d.NoConstraints, IsCA: d.CA, SubjectKeyId: d.KeyID,
		KeyUsage: d.Usage, ExtKeyUsage: d.Purposes, ExtraExtensions: d.Extensions,
	}
	if d.OtherPurpose != nil {
		template.UnknownExtKeyUsage = []asn1.ObjectIdentifier{d.OtherPurpose}
	}
	parent, key := template, d.Key
	if issuer != nil {
		parent, key = issuer.Certificate, issuer.Key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, d.Key.Public(), key)
	check(t, err)
	certificate, err := x509.ParseCertificate(der)
	check(t, err)
	return &Party{certificate, d.Key}
}

// InBER are ways to write a certificate's content otherwise than in DER, for [Reissue]. With a long length of the whole the content stays as it is.
func InBER() map[string]func(content []byte) []byte {
	return map[string]func(content []byte) []byte{
		"a long length of the whole": bytes.Clone,
		"a validity of indefinite length": func(content []byte) []byte {
			validity := []byte{0x30, 0x1E, 0x17}
			before, after, _ := bytes.Cut(content, validity)
			return slices.Concat(before, []byte{0x30, 0x80, 0x17}, after[:29], []byte{0, 0}, after[29:])
		},
	}
}

// Reissue gives p's certificate with the content of what is signed changed, which issuer signs by SHA-256 as it then stands:
// in BER where long has lengths of three octets.
func Reissue(t testing.TB, p, issuer *Party, long bool, change func(content []byte) []byte) []byte {
	t.Helper()
	var parts struct {
		Signed, Algorithm asn1.RawValue
		Signature         asn1.BitString
	}
	_, err := asn1.Unmarshal(p.Certificate.Raw, &parts)
	check(t, err)
	content := change(parts.Signed.Bytes)
	signed := build(t, func(b *cryptobyte.Builder) { sequence(b, func(b *cryptobyte.Builder) { b.AddBytes(content) }) })
	if long {
		signed = Long(cbasn1.SEQUENCE, content)
	}
	signature, err := issuer.Key.Sign(rand.Reader, digest(crypto.SHA256, signed), crypto.SHA256)
	check(t, err)
	return build(t, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddBytes(signed)
			b.AddBytes(parts.Algorithm.FullBytes)
			b.AddASN1BitString(signature)
		})
	})
}

// Long gives an element of less than 65536 bytes with more octets of length than DER has.
func Long(tag cbasn1.Tag, content []byte) []byte {
	return append([]byte{byte(tag), 0x83, 0, byte(len(content) >> 8), byte(len(content))}, content...)
}

// NewECKey makes a key.
func NewECKey(t testing.TB, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	check(t, err)
	return key
}

// NewRSAKey makes a key of 2048 bits.
func NewRSAKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	return key
}

// Message describes a CMS SignedData.
type Message struct {
	Type         asn1.ObjectIdentifier
	Content      []byte
	Signer       *Party
	Hash         crypto.Hash // SHA-256 when 0
	PSS          bool        // RSASSA-PSS instead of PKCS #1 v1.5
	SigningTime  time.Time   // left out when zero
	ByKeyID      bool        // name the signer by its subject key identifier
	SignSorted   bool        // sign the attributes in the order of DER, not in that in which they stand
	Certificates [][]byte    // DER, in the place of the signer's alone

	// What is unusual about it.
	NamedBy            []byte                      // the signer's identifier, in DER
	DigestAlgorithm    []byte                      // the identifier that is stated, in DER
	SignatureAlgorithm []byte                      // likewise
	SignatureHash      crypto.Hash                 // signs with another hash function than the content is digested with
	NoNull             bool                        // PKCS #1 v1.5 without the NULL in DigestInfo
	Bare               bool                        // the content is signed, without attributes
	NoSignedType       bool                        // the attributes do not state the content's type
	UnreadableTime     bool                        // the signing time is written as no time is
	SignAs             func(content []byte) []byte // makes the signature in the place of the key
	Respell            func(signature []byte) []byte
	Also               [][]byte // SignerInfos behind the signer's, in DER
	LongAttributes     bool     // their set has a long length, and is signed as it stands

	// What is wrong with it.
	DigestOf         []byte                // the message digest is that of other content
	SignedType       asn1.ObjectIdentifier // the signed content type is another
	BrokenSignature  bool
	NoCertificate    bool
	NoAttributes     bool
	SignerTwice      bool
	OtherCertificate []byte // stands in the place of the signer's
}

// Encode gives the CMS ContentInfo.
func (m Message) Encode(t testing.TB) []byte {
	t.Helper()
	if m.Hash == 0 {
		m.Hash = crypto.SHA256
	}
	attributes := m.attributes(t)
	signature := m.sign(t, attributes)
	return build(t, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2})
			b.AddASN1(context(0), func(b *cryptobyte.Builder) { sequence(b, m.body(attributes, signature)) })
		})
	})
}

// body gives the SignedData.
func (m Message) body(attributes, signature []byte) cryptobyte.BuilderContinuation {
	return func(b *cryptobyte.Builder) {
		b.AddASN1Int64(3)
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(hashIdentifier(m.Hash)) })
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(m.Type)
			b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(m.Content) })
		})
		if !m.NoCertificate {
			b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddBytes(m.certificates()) })
		}
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
			sequence(b, m.signerInfo(attributes, signature))
			if m.SignerTwice {
				sequence(b, m.signerInfo(attributes, signature))
			}
			b.AddBytes(bytes.Join(m.Also, nil))
		})
	}
}

// certificates gives what stands in the set of certificates.
func (m Message) certificates() []byte {
	switch {
	case m.Certificates != nil:
		return bytes.Join(m.Certificates, nil)
	case m.OtherCertificate != nil:
		return m.OtherCertificate
	}
	return m.Signer.Certificate.Raw
}

func (m Message) signerInfo(attributes, signature []byte) cryptobyte.BuilderContinuation {
	return func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		switch {
		case m.NamedBy != nil:
			b.AddBytes(m.NamedBy)
		case m.ByKeyID:
			b.AddASN1(cbasn1.Tag(0).ContextSpecific(), m.Signer.keyID)
		default:
			sequence(b, m.Signer.issuerAndSerial)
		}
		b.AddBytes(either(m.DigestAlgorithm, hashIdentifier(m.Hash)))
		if !m.NoAttributes && !m.Bare {
			m.addAttributes(b, attributes)
		}
		b.AddBytes(either(m.SignatureAlgorithm, m.signatureIdentifier()))
		b.AddASN1OctetString(signature)
	}
}

// SignerInfo gives that of the message's signer.
func (m Message) SignerInfo(t testing.TB) []byte {
	t.Helper()
	if m.Hash == 0 {
		m.Hash = crypto.SHA256
	}
	attributes := m.attributes(t)
	signature := m.sign(t, attributes)
	return build(t, func(b *cryptobyte.Builder) { sequence(b, m.signerInfo(attributes, signature)) })
}

func (m Message) addAttributes(b *cryptobyte.Builder, attributes []byte) {
	if m.LongAttributes {
		b.AddBytes(Long(context(0), attributes))
		return
	}
	b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddBytes(attributes) })
}

// either gives a where it is there.
func either(a, b []byte) []byte {
	if a != nil {
		return a
	}
	return b
}

// attributes gives the signed attributes without the tag of their set.
func (m Message) attributes(t testing.TB) []byte {
	content, kind := m.Content, m.Type
	if m.DigestOf != nil {
		content = m.DigestOf
	}
	if m.SignedType != nil {
		kind = m.SignedType
	}
	return build(t, func(b *cryptobyte.Builder) {
		if !m.NoSignedType {
			attribute(b, 3, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(kind) })
		}
		attribute(b, 4, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest(m.Hash, content)) })
		switch {
		case m.UnreadableTime:
			attribute(b, 5, func(b *cryptobyte.Builder) { text(b, cbasn1.UTF8String, m.SigningTime.String()) })
		case !m.SigningTime.IsZero():
			attribute(b, 5, func(b *cryptobyte.Builder) { b.AddASN1UTCTime(m.SigningTime) })
		}
	})
}

func attribute(b *cryptobyte.Builder, number int, value cryptobyte.BuilderContinuation) {
	sequence(b, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, number})
		b.AddASN1(cbasn1.SET, value)
	})
}

func (m Message) sign(t testing.TB, attributes []byte) []byte {
	if m.SignSorted {
		attributes = sorted(t, attributes)
	}
	content := m.Content
	switch {
	case m.LongAttributes:
		content = Long(cbasn1.SET, attributes)
	case !m.Bare:
		content = build(t, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(attributes) })
		})
	}
	signature := m.signatureOf(t, content)
	if m.BrokenSignature {
		signature[len(signature)-1] ^= 1
	}
	if m.Respell != nil {
		signature = m.Respell(signature)
	}
	return signature
}

// signatureOf signs content.
func (m Message) signatureOf(t testing.TB, content []byte) []byte {
	if m.SignAs != nil {
		return m.SignAs(content)
	}
	hash := m.Hash
	if m.SignatureHash != 0 {
		hash = m.SignatureHash
	}
	signed := digest(hash, content)
	var options crypto.SignerOpts = hash
	if m.PSS {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
	}
	if m.NoNull {
		signed, options = DigestInfo(t, hash, signed), crypto.Hash(0)
	}
	signature, err := m.Signer.Key.Sign(rand.Reader, signed, options)
	check(t, err)
	return signature
}

// DigestInfo gives a DigestInfo whose identifier of the hash function has these parameters, in DER, or none.
func DigestInfo(t testing.TB, hash crypto.Hash, digest []byte, parameters ...byte) []byte {
	return build(t, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddBytes(identifier(hashOID(hash), parameters...))
			b.AddASN1OctetString(digest)
		})
	})
}

// sorted gives elements in the order of a SET OF in DER.
func sorted(t testing.TB, elements cryptobyte.String) []byte {
	var list [][]byte
	for !elements.Empty() {
		var element cryptobyte.String
		var tag cbasn1.Tag
		if !elements.ReadAnyASN1Element(&element, &tag) {
			t.Fatal("attributes are not DER")
		}
		list = append(list, element)
	}
	slices.SortFunc(list, bytes.Compare)
	return bytes.Join(list, nil)
}

func digest(hash crypto.Hash, content []byte) []byte {
	h := hash.New()
	h.Write(content)
	return h.Sum(nil)
}

func build(t testing.TB, f cryptobyte.BuilderContinuation) []byte {
	t.Helper()
	var b cryptobyte.Builder
	f(&b)
	out, err := b.Bytes()
	check(t, err)
	return out
}

func sequence(b *cryptobyte.Builder, f cryptobyte.BuilderContinuation) { b.AddASN1(cbasn1.SEQUENCE, f) }

func context(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
