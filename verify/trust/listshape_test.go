package trust_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
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

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// masterListType is the content type of a master list, for openssl.
const masterListType = "2.23.136.1.1.2"

// signedBySSL has openssl sign content, which no code of ours has a hand in. The signers are the parties, in their order.
func signedBySSL(t *testing.T, content []byte, parties []*pkitest.Party, options ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skipf("SKIPPED: no openssl: %v", err)
	}
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	save := func(name string, data []byte) {
		if err := os.WriteFile(path(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	save("content", content)
	arguments := []string{"cms", "-sign", "-in", path("content"), "-binary", "-nodetach", "-md", "sha256", "-outform", "DER",
		"-out", path("list")}
	for i, p := range parties {
		key, err := x509.MarshalPKCS8PrivateKey(p.Key)
		if err != nil {
			t.Fatal(err)
		}
		name := "signer" + string(rune('0'+i))
		save(name, bytes.Join([][]byte{
			pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate.Raw}),
			pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		}, nil))
		arguments = append(arguments, "-signer", path(name))
	}
	arguments = append(arguments, options...) // -keyopt is of the signer before it
	if out, err := exec.Command("openssl", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %v: %v\n%s", arguments, err, out)
	}
	list, err := os.ReadFile(path("list"))
	if err != nil {
		t.Fatal(err)
	}
	verification := exec.Command("openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", path("list"), "-out", os.DevNull,
		"-certfile", path("signer0"))
	if out, err := verification.CombinedOutput(); err != nil {
		t.Fatalf("openssl does not take it: %v\n%s", err, out)
	}
	return list
}

// listContent is a CscaMasterList of the elements.
func listContent(elements ...[]byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(0)
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(bytes.Join(elements, nil)) })
	})
	return b.BytesOrPanic()
}

// indefinite is an element whose outermost length is indefinite, in BER, as it may be already.
func indefinite(der []byte) []byte {
	element, body := cryptobyte.String(der), cryptobyte.String(nil)
	if !element.ReadASN1(&body, cbasn1.SEQUENCE) {
		return der
	}
	return bytes.Join([][]byte{{0x30, 0x80}, body, {0, 0}}, nil)
}

func TestEveryListThatOpenSSLTakesIsTakenAndWhatIsUnusualIsTold(t *testing.T) {
	listed, stranger := trusttest.CSCA(t, "CSCA X", "XX"), trusttest.CSCA(t, "CSCA S", "SS")
	csca := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true, Key: pkitest.NewRSAKey(t)})
	by := pkitest.Issue(t, csca, pkitest.Template{CommonName: "Master List Signer", Country: "UT", Key: pkitest.NewRSAKey(t), OtherPurpose: pkitest.MasterListSigner})
	by2 := pkitest.Issue(t, csca, pkitest.Template{CommonName: "Master List Signer 2", Country: "UT", OtherPurpose: pkitest.MasterListSigner})
	also := pkitest.Issue(t, stranger, pkitest.Template{CommonName: "Master List Signer S", Country: "SS", OtherPurpose: pkitest.MasterListSigner})
	content := listContent(listed.Certificate.Raw)
	of := func(parties ...*pkitest.Party) []*pkitest.Party { return parties }
	typed := func(options ...string) []string { return append(options, "-econtent_type", masterListType) }
	data := pkitest.Message{Signer: by, Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, Content: content}
	for name, c := range map[string]struct {
		list []byte
		told string
	}{
		"as it should be":         {signedBySSL(t, content, of(by), typed()...), ""},
		"named by its key":        {signedBySSL(t, content, of(by), typed("-keyid")...), ""},
		"without attributes":      {signedBySSL(t, content, of(by), typed("-noattr")...), "no_attributes"},
		"RSASSA-PSS":              {signedBySSL(t, content, of(by), typed("-keyopt", "rsa_padding_mode:pss")...), ""},
		"in pieces":               {signedBySSL(t, content, of(by), typed("-stream")...), ""},
		"signed by two":           {signedBySSL(t, content, of(by, also), typed()...), "cosigned"},
		"signed by two of one":    {signedBySSL(t, content, of(by, by2), typed()...), "cosigned"},
		"plain data":              {signedBySSL(t, content, of(by)), "list_content"},
		"of another type":         {data.Encode(t), "list_content"},
		"content in BER":          {signedBySSL(t, indefinite(content), of(by), typed()...), ""},
		"something else in it":    {signedBySSL(t, listContent(listed.Certificate.Raw, []byte{0x04, 1, 0}), of(by), typed()...), ""},
		"without its certificate": {signedBySSL(t, listContent(csca.Certificate.Raw, listed.Certificate.Raw), of(csca), typed("-nocerts")...), "signer_listed"},
		"DigestInfo without NULL": {pkitest.MasterList(t, pkitest.Message{Signer: by, NoNull: true}, listed.Certificate.Raw), "no_null"},
	} {
		for wrapped, file := range map[string][]byte{
			"DER": c.list, "PEM": pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: c.list}),
			"PEM with a mark": append([]byte("\uFEFF"), pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: c.list})...),
			"base64":          []byte(base64.StdEncoding.EncodeToString(c.list) + "\r\n"),
			"BER":             indefinite(c.list), "something behind": append(bytes.Clone(c.list), "\n"...),
			"a directory": trusttest.Directory([2]string{"pkdMasterListContent", string(c.list)}),
		} {
			store := trusttest.New(t, csca)
			result, err := trusttest.Import(store, file, "list.ml", time.Now())
			if err != nil || result.Imported != 1 || !tells(result.Deviations, c.told) || result.Warning != "" {
				t.Errorf("%s, in %s: %+v, %v", name, wrapped, result, err)
				continue
			}
			lists := store.Lists()
			if len(lists) != 1 || !strings.Contains(strings.Join(lists[0].Deviations, ""), c.told) {
				t.Errorf("%s, in %s: listed as %+v", name, wrapped, lists)
			}
		}
	}
}

