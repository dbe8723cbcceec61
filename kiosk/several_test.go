package kiosk

import (
	"bytes"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz/ocr"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// otherPassport is somebody else's.
var otherPassport = []string{"P<UTODOE<<JOHN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "X123456785UTO8001014M3001019<<<<<<<<<<<<<<<2"}

// beginSeveral brings a visitor to the first step of a service, in an office that takes several persons and documents.
func (b *bed) beginSeveral(steps ...flow.Step) {
	b.t.Helper()
	b.shows(flow.Greeting, "")
	b.Send(flow.Start{})
	b.Send(flow.ChooseLanguage{Tag: "uk"})
	b.Send(flow.AcceptPrivacy{})
	b.Send(flow.ChooseService{Service: flow.Service{ID: "permit", Steps: steps, Several: true}})
}

// brings lays a passport down, with a chip that has the file DG1.
func (b *bed) brings(lines []string) {
	b.t.Helper()
	b.shows(flow.Document, flow.Waiting)
	b.layDown(lines)
	b.field.answers <- chipWith("DG1")
}

// isPhotographedAndSigns goes from the portrait to the review.
func (b *bed) isPhotographedAndSigns() {
	b.t.Helper()
	sheets := b.screen.begun()
	b.shows(flow.Portrait, flow.Done)
	b.Send(flow.Next{})
	b.until("a sheet of the person's own", func() bool { return b.screen.begun() > sheets })
	b.sign()
	b.Send(flow.Next{})
	b.shows(flow.Review, flow.Waiting)
}

// A family of two with three documents, one of them a card.
func TestAFamilyIsCheckedInAtOnceWithEverythingWhoseItIs(t *testing.T) {
	b := newBed(t, nil)
	b.beginSeveral(flow.StepDocument, flow.StepPortrait, flow.StepSignature)
	b.brings(passport)
	b.isPhotographedAndSigns()
	b.Send(flow.AnotherDocument{})
	b.brings(idCard)
	b.shows(flow.TurnOver, flow.Waiting)
	b.Send(flow.Next{})
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.AnotherPerson{})
	b.brings(otherPassport)
	b.isPhotographedAndSigns()
	v := b.shows(flow.Review, flow.Waiting)
	if p := v.Review.Persons; len(p) != 2 || p[0].Surname != "ERIKSSON" || len(p[0].Documents) != 2 || p[1].Surname != "DOE" || p[1].Portrait == nil {
		t.Errorf("the review shows %+v", v.Review)
	}
	if v := b.finish(); v.State.Number != "A-1" {
		t.Errorf("the ticket shows %+v", v.State)
	}
	b.proveFamily(b.office.received(t, 0))
}

func (b *bed) proveFamily(r received) {
	t := b.t
	t.Helper()
	if p := r.record.GetPersons(); r.record.GetContract() != 2 || len(p) != 2 || p[0].GetSurname() != "ERIKSSON" || p[1].GetSurname() != "DOE" {
		t.Errorf("the persons are %v", p)
	}
	var documents []string
	for _, d := range r.record.GetDocuments() {
		documents = append(documents, d.GetDocumentNumber())
		if want := int32(1 + len(documents)/3); d.GetPerson() != want || d.GetChip() != "read" {
			t.Errorf("%s is person %d's, with a chip that was %s", d.GetDocumentNumber(), d.GetPerson(), d.GetChip())
		}
	}
	if diff := cmp.Diff([]string{"L898902C3", "D23145890", "X12345678"}, documents); diff != "" {
		t.Error(diff)
	}
	described := map[string]*stationv1.File{}
	for _, f := range r.record.GetFiles() {
		f = proto.CloneOf(f)
		f.Sha256, f.Size = nil, 0
		described[f.GetName()] = f
	}
	for _, want := range []*stationv1.File{
		{Name: "document-1-page-1-infrared", MediaType: "image/png", Kind: "page", Document: 1, Page: 1, Light: "infrared", Side: "front", Dpi: 400},
		{Name: "document-2-page-2-visible", MediaType: "image/png", Kind: "page", Document: 2, Page: 2, Light: "visible", Side: "back", Dpi: 400},
		{Name: "document-3-chip-DG1", MediaType: "application/octet-stream", Kind: "chip", Document: 3, ChipFile: "DG1"},
		{Name: "person-1-portrait", MediaType: "image/jpeg", Kind: "portrait", Person: 1},
		{Name: "person-2-portrait", MediaType: "image/jpeg", Kind: "portrait", Person: 2},
		{Name: "person-2-signature", MediaType: "image/png", Kind: "signature", Person: 2},
		{Name: "person-2-signature-samples", MediaType: "application/json", Kind: "strokes", Person: 2},
	} {
		if got := described[want.GetName()]; !proto.Equal(got, want) || r.files[want.GetName()] == nil {
			t.Errorf("the file is %v, want %v", got, want)
		}
	}
	if len(described) != 3+6+3+3+2*3 {
		t.Errorf("there are %d files", len(described))
	}
	for n, portrait := range []string{"person-1-portrait", "person-1-portrait", "person-2-portrait"} {
		if evidence := evidenceOf(r.record, n+1, "person.face_found"); !slices.Equal(evidence, []string{portrait}) {
			t.Errorf("the face of document %d was found in %v", n+1, evidence)
		}
	}
}

// evidenceOf are the names of the files that a document's check calls its evidence, found as an office finds them. What names no
// file is given as it is.
func evidenceOf(r *stationv1.CheckInRecord, document int, check string) (files []string) {
	d := r.GetDocuments()[document-1]
	for _, c := range d.GetChecks() {
		if c.GetId() != check {
			continue
		}
		for _, name := range c.GetEvidence() {
			at := slices.IndexFunc(r.GetFiles(), func(f *stationv1.File) bool {
				whose := int(f.GetDocument()) == document || f.GetDocument() == 0 && f.GetPerson() == d.GetPerson()
				return whose && f.EvidenceName() == name
			})
			if at < 0 {
				files = append(files, "no file: "+name)
				continue
			}
			files = append(files, r.GetFiles()[at].GetName())
		}
	}
	return files
}

func TestThePicturesOfADocumentAreForgottenOnceItIsJudged(t *testing.T) {
	b := newBed(t, nil)
	b.beginSeveral(flow.StepDocument)
	b.brings(passport)
	b.shows(flow.Review, flow.Waiting)
	b.imager.mu.Lock()
	defer b.imager.mu.Unlock()
	for _, picture := range b.imager.pictures {
		if !bytes.Equal(picture.Pix, make([]byte, len(picture.Pix))) {
			t.Error("a picture of the document is still in memory")
		}
	}
}

func TestWhoWasAddedByMistakeIsInNoRecord(t *testing.T) {
	b := newBed(t, nil)
	b.beginSeveral(flow.StepDocument)
	b.brings(passport)
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.AnotherPerson{})
	b.brings(otherPassport)
	b.showsThat("the review of both", func(s flow.State) bool {
		return s.Screen == flow.Review && s.Phase == flow.Waiting && len(s.Persons) == 2
	})
	b.Send(flow.Back{})
	b.shows(flow.Document, flow.Done)
	b.Send(flow.Back{})
	if v := b.shows(flow.Review, flow.Waiting); len(v.Review.Persons) != 1 || v.Review.Persons[0].Surname != "ERIKSSON" {
		t.Errorf("the review shows %+v", v.Review)
	}
	b.finish()
	r := b.office.received(t, 0)
	if len(r.record.GetPersons()) != 1 || len(r.record.GetDocuments()) != 1 || len(r.files) != 4 {
		t.Errorf("the office got %v", r.record)
	}
	if text := r.record.String(); strings.Contains(text, "DOE") {
		t.Error("somebody who does not come is in the record")
	}
}

