package pki_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"testing"

	"golang.org/x/crypto/cryptobyte"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// asSOD puts a CMS message into the tag of EF.SOD.
func asSOD(message []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(0x77, func(b *cryptobyte.Builder) { b.AddBytes(message) })
	return b.BytesOrPanic()
}

// TestWhatOpenSSLSignsOtherwiseThanTheStandardIsJudged has messages of another hand: of another type, without attributes, named by a key.
func TestWhatOpenSSLSignsOtherwiseThanTheStandardIsJudged(t *testing.T) {
	o := newOpenSSL(t)
	object := pkitest.SecurityObject(t, crypto.SHA256, groups(), "0108")
	o.write("content", string(object))
	for key, make := range map[string][]string{
		"RSA": {"genrsa", "-out", "key.pem", "2048"},
		"EC":  {"ecparam", "-name", "brainpoolP256r1", "-param_enc", "explicit", "-genkey", "-noout", "-out", "key.pem"},
	} {
		o.run(make...)
		o.certificate("-sha256")
		o.run("x509", "-inform", "DER", "-in", "certificate.der", "-out", "certificate.pem")
		for name, c := range map[string]struct {
			options []string
			want    []pki.Deviation
		}{
			"a type of old": {[]string{"-econtent_type", "1.3.27.1.1.1"},
				[]pki.Deviation{"content_type=1.3.27.1.1.1"}},
			"plain data": {nil, []pki.Deviation{"content_type=1.2.840.113549.1.7.1"}},
			"plain data without attributes": {[]string{"-noattr"},
				[]pki.Deviation{"content_type=1.2.840.113549.1.7.1", pki.DeviationNoAttributes}},
			"by key, in BER": {[]string{"-keyid", "-stream", "-econtent_type", "2.23.136.1.1.1"}, nil},
		} {
			o.run(append([]string{"cms", "-sign", "-binary", "-nodetach", "-in", "content", "-signer", "certificate.pem", "-inkey",
				"key.pem", "-md", "sha256", "-outform", "DER", "-out", "message"}, c.options...)...)
			file := asSOD(o.read("message"))
			sod, err := pki.ParseSOD(file)
			if err != nil {
				t.Fatalf("%s, %s: %v", key, name, err)
			}
			if err := sod.Verify(); err != nil || !slices.Equal(sod.Deviations(), c.want) {
				t.Errorf("%s, %s: %q, %v, want %q", key, name, sod.Deviations(), err, c.want)
			}
			file[bytes.Index(file, object[len(object)/2:])] ^= 1 // in a hash
			if sod, err = pki.ParseSOD(file); err == nil {
				err = sod.Verify()
			}
			if !errors.Is(err, pki.ErrSignature) {
				t.Errorf("%s, %s, altered: %v", key, name, err)
			}
		}
	}
}

// TestOpenSSLTakesWhatIsLetPass asks openssl of the messages that it can judge: it takes and refuses the same.
func TestOpenSSLTakesWhatIsLetPass(t *testing.T) {
	o := newOpenSSL(t)
	rsaKey, ecKey := newSigner(t, pkitest.NewRSAKey(t)), newSigner(t, nil)
	for name, c := range map[string]struct {
		signer *pkitest.Party
		change func(*pkitest.Message)
	}{
		"a type of old": {ecKey, func(m *pkitest.Message) { m.Type = deviatingTypes()[1] }},
		"plain data":    {rsaKey, func(m *pkitest.Message) { m.Type = deviatingTypes()[0] }},
		"two types": {ecKey, func(m *pkitest.Message) {
			m.SignedType = deviatingTypes()[0]
		}},
		"without attributes": {rsaKey, func(m *pkitest.Message) { m.Type, m.Bare = deviatingTypes()[0], true }},
		"RSASSA-PSS with nothing stated": {rsaKey, func(m *pkitest.Message) {
			m.PSS, m.Hash, m.SignatureAlgorithm = true, crypto.SHA1, unhex(t, "300D 0609 2A864886F70D01010A 3000")
		}},
		"rsaEncryption without NULL": {rsaKey, func(m *pkitest.Message) {
			m.SignatureAlgorithm = unhex(t, "300B 0609 2A864886F70D010101")
		}},
	} {
		m := message(t, c.signer)
		m.SignSorted = true
		c.change(&m)
		for _, broken := range []bool{false, true} {
			m.BrokenSignature = broken
			o.write("message", string(m.Encode(t)))
			command := exec.Command("openssl", "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", "message", "-out", "content")
			command.Dir = o.dir
			said, theirs := command.CombinedOutput()
			_, ours := judged(t, m)
			if (theirs == nil) == broken || (ours == nil) == broken {
				t.Errorf("%s, broken %v: openssl %v, here %v\n%s", name, broken, theirs, ours, said)
			}
			if !broken && !bytes.Equal(o.read("content"), m.Content) {
				t.Errorf("%s: other content", name)
			}
		}
	}
}

// TestOpenSSLTakesWhatTestsSignByRSAPSS: what is let pass of RSASSA-PSS is a signature to another judge too, under the parameters
// by which it was made.
func TestOpenSSLTakesWhatTestsSignByRSAPSS(t *testing.T) {
	o := newOpenSSL(t)
	key := pkitest.NewRSAKey(t)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	o.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})))
	o.write("content", "content")
	for _, c := range []struct {
		hash, mask string
		by         pkitest.PSS
	}{
		{"sha256", "sha256", pkitest.PSS{Hash: crypto.SHA256, Mask: crypto.SHA256, Salt: 20}},
		{"sha256", "sha1", pkitest.PSS{Hash: crypto.SHA256, Mask: crypto.SHA1, Salt: 0}},
		{"sha384", "sha224", pkitest.PSS{Hash: crypto.SHA384, Mask: crypto.SHA224, Salt: 7}},
	} {
		o.write("signature", string(c.by.Sign(key, []byte("content"))))
		o.run("dgst", "-"+c.hash, "-verify", "key.pem", "-signature", "signature", "-sigopt", "rsa_padding_mode:pss",
			"-sigopt", "rsa_mgf1_md:"+c.mask, "-sigopt", fmt.Sprint("rsa_pss_saltlen:", c.by.Salt), "content")
	}
}
