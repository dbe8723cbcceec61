package pki_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// openSSL runs openssl in a folder of the test's own: it makes what the standard library cannot.
type openSSL struct {
	t   *testing.T
	dir string
}

func newOpenSSL(t *testing.T) openSSL {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skipf("SKIPPED: no openssl: %v", err)
	}
	return openSSL{t, t.TempDir()}
}

func (o openSSL) run(arguments ...string) {
	o.t.Helper()
	command := exec.Command("openssl", arguments...)
	command.Dir = o.dir
	if out, err := command.CombinedOutput(); err != nil {
		o.t.Fatalf("openssl %v: %v\n%s", arguments, err, out)
	}
}

func (o openSSL) read(name string) []byte {
	o.t.Helper()
	content, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil {
		o.t.Fatal(err)
	}
	return content
}

func (o openSSL) write(name, content string) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), []byte(content), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

// certificate makes a certificate of the key in key.pem, signed by itself.
func (o openSSL) certificate(options ...string) []byte {
	o.t.Helper()
	o.run(append([]string{"req", "-new", "-x509", "-key", "key.pem", "-subj", "/C=UT/CN=CSCA", "-days", "3650",
		"-outform", "DER", "-out", "certificate.der"}, options...)...)
	return o.read("certificate.der")
}

// mustVerify parses a certificate that signs itself, and sees that it stops to when its signature is altered.
func mustVerify(t *testing.T, der []byte) {
	t.Helper()
	c, err := pki.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckSignedBy(c); err != nil {
		t.Error(err)
	}
	altered := bytes.Clone(der)
	altered[len(altered)-1] ^= 1
	if c, err = pki.ParseCertificate(altered); err != nil {
		t.Fatal(err)
	}
	if err := c.CheckSignedBy(c); !errors.Is(err, pki.ErrSignature) {
		t.Errorf("altered: %v", err)
	}
}

func TestCertificatesOnEveryCurveVerify(t *testing.T) {
	hashes := []string{"-sha1", "-sha224", "-sha256", "-sha384", "-sha512"}
	for i, curve := range []string{
		"prime192v1", "secp224r1", "prime256v1", "secp384r1", "secp521r1",
		"brainpoolP192r1", "brainpoolP224r1", "brainpoolP256r1", "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1",
		"brainpoolP192t1", "brainpoolP224t1", "brainpoolP256t1", "brainpoolP320t1", "brainpoolP384t1", "brainpoolP512t1",
	} {
		for _, encoding := range []string{"named_curve", "explicit"} {
			t.Run(curve+" "+encoding, func(t *testing.T) {
				o := newOpenSSL(t)
				o.run("ecparam", "-name", curve, "-param_enc", encoding, "-genkey", "-noout", "-out", "key.pem")
				mustVerify(t, o.certificate(hashes[i%len(hashes)]))
			})
		}
	}
}

func TestACompressedPointIsAKey(t *testing.T) {
	for _, curve := range []string{"prime256v1", "brainpoolP256r1"} {
		o := newOpenSSL(t)
		o.run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:"+curve, "-out", "full.pem")
		o.run("ec", "-in", "full.pem", "-conv_form", "compressed", "-out", "key.pem")
		mustVerify(t, o.certificate("-sha256"))
	}
}

func TestAKeyThatIsNotEncodedInFullIsTakenAndTold(t *testing.T) {
	for _, curve := range []string{"prime256v1", "secp521r1", "brainpoolP256r1", "brainpoolP512t1", "secp256k1"} {
		for _, form := range []string{"compressed", "hybrid"} {
			o := newOpenSSL(t)
			o.run("ecparam", "-name", curve, "-genkey", "-noout", "-out", "full.pem")
			o.run("ec", "-in", "full.pem", "-param_enc", "explicit", "-conv_form", form, "-out", "key.pem")
			der := o.certificate("-sha256")
			mustVerify(t, der)
			c, err := pki.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.DeviationsUnder(c); !slices.Equal(got, []pki.Deviation{pki.DeviationKeyForm}) {
				t.Errorf("%s, %s: %q", curve, form, got)
			}
		}
	}
}