// One may be added again after that: what was begun for the first is not taken for the second.
func TestWhoeverIsAddedAfterAMistakeHasADocumentOfTheirOwn(t *testing.T) {
	b := newBed(t, nil)
	b.beginSeveral(flow.StepDocument)
	b.brings(passport)
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.AnotherDocument{})
	b.shows(flow.Document, flow.Waiting)
	b.Send(flow.Back{})
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.AnotherPerson{})
	b.brings(otherPassport)
	b.shows(flow.Review, flow.Waiting)
	b.finish()
	d := b.office.received(t, 0).record.GetDocuments()
	if len(d) != 2 || d[1].GetDocumentNumber() != "X12345678" || d[1].GetPerson() != 2 {
		t.Errorf("the documents are %v", d)
	}
}

func TestWhoAsksForAPersonWhileSomebodyIsAddedSendsWhatWasFinished(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.imager.gate = make(chan struct{}, 100) })
	for range 3 {
		b.imager.gate <- struct{}{}
	}
	b.beginSeveral(flow.StepDocument)
	b.brings(passport)
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.AnotherPerson{})
	b.brings(otherPassport)
	b.shows(flow.Document, flow.Working)
	b.Send(flow.AskStaff{})
	b.shows(flow.Ticket, flow.Done)
	r := b.office.received(t, 0)
	if len(r.record.GetPersons()) != 1 || len(r.record.GetDocuments()) != 1 || r.request.GetServiceId() != "" {
		t.Errorf("the office got %v", r.record)
	}
}

