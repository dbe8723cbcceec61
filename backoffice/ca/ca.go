// Package ca is a small certificate authority for development and demonstrations. An authority in the field brings its
// own; only the names in the certificates matter: a station's has one SAN URI, foyer://OFFICE/STATION.
//
// Keys are ECDSA P-256 (PKCS #8), files are PEM.
package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

const (
	authorityYears = 10
	leafDays       = 365
)

// Authority issues certificates into one folder, in which its own stand as ca.pem and ca.key.
type Authority struct {
	dir         string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	now         time.Time
}

// OpenAuthority reads the authority in dir, or makes one if there is none. Certificates are valid from an hour before
// now, so that a station whose clock is a little behind can connect.
func OpenAuthority(dir string, now time.Time) (*Authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	a := &Authority{dir: dir, now: now}
	pair, err := tls.LoadX509KeyPair(a.path("ca.pem"), a.path("ca.key"))
	if errors.Is(err, fs.ErrNotExist) {
		return a, a.create()
	}
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("authority: ca.key is not an ECDSA key")
	}
	a.certificate, a.key = pair.Leaf, key
	return a, nil
}

func (a *Authority) create() error {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Foyer development CA"},
		NotAfter:              a.now.AddDate(authorityYears, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	return a.issue("ca", template)
}

// Server makes NAME.pem and NAME.key for a server under these host names and IP addresses, unless a certificate that is
// still valid for a day stands there.
func (a *Authority) Server(name string, hosts ...string) error {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	return a.leaf(name, template)
}

// Station makes STATION.pem and STATION.key for a station of an office, unless a certificate that is still valid for a
// day stands there.
func (a *Authority) Station(office, station string) error {
	return a.leaf(station, &x509.Certificate{
		Subject:     pkix.Name{CommonName: station},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		URIs:        []*url.URL{{Scheme: "foyer", Host: office, Path: "/" + station}},
	})
}

func (a *Authority) leaf(name string, template *x509.Certificate) error {
	old, err := tls.LoadX509KeyPair(a.path(name+".pem"), a.path(name+".key"))
	if err == nil && old.Leaf.NotAfter.After(a.now.AddDate(0, 0, 1)) {
		return nil
	}
	template.NotAfter = a.now.AddDate(0, 0, leafDays)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	return a.issue(name, template)
}

// issue makes a key and a certificate for it. The authority's own signs itself.
func (a *Authority) issue(name string, template *x509.Certificate) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("issue %s: %w", name, err)
	}
	template.NotBefore = a.now.Add(-time.Hour)
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return fmt.Errorf("issue %s: %w", name, err)
	}
	if template.IsCA {
		a.certificate, a.key = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return fmt.Errorf("issue %s: %w", name, err)
	}
	if template.IsCA {
		if a.certificate, err = x509.ParseCertificate(der); err != nil {
			return fmt.Errorf("issue %s: %w", name, err)
		}
	}
	return a.write(name, der, key)
}

func (a *Authority) write(name string, der []byte, key *ecdsa.PrivateKey) error {
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("issue %s: %w", name, err)
	}
	return errors.Join(
		os.WriteFile(a.path(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
		os.WriteFile(a.path(name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
}

func (a *Authority) path(name string) string { return filepath.Join(a.dir, name) }
