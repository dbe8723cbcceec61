package console

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// part is what a visitor's file shows of one document beside whose it is, or of a person without a document.
type part struct {
	*visitorPage
	Number        int // on the page, from 1
	Last          bool
	Person        int                 // whose it is, from 1; 0 where that is not known
	PersonName    string              // "Eriksson, Anna Maria"; empty where nobody is known
	Persons       []*stationv1.Person // whose it is, where something is known that is not told by a part before
	Documents     []documentView      // the document, or none
	Judged        []documentView      // what checks are shown of: the document, or the person where there is none
	Pages         []pageView
	Printed       *crop     // the portrait on the page
	Chip          *evidence // the portrait from the chip
	ChipSignature *evidence // the signature from the chip
	Portrait      *evidence
	Signature     *evidence
	Downloads     []evidence
	anchors       map[string]string // of the files by what checks call them
	whose         *stationv1.Person // nil where nobody is known
}

// pageView is one side of a document in the lights that it was pictured in.
type pageView struct {
	Number int32
	Side   string
	Lights []light
}

// Between is how many steps lead from the first light of a page to its last.
func (p pageView) Between() int { return len(p.Lights) - 1 }

type light struct {
	Light string
	evidence
	Marks []mark
}

// mark is a check that did not pass for something in a part of a picture.
type mark struct{ *stationv1.Check }

// Width is that of the part, in ten-thousandths.
func (m mark) Width() int32 { return m.Area.Right - m.Area.Left }

// Height is that of the part, in ten-thousandths.
func (m mark) Height() int32 { return m.Area.Bottom - m.Area.Top }

// Anchor leads from what a check of this part's document calls its evidence to where the page shows it; empty where it does not.
func (p part) Anchor(name string) string { return p.anchors[name] }

// partsOf takes a record apart: the documents of each person in turn, then those of nobody known. There is one part at least.
func partsOf(page *visitorPage, r *stationv1.CheckInRecord) (parts []part) {
	files := filesOf(page.Row.ID, r)
	for _, person := range append(numbers(len(r.GetPersons())), 0) {
		var own []documentView
		for _, d := range page.Documents {
			if int(d.Person) == person {
				own = append(own, d)
			}
		}
		theirs := func(f evidence) bool { return f.Document == 0 && int(f.Person) == person }
		if person == 0 && len(own) == 0 && len(parts) > 0 && !slices.ContainsFunc(files, theirs) {
			continue
		}
		shown := partOf(page, r, person)
		for i := range max(len(own), 1) {
			next := shown
			next.anchors = map[string]string{}
			if next.Number = len(parts) + 1; i > 0 {
				next.Persons = nil
			}
			if len(own) > 0 {
				next.Documents = own[i : i+1]
				next.Judged = next.Documents
			}
			next.place(files, person, i > 0)
			parts = append(parts, next)
		}
	}
	parts[len(parts)-1].Last = true
	return parts
}

// partOf is a part of a person, without documents and files.
func partOf(page *visitorPage, r *stationv1.CheckInRecord, person int) part {
	p := part{visitorPage: page, Person: person}
	if person > 0 && !proto.Equal(r.Persons[person-1], &stationv1.Person{}) {
		visitor := r.Persons[person-1]
		p.whose = visitor
		p.PersonName = fullName(visitor.Surname, visitor.GivenNames)
		p.Persons = []*stationv1.Person{visitor}
		if len(visitor.Checks) > 0 {
			alone := &stationv1.Document{Checks: visitor.Checks}
			p.Judged = []documentView{viewDocument(alone, len(r.GetDocuments())+person)}
		}
	}
	return p
}

// fullName is a name as lists have it: "Eriksson, Anna Maria"; empty where there is none.
func fullName(surname, given string) string { return strings.Trim(surname+", "+given, ", ") }

func numbers(n int) (all []int) {
	for i := range n {
		all = append(all, i+1)
	}
	return all
}

// filesOf are the files of a record. One that our contract does not understand is of nobody, and nothing that is shown.
func filesOf(id string, r *stationv1.CheckInRecord) (files []evidence) {
	for n, f := range r.GetFiles() {
		if f.Check(len(r.GetPersons()), len(r.GetDocuments())) != nil {
			f = &stationv1.File{Name: f.Name, MediaType: f.MediaType, Sha256: f.Sha256, Size: f.Size}
		}
		files = append(files, evidence{File: f, URL: fileURL(id, n)})
	}
	return files
}

// place puts each file of a document, and of the person whose it is, where the part shows it; what it does not show can be downloaded.
// Again says that the page has shown those of the person before.
func (p *part) place(files []evidence, person int, again bool) {
	for _, e := range files {
		ofDocument := len(p.Documents) > 0 && e.Document > 0 && int(e.Document) == p.Documents[0].Number
		ofPerson := e.Document == 0 && int(e.Person) == person
		if !ofDocument && !ofPerson {
			continue
		}
		p.anchors[e.Title()] = "#" + e.ID()
		e.Again = ofPerson && again
		p.put(e)
	}
	slices.SortFunc(p.Pages, func(a, b pageView) int { return int(a.Number - b.Number) })
	p.Printed = p.printed()
}