// Whoever takes a forgery away in time, or lays down what no MRZ can be read of, leaves a word of it to staff.
func TestAnotherDocumentThatWasNotReadIsTold(t *testing.T) {
	for name, unread := range map[string]func(b *bed){
		"left out": func(b *bed) { b.Send(flow.PassOver{}) },
		"taken away while its chip was read": func(b *bed) {
			taken := torn
			taken.leaves = true
			b.layDown(otherPassport)
			b.field.answers <- taken
			b.showsThat("the document again", func(s flow.State) bool { return s.Screen == flow.Document && s.Document().Redone })
			b.Send(flow.PassOver{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, nil)
			b.beginSeveral(flow.StepDocument)
			b.brings(passport)
			b.shows(flow.Review, flow.Waiting)
			b.Send(flow.AnotherDocument{})
			b.shows(flow.Document, flow.Waiting)
			unread(b)
			b.finish()
			r := b.office.received(t, 0).record
			want := &stationv1.Dropped{Name: "document", How: stationv1.DroppedNotRead, Count: 1}
			if len(r.GetDocuments()) != 1 || len(r.GetDropped()) != 1 || !proto.Equal(r.GetDropped()[0], want) {
				t.Errorf("of %d documents the office is told %v", len(r.GetDocuments()), r.GetDropped())
			}
		})
	}
}

func TestADocumentThatWasTakenBackIsNotTold(t *testing.T) {
	b := newBed(t, nil)
	b.beginSeveral(flow.StepDocument)
	b.brings(passport)
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.AnotherDocument{})
	b.shows(flow.Document, flow.Waiting)
	b.Send(flow.Back{})
	b.finish()
	if r := b.office.received(t, 0).record; len(r.GetDocuments()) != 1 || len(r.GetDropped()) != 0 {
		t.Errorf("the office got %v", r)
	}
}

// Somebody who leaves every step out came all the same, and has a number among the persons.
func TestWhoComesWithoutAnythingIsCounted(t *testing.T) {
	b := newBed(t, nil)
	b.beginSeveral(flow.StepDocument, flow.StepPortrait)
	b.Send(flow.PassOver{})
	b.shows(flow.Portrait, flow.Done)
	b.Send(flow.Next{})
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.AnotherPerson{})
	b.brings(passport)
	b.shows(flow.Portrait, flow.Done)
	b.Send(flow.Next{})
	b.finish()
	r := b.office.received(t, 0).record
	if p := r.GetPersons(); len(p) != 2 || p[0].GetSurname() != "" || p[1].GetSurname() != "ERIKSSON" {
		t.Fatalf("the persons are %v", p)
	}
	if d := r.GetDocuments(); len(d) != 1 || d[0].GetPerson() != 2 {
		t.Errorf("the documents are %v", d)
	}
	if alone, other := r.GetPersons()[0].GetChecks(), r.GetPersons()[1].GetChecks(); len(alone) != 1 || len(other) != 0 ||
		alone[0].GetId() != "person.face_found" || alone[0].GetResult() != "passed" || alone[0].GetLevel() != "evaluatory" {
		t.Errorf("who has no document was found %v, and who has one %v", alone, other)
	}
	for _, f := range r.GetFiles() {
		if f.GetKind() == "page" && f.GetDocument() != 1 || f.GetName() == "person-1-portrait" && f.GetPerson() != 1 {
			t.Errorf("a file is %v", f)
		}
	}
}

