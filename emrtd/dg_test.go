package emrtd

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCOMOfTheWorkedExampleListsDG1AndDG2(t *testing.T) {
	com, err := ParseCOM(unhex(t, "60145F0104303130365F36063034303030305C026175"))
	if err != nil {
		t.Fatal(err)
	}
	want := &COM{LDSVersion: "0106", UnicodeVersion: "040000", DataGroups: []int{1, 2}}
	if diff := cmp.Diff(want, com); diff != "" {
		t.Error(diff)
	}
}

func TestCOMIsUnderstoodInAnyOrderAndBesideWhatNobodyKnows(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		want COM
	}{
		"LDS 1.8":       {"60165F0104303130385F36063034303030305C0461756E6F", COM{"0108", "040000", []int{1, 2, 14, 15}}},
		"other order":   {"60145C0275615F36063034303030305F010430313037", COM{"0107", "040000", []int{2, 1}}},
		"list alone":    {"60045C026175", COM{DataGroups: []int{1, 2}}},
		"unknown tags":  {"600AC001005C056142750061", COM{DataGroups: []int{1, 2}}},
		"an empty list": {"60025C00", COM{}},
	} {
		com, err := ParseCOM(unhex(t, c.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(&c.want, com); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for name, file := range map[string]string{"no list": "60075F010430313037", "cut off": "60045C0361", "another file": "61045C026175"} {
		if com, err := ParseCOM(unhex(t, file)); err == nil {
			t.Errorf("%s: %+v", name, com)
		}
	}
}

func TestDG1GivesTheLinesOfEveryFormat(t *testing.T) {
	for name, want := range map[string][]string{
		"TD3": {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
		"TD2": {"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"},
		"TD1": {"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
	} {
		lines, err := ParseDG1(wrap(tagDG1, wrap(tagMRZ, []byte(strings.Join(want, "")))))
		if err != nil || !slices.Equal(lines, want) {
			t.Errorf("%s: %q, %v", name, lines, err)
		}
	}
}

func TestDG1WithoutAZoneIsAnError(t *testing.T) {
	for name, file := range map[string][]byte{
		"empty":           nil,
		"another file":    wrap(tagDG2, wrap(tagMRZ, bytes.Repeat([]byte("<"), 88))),
		"short":           wrap(tagDG1, wrap(tagMRZ, bytes.Repeat([]byte("<"), 87))),
		"other alphabet":  wrap(tagDG1, wrap(tagMRZ, bytes.Repeat([]byte("a"), 88))),
		"cut in the zone": wrap(tagDG1, wrap(tagMRZ, bytes.Repeat([]byte("<"), 88)))[:50],
	} {
		if lines, err := ParseDG1(file); err == nil {
			t.Errorf("%s: %q", name, lines)
		}
	}
}

// testFace is a face of a record with feature points before the picture.
func testFace(points int, picture []byte) []byte {
	face := make([]byte, faceHeader+points*featurePoint+imageHeader)
	binary.BigEndian.PutUint32(face, uint32(len(face)+len(picture)))
	binary.BigEndian.PutUint16(face[4:], uint16(points))
	image := face[faceHeader+points*featurePoint:]
	binary.BigEndian.PutUint16(image[2:], 413)
	binary.BigEndian.PutUint16(image[4:], 531)
	return append(face, picture...)
}

// testRecord is a facial record.
func testRecord(faces ...[]byte) []byte {
	body := bytes.Join(faces, nil)
	record := append([]byte("FAC\x00010\x00"), make([]byte, 6)...)
	binary.BigEndian.PutUint32(record[8:], uint32(recordHeader+len(body)))
	binary.BigEndian.PutUint16(record[12:], uint16(len(faces)))
	return append(record, body...)
}

// testDG2 is a DG2 with one template for each record.
func testDG2(records ...[]byte) []byte {
	group := wrap(tagInteger, []byte{byte(len(records))})
	for _, record := range records {
		group = append(group, wrap(tagTemplate, wrap(tagHeader, []byte{0x81, 0x01, 0x02}), wrap(tagRecord, record))...)
	}
	return wrap(tagDG2, wrap(tagTemplateGroup, group))
}

var (
	testJPEG       = []byte("\xFF\xD8\xFF\xE0 a portrait")
	testJPEG2000   = []byte("\x00\x00\x00\x0CjP  \r\n\x87\n a portrait")
	testCodestream = []byte("\xFF\x4F\xFF\x51 a portrait")
)

func TestDG2GivesEveryFaceOfEveryTemplate(t *testing.T) {
	faces, err := ParseDG2(testDG2(
		testRecord(testFace(0, testJPEG), testFace(3, testJPEG2000)),
		testRecord(testFace(1, testCodestream)),
	))
	if err != nil {
		t.Fatal(err)
	}
	want := []Face{
		{testJPEG, "image/jpeg", 413, 531},
		{testJPEG2000, "image/jp2", 413, 531},
		{testCodestream, "image/j2c", 413, 531},
	}
	if diff := cmp.Diff(want, faces); diff != "" {
		t.Error(diff)
	}
}

func TestDG2ThatLiesIsAnError(t *testing.T) {
	points := testFace(0, testJPEG)
	binary.BigEndian.PutUint16(points[4:], 0xFFFF)
	long := testFace(0, testJPEG)
	binary.BigEndian.PutUint32(long, 0xFFFFFFFF)
	short := testFace(0, testJPEG)
	binary.BigEndian.PutUint32(short, 0)
	record := testRecord(testFace(0, testJPEG))
	binary.BigEndian.PutUint32(record[8:], 0xFFFFFFFF)
	many := testRecord(testFace(0, testJPEG))
	many[12] = 0xFF
	for name, file := range map[string][]byte{
		"no template":                testDG2(),
		"no face":                    testDG2(testRecord()),
		"65,535 feature points":      testDG2(testRecord(points)),
		"a face of four gigabytes":   testDG2(testRecord(long)),
		"a face of no bytes":         testDG2(testRecord(short)),
		"a record of four gigabytes": testDG2(record),
		"65,281 faces":               testDG2(many),
		"a picture of another kind":  testDG2(testRecord(testFace(0, []byte("GIF89a")))),
		"not a facial record":        testDG2([]byte("FIR\x00020\x00 is a finger")),
		"more templates than stated": wrap(tagDG2, wrap(tagTemplateGroup, wrap(tagInteger, []byte{2}))),
	} {
		if faces, err := ParseDG2(file); err == nil {
			t.Errorf("%s: %d faces", name, len(faces))
		}
	}
}

func TestTheFilesOfBSIsTestPassportAreUnderstood(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "vectors", "bsi2008")
	read := func(name string) []byte {
		file, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Skipf("SKIPPED: BSI's file set of 2008 is not here: %v", err)
		}
		return file
	}
	com, err := ParseCOM(read("EF_COM.bin"))
	if err != nil || com.LDSVersion != "0107" || !slices.Equal(com.DataGroups, []int{1, 2, 3, 14}) {
		t.Errorf("EF.COM %+v, %v", com, err)
	}
	lines, err := ParseDG1(read("Datagroup1.bin"))
	if err != nil || len(lines) != 2 || !strings.HasPrefix(lines[0], "P<D<<MUSTERMANN<<ERIKA<") {
		t.Errorf("DG1 %q, %v", lines, err)
	}
	faces, err := ParseDG2(read("Datagroup2.bin"))
	if err != nil || len(faces) != 1 || faces[0].MediaType != MediaJPEG2000 || len(faces[0].Image) < 14000 {
		t.Errorf("DG2 %d faces, %v", len(faces), err)
	}
}
