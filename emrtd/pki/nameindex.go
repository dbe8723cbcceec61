package pki

import "strings"

// SubjectIndex is what to look a certificate up by as an issuer: it is the IssuerIndex of everything that it issued. Others may
// share it; [Certificate.IssuedInNameOf] and [CRL.IssuedInNameOf] tell.
func (c *Certificate) SubjectIndex() string { return c.subjectName.index() }

// IssuerIndex is the SubjectIndex of the certificates that may have issued this one.
func (c *Certificate) IssuerIndex() string { return c.issuerName.index() }

// IssuerIndex is the SubjectIndex of the certificates that may have issued the list.
func (l *CRL) IssuerIndex() string { return l.issuerName.index() }

// index is the name without its country, which issuers leave out.
func (n name) index() string {
	if n.country == "" {
		return n.canonical
	}
	return strings.Replace(n.canonical, attributeText(oidCountry, n.country), "", 1)
}
