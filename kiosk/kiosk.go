// Package kiosk is the station at work: it carries out what the flow asks for with the devices, keeps confirmed
// check-ins in its journal until the back office has them, and shows itself on a [Display].
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
	// Show draws a state. The view and its pictures are not changed afterwards.
	Show(View)
	// Preview draws one camera frame while the portrait screen is shown; the frame is the caller's again on return.
	Preview(frame *image.RGBA)
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
	Review    ReviewData // zero before the review screen
}

// Office is what the visitor sees of the office, from the snapshot that the back office gave.
type Office struct {
	Name     string
	Lobby    string
	Services []OfficeService
}

// OfficeService is one entry of the service menu.
type OfficeService struct {
	flow.Service
	Names        map[string]string // by language tag
	Descriptions map[string]string
	Icon         string
}

// ReviewData is what the visitor checks before confirming: personal data, cleared with the view.
type ReviewData struct {
	Surname, GivenNames        string
	BirthDate                  string // YYYY-MM-DD, unknown parts as ??
	Nationality                string // ICAO code
	DocumentNumber, ExpiryDate string
	Portrait                   image.Image // nil when there is none
	Signature                  image.Image // nil when there is none
}