func (p *part) put(e evidence) {
	switch e.Kind {
	case stationv1.KindPage:
		i := slices.IndexFunc(p.Pages, func(v pageView) bool { return v.Number == e.Page })
		if i < 0 {
			i = len(p.Pages)
			p.Pages = append(p.Pages, pageView{Number: e.Page, Side: e.Side})
		}
		p.Pages[i].Lights = append(p.Pages[i].Lights, light{e.Light, e, p.marks(e)})
	case stationv1.KindPortrait:
		p.Portrait = &e
	case stationv1.KindChipPortrait:
		p.Chip = &e
	case stationv1.KindChipSignature:
		p.ChipSignature = &e
	case stationv1.KindSignature:
		if !e.Again {
			p.Signature = &e
		}
	default:
		if !e.Again {
			p.Downloads = append(p.Downloads, e)
		}
	}
}

// marks are those of a picture of the part's document.
func (p *part) marks(e evidence) (all []mark) {
	for _, c := range p.Documents[0].Checks {
		if isPart(c.GetArea()) && verify.Result(c.Result) != verify.Passed && slices.Contains(c.Evidence, e.EvidenceName()) {
			all = append(all, mark{c})
		}
	}
	return all
}

// crop is a part of a picture that is drawn by itself. Lengths are in hundredths of a millimetre on the document.
type crop struct {
	URL                      string
	Left, Top, Width, Height int32
	PageWidth, PageHeight    int32
}

// whereFace is the check whose area is the face printed on the front.
const whereFace = "cross.portrait_dg2"

// printed is the portrait printed on the document, where a check found its face in a picture of the front; nil where none did.
func (p *part) printed() *crop {
	if len(p.Documents) == 0 {
		return nil
	}
	document := p.Documents[0]
	i := slices.IndexFunc(document.Checks, func(c *stationv1.Check) bool { return c.Id == whereFace && isPart(c.GetArea()) })
	if i < 0 {
		return nil
	}
	check := document.Checks[i]
	for _, page := range p.Pages {
		for _, l := range page.Lights {
			if slices.Contains(check.Evidence, l.EvidenceName()) {
				return around(check.Area, l.URL, document.Mrz)
			}
		}
	}
	return nil
}

// around is the portrait around a face, as ISO/IEC 19794-5 draws it: the head is 70 to 80 % of its height.
func around(face *stationv1.Area, url string, mrz []string) *crop {
	width, height := sizeOf(mrz)
	c := &crop{URL: url, PageWidth: width, PageHeight: height}
	scale := func(parts, whole int32) int32 { return int32(int64(parts) * int64(whole) / 10_000) }
	w, h := face.Right-face.Left, face.Bottom-face.Top
	left, right := max(0, face.Left-w*2/5), min(10_000, face.Right+w*2/5)
	top, bottom := max(0, face.Top-h/2), min(10_000, face.Bottom+h*2/5)
	c.Left, c.Width = scale(left, width), scale(right-left, width)
	c.Top, c.Height = scale(top, height), scale(bottom-top, height)
	return c
}

// sizeOf is how large a document is by its MRZ, in hundredths of a millimetre: ID-1 with three lines (ICAO Doc 9303 part 5), ID-2 with
// lines of 36 (part 6), else ID-3 (part 4).
func sizeOf(mrz []string) (width, height int32) {
	switch {
	case len(mrz) == 3:
		return 8560, 5398
	case len(mrz) == 2 && len(mrz[0]) == 36:
		return 10500, 7400
	}
	return 12500, 8800
}

// chipFiles are those that ICAO Doc 9303 part 10 names, besides the data groups.
var chipFiles = []string{"EF.COM", "EF.SOD", "EF.DIR", "EF.CardAccess", "EF.CardSecurity"}

// Lost says what was lost of a check-in, by its name in the list of losses: a file's is made from what it could be, and compared.
func (p visitorPage) Lost(name string) (string, error) {
	for n := range max(len(p.Documents), 1) {
		for _, f := range filesOfDocument(int32(n + 1)) {
			if f.ProperName() == name {
				return p.of("visitor.of_document", len(p.Documents), n+1, f)
			}
		}
	}
	for n := range len(p.Persons) + 1 {
		for _, kind := range []string{stationv1.KindPortrait, stationv1.KindSignature, stationv1.KindStrokes} {
			if f := (&stationv1.File{Kind: kind, Person: int32(n)}); f.ProperName() == name {
				return p.of("visitor.of_person", len(p.Persons), n, f)
			}
		}
	}
	return p.Name("file", name), nil
}

// of is what a file is called, and of which document or person it is where there are several.
func (p visitorPage) of(key string, all, number int, f *stationv1.File) (string, error) {
	name := p.Name("file", f.EvidenceName())
	if all < 2 {
		return name, nil
	}
	return p.T(key, number, name)
}

// filesOfDocument are all that one may have.
func filesOfDocument(number int32) (all []*stationv1.File) {
	for _, l := range []verify.Light{verify.Visible, verify.Infrared, verify.Ultraviolet} {
		for _, side := range []verify.Side{verify.Front, verify.Back} {
			all = append(all, &stationv1.File{Kind: stationv1.KindPage, Document: number, Page: int32(side.Number()), Light: string(l)})
		}
	}
	names := slices.Clone(chipFiles)
	for n := range 16 {
		names = append(names, fmt.Sprintf("DG%d", n+1))
	}
	for _, name := range names {
		all = append(all, &stationv1.File{Kind: stationv1.KindChip, Document: number, ChipFile: name})
	}
	for _, kind := range []string{stationv1.KindChipPortrait, stationv1.KindChipSignature} {
		all = append(all, &stationv1.File{Kind: kind, Document: number})
	}
	return all
}
