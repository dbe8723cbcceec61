package chip_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/asn1"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// BenchmarkVerify verifies a whole file set of 16 kB, as doccheck chip verify does, with a store that is open: EF.SOD's
// signature, the signer's, every hash. Signer and CSCA are of the same kind.
func BenchmarkVerify(b *testing.B) {
	for _, name := range []string{"RSA-2048", "P-256", "P-384", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"} {
		b.Run(name, func(b *testing.B) {
			ev, store := signedByOpenSSL(b, name)
			examiner := chip.Examiner{Trust: store}
			for b.Loop() {
				for _, c := range examiner.Examine(context.Background(), ev)[1:4] { // signature, chain, validity
					if c.Result != verify.Passed {
						b.Fatalf("%s: %s: %s", c.ID, c.Result, wordingtest.English(b, c))
					}
				}
			}
		})
	}
}

// BenchmarkVerifyWithoutTheSignersCertificate verifies a file set whose EF.SOD leaves its signer's certificate out, with a
// store of 25,000 signers: 10 ms and 20 MB are the bounds.
func BenchmarkVerifyWithoutTheSignersCertificate(b *testing.B) {
	p := newPassport(b)
	p.message.NoCertificate = true
	dir := b.TempDir()
	fillSigners(b, dir, p, 25_000)
	store, err := trust.OpenStore(dir)
	if err != nil {
		b.Fatal(err)
	}
	ev, examiner := p.evidence(b), chip.Examiner{Trust: store}
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range examiner.Examine(context.Background(), ev)[1:4] { // signature, chain, validity
			if c.Result != verify.Passed {
				b.Fatalf("%s: %s: %s", c.ID, c.Result, wordingtest.English(b, c))
			}
		}
	}
}

// BenchmarkOpenAStoreOf25000Signers opens what [BenchmarkVerifyWithoutTheSignersCertificate] asks.
func BenchmarkOpenAStoreOf25000Signers(b *testing.B) {
	dir := b.TempDir()
	fillSigners(b, dir, newPassport(b), 25_000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := trust.OpenStore(dir); err != nil {
			b.Fatal(err)
		}
	}
}

// openSSLKey is what openssl genpkey makes a key of: RSA-2048, or the name of a curve, whose parameters are spelt out then.
func openSSLKey(name string) []string {
	if name == "RSA-2048" {
		return []string{"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}
	}
	return []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + name, "-pkeyopt", "ec_param_enc:explicit"}
}

// signedByOpenSSL makes a file set and the store that knows its signer's CSCA, with keys that the standard library does
// not make.
func signedByOpenSSL(b *testing.B, key string) (verify.Evidence, *trust.Store) {
	b.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		b.Skipf("SKIPPED: no openssl: %v", err)
	}
	p := newPassport(b)
	p.groups[2] = append([]byte("\x75\x82\x3F\x80"), bytes.Repeat([]byte("portrait"), 0x3F80/8)...)
	dir := b.TempDir()
	run := func(arguments ...string) {
		command := exec.Command("openssl", arguments...)
		command.Dir = dir
		if out, err := command.CombinedOutput(); err != nil {
			b.Fatalf("openssl %v: %v\n%s", arguments, err, out)
		}
	}
	write(b, filepath.Join(dir, "content"), pkitest.SecurityObject(b, crypto.SHA256, p.groups, "0108"))
	write(b, filepath.Join(dir, "extensions"), []byte("keyUsage=critical,digitalSignature\n"))
	for _, name := range []string{"csca.key", "dsc.key"} {
		run(append([]string{"genpkey", "-out", name}, openSSLKey(key)...)...)
	}
	run("req", "-new", "-x509", "-key", "csca.key", "-subj", "/C=UT/CN=CSCA", "-days", "3650", "-out", "csca.pem")
	run("req", "-new", "-key", "dsc.key", "-subj", "/C=UT/CN=DSC", "-out", "dsc.csr")
	run("x509", "-req", "-in", "dsc.csr", "-CA", "csca.pem", "-CAkey", "csca.key", "-set_serial", "2", "-days", "3650",
		"-extfile", "extensions", "-out", "dsc.pem")
	run("x509", "-in", "csca.pem", "-outform", "DER", "-out", "csca.der")
	run("cms", "-sign", "-in", "content", "-binary", "-nodetach", "-econtent_type", "2.23.136.1.1.1", "-md", "sha256",
		"-signer", "dsc.pem", "-inkey", "dsc.key", "-outform", "DER", "-out", "signed")
	ev := p.evidence(b)
	const tagSOD = 0x77 & 0x1F // of class application
	signed := read(b, filepath.Join(dir, "signed"))
	sod, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassApplication, Tag: tagSOD, IsCompound: true, Bytes: signed})
	if err != nil {
		b.Fatal(err)
	}
	ev.Files["EF.SOD"], ev.Files["DG2"] = sod, p.groups[2]
	store, err := trust.OpenStore(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	ev.Day = time.Now() // when openssl signed
	if _, err := trusttest.Import(store, read(b, filepath.Join(dir, "csca.der")), "csca.der", ev.Day); err != nil {
		b.Fatal(err)
	}
	return ev, store
}

func write(b *testing.B, file string, content []byte) {
	b.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		b.Fatal(err)
	}
}

func read(b *testing.B, file string) []byte {
	b.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	return content
}
