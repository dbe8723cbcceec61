// Package mutual is what both ends of Foyer's mutual TLS have in common: how long certificates last, and why a handshake
// failed, in words for whoever has to mend it. Times are compared with a clock that the caller gives.
package mutual

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

// How long before its end a certificate is told of, and from when on it counts as ill: whoever renews it has a weekend in
// between at least.
const (
	SoonDays = 30
	LastDays = 3
)

// What is wrong with a certificate, and what to do about it.
const (
	saysUnreadable   Key = "certificate.unreadable" // detail
	saysNone         Key = "certificate.none"
	saysNoKey        Key = "certificate.no_key" // detail
	saysNoStation    Key = "certificate.no_station"
	saysOddStation   Key = "certificate.odd_station"
	saysUse          Key = "certificate.wrong_use"
	saysOpenKey      Key = "certificate.open_key"  // mode
	saysOtherKey     Key = "certificate.other_key" // detail
	saysExpired      Key = "certificate.expired"   // day
	saysNotYet       Key = "certificate.not_yet"   // day, now
	saysExpires      Key = "certificate.expires"   // day, days
	putCertificate   Key = "remedy.put_certificate"
	putKey           Key = "remedy.put_key"
	putItsKey        Key = "remedy.put_its_key"
	issueNamed       Key = "remedy.issue_named"
	issueForUse      Key = "remedy.issue_for_use" // use
	closeKey         Key = "remedy.close_key"     // file
	renewCertificate Key = "remedy.renew"
	setClock         Key = "remedy.set_clock"
)

// File is a PEM file of certificates that this end lives by.
type File struct {
	Name string // "station", "authority"
	Path string
	Key  string // the private key's file; empty for an authority, of which only certificates are here
	// Station tells that the certificate must name a station: one SAN URI foyer://OFFICE/STATION.
	Station bool
}

// Certificate is one that a file holds, or that the other end showed.
type Certificate struct {
	Name                string // the file's; with several in a file "authority.2"
	Path                string // where it was read; empty for the other end's
	NotBefore, NotAfter time.Time
	Fault, Remedy       Message // what else is wrong with it; nothing when nothing is
	Unusable            bool    // for that it cannot serve
}

// Of describes a certificate that the other end showed.
func Of(name string, c *x509.Certificate) Certificate {
	return Certificate{Name: name, NotBefore: c.NotBefore, NotAfter: c.NotAfter}
}

// Read describes what is in the files. A file that cannot be read is a certificate with that fault.
func Read(files ...File) []Certificate {
	var all []Certificate
	for _, f := range files {
		all = append(all, f.read()...)
	}
	return all
}

func (f File) read() []Certificate {
	text, err := os.ReadFile(f.Path)
	parsed, parseErr := parse(text)
	if err == nil {
		err = parseErr
	}
	if err != nil {
		fault := say(saysUnreadable, err.Error(), "detail", err.Error())
		if errors.Is(err, errNone) {
			fault = say(saysNone, err.Error())
		}
		return []Certificate{{Name: f.Name, Path: f.Path, Fault: fault, Remedy: say(putCertificate, "put a certificate (PEM) there"), Unusable: true}}
	}
	if f.Key != "" {
		return []Certificate{f.own(parsed)}
	}
	var all []Certificate
	for i, p := range parsed {
		c := Of(f.Name, p)
		if c.Path = f.Path; i > 0 {
			c.Name = fmt.Sprintf("%s.%d", f.Name, i+1)
		}
		all = append(all, c)
	}
	return all
}

// own is the certificate at the head of a chain, which lasts no longer than any below it.
func (f File) own(chain []*x509.Certificate) Certificate {
	c := Of(f.Name, chain[0])
	c.Path = f.Path
	for _, above := range chain[1:] {
		if above.NotAfter.Before(c.NotAfter) {
			c.NotAfter = above.NotAfter
		}
	}
	info, err := os.Stat(f.Key)
	_, _, nameless := StationOf(chain[0].URIs)
	switch {
	case errors.Is(err, fs.ErrPermission): // whoever asks is not the one who uses it
	case err != nil:
		c.Fault, c.Remedy, c.Unusable = say(saysNoKey, err.Error(), "detail", err.Error()), say(putKey, "put the certificate's key there"), true
	case f.Station && nameless != nil:
		c.Fault, c.Unusable = say(saysNoStation, nameless.Error()), true
		if errors.Is(nameless, ErrOddStation) {
			c.Fault = say(saysOddStation, nameless.Error())
		}
		c.Remedy = say(issueNamed, "have one issued with one SAN URI foyer://OFFICE/STATION, both of a-z, 0-9 and -")
	case !serves(chain[0], f.Station):
		c.Fault, c.Unusable = say(saysUse, "it is not for this use"), true
		c.Remedy = say(issueForUse, "have one issued for "+use(f.Station), "use", use(f.Station))
	case info.Mode().Perm()&0o077 != 0:
		mode := fmt.Sprintf("%04o", info.Mode().Perm())
		c.Fault = say(saysOpenKey, "its key may be read by others (mode "+mode+")", "mode", mode)
		c.Remedy = say(closeKey, "chmod 0400 "+f.Key+", and have it exchanged if somebody may have read it", "file", f.Key)
	default:
		if mismatch := f.match(chain[0]); mismatch != nil {
			c.Fault, c.Unusable = say(saysOtherKey, mismatch.Error(), "detail", mismatch.Error()), true
			c.Remedy = say(putItsKey, "put the key there that the certificate was issued for")
		}
	}
	return c
}

