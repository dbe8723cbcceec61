package kiosk

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/specimen/lds"
	"github.com/foyer-station/foyer/kiosk/flow"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/picture/picturetest"
)

func TestDetailsAreWrittenForPeopleToRead(t *testing.T) {
	for text, want := range map[string]string{
		"Коваленко<<Оксана<Марија": "Коваленко, Оксана Марија", "<<A<<<B<<": "A, B", "": "", "<": "",
		"Road  1\n<\x00Kyiv\u202e": "Road 1 \uFFFDKyiv\uFFFD",
	} {
		if got := inWords(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"18140309": "1814-03-09", "19700000": "1970-??-??", "1970<<<<": "1970-??-??", "19701301": "1970-??-01", "1970XX32": "1970-??-??",
		"": "", "1970": "", "????0101": "", "1970-1-1": "1970-??-??", "2026022": "",
	} {
		if got := fullDate(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"20240131120005": "2024-01-31 12:00:05", "20240131": "2024-01-31", "202401311200xx": "2024-01-31", "x": "",
	} {
		if got := moment(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// benali is somebody whose chip has all details, with a document of a variant.
func benali(t *testing.T, variant specimen.Variant) *specimen.Specimen {
	t.Helper()
	maker, err := specimen.NewMaker(1, today)
	fatal(t, err)
	people := maker.People()
	who := slices.IndexFunc(people, func(p specimen.Person) bool { return p.ID == "benali" })
	s, err := maker.Make(people[who], variant)
	fatal(t, err)
	return s
}

// recordOf is what the office gets of a document whose chip is examined as at a station.
func recordOf(t *testing.T, lines []string, files map[string][]byte) kept {
	t.Helper()
	b, office := newBedAtRealOffice(t, func(_ *bed, c *Config) {
		c.Inspection.Examiners[ofChip].Examine = chip.Examiner{}.Examine
	})
	b.begin(flow.StepDocument)
	b.shows(flow.Document, flow.Waiting)
	b.layDown(lines)
	b.field.answers <- chipAnswer{files: files}
	b.finish()
	return b.admitted(office)
}

func TestWhatTheChipTellsBesideTheMRZReachesTheOffice(t *testing.T) {
	s := benali(t, specimen.Genuine)
	dg7 := slices.Clone(s.Files["DG7"])
	kept := recordOf(t, s.MRZ, s.Files)
	issued := s.Person.Issued.Format(time.DateOnly)
	person := &stationv1.PersonalDetails{
		FullName: "بن علي, سمير يوسف", OtherNames: []string{"أبو طارق"},
		PersonalNumber: strings.ReplaceAll(s.Person.BirthDate, "-", "") + fmt.Sprintf("-%05d", s.Person.Look.Seed),
		BirthDate:      s.Person.BirthDate, PlaceOfBirth: "Amaurot", Address: "شارع الميناء 7, أماوروت",
		Telephone: "+99 1 555 0182", Profession: "مهندس",
		PersonsToNotify: []*stationv1.PersonToNotify{
			{Name: "Benali, Leila", Telephone: "+99 1 555 0183", Address: "Harbour Road 7, Amaurot", Recorded: issued},
		},
	}
	if got := kept.record.GetPersons()[0].GetDetails(); !proto.Equal(got, person) {
		t.Errorf("the person is told as\n%v, want\n%v", got, person)
	}
	document := &stationv1.DocumentDetails{Authority: "Ministry of Arrivals", IssueDate: issued}
	if got := kept.record.GetDocuments()[0].GetDetails(); !proto.Equal(got, document) {
		t.Errorf("the document is told as\n%v, want\n%v", got, document)
	}
	signature := kept.describes("document-1-chip-signature")
	if signature.GetKind() != stationv1.KindChipSignature || signature.GetMediaType() != "image/jpeg" {
		t.Errorf("the signature is %v", signature)
	}
	if picture := kept.files["document-1-chip-signature"]; len(picture) == 0 || !bytes.HasSuffix(dg7, picture) {
		t.Errorf("the signature of %d bytes is not that in DG7", len(picture))
	}
}

func TestWhatNobodySignedIsNoDetail(t *testing.T) {
	exchanged := benali(t, specimen.Genuine)
	for _, name := range []string{"DG7", "DG11"} {
		exchanged.Files[name] = bytes.Clone(exchanged.Files[name])
		exchanged.Files[name][len(exchanged.Files[name])-1] ^= 1
	}
	kept := recordOf(t, exchanged.MRZ, exchanged.Files)
	if d := kept.record.GetPersons()[0].GetDetails(); d.GetFullName() != "" || len(d.GetPersonsToNotify()) != 1 {
		t.Errorf("of an exchanged DG11 and a signed DG16: %v", d)
	}
	if kept.record.GetDocuments()[0].GetDetails().GetAuthority() == "" || kept.describes("document-1-chip-signature") != nil || kept.describes("document-1-chip-DG7") == nil {
		t.Errorf("of a signed DG12 and an exchanged DG7: %v", kept.record)
	}
	forged := benali(t, specimen.ForgedSignature)
	kept = recordOf(t, forged.MRZ, forged.Files)
	if kept.record.GetPersons()[0].GetDetails() != nil || kept.record.GetDocuments()[0].GetDetails() != nil || kept.describes("document-1-chip-signature") != nil {
		t.Errorf("of a forged signature: %v", kept.record)
	}
}

// signedWith are a chip's files with DG7, and an EF.SOD that states its hash.
func signedWith(t *testing.T, dg7 []byte) map[string][]byte {
	t.Helper()
	issuer, err := lds.NewIssuer(1, "CSCA Utopia Specimen", today)
	fatal(t, err)
	issued := today.AddDate(-1, 0, 0)
	signer, err := issuer.Signer(lds.ECDSA, "P", issued, today.AddDate(9, 0, 0))
	fatal(t, err)
	dg1 := lds.DG1(passport)
	sod, err := signer.SOD(lds.LDS18, map[int][]byte{1: dg1, 7: dg7}, issued)
	fatal(t, err)
	return map[string][]byte{"EF.SOD": sod, "DG1": dg1, "DG7": dg7}
}

func TestASignatureThatNoBrowserDrawsIsKeptAsOneThatEveryBrowserDoes(t *testing.T) {
	jpeg2000, err := os.ReadFile("testdata/signature.jp2") // 96 x 32 pixels, a line across it; by OpenCV
	fatal(t, err)
	kept := recordOf(t, passport, signedWith(t, lds.DG7(jpeg2000)))
	picture, err := png.Decode(bytes.NewReader(kept.files["document-1-chip-signature"]))
	if err != nil || kept.describes("document-1-chip-signature").GetMediaType() != "image/png" || picture.Bounds().Size() != image.Pt(96, 32) {
		t.Errorf("it is kept as %v: %v", kept.describes("document-1-chip-signature"), err)
	}
}

func TestASignatureThatIsAWeaponStaysInItsDataGroup(t *testing.T) {
	kept := recordOf(t, passport, signedWith(t, lds.DG7(picturetest.ManyScans(4096, 2048, 17_900))))
	if kept.describes("document-1-chip-signature") != nil || kept.describes("document-1-chip-DG7") == nil || !told(kept.record, "document-1-chip-signature", stationv1.DroppedUnreadable, 0) {
		t.Errorf("files %v, losses %v", kept.record.GetFiles(), kept.record.GetDropped())
	}
}

func TestWhateverAChipTellsItsRecordStaysWithinTheContract(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func() string { return anyBytes(900).Draw(t, "text") }
		texts := rapid.SliceOfN(anyBytes(80), 0, 30).Draw(t, "texts")
		var notify []lds.PersonToNotify
		for range rapid.IntRange(0, 14).Draw(t, "persons to notify") {
			notify = append(notify, lds.PersonToNotify{Surname: text(), Telephone: text(), Address: text()})
		}
		signed := map[string][]byte{
			"DG11": lds.DG11(lds.PersonalDetails{
				Surname: text(), GivenNames: text(), OtherNames: texts, PersonalNumber: text(), BirthDate: text(), Address: text(), Custody: text(),
			}),
			"DG12": lds.DG12(lds.DocumentDetails{Authority: text(), Endorsements: text()}),
			"DG16": lds.DG16(notify...),
		}
		person, document := personalDetails(signed), documentDetails(signed)
		for _, m := range []proto.Message{person, document} {
			if m.ProtoReflect().IsValid() {
				withinTheContract(t, m.ProtoReflect())
			}
		}
		if proto.Size(person)+proto.Size(document) > stationv1.MaxRecord/4 {
			t.Errorf("details of %d bytes", proto.Size(person)+proto.Size(document))
		}
	})
}

// withinTheContract says of every text of a message that it may stand in a record.
func withinTheContract(t *rapid.T, m protoreflect.Message) {
	check := func(text string) {
		if verify.Quote(text, maxDetail) != text || utf8.RuneCountInString(text) > stationv1.MaxText {
			t.Errorf("%q stands in a record", text)
		}
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case !f.IsList():
			check(v.String())
		case v.List().Len() > maxEntries+1:
			t.Errorf("%d of %s", v.List().Len(), f.Name())
		case f.Kind() == protoreflect.StringKind:
			for i := range v.List().Len() {
				check(v.List().Get(i).String())
			}
		default:
			for i := range v.List().Len() {
				withinTheContract(t, v.List().Get(i).Message())
			}
		}
		return true
	})
}

func TestDetailsAreTheFirstToGoFromARecordThatIsTooLong(t *testing.T) {
	r := &stationv1.CheckInRecord{
		Persons:   []*stationv1.Person{{Details: &stationv1.PersonalDetails{Address: strings.Repeat("字", 600)}}},
		Documents: []*stationv1.Document{{Verdict: "doubtful", Details: &stationv1.DocumentDetails{Authority: "Utopia"}}},
	}
	fit(r)
	if r.GetPersons()[0].GetDetails() == nil || len(r.GetDropped()) > 0 {
		t.Fatalf("a short record lost %v", r.GetDropped())
	}
	reason := strings.Repeat("x", stationv1.MaxRecord-proto.Size(r)) // fits without the details alone
	r.Documents[0].Checks = []*stationv1.Check{{Id: "chip.access", Result: "passed", Reason: reason}}
	fit(r)
	if r.GetPersons()[0].GetDetails() != nil || r.GetDocuments()[0].GetDetails() != nil || !told(r, "details", stationv1.DroppedLeftOut, 0) {
		t.Errorf("the details are left, and staff are told %v", r.GetDropped())
	}
	if told := r.GetDropped(); len(told) != 1 || r.GetDocuments()[0].GetChecks()[0].GetReason() != reason {
		t.Errorf("reasons went with the details: %v", told)
	}
}
