package trust_test

import (
	"bytes"
	"compress/gzip"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// wrapping is a SignedData without content and signers, around certificates and revocation lists.
func wrapping(certificates, lists []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2})
		b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(cbasn1.SET, func(*cryptobyte.Builder) {})
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1})
				})
				b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(certificates) })
				b.AddASN1(cbasn1.Tag(1).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(lists) })
				b.AddASN1(cbasn1.SET, func(*cryptobyte.Builder) {})
			})
		})
	})
	return b.BytesOrPanic()
}

func inPEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestCertificatesAreTakenInEveryWrappingThatNobodySigned(t *testing.T) {
	one, two := trusttest.CSCA(t, "CSCA X", "XX"), trusttest.CSCA(t, "CSCA Y", "YY")
	certificates := bytes.Join([][]byte{one.Certificate.Raw, two.Certificate.Raw}, nil)
	list := pkitest.RevocationList{Issuer: one}.Encode(t)
	marked := append(inPEM("CERTIFICATE", one.Certificate.Raw), inPEM("CERTIFICATE", two.Certificate.Raw)...)
	trust := []byte{0x30, 4, 0x30, 2, 0x06, 0} // what openssl writes behind a certificate
	for name, c := range map[string]struct {
		file []byte
		want int
	}{
		"one behind the other":         {certificates, 2},
		"with a line's end":            {append(bytes.Clone(one.Certificate.Raw), "\r\n"...), 1},
		"with zeros":                   {append(bytes.Clone(certificates), 0, 0, 0), 2},
		".p7b":                         {wrapping(certificates, nil), 2},
		".p7b in BER":                  {indefinite(wrapping(certificates, nil)), 2},
		".p7b in PEM":                  {inPEM("PKCS7", wrapping(certificates, nil)), 2},
		".p7b marked as a certificate": {inPEM("CERTIFICATE", wrapping(certificates, nil)), 2},
		".p7b in base64":               {[]byte(base64.StdEncoding.EncodeToString(wrapping(certificates, nil))), 2},
		".p7b with a revocation list":  {wrapping(certificates, list), 3},
		"trusted by openssl":           {inPEM("TRUSTED CERTIFICATE", append(bytes.Clone(one.Certificate.Raw), trust...)), 1},
		"indented":                     {bytes.ReplaceAll(marked, []byte("\n"), []byte("\n  ")), 2},
		"line ends of an old Mac":      {bytes.ReplaceAll(marked, []byte("\n"), []byte("\r")), 2},
		"joined without a line's end":  {bytes.ReplaceAll(marked, []byte("-----\n-----"), []byte("----------")), 2},
	} {
		result, err := trusttest.Import(trusttest.New(t), c.file, "certificates", pkitest.Day)
		if err != nil || result.Imported != c.want || len(result.Rejected) > 0 {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
	if result, err := trusttest.Import(trusttest.New(t, one), append(list, '\n'), "list.crl", pkitest.Day); err != nil || result.Imported != 1 {
		t.Errorf("revocation list with a line's end: %+v, %v", result, err)
	}
}

// A wrapping lends nobody's word to what is in it: in a directory it brings no anchor, and document signers stay what they are.
func TestAWrappingVouchesForNothing(t *testing.T) {
	csca := trusttest.CSCA(t, "CSCA X", "XX")
	signer := pkitest.Issue(t, csca, pkitest.Template{CommonName: "Signer", Country: "XX"})
	for name, file := range map[string][]byte{
		"document signer":      wrapping(signer.Certificate.Raw, nil),
		"directory":            trusttest.Directory([2]string{"userCertificate;binary", string(wrapping(csca.Certificate.Raw, nil))}),
		"directory with lists": trusttest.Directory([2]string{"pkdMasterListContent", string(wrapping(csca.Certificate.Raw, nil))}),
		"nothing":              wrapping(nil, nil),
		"rubbish behind it":    append(bytes.Clone(csca.Certificate.Raw), 0x30, 0x82, 0xFF),
	} {
		store := trusttest.New(t)
		result, _ := trusttest.Import(store, file, "wrapped", pkitest.Day)
		if result.Imported > 0 || len(store.List()) > 0 {
			t.Errorf("%s: %+v", name, result)
		}
	}
}

func TestAMasterListIsTakenAsTheMailThatOpenSSLWrites(t *testing.T) {
	csca, listed := trusttest.CSCA(t, "CSCA", "UT"), trusttest.CSCA(t, "CSCA X", "XX")
	by := pkitest.Issue(t, csca, pkitest.Template{CommonName: "Master List Signer", Country: "UT", OtherPurpose: pkitest.MasterListSigner})
	list := signedBySSL(t, listContent(listed.Certificate.Raw), []*pkitest.Party{by}, "-econtent_type", masterListType)
	path := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(path, list, 0o600); err != nil {
		t.Fatal(err)
	}
	mail, err := exec.Command("openssl", "cms", "-cmsout", "-inform", "DER", "-in", path, "-outform", "SMIME").Output()
	if err != nil {
		t.Fatal(err)
	}
	header, body, _ := bytes.Cut(mail, []byte("\n\n"))
	unpadded := bytes.TrimRight(bytes.TrimSpace(body), "=")
	for name, file := range map[string][]byte{
		"mail": mail, "CRLF": bytes.ReplaceAll(mail, []byte("\n"), []byte("\r\n")), "without padding": unpadded,
		"Ctrl-Z at the end": append(bytes.Clone(body), 0x1A), "folded": bytes.Replace(mail, []byte("; "), []byte(";\n\t"), 1),
	} {
		store := trusttest.New(t, csca)
		if result, err := trusttest.Import(store, file, "list.ml", time.Now()); err != nil || result.Imported != 1 || result.Warning != "" {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
	damaged := bytes.Join([][]byte{header, []byte(strings.Repeat("!", 80))}, []byte("\n\n"))
	if result, err := trusttest.Import(trusttest.New(t, csca), damaged, "list.ml", pkitest.Day); err == nil {
		t.Errorf("damaged: %+v", result)
	}
}

func TestAFileOfAnotherKindIsNamedWithWhatToDo(t *testing.T) {
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	_, _ = w.Write([]byte("a list"))
	_ = w.Close()
	for file, want := range map[string]string{
		"PK\x03\x04\x14\x00": "ZIP archive: unpack it", compressed.String(): "compressed: unpack it",
		"<!DOCTYPE html>\n<html>": "web page", "\n<HTML>": "web page", "%PDF-1.7\n": "PDF", "something": "neither a certificate nor a list",
	} {
		if _, err := trusttest.Import(trusttest.New(t), []byte(file), "file", pkitest.Day); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", file, err, want)
		}
	}
}