// serves tells whether a certificate may be used as a station's (client), or as a server's.
func serves(c *x509.Certificate, station bool) bool {
	wanted := x509.ExtKeyUsageServerAuth
	if station {
		wanted = x509.ExtKeyUsageClientAuth
	}
	return len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 || slices.Contains(c.ExtKeyUsage, wanted) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}

func use(station bool) string {
	if station {
		return "client authentication"
	}
	return "server authentication"
}

// match tells whether the key is the certificate's. A key that may not be read is left alone.
func (f File) match(leaf *x509.Certificate) error {
	_, err := tls.LoadX509KeyPair(f.Path, f.Key)
	if err == nil || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	switch leaf.PublicKey.(type) {
	case *ecdsa.PublicKey, *rsa.PublicKey, ed25519.PublicKey:
		return err
	}
	return fmt.Errorf("a kind of key that TLS does not know: %w", err)
}

var errNone = errors.New("no certificate in it")

func parse(text []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errNone
	}
	return all, nil
}

var stationName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// IsName tells what may stand for an office or a station in a certificate; it is also safe as a folder's name.
func IsName(name string) bool { return stationName.MatchString(name) }

// The ways in which a certificate names no station.
var (
	ErrNoStation  = errors.New("it names no station: one SAN URI foyer://OFFICE/STATION is wanted")
	ErrOddStation = errors.New("office or station in its SAN URI is not [a-z0-9-]{1,40}")
)

// StationOf is the station that a certificate is for, by its SAN URIs: exactly one, foyer://OFFICE/STATION.
func StationOf(uris []*url.URL) (office, station string, err error) {
	if len(uris) != 1 || uris[0].Scheme != "foyer" {
		return "", "", ErrNoStation
	}
	office, station = uris[0].Host, strings.TrimPrefix(uris[0].Path, "/")
	if !IsName(office) || !IsName(station) {
		return "", "", ErrOddStation
	}
	return office, station, nil
}

// Level is how much a certificate needs attention.
type Level int

// The levels, the best first.
const (
	Well Level = iota
	Soon       // it serves, and somebody has to see to it
	Ill        // it does not serve, or not for long
)

// DaysLeft is how many whole days a certificate still lasts; negative once it has ended.
func (c Certificate) DaysLeft(now time.Time) int {
	return int(math.Floor(c.NotAfter.Sub(now).Hours() / 24))
}

// Judge says how a certificate is, why, and what to do.
func (c Certificate) Judge(now time.Time) (level Level, reason, remedy Message) {
	renew := say(renewCertificate, "have it renewed by whoever issues this office's certificates")
	days := c.DaysLeft(now)
	switch {
	case c.Unusable:
		return Ill, c.Fault, c.Remedy
	case now.After(c.NotAfter):
		return Ill, say(saysExpired, "expired on "+day(c.NotAfter), "day", day(c.NotAfter)), renew
	case now.Before(c.NotBefore):
		english := "not valid before " + day(c.NotBefore) + ", and the clock here shows " + day(now)
		return Ill, say(saysNotYet, english, "day", day(c.NotBefore), "now", day(now)), say(setClock, "see to the clock: timedatectl")
	case days < LastDays:
		return Ill, c.expires(days), renew
	case !c.Fault.IsZero():
		return Soon, c.Fault, c.Remedy
	case days < SoonDays:
		return Soon, c.expires(days), renew
	}
	return Well, Message{}, Message{}
}

func (c Certificate) expires(days int) Message {
	return say(saysExpires, fmt.Sprintf("expires on %s, in %d days", day(c.NotAfter), days), "day", day(c.NotAfter), "days", fmt.Sprint(days))
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
