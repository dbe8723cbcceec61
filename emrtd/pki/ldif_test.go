package pki_test

import (
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/google/go-cmp/cmp"
)

// folded is base64 in lines of 76 characters, as the directory is published.
func folded(value string) string {
	encoded := base64.StdEncoding.EncodeToString([]byte(value))
	var b strings.Builder
	for len(encoded) > 76 {
		b.WriteString(encoded[:76] + "\n ")
		encoded = encoded[76:]
	}
	return b.String() + encoded
}

func entries(r io.Reader) (all []pki.Entry, err error) {
	for e, err := range pki.ReadLDIF(r) {
		if err != nil {
			return all, err
		}
		all = append(all, e)
	}
	return all, nil
}

func TestTheDirectorysEntriesAreRead(t *testing.T) {
	long := strings.Repeat("a long certificate ", 1000)
	file := "version: 1\n# a comment\n\ndn: o=DSC,c=UT,dc=data\nobjectClass: inetOrgPerson\nuserCertificate;binary:: " + folded(long) +
		"\nsn: 1\n\ndn: o=CRL,c=UT\r\ncertificateRevocationList;binary:: " + folded("a list") + "\r\n\r\ndn: o=ML\npkdMasterListContent:: " + folded("a master list")
	want := []pki.Entry{
		{Line: 6, Kind: pki.KindCertificate, DER: []byte(long)},
		{Line: 343, Kind: pki.KindCRL, DER: []byte("a list")},
		{Line: 346, Kind: pki.KindMasterList, DER: []byte("a master list")},
	}
	for name, r := range map[string]io.Reader{"at once": strings.NewReader(file), "byte by byte": iotest.OneByteReader(strings.NewReader(file))} {
		got, err := entries(r)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %s %v", name, diff, err)
		}
	}
}

func TestWhatIsNoLDIFIsRefusedWithItsLine(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"a picture":      {"version: 1\n\xFF\xD8\xFF", "line 2"},
		"damaged base64": {"dn: x\nuserCertificate;binary:: AAA*\n", "line 2"},
		"endless":        {"userCertificate;binary:: " + strings.Repeat("A", 17<<20), "line 1"},
		"endless folds":  {"userCertificate;binary:: A\n" + strings.Repeat(" "+strings.Repeat("A", 1000)+"\n", 17<<10), "line 1"},
	} {
		_, err := entries(strings.NewReader(c.file))
		if !errors.Is(err, pki.ErrLDIF) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFileThatCannotBeReadOnSaysSo(t *testing.T) {
	_, err := entries(io.MultiReader(strings.NewReader("dn: x\n"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func FuzzReadLDIF(f *testing.F) {
	f.Add("dn: x\nuserCertificate;binary:: QUJD\n REVG\n\n")
	f.Fuzz(func(t *testing.T, file string) {
		total := 0
		all, _ := entries(strings.NewReader(file))
		for _, e := range all {
			total += len(e.DER)
		}
		if total > len(file) {
			t.Errorf("%d bytes out of %d", total, len(file))
		}
	})
}
