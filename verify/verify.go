// Package verify turns evidence about a document into checks, and checks into a verdict.
//
// Evidence goes in as bytes and pictures, never as devices: the same code judges what a station has just read and what
// was saved years ago. Each check has a stable id, a category, one of six results, reasons and the names of its
// evidence, so that BSI TR-03135's reports can be filled from it. The verdict is the [Policy]'s, which stands in one
// readable file; the machine advises, a caseworker decides.
//
// The rooms below do the looking: verify/chip (authenticity of the chip's files, by the certificates that verify/trust keeps),
// verify/page (the page in three lights), verify/portrait (the face in a picture); verify/picture decodes what strangers hand in. Reasons
// are codes ([Reason]), which verify/wording puts into words.
package verify

import (
	"fmt"
	"image"
	"time"

	"github.com/foyer-station/foyer/emrtd"
)

// Result is how a check ended. The words are the only ones used anywhere in Foyer.
type Result string

// The results of a check.
const (
	Passed       Result = "passed"
	Failed       Result = "failed"
	Undetermined Result = "undetermined"  // done, could not tell
	Aborted      Result = "aborted"       // began, could not end: chip torn away, lamp broken; never evidence
	NotPerformed Result = "not_performed" // with the reason
	NotSupported Result = "not_supported" // the document or the device has no such thing
)

// Category groups checks for people who read them.
type Category string

// The categories of checks.
const (
	CategoryMRZ     Category = "mrz"     // the machine-readable zone in itself
	CategoryChip    Category = "chip"    // access to the chip and authenticity of what it holds
	CategoryOptical Category = "optical" // the page in visible, infrared and ultraviolet light
	CategoryCross   Category = "cross"   // one source against another
	CategoryPerson  Category = "person"  // the person against the document
)

// Check is one question about a document and its answer.
type Check struct {
	ID       string   `json:"id"` // stable: "chip.pa.signature", "optical.ir.b900"
	Category Category `json:"category"`
	Result   Result   `json:"result"`
	// Reasons say why: the first why it ended so, the others what was got along with. None only where Passed needs no words. They
	// may hold personal data, so that nothing logs them.
	Reasons []Reason `json:"-"` // whoever writes JSON words them
	// Margin is how far from the threshold a measurement lay, from -1 to +1, at least 0 where it passed; nil where
	// nothing is measured (BSI TR-03135-1, basic checks).
	Margin *float64 `json:"margin,omitempty"`
	// Measure is what was measured; nil where nothing is.
	Measure *Measure `json:"measure,omitempty"`
	// Area is where in the page picture it was seen, in pixels; nil for the whole page or no page.
	Area *image.Rectangle `json:"area,omitempty"`
	// Evidence names the pictures and files that the answer rests on: "page-1-infrared", "EF.SOD".
	Evidence []string `json:"evidence,omitempty"`
}

// Measure is what was measured, and the threshold that it was held against.
type Measure struct {
	Value     float64 `json:"value"`
	Threshold float64 `json:"threshold"`
	Unit      string  `json:"unit,omitempty"` // "mm", "%"; empty for a mere number
}

// Light is the illumination of a page picture (ICAO Doc 9303-2 appendix C).
type Light string

// The lights of a page picture.
const (
	Visible     Light = "visible"
	Infrared    Light = "infrared"    // B900, 850 to 950 nm
	Ultraviolet Light = "ultraviolet" // 365 nm, seen as visible luminescence
)

// Side is which side of the document a page picture shows.
type Side string

// The sides of a document.
const (
	Front Side = "front" // the data page, or the front of a card
	Back  Side = "back"
)

// Number counts a document's sides: 1 is the front, 2 the back.
func (s Side) Number() int {
	if s == Back {
		return 2
	}
	return 1
}

// PictureName is what a page picture is called as evidence and as a file: "page-1-infrared" is the front in infrared.
func PictureName(s Side, l Light) string { return fmt.Sprintf("page-%d-%s", s.Number(), l) }

// Page is one picture of one page: RGBA, tightly packed (Stride = 4 * width).
type Page struct {
	Image *image.RGBA
	DPI   int // 150 to 1200
	Light Light
	Side  Side
}

// SeenMRZ is where an MRZ was read on a page, and how well.
type SeenMRZ struct {
	Side Side
	// Quad are the corners of its characters in the pictures of that side, clockwise from the top left as a reader sees it. The document
	// may have been moved a little since.
	Quad       [4]image.Point
	Confidence float64 // the probability, from 0 to 1, that every character is right
}

// Portrait is a picture of the holder that a document bears.
type Portrait struct {
	Image *image.RGBA     // in which it is seen, tightly packed: of the page, or the chip's; nil where there is none
	Face  image.Rectangle // where in it the largest face is; empty where none was found
	File  emrtd.Face      // of the chip: what was decoded, as it stands in DG2
	Err   error           // why there is no picture
}

// Portraits are a document's two.
type Portraits struct {
	Printed *Portrait // on the visible front
	Stored  *Portrait // in DG2
}

// Evidence is everything known about one document.
type Evidence struct {
	MRZ   []string // lines as read from the page; nil when there are none
	Seen  *SeenMRZ // where they were seen; nil where a device read them that gives no picture
	Pages []Page
	Chip  ChipOutcome
	// Files are the chip's files by the names that package emrtd gives them: "EF.SOD", "DG1".
	Files map[string][]byte
	// Proofs are what the chip did to show that it is no copy; none for files that were saved earlier.
	Proofs emrtd.Proofs
	// ChipNotes are what had to be got along with to read the chip: see [emrtd.Reading].
	ChipNotes []emrtd.Note
	// Portraits are what was found of the holder's portraits while the document was read; those that are nil were not looked for.
	Portraits Portraits
	// Day is the day that expiry and centuries are judged by.
	Day time.Time
}

// Verdict is what the checks amount to.
type Verdict string

// The verdicts. Unverified is not a suspicion: an unknown signer, or no chip and no model of the page.
const (
	Genuine    Verdict = "genuine"
	Doubtful   Verdict = "doubtful"
	Unverified Verdict = "unverified"
)

// Validity stands beside the verdict: an expired passport is daily business, not a forgery.
type Validity string

// The validities of a document on a given day.
const (
	Valid           Validity = "valid"
	Expired         Validity = "expired"
	NotYetValid     Validity = "not_yet_valid"
	ValidityUnknown Validity = "unknown"
)

// Report is the answer about one document.
type Report struct {
	Verdict  Verdict  `json:"verdict"`
	Validity Validity `json:"validity"`
	// Checks in the policy's order, each with the level that the policy gave it.
	Checks []JudgedCheck `json:"checks"`
}

// JudgedCheck is a check with the weight that it had in the verdict.
type JudgedCheck struct {
	Check
	Level Level `json:"level"`
	// WhereSupported says that the check binds only documents that have what it asks about; see [PolicyCheck].
	WhereSupported bool `json:"where_supported,omitempty"`
}
