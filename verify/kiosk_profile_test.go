package verify_test

import (
	"slices"
	"testing"

	"github.com/foyer-station/foyer/verify"
)

// asked is a check that BSI TR-03135-2, 4.2.7 ("Kiosk", tables 4.18 to 4.21) asks of a station, and where Foyer answers it.
type asked struct {
	section string // of BSI TR-03135-1
	name    string
	level   verify.Level // where the profile leaves a choice ("o/e", "m/e"), the weaker
	checks  []string     // of the policy
	note    string       // why there is none, or why it weighs less than the profile has it
}

// oneProtocol is why no protocol against copies is mandatory by itself.
const oneProtocol = "a chip that has proved itself by one of its protocols is no copy; a failure of any makes it doubtful"

// kioskProfile is the whole profile, the electronic checks by their parts.
func kioskProfile() []asked {
	const m, o, e = verify.Mandatory, verify.Optional, verify.Evaluatory
	return []asked{
		{"5.5.2", "document captured in all lights", m, nil,
			"no check of its own: without the pictures the optical checks are not performed"},
		{"5.5.3", "document model identified", m, nil, "models are not learnt yet: the checks that need none are made"},
		{"5.5.4.1", "MRZ consistency", m, []string{"mrz.check_digits"}, ""},
		{"5.5.4.2", "spectrally selective checks", e, []string{"optical.uv.dullness", "optical.ir.b900"}, ""},

		{"5.6.1", "background public key infrastructures", m, []string{"chip.pa.chain"}, ""},
		{"5.6.2", "access and process sequences", m, []string{"chip.access"}, ""},
		{"5.6.3.1", "access by BAC or PACE", m, []string{"chip.access"}, ""},
		{"5.6.3.2", "terminal authentication", m, nil, "fingerprints are not read: a station holds no key for them"},
		{"5.6.4.1", "chip authenticity by at least one protocol", m, []string{"chip.original"}, ""},
		{"5.6.4.1.1", "chip authenticity with AA", m, []string{"chip.aa"}, oneProtocol},
		{"5.6.4.1.2", "chip authenticity with CA", m, []string{"chip.ca"}, oneProtocol},
		{"5.6.4.1.3", "chip authenticity with PACE-CAM", m, []string{"chip.cam"}, oneProtocol},
		{"5.6.4.2.2", "hash and signature of EF.SOD", m, []string{"chip.pa.signature"}, ""},
		{"5.6.4.2.2", "hash and signature of EF.CardSecurity", m, []string{"chip.cam"}, oneProtocol},
		{"5.6.4.3.3", "signature of the DS certificate", m, []string{"chip.pa.chain"}, ""},
		{"5.6.4.3.4", "validity of CSCA and DS certificates", m, []string{"chip.pa.validity"},
			"a document may outlive the certificates behind it; that they were valid at signing is in chip.pa.chain"},
		{"5.6.4.3.5", "revocation of the DS certificate", m, []string{"chip.pa.revocation"},
			"a list that the store lacks must not keep documents from being genuine; one that names the signer makes it doubtful"},
		{"5.6.4.4.1", "EF.SOD against EF.COM", m, []string{"chip.com_sod"},
			"EF.COM is deprecated, and often wrong in genuine documents"},
		{"5.6.4.4.2", "integrity of the data groups", m, []string{"chip.pa.hashes"}, ""},
		{"5.6.4.5", "issuing state in DG1 and DS certificate", m, []string{"cross.dg1_dsc_country"}, ""},

		{"5.7.1", "expiry of the document", m, []string{"mrz.expiry"},
			"it stands beside the verdict, as the document's validity"},
		{"5.7.2", "printed data against the chip's", o, []string{"cross.dg1_mrz"}, ""},
		{"5.7.3", "across document pages", o, nil, "pages are not compared yet"},
		{"5.7.4", "across several documents", o, nil, "documents are not compared yet"},
		{"5.7.5", "personalization against a database", o, nil, "there is no such database"},
		{"5.7.6", "DG2 against the printed portrait", e, []string{"cross.portrait_dg2"}, ""},

		{"5.9.1", "digital seals", m, nil, "no seal is read yet"},
	}
}

func TestTheKioskProfileOfTR03135CanBeFilled(t *testing.T) {
	weight := []verify.Level{verify.Evaluatory, verify.Optional, verify.Mandatory}
	levels := map[string]verify.Level{}
	for _, line := range shipped(t).Checks {
		levels[line.ID] = line.Level
	}
	for _, a := range kioskProfile() {
		lighter := len(a.checks) == 0
		for _, id := range a.checks {
			level, there := levels[id]
			if !there {
				t.Errorf("%s %s: the policy has no check %s", a.section, a.name, id)
			}
			lighter = lighter || slices.Index(weight, level) < slices.Index(weight, a.level)
		}
		if lighter != (a.note != "") {
			t.Errorf("%s %s: answered by %q, %s in the profile, noted as %q", a.section, a.name, a.checks, a.level, a.note)
		}
	}
}
