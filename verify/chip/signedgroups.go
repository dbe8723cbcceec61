package chip

import (
	"slices"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
)

// vouching are the checks without which nobody vouches for what EF.SOD says.
var vouching = []string{"chip.pa.signature", "chip.pa.chain", "chip.pa.revocation"}

// SignedDataGroups gives the data groups of the evidence, by name, that may be shown as the document's own words beside DG1: those
// of which EF.SOD states the hash, each as far as it is signed. The rule is that of the checks which rest on a data group, so a
// wrong DG2 takes nothing from a right DG11. There are none unless the checks, of [Examiner.Examine] for the same evidence, say that
// the signature of EF.SOD is right, and none where its signer's certificate was forged or revoked. That the signer is merely
// unknown is told by the verdict, beside these as beside the MRZ. The bytes are the evidence's.
func SignedDataGroups(ev verify.Evidence, checks []verify.Check) map[string][]byte {
	if !undisputed(checks) {
		return nil
	}
	sod, err := pki.ParseSOD(ev.Files[emrtd.FileSOD])
	if err != nil {
		return nil
	}
	x := &examination{Evidence: ev, sod: sod}
	x.cutToSigned()
	signed := map[string][]byte{}
	for number := range sod.Object.Hashes {
		name := dataGroup(number)
		if file, there := x.Files[name]; there && x.hashAgrees(number, file) {
			signed[name] = file
		}
	}
	return signed
}

// undisputed says whether EF.SOD was found to be signed, and by nobody who must not sign.
func undisputed(checks []verify.Check) bool {
	signature := false
	for _, c := range checks {
		if c.Result == verify.Failed && slices.Contains(vouching, c.ID) {
			return false
		}
		signature = signature || c.ID == vouching[0] && c.Result == verify.Passed
	}
	return signature
}
