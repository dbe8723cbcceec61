package emrtd

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// field is wrap with a text.
func field(tag uint32, text string) []byte { return wrap(tag, []byte(text)) }

func TestDG11TellsOfThePerson(t *testing.T) {
	file := wrap(tagDG11, slices.Concat(
		field(0x5C, "\x5F\x0E\x5F\x0F\x5F\x10\x5F\x2B\x5F\x11\x5F\x42"), field(0x5F0E, "ШЕВЧЕНКО<<ТАРАС"),
		wrap(tagRepeats, slices.Concat(field(tagInteger, "\x02"), field(0x5F0F, "FIRST<ALIAS"), field(0x5F0F, "SECOND"))),
		field(0x5F10, "1234567890"), field(0x5F2B, "18140309"), field(0x5F11, "MORYNTSI<KYIV"), field(0x5F42, "ROAD<1<KYIV"),
	))
	got, err := ParseDG11(file)
	want := &PersonalDetails{
		FullName: "ШЕВЧЕНКО<<ТАРАС", OtherNames: []string{"FIRST<ALIAS", "SECOND"}, PersonalNumber: "1234567890",
		BirthDate: "18140309", PlaceOfBirth: "MORYNTSI<KYIV", Address: "ROAD<1<KYIV",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestDG12TellsOfTheIssue(t *testing.T) {
	file := wrap(tagDG12, slices.Concat(
		field(0x5F19, "UTOPIA<CITY"), field(0x5F26, "\x20\x24\x01\x31"), field(0x5F1D, "\xFF\xD8\xFF front"),
		field(0x5F55, "20240131120000"), field(0x5F56, "SERIAL-7"),
	))
	got, err := ParseDG12(file)
	want := &DocumentDetails{
		Authority: "UTOPIA<CITY", Date: "20240131", Personalized: "20240131120000",
		PersonalizedBy: "SERIAL-7",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestDG16ListsWhomToNotify(t *testing.T) {
	one := slices.Concat(field(0x5F50, "20240131"), field(0x5F51, "SMITH<<CHARLES"), field(0x5F52, "19525551212"), field(0x5F53, "123<MAPLE"))
	got, err := ParseDG16(wrap(tagDG16, slices.Concat(field(tagInteger, "\x02"), wrap(0xA1, one), wrap(0xA2, field(0x5F51, "BROWN<<MARY")))))
	want := []PersonToNotify{{"20240131", "SMITH<<CHARLES", "19525551212", "123<MAPLE"}, {Name: "BROWN<<MARY"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestDG7GivesItsPictures(t *testing.T) {
	signature := func(picture []byte) []byte { return wrap(tagDisplayedSignature, picture) }
	file := wrap(tagDG7, slices.Concat(field(tagInteger, "\x02"), signature(testJPEG), signature(testJPEG2000)))
	if got, err := ParseDG7(file); err != nil || !slices.EqualFunc(got, [][]byte{testJPEG, testJPEG2000}, bytes.Equal) {
		t.Errorf("%X, %v", got, err)
	}
	if _, err := ParseDG7(wrap(tagDG7, field(tagInteger, "\x00"))); err == nil {
		t.Error("DG7 without a picture is none")
	}
}

func TestTextThatIsNoUTF8IsMadeSo(t *testing.T) {
	if got, err := ParseDG11(wrap(tagDG11, field(0x5F0E, "M\xDCLLER"))); err != nil || got.FullName != "M\uFFFDLLER" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestDetailsThatAreCutOffAreErrors(t *testing.T) {
	for tag, parse := range map[uint32]func([]byte) error{
		tagDG11: func(b []byte) error { _, err := ParseDG11(b); return err },
		tagDG12: func(b []byte) error { _, err := ParseDG12(b); return err },
		tagDG16: func(b []byte) error { _, err := ParseDG16(b); return err },
	} {
		cutInside := []byte{tagRepeats, 1, 0x5F}
		if tag == tagDG16 {
			cutInside[0] = 0xA1
		}
		for _, file := range [][]byte{nil, wrap(tagDG1, nil), wrap(tag, []byte{0x5F}), wrap(tag, []byte{0x5F, 0x0E, 5, 1}), wrap(tag, cutInside)} {
			if parse(file) == nil {
				t.Errorf("%X: %X is taken", tag, file)
			}
		}
	}
}

// faceBlock is an ISO/IEC 39794-5 block around pictures.
func faceBlock(pictures ...[]byte) []byte {
	var representations []byte
	for i, picture := range pictures {
		block := wrap(tagBase, wrap(tagBlock2D, slices.Concat(wrap(tagPicture, picture), wrap(0xA1, field(0xA0, "\x80\x01\x00")))))
		representations = append(representations, wrap(tagRepresentation, slices.Concat(wrap(0x80, []byte{byte(i)}), wrap(tagRepresented, block)))...)
	}
	version := wrap(0xA0, slices.Concat(field(0x80, "\x03"), field(0x81, "\x07\xE3")))
	return wrap(tagFaceBlock, slices.Concat(version, wrap(tagRepresentations, representations)))
}

func templateOf(record []byte) []byte {
	template := wrap(tagTemplate, slices.Concat(wrap(tagHeader, nil), wrap(tagRecordNested, record)))
	return wrap(tagDG2, wrap(tagTemplateGroup, slices.Concat(field(tagInteger, "\x01"), template)))
}

func TestFacesOfISO39794AreGiven(t *testing.T) {
	for name, record := range map[string][]byte{
		"plain": faceBlock(testJPEG, testJPEG2000), "in ICAO's profile": wrap(tagFaceProfile, faceBlock(testJPEG, testJPEG2000)),
	} {
		faces, err := ParseDG2(templateOf(record))
		want := []Face{{Image: testJPEG, MediaType: MediaJPEG}, {Image: testJPEG2000, MediaType: MediaJPEG2000}}
		if diff := cmp.Diff(want, faces); diff != "" || err != nil {
			t.Errorf("%s: %s %v", name, diff, err)
		}
	}
}

func TestABlockWithoutAFaceIsAnError(t *testing.T) {
	for name, record := range map[string][]byte{
		"nothing": nil, "no representation": faceBlock(), "no picture": faceBlock([]byte("GIF89a")),
		"an extension": wrap(tagFaceBlock, wrap(tagRepresentations, wrap(tagRepresentation, wrap(tagRepresented, wrap(0xA1, nil))))),
		"cut off":      faceBlock(testJPEG)[:20],
	} {
		if faces, err := ParseDG2(templateOf(record)); err == nil {
			t.Errorf("%s: %d faces", name, len(faces))
		}
	}
}

func FuzzDetails(f *testing.F) {
	f.Add(wrap(tagDG11, field(0x5F0E, "ERIKSSON<<ANNA")))
	f.Add(wrap(tagDG12, wrap(tagRepeats, field(0x5F1A, "ERIKSSON<<ANNA"))))
	f.Add(wrap(tagDG16, wrap(0xA1, field(0x5F51, "ERIKSSON<<ANNA"))))
	f.Add(wrap(tagDG7, wrap(tagDisplayedSignature, testJPEG)))
	f.Fuzz(func(t *testing.T, file []byte) {
		person, err := ParseDG11(file)
		if err == nil && len(person.FullName) > len("\uFFFD")*len(file) {
			t.Error("more than there is")
		}
		_, _ = ParseDG12(file)
		_, _ = ParseDG16(file)
		_, _ = ParseDG7(file)
	})
}
