package trust_test

import (
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

// TestADirectoryOfStrangersListsIsReadInBoundedTime has master lists and revocation lists in the names of states which did not sign them.
func TestADirectoryOfStrangersListsIsReadInBoundedTime(t *testing.T) {
	p, stranger := newSigner(t), newSigner(t) // of one name
	signer := listSigner(t, stranger.csca)
	var values [][2]string
	for n := range 100 {
		values = append(values,
			[2]string{"pkdMasterListContent", string(masterList(t, signer, -1-n, stranger.csca))},
			[2]string{"certificateRevocationList;binary", string(pkitest.RevocationList{
				Issuer: p.csca, ThisUpdate: pkitest.Day.AddDate(0, 0, -n), BrokenSignature: true}.Encode(t))})
	}
	good := pkitest.RevocationList{Issuer: p.csca}.Encode(t)
	result, err := trusttest.New(t, p.csca).ImportFiles([]trust.ImportFile{{Name: "x.ldif", Data: trusttest.Directory(values...)}, {Name: "ut.crl", Data: good}},
		trust.Terms{Now: pkitest.Day})
	reasons := map[string]int{}
	for _, r := range result[0].Rejected {
		reasons[r.Reason]++
	}
	if err != nil || reasons["more than 64 master lists in one directory"] != 36 || result[1].Imported != 1 ||
		reasons["a directory has many revocation lists in this name that its issuer did not sign"] != 68 {
		t.Errorf("%v, %v", reasons, err)
	}
}
