package chip_test

import (
	"bytes"
	"crypto/x509"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

func TestADocumentUnderACSCAThatContradictsItselfIsVerifiedAndThatIsTold(t *testing.T) {
	const signs = x509.KeyUsageCertSign | x509.KeyUsageCRLSign // ICAO Doc 9303-12, 7.1
	for name, without := range map[string]bool{"CA:FALSE": false, "no basic constraints": true} {
		p := newPassport(t)
		p.csca = pkitest.Issue(t, nil, pkitest.Template{CommonName: "CSCA Utopia", Country: "UT", Usage: signs, NoConstraints: without})
		p.message.Signer = pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
		check := examine(trusttest.New(t, p.csca), p.evidence(t))["chip.pa.chain"]
		if check.Result != verify.Passed || !strings.Contains(wordingtest.English(t, check), "its key usage") {
			t.Errorf("%s: %+v", name, check)
		}
		link := pkitest.Issue(t, p.csca, pkitest.Template{CommonName: "CSCA Utopia 2", Country: "UT", Usage: signs, NoConstraints: without})
		p.message.Signer = pkitest.Issue(t, link, pkitest.Template{CommonName: "DSC Utopia", Country: "UT"})
		if check := examine(trusttest.New(t, p.csca, link), p.evidence(t))["chip.pa.chain"]; check.Result != verify.Passed {
			t.Errorf("%s, by a link: %+v", name, check)
		}
		if check := examine(trusttest.New(t, link), p.evidence(t))["chip.pa.chain"]; check.Result != verify.Undetermined {
			t.Errorf("%s, by a link of an unknown CSCA: %+v", name, check)
		}
	}
}

func TestASignersCertificateInBERIsJudgedByTheBytesThatItsIssuerSigned(t *testing.T) {
	for name, respell := range pkitest.InBER() {
		for _, long := range []bool{false, true} {
			p := newPassport(t)
			p.message.OtherCertificate = pkitest.Reissue(t, p.dsc, p.csca, long, respell)
			store := trusttest.New(t, p.csca)
			checks := examine(store, p.evidence(t))
			if checks["chip.pa.signature"].Result != verify.Passed || checks["chip.pa.chain"].Result != verify.Passed {
				t.Errorf("%s: %+v, %+v", name, checks["chip.pa.signature"], checks["chip.pa.chain"])
			}
			told := strings.Contains(wordingtest.English(t, checks["chip.pa.chain"]), "the signer's certificate is not in DER")
			if inBER := long || !strings.HasPrefix(name, "a long"); told != inBER {
				t.Errorf("%s: told %v", name, wordingtest.English(t, checks["chip.pa.chain"]))
			}
			p.message.OtherCertificate = bytes.Replace(p.message.OtherCertificate, []byte("DSC Utopia"), []byte("DSC Utopie"), 1)
			if c := examine(store, p.evidence(t))["chip.pa.chain"]; c.Result != verify.Failed {
				t.Errorf("%s, forged: %+v", name, c)
			}
		}
	}
}
