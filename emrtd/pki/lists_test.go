package pki_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/emrtd/pki/pkitest"
)

// signers are two document signers of one CSCA, and the CSCA.
func signers(t testing.TB) (csca, one, two *pkitest.Party) {
	t.Helper()
	csca = newCSCA(t, "CSCA")
	one = pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC 1", Country: "UT"})
	two = pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC 2", Country: "UT"})
	return csca, one, two
}

// forms are the forms in which lists name a signer.
var forms = map[string]pkitest.Identification{
	"serial number": {BySerial: true},
	"key":           {ByKeyID: true},
	"hash":          {ByHash: true},
}

func TestADefectListSaysWhatIsWrongWithWhoseDocuments(t *testing.T) {
	csca, one, two := signers(t)
	known := []pkitest.KnownDefect{
		{Kind: []int{1, 1}, Parameters: pkitest.Enumerated(2)},
		{Kind: []int{1, 4}},
		{Kind: []int{2, 1}, Parameters: pkitest.Integers(2, 11, 99)},
		{Kind: []int{2, 2}},
		{Kind: []int{9, 9}, Parameters: pkitest.Integer(5)},
	}
	want := []pki.KnownDefect{
		{Kind: pki.DefectCertRevoked, Status: 2},
		{Kind: pki.DefectActiveAuthKeyRevoked, Status: pki.NoStatus},
		{Kind: pki.DefectDGMalformed, Status: pki.NoStatus, DataGroups: []int{2, 11}},
		{Kind: pki.DefectSODInvalid, Status: pki.NoStatus},
		{Kind: "0.4.0.127.0.7.3.1.5.9.9", Status: pki.NoStatus},
	}
	for name, form := range forms {
		for version := 1; version <= 2; version++ {
			list, err := pki.ParseDefectList(pkitest.DefectList(t, pkitest.Message{Signer: csca, SigningTime: pkitest.Day}, version,
				pkitest.Defect{Signer: one, Identification: form, Known: known}))
			if err != nil {
				t.Fatalf("%s, version %d: %v", name, version, err)
			}
			if err := list.Verify(); err != nil {
				t.Error(err)
			}
			defect := list.Defects[0]
			if diff := cmp.Diff(want, defect.Known); diff != "" {
				t.Errorf("%s, version %d: %s", name, version, diff)
			}
			if !defect.Concerns(parse(t, one)) || defect.Concerns(parse(t, two)) || defect.Concerns(parse(t, csca)) {
				t.Errorf("%s, version %d: another signer's", name, version)
			}
		}
	}
}

func TestADefectListOfVersionTwoDescribes(t *testing.T) {
	csca, one, _ := signers(t)
	list, err := pki.ParseDefectList(pkitest.DefectList(t, pkitest.Message{Signer: csca}, 2, pkitest.Defect{
		Signer: one, Identification: forms["key"], Description: "passports of 2019",
		Known: []pkitest.KnownDefect{{Kind: []int{2, 3}, Description: "DG14 is not listed"}}}))
	if err != nil {
		t.Fatal(err)
	}
	d := list.Defects[0]
	if d.Description != "passports of 2019" || d.Known[0].Description != "DG14 is not listed" {
		t.Errorf("%+v", d)
	}
	if words := d.Known[0].Kind.String(); words != "COM and SOD discrepancy" {
		t.Error(words)
	}
}

func TestASignerMustFitByAllThatADefectSaysOfIt(t *testing.T) {
	csca, one, two := signers(t)
	twin := pkitest.Issue(t, csca, pkitest.Template{CommonName: "DSC", Country: "UT", KeyID: one.Certificate.SubjectKeyId})
	list, err := pki.ParseDefectList(pkitest.DefectList(t, pkitest.Message{Signer: csca}, 1,
		pkitest.Defect{Signer: one, Identification: pkitest.Identification{ByKeyID: true, ByHash: true}},
		pkitest.Defect{Signer: one}))
	if err != nil {
		t.Fatal(err)
	}
	if d := list.Defects[0]; !d.Concerns(parse(t, one)) || d.Concerns(parse(t, twin)) {
		t.Error("the key alone does")
	}
	if d := list.Defects[1]; d.Concerns(parse(t, one)) || d.Concerns(parse(t, two)) {
		t.Error("a defect of nobody is somebody's")
	}
}

