// Package kiosk is the station at work: it carries out what the flow asks for with the devices, keeps confirmed
// check-ins in its journal until the back office has them, and shows itself on a [Display].
//
// The contract. One goroutine, [Station.Run], owns the flow's state; what is slow runs beside it and belongs to the
// visitor's check-in: when that ends, it is stopped and waited for, the buffers are overwritten, the spool is wiped, and only
// then can the next visitor begin. (Strings made from the MRZ are left to the garbage collector.) An
// answer of a step that was stopped is dropped. Personal data goes sealed to the journal, and to the display; never to a
// log.
package kiosk

import (
	"image"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
)

// Display is where the station shows itself; package ui is one. Its methods may be called from any goroutine, one at a
// time, and return soon.
type Display interface {
	// Show draws a state. The view and its pictures are the display's from then on: it wipes them when the next one
	// comes.
	Show(View)
	// Preview draws one camera frame while the portrait screen is shown; the frame is the caller's again on return.
	Preview(frame *image.RGBA)
	// Sheet begins an empty sheet, for the ink that comes from then on.
	Sheet()
	// Ink draws one sample of the pen while the signature screen is shown.
	Ink(s devices.Sample, size devices.PadSize)
}

// View is all that a display needs to draw. It is replaced whole at every change and wiped after each visitor.
type View struct {
	State flow.State
	// Until is when Patience runs out; zero for never.
	Until time.Time
	// Languages are the tags to offer, in order.
	Languages []string
	Office    Office
	// HasPIN says that a technician may get in, by a PIN; PINFrom is when one may be tried again, where flow.PINLocked says that none may.
	HasPIN  bool
	PINFrom time.Time
	Review  ReviewData // what the shown screen needs of it: the pictures at their own steps, all on the review
}

// Office is what the visitor sees of the office, from the snapshot that the back office gave.
type Office struct {
	Name  string
	Lobby string
	// Retention is after how long the office erases a check-in; zero where it does not say.
	Retention time.Duration
	Services  []OfficeService
}

// OfficeService is one entry of the service menu.
type OfficeService struct {
	flow.Service
	Names        map[string]string // by language tag
	Descriptions map[string]string
	Icon         string
}

// ReviewData is what visitors check before confirming: personal data, cleared with the view.
type ReviewData struct {
	Persons []ReviewPerson // those who check in at once, in the order in which they were asked
}

// ReviewPerson is one of them. The texts are empty where no document said them.
type ReviewPerson struct {
	Surname, GivenNames string
	BirthDate           string // YYYY-MM-DD, unknown parts as ??
	Nationality         string // ICAO code
	Documents           []ReviewDocument
	Portrait            image.Image // nil when there is none
	Signature           image.Image // nil when there is none
}

// ReviewDocument is one of a person's documents.
type ReviewDocument struct {
	Number     string
	ExpiryDate string // YYYY-MM-DD, unknown parts as ??
}
