package mutual_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/proto/mutual"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// issue writes a certificate that signs itself, and its key.
func issue(t *testing.T, dir string, change func(*x509.Certificate)) mutual.File {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: noon.AddDate(0, 0, -1), NotAfter: noon.AddDate(1, 0, 0),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, URIs: []*url.URL{{Scheme: "foyer", Host: "mitte", Path: "/gate-1"}}}
	change(template)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	f := mutual.File{Name: "station", Path: filepath.Join(dir, "station.pem"), Key: filepath.Join(dir, "station.key"), Station: true}
	err = errors.Join(os.WriteFile(f.Path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644),
		os.WriteFile(f.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o400))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAStationsCertificateThatNoBackOfficeTakesIsIllBeforeItIsTried(t *testing.T) {
	named := func(uris ...string) func(*x509.Certificate) {
		return func(c *x509.Certificate) {
			c.URIs = nil
			for _, text := range uris {
				uri, err := url.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				c.URIs = append(c.URIs, uri)
			}
		}
	}
	for name, c := range map[string]struct {
		change func(*x509.Certificate)
		want   string // of the reason; empty where it is well
	}{
		"as it should be":      {func(*x509.Certificate) {}, ""},
		"for any use":          {func(c *x509.Certificate) { c.ExtKeyUsage = nil }, ""},
		"for servers":          {func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, "not for this use"},
		"for nobody":           {named(), "it names no station"},
		"for two":              {named("foyer://mitte/a", "foyer://mitte/b"), "it names no station"},
		"in capitals":          {named("foyer://mitte/Gate-1"), "[a-z0-9-]"},
		"of an office alone":   {named("foyer://mitte"), "[a-z0-9-]"},
		"with a path too deep": {named("foyer://mitte/gate/1"), "[a-z0-9-]"},
		"of another scheme":    {named("https://mitte/gate-1"), "it names no station"},
	} {
		t.Run(name, func(t *testing.T) {
			f := issue(t, t.TempDir(), c.change)
			level, reason, remedy := mutual.Read(f)[0].Judge(noon)
			if c.want == "" && level != mutual.Well {
				t.Errorf("it is ill: %s", reason)
			}
			if c.want != "" && (level != mutual.Ill || !strings.Contains(reason.String(), c.want) || remedy.IsZero()) {
				t.Errorf("level %d, %q, %q; want it ill because of %q", level, reason, remedy, c.want)
			}
		})
	}
}

func TestACertificateIsToldOfBeforeItEndsAndAtTheSecond(t *testing.T) {
	c := mutual.Certificate{NotBefore: noon, NotAfter: noon.AddDate(0, 0, 60)}
	for at, want := range map[time.Duration]mutual.Level{
		-time.Second:                  mutual.Ill, // not valid yet
		0:                             mutual.Well,
		30 * 24 * time.Hour:           mutual.Well,
		30*24*time.Hour + time.Second: mutual.Soon,
		57 * 24 * time.Hour:           mutual.Soon,
		57*24*time.Hour + time.Second: mutual.Ill,
		60 * 24 * time.Hour:           mutual.Ill,
		60*24*time.Hour + time.Second: mutual.Ill,
		100 * 365 * 24 * time.Hour:    mutual.Ill,
	} {
		if got, reason, _ := c.Judge(noon.Add(at)); got != want {
			t.Errorf("after %v: level %d (%s), want %d", at, got, reason, want)
		}
	}
}