func TestACurveThatNobodyNamedIsTakenByItsParameters(t *testing.T) {
	o := newOpenSSL(t)
	o.run("ecparam", "-name", "secp256k1", "-param_enc", "explicit", "-genkey", "-noout", "-out", "key.pem")
	mustVerify(t, o.certificate("-sha256"))
	o.run("ecparam", "-name", "secp256k1", "-genkey", "-noout", "-out", "key.pem")
	if _, err := pki.ParseCertificate(o.certificate("-sha256")); !errors.Is(err, pki.ErrUnsupported) {
		t.Errorf("by its name alone: %v", err)
	}
	o.run("ecparam", "-name", "sect283r1", "-param_enc", "explicit", "-genkey", "-noout", "-out", "key.pem")
	if _, err := pki.ParseCertificate(o.certificate("-sha256")); !errors.Is(err, pki.ErrUnsupported) {
		t.Errorf("over a binary field: %v", err)
	}
}

func TestACurveWhoseParametersAreAlteredIsAnother(t *testing.T) {
	o := newOpenSSL(t)
	o.run("ecparam", "-name", "brainpoolP256r1", "-param_enc", "explicit", "-genkey", "-noout", "-out", "key.pem")
	der := o.certificate("-sha256")
	for name, first := range map[string][]byte{ // the first bytes of RFC 5639, 3.4
		"p": {0x00, 0xA9, 0xFB, 0x57}, "a": {0x7D, 0x5A, 0x09, 0x75}, "b": {0x26, 0xDC, 0x5C, 0x6C},
		"G": {0x04, 0x8B, 0xD2, 0xAE},
	} {
		altered := bytes.Clone(der)
		altered[bytes.Index(altered, first)+12] ^= 1
		if _, err := pki.ParseCertificate(altered); !errors.Is(err, pki.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRSAPSSVerifiesWithItsDeclaredParameters(t *testing.T) {
	o := newOpenSSL(t)
	o.run("genrsa", "-out", "key.pem", "2048")
	for _, hash := range []string{"sha1", "sha224", "sha256", "sha384", "sha512"} {
		for _, mask := range []string{"sha1", "sha256", "sha512"} {
			for _, salt := range []int{0, 17, 20, 64} {
				name := fmt.Sprintf("%s, mask %s, salt %d", hash, mask, salt)
				der := o.certificate("-"+hash, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_mgf1_md:"+mask,
					"-sigopt", fmt.Sprint("rsa_pss_saltlen:", salt))
				t.Run(name, func(t *testing.T) { mustVerify(t, der) })
			}
		}
	}
}

func TestAKeyForRSAPSSAloneVerifies(t *testing.T) {
	for name, options := range map[string][]string{
		"unbounded": nil,
		"bounded": {"-pkeyopt", "rsa_pss_keygen_md:sha256", "-pkeyopt", "rsa_pss_keygen_mgf1_md:sha1",
			"-pkeyopt", "rsa_pss_keygen_saltlen:30"},
		"of an odd number of bits": {"-pkeyopt", "rsa_keygen_bits:2049"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOpenSSL(t)
			o.run(append([]string{"genpkey", "-algorithm", "RSA-PSS", "-out", "key.pem"}, options...)...)
			mustVerify(t, o.certificate("-sha256"))
		})
	}
}

func TestARevocationListOfVersionOneIsRead(t *testing.T) {
	o := newOpenSSL(t)
	o.run("ecparam", "-name", "brainpoolP384r1", "-param_enc", "explicit", "-genkey", "-noout", "-out", "key.pem")
	csca, err := pki.ParseCertificate(o.certificate("-sha384", "-set_serial", "-17"))
	if err != nil {
		t.Fatal(err)
	}
	o.run("x509", "-inform", "DER", "-in", "certificate.der", "-out", "certificate.pem")
	o.write("index.txt", "R\t350101000000Z\t260201030405Z\t-11\tunknown\t/CN=x\n")
	o.write("ca.cnf", "[ca]\ndefault_ca=here\n[here]\ndatabase=index.txt\ndefault_md=sha384\n")
	o.run("ca", "-config", "ca.cnf", "-gencrl", "-keyfile", "key.pem", "-cert", "certificate.pem", "-crldays", "90",
		"-out", "crl.pem")
	o.run("crl", "-in", "crl.pem", "-outform", "DER", "-out", "crl.der")
	list, err := pki.ParseCRL(o.read("crl.der"))
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignedBy(csca); err != nil {
		t.Error(err)
	}
	if r, revoked := list.Revokes(csca); !revoked || r.When.Format("2006-01-02T15:04:05Z") != "2026-02-01T03:04:05Z" {
		t.Errorf("serial number %v: %v, %v", csca.SerialNumber, r, revoked)
	}
}