func TestADeviationListSaysWhichDocumentsDeviate(t *testing.T) {
	csca, one, two := signers(t)
	from, to := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2019, 6, 30, 0, 0, 0, 0, time.UTC)
	for name, form := range forms {
		list, err := pki.ParseDeviationList(pkitest.DeviationList(t, pkitest.Message{Signer: csca}, pkitest.Deviation{
			DocumentType: "P<", Signer: one, Identification: form, From: from, To: to, Numbers: []string{"L898902C3", "X1"},
			Kind: []int{2, 2}, Parameters: pkitest.Integer(12), Text: "old text was hashed",
		}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := list.Verify(); err != nil {
			t.Error(err)
		}
		want := pki.ListedDeviation{
			Descriptions: []pki.ListedDeviationDescription{{Kind: pki.ListedDeviationDGHashWrong, DataGroup: 12, Text: "old text was hashed"}},
			DocumentType: "P<", IssuedFrom: from, IssuedTo: to, DocumentNumbers: []string{"L898902C3", "X1"},
		}
		d := list.Entries[0]
		if diff := cmp.Diff(want, d, cmpopts.IgnoreUnexported(pki.ListedDeviation{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if !d.Concerns(parse(t, one), "P", "X1<<<<<<<") {
			t.Errorf("%s: not its own", name)
		}
		if d.Concerns(parse(t, two), "P", "X1") || d.Concerns(parse(t, one), "ID", "X1") || d.Concerns(parse(t, one), "P", "X2") {
			t.Errorf("%s: another document's", name)
		}
	}
}

func TestADeviationThatNamesNoSignerIsAnySigners(t *testing.T) {
	csca, one, _ := signers(t)
	list, err := pki.ParseDeviationList(pkitest.DeviationList(t, pkitest.Message{Signer: csca},
		pkitest.Deviation{Kind: []int{2, 1}, Parameters: pkitest.Integer(20)}))
	if err != nil {
		t.Fatal(err)
	}
	d := list.Entries[0]
	description := d.Descriptions[0]
	if !d.Concerns(parse(t, one), "P", "1") || description.DataGroup != 0 ||
		description.Kind.String() != "data group malformed" {
		t.Errorf("%+v", d)
	}
}

func TestOneListIsNotTakenForAnother(t *testing.T) {
	csca, one, _ := signers(t)
	master := pkitest.MasterList(t, pkitest.Message{Signer: csca}, csca.Certificate.Raw)
	defects := pkitest.DefectList(t, pkitest.Message{Signer: csca}, 1, pkitest.Defect{Signer: one, Identification: forms["key"]})
	if _, err := pki.ParseDefectList(master); !errors.Is(err, pki.ErrMalformed) {
		t.Error(err)
	}
	if _, err := pki.ParseDeviationList(defects); !errors.Is(err, pki.ErrMalformed) {
		t.Error(err)
	}
}

func TestCertificatesThatStandBehindEachOtherAreParsed(t *testing.T) {
	csca, one, two := signers(t)
	bundle := slices.Concat(csca.Certificate.Raw, one.Certificate.Raw, two.Certificate.Raw)
	certificates, err := pki.ParseCertificates(bundle)
	if err != nil || len(certificates) != 3 || certificates[2].Subject != "CN=DSC 2,C=UT" {
		t.Errorf("%d certificates, %v", len(certificates), err)
	}
	var failure *pki.CertificateError
	if _, err := pki.ParseCertificates(bundle[:len(bundle)-1]); !errors.As(err, &failure) {
		t.Errorf("cut: %v", err)
	}
}

func TestAListThatBreaksOffIsAnError(t *testing.T) {
	csca, one, _ := signers(t)
	for name, c := range map[string]struct {
		content string
		parse   func([]byte) error
		message pkitest.Message
	}{
		"defects": {"\x30\x12\x02\x01\x00\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x31\x02\x30\x00", defectError,
			pkitest.Message{Type: pkitest.DefectListType}},
		"data groups": {string(contentOf(t, pkitest.DefectList(t, pkitest.Message{Signer: csca}, 1, pkitest.Defect{
			Signer: one, Identification: forms["key"], Known: []pkitest.KnownDefect{{Kind: []int{2, 1}}}}))), defectError,
			pkitest.Message{Type: pkitest.DefectListType}},
		"deviations": {"\x30\x07\x02\x01\x00\x31\x02\x30\x00", deviationError, pkitest.Message{Type: pkitest.DeviationListType}},
	} {
		c.message.Signer, c.message.Content = csca, []byte(c.content)
		if err := c.parse(c.message.Encode(t)); !errors.Is(err, pki.ErrMalformed) || !strings.Contains(err.Error(), "list: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func defectError(ber []byte) error {
	_, err := pki.ParseDefectList(ber)
	return err
}

func deviationError(ber []byte) error {
	_, err := pki.ParseDeviationList(ber)
	return err
}

func contentOf(t testing.TB, ber []byte) []byte {
	t.Helper()
	signed, err := pki.ParseSignedData(ber)
	if err != nil {
		t.Fatal(err)
	}
	return signed.Content
}

// fuzzed wraps what a fuzz target makes up as the content of a list, so that it is not stopped by the CMS around it.
func fuzzed(t testing.TB, m pkitest.Message, content []byte) []byte {
	m.Content = content
	return m.Encode(t)
}

func FuzzDefectList(f *testing.F) {
	csca, one, _ := signers(f)
	signer := parse(f, one)
	for version := 1; version <= 2; version++ {
		f.Add(contentOf(f, pkitest.DefectList(f, pkitest.Message{Signer: csca}, version, pkitest.Defect{
			Signer: one, Identification: pkitest.Identification{ByKeyID: true, ByHash: true}, Description: "all",
			Known: []pkitest.KnownDefect{{Kind: []int{2, 1}, Parameters: pkitest.Integers(1, 2), Description: "x"},
				{Kind: []int{1, 1}, Parameters: pkitest.Enumerated(1)}}})))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := pki.ParseDefectList(fuzzed(t, pkitest.Message{Type: pkitest.DefectListType, Signer: csca}, content))
		if err != nil {
			if !errors.Is(err, pki.ErrMalformed) && !errors.Is(err, pki.ErrUnsupported) {
				t.Error(err)
			}
			return
		}
		for _, d := range list.Defects {
			d.Concerns(signer)
			for _, k := range d.Known {
				if k.Status < pki.NoStatus || len(k.DataGroups) > len(content) || k.Kind.String() == "" {
					t.Errorf("%+v", k)
				}
			}
		}
	})
}

func FuzzDeviationList(f *testing.F) {
	csca, one, _ := signers(f)
	signer := parse(f, one)
	for _, form := range forms {
		f.Add(contentOf(f, pkitest.DeviationList(f, pkitest.Message{Signer: csca}, pkitest.Deviation{
			DocumentType: "P<", Signer: one, Identification: form, From: pkitest.Day, To: pkitest.Day, Numbers: []string{"1", "2"},
			Kind: []int{2, 2}, Parameters: pkitest.Integer(12), Text: "x"})))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := pki.ParseDeviationList(fuzzed(t, pkitest.Message{Type: pkitest.DeviationListType, Signer: csca}, content))
		if err != nil {
			if !errors.Is(err, pki.ErrMalformed) && !errors.Is(err, pki.ErrUnsupported) {
				t.Error(err)
			}
			return
		}
		for _, d := range list.Entries {
			d.Concerns(signer, "P", "1")
			for _, description := range d.Descriptions {
				if n := description.DataGroup; n < 0 || n > 16 || description.Kind.String() == "" {
					t.Errorf("%+v", description)
				}
			}
		}
	})
}
