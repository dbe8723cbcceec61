package mutual

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"time"
)

// Why a handshake failed.
const (
	saysAlertExpired     Key = "tls.alert_expired"
	saysAlertAuthority   Key = "tls.alert_authority"
	saysAlertRequired    Key = "tls.alert_required"
	saysAlertRevoked     Key = "tls.alert_revoked"
	saysAlertBad         Key = "tls.alert_bad"
	saysAlertUnsupported Key = "tls.alert_unsupported"
	saysAlertUnknown     Key = "tls.alert_unknown"
	saysAlertVersion     Key = "tls.alert_version"
	saysAlertDenied      Key = "tls.alert_denied"
	saysOtherNotYet      Key = "tls.not_yet_valid" // day, now
	saysOtherExpired     Key = "tls.expired"       // day
	saysOtherUse         Key = "tls.wrong_use"
	saysOtherInvalid     Key = "tls.invalid"
	saysOtherAuthority   Key = "tls.unknown_authority"
	saysOtherName        Key = "tls.wrong_name"
	saysNoTLS            Key = "tls.none"
	saysShownNone        Key = "tls.no_certificate"
	saysUnverified       Key = "tls.unverified"
	saysOtherwise        Key = "tls.otherwise"
)

// alerts are what the other end may say of this end's certificate (RFC 8446, 6.2; the texts are crypto/tls's).
var alerts = []struct {
	text   string
	reason Message
}{
	{"expired certificate", say(saysAlertExpired, "the other end says that this end's certificate has expired, or is not valid yet by its clock")},
	{"unknown certificate authority", say(saysAlertAuthority, "the other end does not know the authority that signed this end's certificate")},
	{"certificate required", say(saysAlertRequired, "the other end wants a certificate, and was shown none that it could take")},
	{"revoked certificate", say(saysAlertRevoked, "the other end says that this end's certificate is revoked")},
	{"bad certificate", say(saysAlertBad, "the other end refuses this end's certificate: expired, signed by another authority, or for another name")},
	{"unsupported certificate", say(saysAlertUnsupported, "the other end refuses this kind of certificate")},
	{"unknown certificate", say(saysAlertUnknown, "the other end refuses this end's certificate")},
	{"protocol version not supported", say(saysAlertVersion, "the other end speaks another version of TLS")},
	{"access denied", say(saysAlertDenied, "the other end does not let this certificate in")},
}

// Reason tells in English why a handshake failed, as [Explain] does.
func Reason(err error, now time.Time) string { return Explain(err, now).English }

// Explain tells why a handshake failed, as far as that is known: nothing for an error that is not TLS's. At now the certificate
// was looked at. What a stranger wrote into a certificate is not repeated.
func Explain(err error, now time.Time) Message {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var header tls.RecordHeaderError
	switch {
	case err == nil:
		return Message{}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		return outOfTime(invalid.Cert, now)
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return say(saysOtherUse, "the other end's certificate is not for this use")
	case errors.As(err, &invalid):
		return say(saysOtherInvalid, "the other end's certificate, or one above it, is not one that may stand there")
	case errors.As(err, &unknown):
		return say(saysOtherAuthority, "the other end's certificate is signed by an unknown authority")
	case errors.As(err, &host):
		return say(saysOtherName, "the name does not match: the other end's certificate is not for the address that was called")
	case errors.As(err, &header):
		return say(saysNoTLS, "the other end does not speak TLS")
	}
	text := err.Error()
	for _, a := range alerts {
		if strings.Contains(text, "remote error: tls: "+a.text) {
			return a.reason
		}
	}
	switch {
	case strings.Contains(text, "client didn't provide a certificate"):
		return say(saysShownNone, "the other end showed no certificate")
	case strings.Contains(text, "failed to verify certificate"):
		return say(saysUnverified, "the other end's certificate could not be verified")
	case strings.Contains(text, "tls: "):
		return say(saysOtherwise, "the other end speaks TLS otherwise")
	}
	return Message{}
}

func outOfTime(c *x509.Certificate, now time.Time) Message {
	if now.Before(c.NotBefore) {
		english := "the other end's certificate is not valid before " + day(c.NotBefore) + ", and the clock here shows " + date(now)
		return say(saysOtherNotYet, english, "day", day(c.NotBefore), "now", date(now))
	}
	return say(saysOtherExpired, "the other end's certificate expired on "+day(c.NotAfter), "day", day(c.NotAfter))
}

// Shown is the certificate that the other end showed in a handshake that failed for it; nil where it was not.
func Shown(err error) *x509.Certificate {
	var unverified *tls.CertificateVerificationError
	if errors.As(err, &unverified) && len(unverified.UnverifiedCertificates) > 0 {
		return unverified.UnverifiedCertificates[0]
	}
	return nil
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }
