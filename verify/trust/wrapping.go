package trust

import (
	"bytes"
	"encoding/pem"
	"mime"
	"strings"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// unpackText takes certificates, revocation lists and signed lists in PEM (RFC 7468), one of them in base64 without its marks, or
// a signed list as a mail, which is how openssl writes one unless it is told otherwise; if there are any.
func (b *bundle) unpackText(data []byte) error {
	text := plainLines(data)
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "CERTIFICATE", "X509 CERTIFICATE":
			b.unpackCertificate(block.Bytes)
		case "TRUSTED CERTIFICATE": // what openssl is to trust it for stands behind it
			b.items = append(b.items, item{kindCertificate, pki.FirstElement(block.Bytes)})
		case "X509 CRL":
			b.items = append(b.items, item{kindCRL, block.Bytes})
		case "CMS", "PKCS7", "PKCS #7 SIGNED DATA":
			if err := b.unpackDER(block.Bytes); err != nil {
				return err
			}
		}
	}
	if len(b.items) > 0 || len(data) == 0 || data[0] == derSequence {
		return nil
	}
	if body, ok := mailedMessage(text); ok {
		text = body
	}
	if der, err := pki.DecodeBase64(text); err == nil && len(der) > 0 {
		return b.unpackDER(der)
	}
	return nil
}

// unpackCertificate takes what is marked as a certificate; programs mark wrappings so too.
func (b *bundle) unpackCertificate(der []byte) {
	if pki.IsCertificate(der) || b.unpackDER(der) != nil {
		b.items = append(b.items, item{kindCertificate, der})
	}
}

// derSequence is the first octet of everything that is taken, in DER or BER. In base64 it would be "0" and begin nothing.
const derSequence = 0x30

// plainLines is text as what reads it here expects it: its lines end in line feeds alone and are not indented, nothing is at its
// ends, and marks of PEM that were joined, where a file without a line's end had another put behind it, are parted.
func plainLines(text []byte) []byte {
	var lines bytes.Buffer
	text = bytes.ReplaceAll(pki.TrimText(text), []byte("----------BEGIN "), []byte("-----\n-----BEGIN "))
	for end := 0; len(text) > 0; text = text[min(end+1, len(text)):] {
		if end = bytes.IndexAny(text, "\r\n"); end < 0 {
			end = len(text)
		}
		lines.Write(bytes.Trim(text[:end], " \t"))
		if end+1 < len(text) && string(text[end:end+2]) == "\r\n" {
			end++
		}
		lines.WriteByte('\n')
	}
	return lines.Bytes()
}

// maxMailHeader bounds the header of a mail, in bytes; openssl's has 170.
const maxMailHeader = 16 << 10

// mailedMessage gives the base64 in a mail that is one message signed around its content (RFC 8551, 3.5.2). Its header is read
// behind plainLines, so that a field that goes on does so in a line without a colon.
func mailedMessage(text []byte) (body []byte, ok bool) {
	header, body, found := bytes.Cut(text, []byte("\n\n"))
	if !found || len(header) > maxMailHeader {
		return nil, false
	}
	fields := map[string]string{}
	name := ""
	for line := range strings.Lines(string(header)) {
		value := strings.TrimSpace(line)
		if before, after, named := strings.Cut(value, ":"); named {
			name, value = strings.ToLower(strings.TrimSpace(before)), strings.TrimSpace(after)
		}
		fields[name] += " " + value
	}
	kind, _, err := mime.ParseMediaType(fields["content-type"])
	encoded := strings.EqualFold(strings.TrimSpace(fields["content-transfer-encoding"]), "base64")
	return body, err == nil && encoded && (kind == "application/pkcs7-mime" || kind == "application/x-pkcs7-mime")
}

// wholeCertificates parts certificates that stand one behind the other, with nothing behind the last but what ends a text; none
// where anything else is among them.
func wholeCertificates(data []byte) (certificates [][]byte) {
	for len(pki.TrimText(data)) > 0 {
		one := pki.FirstElement(data)
		if !pki.IsCertificate(one) {
			return nil
		}
		certificates, data = append(certificates, one), data[len(one):]
	}
	return certificates
}

// otherFile says what a file is that holds no such thing itself, by how it begins, and what to do with it; empty for any other.
func otherFile(data []byte) string {
	start := bytes.TrimLeft(data[:min(len(data), 512)], " \t\r\n\uFEFF")
	begins := func(with string) bool {
		return len(start) >= len(with) && strings.EqualFold(string(start[:len(with)]), with)
	}
	switch {
	case begins("PK\x03\x04"):
		return " (it is a ZIP archive: unpack it, and import what is in it)"
	case begins("\x1f\x8b"), begins("BZh"), begins("\xFD7zXZ"), begins("7z\xBC\xAF\x27\x1C"):
		return " (it is compressed: unpack it, and import what is in it)"
	case begins("<!doctype html"), begins("<html"):
		return " (it is a web page: download the file itself)"
	case begins("%PDF"):
		return " (it is a PDF: import the file that it is about)"
	}
	return ""
}