// TestFilesAndLossesBearTheNumbersOfTheRecord, in which a document that was not read is left out.
func TestFilesAndLossesBearTheNumbersOfTheRecord(t *testing.T) {
	b := newBed(t, nil)
	b.beginSeveral(flow.StepDocument)
	b.Send(flow.PassOver{})
	b.shows(flow.Review, flow.Waiting)
	for n, lines := range [][]string{passport, otherPassport} {
		b.Send(flow.AnotherPerson{})
		b.shows(flow.Document, flow.Waiting)
		b.layDown(lines)
		b.field.answers <- chipAnswer{files: map[string][]byte{"DG1": []byte(lines[1]), "DG13": make([]byte, stationv1.MaxFile)}}
		b.showsThat("the review", func(s flow.State) bool {
			return s.Screen == flow.Review && s.Phase == flow.Waiting && len(s.Persons) == n+2
		})
	}
	b.finish()
	r := b.office.received(t, 0)
	for _, f := range r.record.GetFiles() {
		if f.GetName() != f.ProperName() {
			t.Errorf("%s is named %s", f.ProperName(), f.GetName())
		}
	}
	for name, want := range map[string]string{"document-1-chip-DG1": passport[1], "document-2-chip-DG1": otherPassport[1]} {
		if got := string(r.files[name]); got != want {
			t.Errorf("%s holds %q", name, got)
		}
	}
	if !told(r.record, "document-1-chip-DG13", stationv1.DroppedLeftOut, 0) || !told(r.record, "document-2-chip-DG13", stationv1.DroppedLeftOut, 0) {
		t.Errorf("the losses are %v", r.record.GetDropped())
	}
}

func TestAnOfficeOfTheFirstContractGetsTheFormThatItKnows(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument, flow.StepPortrait)
	b.brings(passport)
	b.shows(flow.Portrait, flow.Done)
	b.Send(flow.Next{})
	b.finish()
	r := b.office.received(t, 0).record
	if d := r.GetDocuments()[0]; r.GetContract() != 0 || d.GetPerson() != 0 || d.GetChip() != "" {
		t.Errorf("the office got %v", r)
	}
	for _, f := range r.GetFiles() {
		if f.GetKind() != "" || f.GetDocument() != 0 || f.GetPerson() != 0 || f.GetChipFile() != "" {
			t.Errorf("a file is %v", f)
		}
	}
	stationv1.Upgrade(r)
	if evidence := evidenceOf(r, 1, "person.face_found"); !slices.Equal(evidence, []string{"person-1-portrait"}) {
		t.Errorf("a face was found in %v", evidence)
	}
}

// A visitor who comes alone has the newest form too, where the office understands it.
func TestAnOfficeThatUnderstandsItGetsTheNewestForm(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.office.Snapshot.Contract = 7 }) // of an office that is ahead
	b.shows(flow.Greeting, "")
	b.Send(flow.Start{})
	b.Send(flow.ChooseLanguage{Tag: "uk"})
	b.Send(flow.AcceptPrivacy{})
	menu := b.shows(flow.ServiceMenu, "").Office.Services
	if len(menu) != 1 || !menu[0].Several {
		t.Fatalf("the menu has %+v", menu)
	}
	b.Send(flow.ChooseService{Service: menu[0].Service})
	b.brings(passport)
	b.finish()
	if r := b.office.received(t, 0); r.record.GetContract() != stationv1.Contract || r.files["document-1-chip-DG1"] == nil {
		t.Errorf("the office got %v", r.record)
	}
}

// TestThereIsRoomForEveryDocumentWhateverTheOthersHave draws what documents take of what they may have.
func TestThereIsRoomForEveryDocumentWhateverTheOthersHave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []*document
		bytes, files := int64(recordShare+flow.MaxPersons*(portraitShare+signatureShare)), 1+flow.MaxPersons*maxPersonFiles
		for range flow.MaxDocuments {
			has := roomAfter(all)
			if has.pages < leastPages || has.chip.bytes < leastChip || has.chip.files < leastChipFiles || len(all) == 0 && has.pages < pagesShare {
				t.Fatalf("document %d has %+v", len(all)+1, has)
			}
			r := &reading{}
			for range rapid.IntRange(0, maxPageFiles).Draw(t, "pages") {
				r.files = append(r.files, &stationv1.File{Kind: stationv1.KindPage, Size: plainOf(rapid.Int64Range(0, has.page(true)).Draw(t, "page"))})
			}
			for range rapid.IntRange(0, has.chip.files).Draw(t, "files") {
				r.files = append(r.files, &stationv1.File{Kind: stationv1.KindChip, Size: plainOf(has.chip.bytes / int64(has.chip.files))})
			}
			for _, f := range r.files {
				bytes, files = bytes+stationv1.SealedSize(f.GetSize()), files+1
			}
			all = append(all, &document{reading: r})
		}
		if bytes > stationv1.MaxCheckIn || files > stationv1.MaxFiles {
			t.Fatalf("%d files with %d bytes", files, bytes)
		}
	})
}

