package mutual

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"time"
)

// alerts are what the other end may say of this end's certificate (RFC 8446, 6.2; the texts are crypto/tls's).
var alerts = []struct{ text, reason string }{
	{"expired certificate", "the other end says that this end's certificate has expired, or is not valid yet by its clock"},
	{"unknown certificate authority", "the other end does not know the authority that signed this end's certificate"},
	{"certificate required", "the other end wants a certificate, and was shown none that it could take"},
	{"revoked certificate", "the other end says that this end's certificate is revoked"},
	{"bad certificate", "the other end refuses this end's certificate: expired, signed by another authority, or for another name"},
	{"unsupported certificate", "the other end refuses this kind of certificate"},
	{"unknown certificate", "the other end refuses this end's certificate"},
	{"protocol version not supported", "the other end speaks another version of TLS"},
	{"access denied", "the other end does not let this certificate in"},
}

// Reason tells why a handshake failed, as far as that is known: "" for an error that is not TLS's. At now the certificate
// was looked at. What a stranger wrote into a certificate is not repeated.
func Reason(err error, now time.Time) string {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var header tls.RecordHeaderError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		if now.Before(invalid.Cert.NotBefore) {
			return "the other end's certificate is not valid before " + day(invalid.Cert.NotBefore) + ", and the clock here shows " + date(now)
		}
		return "the other end's certificate expired on " + day(invalid.Cert.NotAfter)
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return "the other end's certificate is not for this use"
	case errors.As(err, &invalid):
		return "the other end's certificate, or one above it, is not one that may stand there"
	case errors.As(err, &unknown):
		return "the other end's certificate is signed by an unknown authority"
	case errors.As(err, &host):
		return "the name does not match: the other end's certificate is not for the address that was called"
	case errors.As(err, &header):
		return "the other end does not speak TLS"
	}
	text := err.Error()
	for _, a := range alerts {
		if strings.Contains(text, "remote error: tls: "+a.text) {
			return a.reason
		}
	}
	switch {
	case strings.Contains(text, "client didn't provide a certificate"):
		return "the other end showed no certificate"
	case strings.Contains(text, "failed to verify certificate"):
		return "the other end's certificate could not be verified"
	case strings.Contains(text, "tls: "):
		return "the other end speaks TLS otherwise"
	}
	return ""
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