// tells says whether it is told, and nothing else; nothing where that is empty.
func tells(deviations []trust.Deviation, text string) bool {
	if text == "" {
		return len(deviations) == 0
	}
	return len(deviations) == 1 && deviations[0].Subject == "CN=CSCA,C=UT" && strings.Contains(deviations[0].Reason, text)
}

func TestAListWhoseFirstSignerIsBrokenCountsAsTheNextOnes(t *testing.T) {
	csca := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA", Country: "UT", CA: true, Key: pkitest.NewRSAKey(t)})
	other := pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA O", Country: "OO", CA: true, Key: pkitest.NewRSAKey(t)})
	content := listContent(trusttest.CSCA(t, "CSCA X", "XX").Certificate.Raw)
	good := signedBySSL(t, content, []*pkitest.Party{csca, other}, "-econtent_type", masterListType)
	store := trusttest.New(t, csca)
	broken := bytes.Clone(good)
	broken[len(broken)-1] ^= 1 // of the signature that stands last
	result, err := trusttest.Import(store, broken, "list.ml", time.Now())
	if err != nil || result.Imported != 1 || !tells(result.Deviations, "cosigned") {
		t.Errorf("%+v, %v", result, err)
	}
	changed := bytes.Replace(good, []byte("CSCA X"), []byte("CSCA Y"), 2)
	if result, err := trusttest.Import(trusttest.New(t, csca), changed, "list.ml", time.Now()); err == nil {
		t.Errorf("changed: %+v", result)
	}
}

func TestWhatIsNoMasterListIsNotTakenForOne(t *testing.T) {
	p := newSigner(t)
	object := pkitest.SecurityObject(t, crypto.SHA256, map[int][]byte{1: []byte("DG1"), 2: []byte("DG2")}, "0108")
	for name, m := range map[string]pkitest.Message{
		"a security object":                        {Signer: p.csca, Type: pkitest.SecurityObjectType, Content: object},
		"a security object said to be a list":      {Signer: p.csca, Type: pkitest.MasterListType, Content: object},
		"a list signed as a security object":       {Signer: p.csca, Type: pkitest.MasterListType, SignedType: pkitest.SecurityObjectType, Content: listContent(p.csca.Certificate.Raw)},
		"a list that is said to be a defect list":  {Signer: p.csca, Type: pkitest.DefectListType, Content: listContent(p.csca.Certificate.Raw)},
		"something behind content of another type": {Signer: p.csca, Type: asn1.ObjectIdentifier{1, 2, 3}, Content: append(listContent(p.csca.Certificate.Raw), 0x05, 0)},
		"other content of another type":            {Signer: p.csca, Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, Content: []byte("holiday pictures")},
	} {
		if _, err := pki.ParseMasterList(m.Encode(t)); err == nil {
			t.Errorf("%s is parsed", name)
		}
		if result, err := trusttest.Import(trusttest.New(t), m.Encode(t), "file", pkitest.Day); err == nil && result.Imported > 0 {
			t.Errorf("%s is taken: %+v", name, result)
		}
	}
}
