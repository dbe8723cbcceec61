// Package inspection reads one document, from the glass and the chip to its checks, as an inspection system does (BSI TR-03135-1).
//
// Most callers make one [Inspector] with [New], [Inspector.Open] an [Inspection] for each document, and call [Inspection.Try] until it
// succeeds or they give up. Who has no page and no visitor, as doccheck chip read, calls [ReadChip].
//
// The contract. An [Inspection] is of one document, and [Inspection.Try] reads it, as often as whoever owns the inspection says: what
// one try must know of those before, it remembers itself. A try gives a [Document] whatever happens: an error says that nobody
// knows whose it is, and everything else that could not be done stands in the evidence, for the checks to say. The visitor is
// asked and told by a [Visitor]; an inspection knows no screens. What is slow runs side by side, and has ended when Try
// returns. When ctx ends, it returns soon, with what was found until then. Whoever gets the document overwrites it ([Document.Wipe]).
package inspection

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/page"
)

// Config is what an [Inspector] is made of. All of it is needed, unless it says otherwise.
type Config struct {
	Devices   Devices
	Pages     PageReader       // finds the MRZ on the glass
	Numbers   NumberReader     // finds the card access number there
	Portraits PortraitReader   // finds and decodes the portraits; nil decodes the chip's alone
	Examiners []Examiner       // the checks of a document come in their order, behind those of the MRZ itself
	Timings   Timings          // zero ones stand for DefaultTimings
	Today     func() time.Time // by which expiry and centuries are judged

	ReadChip ChipReading      // nil is emrtd.Read
	Trace    Trace            // nil is none
	Now      func() time.Time // by which stages are timed; nil is time.Now
	Log      *slog.Logger     // nil is slog.Default
}

// Devices are the places of the devices that a document lies on. A slot that stays empty is a device that is missing.
type Devices struct {
	MRZReader  *devices.Slot[devices.MRZReader] // nil where the page imager reads the MRZ
	ChipReader *devices.Slot[devices.ChipReader]
	PageImager *devices.Slot[devices.PageImager]
}

// Timings are how long an inspection waits for what.
type Timings struct {
	Document    time.Duration // for a document to be laid down
	Page        time.Duration // for one picture of a page
	Chip        time.Duration // for a chip to answer in the field; without an answer there is none
	ChipReading time.Duration // for the whole chip; the visitor goes on meanwhile
	Examination time.Duration // for the checks of one examiner
}

// DefaultTimings are for people: laying a passport down takes some seconds, finding it in a bag half a minute. A chip is given what
// the slowest need: after attempts that failed, some let PACE's first answer take most of a minute, and are read as usual then.
func DefaultTimings() Timings {
	return Timings{
		Document: 45 * time.Second, Page: 10 * time.Second, Chip: 4 * time.Second, ChipReading: 75 * time.Second, Examination: 10 * time.Second,
	}
}

// orDefault fills in what is zero.
func (t Timings) orDefault() Timings {
	d := DefaultTimings()
	return Timings{
		Document: cmp.Or(t.Document, d.Document), Page: cmp.Or(t.Page, d.Page), Chip: cmp.Or(t.Chip, d.Chip),
		ChipReading: cmp.Or(t.ChipReading, d.ChipReading), Examination: cmp.Or(t.Examination, d.Examination),
	}
}

// Visitor is who brings the document. An inspection asks and tells by it, now from one goroutine, now from another, but of the methods
// that ask, one at a time. Those return when ctx ends, whatever the answer is.
type Visitor interface {
	// LaidDown says that a document lies there, before it is known for sure what stands on it. It comes only where that is looked at twice;
	// otherwise Found says both.
	LaidDown(card bool)
	// Found says whose document it is. A card has another side that will be asked for.
	Found(zone mrz.Zone, card bool)
	// Pictured hands over the pictures of one side, in every light that gave one. They are read meanwhile.
	Pictured(pages []verify.Page)
	// ChipRead says that nothing more is asked of the chip, and hands over what was read of it, and the portrait in DG2 as far as it was
	// decoded; nil where there is none. They are read meanwhile.
	ChipRead(outcome verify.ChipOutcome, files map[string][]byte, portrait *verify.Portrait)
	// ChipTorn says that the document was taken away while its chip was being read.
	ChipTorn()
	// SeveralChips says that more than one document lies on the chip reader, and that none was read.
	SeveralChips()
	// TurnOver asks for the other side of a card, after a try that failed for its reason again; nil at first. False says that it
	// will not come.
	TurnOver(ctx context.Context, failed error) bool
	// AccessNumber asks for the card access number, six digits. Without one there is none.
	AccessNumber(ctx context.Context) (can string, given bool)
	// AccessNumberRefused says that the chip did not open by a number; last, that it will not be asked for another.
	AccessNumberRefused(last bool)
	// AccessNumberDone says that a number was tried, and that the chip is read as far as it can be.
	AccessNumberDone()
}

// Why nobody knows whose document it is, for errors.Is. [devices.ErrUnreadable] is one of them: an MRZ is there and cannot be read.
// Any other error is that of a device that does not work.
var (
	ErrNoDocument = errors.New("no document was laid down in time")
	ErrNoMRZ      = errors.New("no MRZ came into sight")
	ErrCutOff     = errors.New("a line of the MRZ lies beside the glass")
)

// Document is everything that was found out about one document.
type Document struct {
	Zone     mrz.Zone        // whose document it is; of DG1 where none could be read from the page, and Evidence.MRZ is empty
	Evidence verify.Evidence // the MRZ on the page, pictures, what the chip gave
	Checks   []verify.Check  // of the MRZ, the chip, the pages, and both; none before all were made
	Validity verify.Validity

	Undone []Undone // what could not be done, and how that ended
}

// Wipe overwrites what was read. (Strings are left to the garbage collector.) The document is empty then.
func (d *Document) Wipe() {
	for _, p := range d.Evidence.Pages {
		clear(p.Image.Pix)
	}
	for _, file := range d.Evidence.Files {
		clear(file)
	}
	if stored := d.Evidence.Portraits.Stored; stored != nil && stored.Image != nil {
		clear(stored.Image.Pix)
	}
	*d = Document{Validity: verify.ValidityUnknown}
}

// Inspector reads documents with the devices of one place, one after the other; [Inspector.Open] begins with each.
type Inspector struct{ config Config }

// New makes an inspector; it does nothing by itself.
func New(c Config) *Inspector {
	c.Timings = c.Timings.orDefault()
	if c.Portraits == nil {
		c.Portraits = page.New(nil, page.DefaultThresholds())
	}
	if c.ReadChip == nil {
		c.ReadChip = emrtd.Read
	}
	if c.Trace == nil {
		c.Trace = func(Stage, time.Time, time.Time) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Inspector{c}
}
