package kiosk

import (
	"cmp"
	"image"
	"log/slog"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/inspection"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/lastseen"
	"github.com/foyer-station/foyer/kiosk/link"
	"github.com/foyer-station/foyer/kiosk/pin"
	"github.com/foyer-station/foyer/proto/mutual"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/portrait"
)

// Config is what a [Station] is made of. All of it is needed, unless it says otherwise. The caller runs the slots and the
// link, and ends them after [Station.Run] has returned.
type Config struct {
	Display Display
	Devices Devices
	Journal *journal.Journal
	Link    *link.Link
	Faces   Faces
	// LeftBehind are the kinds of devices that are asked whether a document was left on them: KindChipReader and KindPageImager. Without
	// any, nobody is kept from checking in by one.
	LeftBehind []devices.Kind
	// Inspection is how documents are read; the station's devices, clocks, log and trace are filled in.
	Inspection inspection.Config
	Policy     *verify.Policy
	// EvidenceDPI is the resolution at which pictures of pages are kept, in dots per inch, where they were taken at a higher one;
	// 0 keeps them as they were taken. They are examined as they were taken.
	EvidenceDPI int
	// TicketPicture draws what is printed, as wide as the printer prints: its width in dots.
	TicketPicture func(data TicketData, width int) (*image.Gray, error)
	// Sheet draws what the signature pad shows while a visitor signs, for a screen of a size, in a language; nil leaves it white.
	Sheet func(language string, size devices.PadSize) (Sheet, error)
	// PadPicture draws what it shows while nobody does; nil leaves it white. Sheet may be called at the same time.
	PadPicture func(size devices.PadSize) (image.Image, error)
	Languages  []string // tags to offer, in order
	Timings    Timings  // zero ones stand for DefaultTimings

	// Technician is told whether a technician is at the screen, whenever that changes. It returns at once; nil is told nothing.
	Technician func(present bool)

	// TrustAge is how old the trust store is; it is not known of an empty one. With nil the store is not in Status.
	TrustAge func(now time.Time) (age time.Duration, known bool)

	// PIN is the lock of the technician mode; there is none with nil.
	PIN *pin.Lock

	// Certificates are what the link lives by, for Status; none are told of without them.
	Certificates []mutual.File

	// Seen are the notes of which devices were there, for Status; nil keeps none.
	Seen *lastseen.Notes

	Trace    inspection.Trace               // nil writes to Log, at debug level
	Patience func(flow.State) time.Duration // nil is flow.Patience
	Now      func() time.Time               // the station's own clock; nil is time.Now. Documents and tickets go by the office's: Link.Now
	Log      *slog.Logger                   // nil is slog.Default
}

// Devices are the places of the station's devices. A slot that stays empty is a device that is missing.
type Devices struct {
	MRZReader     *devices.Slot[devices.MRZReader] // nil where the page imager reads the MRZ
	ChipReader    *devices.Slot[devices.ChipReader]
	PageImager    *devices.Slot[devices.PageImager]
	Camera        *devices.Slot[devices.Camera]
	SignaturePad  *devices.Slot[devices.SignaturePad] // nil where signing is left to staff
	TicketPrinter *devices.Slot[devices.TicketPrinter]
}

// Faces finds faces in a camera frame, the largest first; [portrait.Finder] is one.
type Faces interface {
	Find(frame *image.RGBA) ([]portrait.Face, error)
}

// Timings are how long the station waits for what beside the document.
type Timings struct {
	Portrait time.Duration // for one face to hold still; one that does is looked at to the end
	Answer   time.Duration // for the back office to name a room, before it is the lobby
	Print    time.Duration // for the ticket
	Loan     time.Duration // at most, of the devices to a test
	Glance   time.Duration // how often the glass is looked at while nobody is there: a document may be left on it
	// Doubt is how long a sensor that feels a document may do so without a break, against a picture of the glass that shows none and with
	// no other that agrees, before it is not believed any more.
	Doubt time.Duration
	// Technician is for a technician at the screen to touch it, while no test runs, before the station is the visitors' again.
	Technician time.Duration

	// Two waits hide how long something took, and with it what came of it. In the first half of Review the chip is read, in
	// the second the checks are made; either takes as many halves as it needs.
	Review time.Duration // from when the document lies there until the review can be confirmed
	Reply  time.Duration // from the number until the answer of the back office is shown and the ticket printed; or a multiple
}

// DefaultTimings are for people: unsupervised capture of a face may take 30 s (BSI TR-03121). Nearly every chip is read in half of
// Review, copies that have to be opened twice too, and no examiner takes longer than that: a visitor who is photographed and signs
// does not notice.
func DefaultTimings() Timings {
	return Timings{
		Portrait: 30 * time.Second,
		Answer:   5 * time.Second,
		Print:    15 * time.Second,
		Loan:     30 * time.Minute,
		Glance:   5 * time.Second,
		Doubt:    10 * time.Minute,
		Review:   20 * time.Second,
		Reply:    time.Second,

		Technician: 10 * time.Minute,
	}
}

// orDefault fills in what is zero.
func (t Timings) orDefault() Timings {
	d := DefaultTimings()
	return Timings{
		Portrait: cmp.Or(t.Portrait, d.Portrait), Answer: cmp.Or(t.Answer, d.Answer), Print: cmp.Or(t.Print, d.Print),
		Loan: cmp.Or(t.Loan, d.Loan), Glance: cmp.Or(t.Glance, d.Glance), Doubt: cmp.Or(t.Doubt, d.Doubt),
		Review: cmp.Or(t.Review, d.Review), Reply: cmp.Or(t.Reply, d.Reply), Technician: cmp.Or(t.Technician, d.Technician),
	}
}

// TicketData is what stands on a ticket. Nothing of it is personal.
type TicketData struct {
	Number        string // "A-127"
	Room          string // empty: please wait in the lobby
	Lobby         string // where that is
	Ahead         int    // visitors before this one; -1 unknown
	Wait          flow.Wait
	Language      string // BCP 47; empty when none was chosen
	StaffWillHelp bool
	Office        string
	URL           string // of the visitor's own view, for a QR code; empty where the office has none
	Time          time.Time
}
