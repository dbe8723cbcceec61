package pki_test

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

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

func TestADirectoryIsReadHoweverItsFileWasWritten(t *testing.T) {
	const plain = "version: 1\n\ndn: o=DSC,c=UT\nobjectClass: top\nuserCertificate;binary:: YSBjZXJ0aWZpY2F0ZQ==\n\ndn: o=CRL\n" +
		"certificateRevocationList;binary:: YSBsaXN0\n"
	replaced := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(plain) }
	for name, file := range map[string]string{
		"as it should be":                 plain,
		"a byte order mark":               "\uFEFF" + plain,
		"UTF-16, little end first":        utf16File(plain, binary.LittleEndian),
		"UTF-16, big end first":           utf16File(plain, binary.BigEndian),
		"an empty line first":             "\n" + plain,
		"a mark and empty lines first":    "\uFEFF\r\n \t\r\n\r\n" + plain,
		"a comment first":                 "# of ICAO\n\n" + plain,
		"a comment that goes on":          "# of ICAO,\n  as of today\n" + plain,
		"version in capitals":             replaced("version: 1", "VERSION: 1"),
		"version without a space":         replaced("version: 1", "Version:1"),
		"version with spaces":             replaced("version: 1", "version : 1 "),
		"no version":                      replaced("version: 1\n\n", ""),
		"a folded line":                   replaced("YSBjZXJ0", "YSBj\n ZXJ0"),
		"folded behind a tab":             replaced("YSBjZXJ0", "YSBj\n\tZXJ0"),
		"folded behind the colons":        replaced(":: ", "::\n "),
		"folded in the name":              replaced("userCertificate", "userCert\n ificate"),
		"spaces at the ends of lines":     replaced("YSBjZXJ0", "YSBj  \n ZXJ0", "\n", " \n"),
		"lines of Windows":                replaced("\n", "\r\n"),
		"lines of Windows, folded":        replaced("YSBjZXJ0", "YSBj\r\n ZXJ0", "\n", "\r\n"),
		"sent as text twice":              replaced("\n", "\r\r\n"),
		"no end of the last line":         strings.TrimSpace(plain),
		"a fold that does not go on":      strings.TrimSpace(plain) + "\n ",
		"no space behind the colons":      replaced(":: ", "::"),
		"spaces around the colons":        replaced(":: ", " ::   "),
		"names in capitals":               replaced("userCertificate;binary", "USERCERTIFICATE;BINARY"),
		"names in small letters":          replaced("userCertificate;binary", "usercertificate;binary", "List", "list"),
		"another option":                  replaced(";binary", ";lang-en;binary"),
		"no option":                       replaced(";binary", ""),
		"object identifiers":              replaced("userCertificate", "2.5.4.36", "certificateRevocationList", "2.5.4.39"),
		"a name in base64":                replaced("dn: o=CRL", "dn:: bz1DUkw="),
		"no padding":                      replaced("==", ""),
		"records of changes":              replaced("objectClass: top", "changetype: add"),
		"records of changes, in parts":    replaced("objectClass: top\n", "changetype: modify\nadd: userCertificate;binary\n", "==\n", "==\n-\n"),
		"values that were taken away":     replaced("\n\ndn: o=CRL", "\n\ndn: o=x\nchangetype: modify\ndelete: userCertificate\nuserCertificate:: QUJD\n-\n\ndn: o=CRL"),
		"two byte order marks":            "\uFEFF\uFEFF" + plain,
		"two marks and a comment":         "\uFEFF\uFEFF# of ICAO\n" + plain,
		"UTF-16 without a mark":           utf16File(plain, binary.LittleEndian)[2:],
		"the same, big end first":         utf16File(plain, binary.BigEndian)[2:],
		"lines of old Macintosh":          replaced("\n", "\r"),
		"lines of old Macintosh, folded":  replaced("YSBjZXJ0", "YSBj\r ZXJ0", "\n", "\r"),
		"the same behind a comment":       "# of ICAO\r" + replaced("\n", "\r"),
		"Ctrl-Z at the end":               plain + "\x1A",
		"NUL at the end":                  plain + "\x00",
		"a block of NUL at the end":       plain + strings.Repeat("\x00", 5000),
		"Ctrl-Z behind the last value":    strings.TrimSpace(plain) + "\x1A",
		"an empty line in a value":        replaced("YSBjZXJ0", "YSBj\n\n ZXJ0"),
		"empty lines of Windows in it":    replaced("YSBjZXJ0", "YSBj\n\n\n ZXJ0", "\n", "\r\n"),
		"an empty line in it, Macintosh":  replaced("YSBjZXJ0", "YSBj\r\r ZXJ0", "\n", "\r"),
		"records that are indented":       replaced("\n\ndn", "\n\n  dn"),
		"what a program for queries adds": plain + "\n# search result\nsearch: 2\nresult: 0 Success\n",
	} {
		if !pki.IsLDIF([]byte(file)) {
			t.Errorf("%s: is no LDIF", name)
		}
		got, err := entries(strings.NewReader(file))
		if err != nil || len(got) != 2 || string(got[0].DER) != "a certificate" || string(got[1].DER) != "a list" ||
			got[0].Kind != pki.KindCertificate || got[1].Kind != pki.KindCRL {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// utf16File is text in UTF-16 with its byte order mark.
func utf16File(text string, order binary.AppendByteOrder) string {
	var file []byte
	for _, unit := range utf16.Encode([]rune("\uFEFF" + text)) {
		file = order.AppendUint16(file, unit)
	}
	return string(file)
}

// Whatever stands before or among its lines: nobody vouches for a directory.
func TestADirectoryIsOneWhateverStandsInIt(t *testing.T) {
	const block = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
	const entry = "userCertificate;binary:: QUJD\n"
	for name, file := range map[string]string{
		"PEM first":               block + entry,
		"PEM first, then a name":  block + "dn: c=UT\n",
		"another attribute first": "objectClass: top\n" + entry + block,
		"far behind":              strings.Repeat("# a comment\n", 7000) + entry + block,
		"folded":                  block + "userCerti\n ficate;binary:: QUJD\n",
		"behind a nought":         "0\n" + entry + block,
		"a master list":           block + "pkdMasterListContent:: QUJD\n",
		"a CSCA's":                block + "CACertificate;binary:: QUJD\n",
		"in UTF-16":               utf16File(block+entry, binary.LittleEndian),
	} {
		if !pki.IsLDIF([]byte(file)) {
			t.Errorf("%s: is no LDIF", name)
		}
	}
}

func TestWhatOnlyLooksLikeLDIFIsNone(t *testing.T) {
	for _, file := range []string{
		"", "\n\n", "# a comment\n", "# a comment\n-----BEGIN CERTIFICATE-----\nMIIB\n", "subject: CN=CSCA\n", "version", "dn\n",
		"\x30\x82\x01\x00version: 1\n", "\uFEFF", strings.Repeat("\n", 1<<20) + "version: 1\n",
	} {
		if pki.IsLDIF([]byte(file)) {
			t.Errorf("%.40q is taken for LDIF", file)
		}
	}
}

func TestWhatIsNoLDIFIsRefusedWithItsLine(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"a picture":                    {"version: 1\n\xFF\xD8\xFF", "line 2"},
		"NUL in its midst":             {"version: 1\n\x00x\x00\n", "line 2"},
		"damaged behind an empty line": {"dn: x\nuserCertificate:: AAA\n\n\n A\n\nuserCertificate:: *\n", "line 7"},
		"damaged base64":               {"dn: x\nuserCertificate;binary:: AAA*\n", "line 2"},
		"endless":                      {"userCertificate;binary:: " + strings.Repeat("A", 17<<20), "line 1"},
		"endless folds":                {"userCertificate;binary:: A\n" + strings.Repeat(" "+strings.Repeat("A", 1000)+"\n", 17<<10), "line 1"},
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