// plainOf is the most that a file has that is no larger when it is sealed.
func plainOf(sealed int64) int64 {
	plain := sealed
	for plain > 0 && stationv1.SealedSize(plain) > sealed {
		plain -= max(1, stationv1.SealedSize(plain)-sealed)
	}
	return max(0, plain)
}

func TestEightNoisyDocumentsAreTakenByTheOffice(t *testing.T) {
	page := noise(800, 600)
	b, office := newBedAtRealOffice(t, func(b *bed, _ *Config) { b.imager.sees = func() *image.RGBA { return copyOf(page) } })
	b.beginSeveral(flow.StepDocument)
	large := chipAnswer{files: map[string][]byte{"EF.SOD": make([]byte, 1<<20), "DG2": make([]byte, 6<<20)}}
	for n := range flow.MaxDocuments {
		if n > 0 {
			b.Send(flow.AnotherDocument{})
		}
		b.shows(flow.Document, flow.Waiting)
		b.layDown(passport)
		b.field.answers <- large
		b.showsThat("the review", func(s flow.State) bool {
			return s.Screen == flow.Review && s.Phase == flow.Waiting && len(s.Documents) == n+1
		})
	}
	b.finish()
	kept := b.admitted(office)
	if len(kept.record.GetDocuments()) != flow.MaxDocuments {
		t.Fatalf("the office has %d documents\n%s", len(kept.record.GetDocuments()), b.log)
	}
	pages := 0
	for _, f := range kept.record.GetFiles() {
		if f.GetKind() == stationv1.KindPage {
			pages++
		}
	}
	if pages != flow.MaxDocuments*lights {
		t.Errorf("the office has %d pages, losses %v", pages, kept.record.GetDropped())
	}
}

// The document that was read before still lies on the glass when another is asked for.
func TestADocumentThatStillLiesThereIsNoOther(t *testing.T) {
	b := newBed(t, func(b *bed, _ *Config) { b.swipeless = true })
	b.beginSeveral(flow.StepDocument)
	onGlass := func(lines []string) { b.page <- ocr.Reading{Found: true, Sure: true, Lines: lines} }
	b.shows(flow.Document, flow.Waiting)
	onGlass(passport)
	b.field.answers <- wholeChip
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.AnotherDocument{})
	b.shows(flow.Document, flow.Waiting)
	for range 10 {
		onGlass(passport)
	}
	onGlass(otherPassport)
	b.field.answers <- wholeChip
	b.finish()
	d := b.office.received(t, 0).record.GetDocuments()
	if len(d) != 2 || !slices.Equal(d[0].GetMrz(), passport) || !slices.Equal(d[1].GetMrz(), otherPassport) {
		t.Errorf("the documents are %v", d)
	}
}

// TestACardThatStillLiesThereIsNobodyElses, with its front and the number on it up: its chip could be opened in place of that of a
// document that nobody lays down.
func TestACardThatStillLiesThereIsNobodyElses(t *testing.T) {
	reprinted := []string{idCard[0], idCard[1], "BENALI<<SAMIR<<<<<<<<<<<<<<<<<"}
	for name, printed := range map[string][]string{"as its chip has it": idCard, "printed anew": reprinted} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(b *bed, c *Config) {
				b.swipeless, c.Inspection.Timings.Document = true, 100*time.Millisecond
				b.print.numbers = []string{"604317"}
			})
			b.beginSeveral(flow.StepDocument)
			b.page <- ocr.Reading{Found: true, Sure: true, Lines: printed}
			b.field.answers <- openedWith(idCard)
			b.shows(flow.TurnOver, flow.Waiting)
			b.Send(flow.Next{})
			b.shows(flow.Review, flow.Waiting)
			b.Send(flow.AnotherPerson{})
			b.showsThat("a second try", func(s flow.State) bool { return s.Screen == flow.Document && s.Attempt == 2 })
			b.field.answers <- openedWith(idCard)
			if v := b.shows(flow.Document, flow.Done); v.State.Problem != flow.WaitingForStaff {
				t.Errorf("the visitor sees %+v", v.State)
			}
			b.Send(flow.Next{})
			b.finish()
			if r := b.office.received(t, 0).record; len(r.GetDocuments()) != 1 || len(r.GetPersons()) != 2 || r.GetPersons()[1].GetSurname() != "" {
				t.Errorf("the office got %v of %v", r.GetDocuments(), r.GetPersons())
			}
		})
	}
}
