package emrtd

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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

// indefinite is a file with its length left open.
func indefinite(t testing.TB, file []byte) []byte {
	t.Helper()
	_, header, length, err := tlvHeader(file)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat([]byte{file[0], 0x80}, file[header:][:length], []byte{0, 0})
}

func TestFilesOfIndefiniteLengthSayTheSame(t *testing.T) {
	com := unhex(t, "60145F0104303130365F36063034303030305C026175")
	zone := wrap(tagDG1, wrap(tagMRZ, bytes.Repeat([]byte("<"), 90)))
	person, issue := wrap(tagDG11, wrap(0x5F0E, []byte("MUSTER<<A"))), wrap(tagDG12, wrap(0x5F19, []byte("UTOPIA")))
	for name, c := range map[string]struct {
		file  []byte
		parse func([]byte) (any, error)
	}{
		"EF.COM": {com, func(b []byte) (any, error) { return ParseCOM(b) }},
		"DG1":    {zone, func(b []byte) (any, error) { return ParseDG1(b) }},
		"DG11":   {person, func(b []byte) (any, error) { return ParseDG11(b) }},
		"DG12":   {issue, func(b []byte) (any, error) { return ParseDG12(b) }},
	} {
		want, err := c.parse(c.file)
		open := indefinite(t, c.file)
		got, again := c.parse(append(open, "padding"...))
		if err != nil || again != nil || !cmp.Equal(want, got) {
			t.Errorf("%s: %+v, %v; want %+v, %v", name, got, again, want, err)
		}
		for _, cut := range []int{1, 2, 5} {
			if got, err := c.parse(open[:len(open)-cut]); err == nil {
				t.Errorf("%s without its last %d bytes: %+v", name, cut, got)
			}
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
		{testJPEG, "image/jpeg", 413, 531, nil},
		{testJPEG2000, "image/jp2", 413, 531, nil},
		{testCodestream, "image/j2c", 413, 531, nil},
	}
	if diff := cmp.Diff(want, faces); diff != "" {
		t.Error(diff)
	}
}

func TestDG2WithoutAPictureIsAnError(t *testing.T) {
	for name, file := range map[string][]byte{
		"nothing":                   nil,
		"no template":               testDG2(),
		"no face":                   testDG2(testRecord()),
		"a picture of another kind": testDG2(testRecord(testFace(0, []byte("GIF89a")))),
		"not a facial record":       testDG2([]byte("FIR\x00020\x00 is a finger")),
		"a record cut off":          testDG2([]byte("FAC\x00010\x00")),
		"templates that are stated": wrap(tagDG2, wrap(tagTemplateGroup, wrap(tagInteger, []byte{2}))),
		"a template without record": wrap(tagDG2, wrap(tagTemplateGroup, wrap(tagTemplate, wrap(tagHeader, []byte{0x81, 1, 2})))),
	} {
		if faces, err := ParseDG2(file); err == nil {
			t.Errorf("%s: %d faces", name, len(faces))
		}
	}
}

// changed is a file with a number of four or two bytes put where one is now.
func changed(t testing.TB, file []byte, at int, number ...byte) []byte {
	t.Helper()
	file = bytes.Clone(file)
	record := bytes.Index(file, []byte("FAC\x00"))
	if record < 0 {
		t.Fatal("no record")
	}
	copy(file[record+at:], number)
	return file
}

// Where lengths and numbers stand in a record with one face (ISO/IEC 19794-5:2005, 5.4 and 5.5).
const (
	atSize, atFaces      = 8, 12
	atFaceSize, atPoints = recordHeader, recordHeader + 4
	oneFace              = recordHeader + faceHeader + imageHeader
)

func TestADG2ThatStatesWrongLengthsStillGivesThePortrait(t *testing.T) {
	good := testDG2(testRecord(testFace(0, testJPEG)))
	size := byte(oneFace + len(testJPEG))
	group := func(parts ...[]byte) []byte { return wrap(tagDG2, wrap(tagTemplateGroup, parts...)) }
	header, record := wrap(tagHeader, []byte{0x81, 1, 2}), wrap(tagRecord, testRecord(testFace(0, testJPEG)))
	one := []byte{tagInteger, 1, 1}
	shortObject := bytes.Clone(record)
	shortObject[2] -= 8
	bothShort := changed(t, shortObject, atSize, 0, 0, 0, size-8)
	inside := func(data ...[]byte) []byte {
		return group(one, wrap(tagTemplate, append([][]byte{header}, data...)...))
	}
	for name, c := range map[string]struct {
		file []byte
		note string
	}{
		"record 8 too small":          {changed(t, good, atSize, 0, 0, 0, size-8), "the facial record states"},
		"record 8 too large":          {changed(t, good, atSize, 0, 0, 0, size+8), "the facial record states"},
		"record of four gigabytes":    {changed(t, good, atSize, 0xFF, 0xFF, 0xFF, 0xFF), "the facial record states"},
		"record of no bytes":          {changed(t, good, atSize, 0, 0, 0, 0), "the facial record states 0"},
		"face 8 too small":            {changed(t, good, atFaceSize, 0, 0, 0, size-recordHeader-8), "a face states"},
		"face 8 too large":            {changed(t, good, atFaceSize, 0, 0, 0, size-recordHeader+8), "a face states"},
		"face of four gigabytes":      {changed(t, good, atFaceSize, 0xFF, 0xFF, 0xFF, 0xFF), "a face states"},
		"face of no bytes":            {changed(t, good, atFaceSize, 0, 0, 0, 0), "a face states 0"},
		"no faces stated":             {changed(t, good, atFaces, 0, 0), "0 faces are stated, 1 are there"},
		"65,535 faces stated":         {changed(t, good, atFaces, 0xFF, 0xFF), "65535 faces are stated"},
		"65,535 feature points":       {changed(t, good, atPoints, 0xFF, 0xFF), "feature points"},
		"two feature points of none":  {changed(t, good, atPoints, 0, 2), "feature points"},
		"object 8 too small":          {group(one, wrap(tagTemplate, header, shortObject)), "data object 5F2E"},
		"object and record too small": {inside(bothShort), "data object 5F2E"},
		"a picture without a record":  {inside(wrap(tagRecord, testJPEG)), "without a record"},
		"a picture in 7F2E":           {inside(wrap(tagRecordNested, testJPEG)), "without a record"},
		"zeros before the record":     {inside(wrap(tagRecord, []byte{0, 0}, testRecord(testFace(0, testJPEG)))), "2 zeros"},
		"5F2E in 7F2E":                {inside(wrap(tagRecordNested, record)), "of its own"},
		"a picture in 5F2E in 7F2E":   {inside(wrap(tagRecordNested, wrap(tagRecord, testJPEG))), "without a record"},
		"object beyond the file":      {good[:len(good)-3], "states"},
		"record before its header":    {group(one, wrap(tagTemplate, record, header)), ""},
		"no header":                   {group(one, wrap(tagTemplate, record)), ""},
		"number behind":               {group(wrap(tagTemplate, header, record), one), ""},
		"no number of templates":      {group(wrap(tagTemplate, header, record)), "number of templates"},
		"two templates stated":        {group([]byte{tagInteger, 1, 2}, wrap(tagTemplate, header, record)), "number of templates"},
		"number in two bytes":         {group([]byte{tagInteger, 2, 0, 1}, wrap(tagTemplate, header, record)), "number of templates"},
		"padded group":                {group(one, wrap(tagTemplate, header, record), make([]byte, 5)), ""},
		"an empty template first":     {group(one, wrap(tagTemplate, header), wrap(tagTemplate, header, record)), "template 1"},
	} {
		faces, err := ParseDG2(c.file)
		if err != nil || len(faces) != 1 || !bytes.HasPrefix(faces[0].Image, testJPEG[:len(testJPEG)-3]) || faces[0].MediaType != MediaJPEG {
			t.Errorf("%s: %+v, %v", name, faces, err)
			continue
		}
		told := strings.Trim(fmt.Sprint(faces[0].Deviations), "[]")
		if !strings.Contains(told, c.note) || (c.note == "") != (told == "") {
			t.Errorf("%s is told as %q", name, told)
		}
		if name != "object beyond the file" && !bytes.Equal(faces[0].Image, testJPEG) {
			t.Errorf("%s: picture of %d bytes, want %d", name, len(faces[0].Image), len(testJPEG))
		}
	}
}

func TestSeveralFacesArePartedByWhatIsThere(t *testing.T) {
	first, second := testFace(2, testJPEG), testFace(0, testJPEG2000)
	two := testDG2(testRecord(first, second))
	for name, file := range map[string][]byte{
		"as stated": two, "one stated": changed(t, two, atFaces, 0, 1), "record too short": changed(t, two, atSize, 0, 0, 0, 9),
		"the second too long": testDG2(testRecord(first, append([]byte{0, 0, 9, 9}, second[4:]...))),
		"in two templates":    testDG2(testRecord(first), testRecord(second)),
	} {
		faces, err := ParseDG2(file)
		if err != nil || len(faces) != 2 || !bytes.Equal(faces[0].Image, testJPEG) || !bytes.Equal(faces[1].Image, testJPEG2000) {
			t.Errorf("%s: %+v, %v", name, faces, err)
		}
	}
	faces, err := ParseDG2(changed(t, two, atFaceSize, 0, 0, 0, byte(len(first)-8)))
	if err != nil || len(faces) != 1 || !bytes.HasPrefix(faces[0].Image, testJPEG) {
		t.Errorf("the first too short: %+v, %v", faces, err)
	}
}

func TestAFileFullOfFacesTakesNoLonger(t *testing.T) {
	faces := slices.Repeat([][]byte{testFace(0, testJPEG)}, MaxFileSize/60)
	begin := time.Now()
	found, err := ParseDG2(testDG2(testRecord(faces...)))
	if err != nil || len(found) != len(faces) || len(found[0].Deviations) > maxDeviations {
		t.Errorf("%d faces, %v", len(found), err)
	}
	empty := slices.Repeat([][]byte{wrap(tagTemplate, wrap(tagRecord, []byte("FAC\x00")))}, MaxFileSize/20)
	if _, err := ParseDG2(wrap(tagDG2, wrap(tagTemplateGroup, empty...))); err == nil || len(err.Error()) > 200 {
		t.Errorf("%d bytes of error", len(fmt.Sprint(err)))
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("%v", took)
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
