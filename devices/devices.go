// Package devices is the station's hardware as the rest of Foyer sees it: interfaces, typed errors and health.
//
// The contract. Every call that waits takes a context and returns soon after it ends. A call on a device that was
// pulled out fails with [ErrUnplugged]; that value is then spent: close it and open another ([Slot] does so by itself).
// Every error is an [*Error] that names the device and the operation, never what a document or a person gave.
// A device belongs to one caller at a time unless its interface says otherwise; Close may be called twice, and from
// another goroutine, and ends a call that waits.
//
// Drivers are packages below this one, each speaking to the real software stack (libusb, pcscd, OpenCV, a serial
// line). They do not import each other.
package devices

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"time"
)

// Kind is what a device is for; a station has at most one device of a kind in a role.
type Kind string

// The kinds of device that a station knows.
const (
	KindMRZReader     Kind = "document_reader"
	KindChipReader    Kind = "chip_reader"
	KindPageImager    Kind = "page_imager"
	KindCamera        Kind = "camera"
	KindSignaturePad  Kind = "signature_pad"
	KindTicketPrinter Kind = "ticket_printer"
)

// Errors that a caller decides by, wrapped in an [*Error].
var (
	ErrNoDevice  = errors.New("device not found")                     // nothing of this kind is plugged in
	ErrUnplugged = errors.New("device unplugged")                     // it was there, and went during the call
	ErrBusy      = errors.New("device in use")                        // another process holds it
	ErrLent      = errors.New("device lent for a test")               // another process holds it, by leave of this one: [Slot.Lend]
	ErrTimeout   = errors.New("device did not answer")                // it is there, and silent
	ErrProtocol  = errors.New("device does not keep to its protocol") // it said what its protocol does not allow
	ErrStopped   = errors.New("device service not running")           // pcscd down, no camera back end
	ErrNoChip    = errors.New("no chip in the field")                 // reader works, chip absent or silent
	ErrChipGone  = errors.New("chip left the field")                  // torn away while being read
	ErrPaperOut  = errors.New("printer out of paper")
	ErrCoverOpen = errors.New("printer cover open")
	ErrOffline   = errors.New("device offline")                     // it is there, and says that it is switched off or not ready
	ErrPowerOff  = errors.New("port of the device is off")          // its port has no power
	ErrNoLight   = errors.New("no light comes back from the glass") // a [NoLightError]: the lamp is out, or nothing lies there
	ErrClosed    = errors.New("device closed")                      // Close was called

	// The device works, and could make nothing of what it was given: a document's fault, or its holder's. It stands beside
	// ErrProtocol.
	ErrUnreadable = errors.New("document could not be read")

	ErrUnsupported   = errors.New("device not supported")  // it is there, and cannot do what is asked of it, or nobody knows how
	ErrNotConfigured = errors.New("device not configured") // the station's configuration does not say where it is

	// Several chips lie in the field, or one that cannot be told from several: none is read, lest it is somebody else's.
	ErrTwoDocuments = errors.New("more than one document in the field")
)

// Error says which device failed at what. It never carries personal data.
type Error struct {
	Kind Kind
	Op   string // what was asked for: "open", "read mrz", "transmit"
	Err  error
}

// Error implements error, as "signature_pad: read strokes: device unplugged".
func (e *Error) Error() string { return fmt.Sprintf("%s: %s: %v", e.Kind, e.Op, e.Err) }

// Unwrap gives the cause, so that errors.Is finds the sentinel.
func (e *Error) Unwrap() error { return e.Err }

// Ill is the error of a device that was closed because it was ill, so as to be opened anew.
type Ill struct{ Health Health }

// Error implements error.
func (i *Ill) Error() string { return "being restarted" }

// State is a device's condition, in the words of CEN/XFS (CWA 16926, the device states of every class) and of UnifiedPOS, whose
// power states tell a device that cannot be reached from one that is there and not ready.
type State string

// The conditions that a device can be in.
const (
	StateOnline    State = "online"     // there, and works
	StateDegraded  State = "degraded"   // works, and wants somebody soon: paper low
	StateBusy      State = "busy"       // at work; with a remedy, at another program's
	StateOffline   State = "offline"    // there, and says that it is switched off or not ready
	StatePowerOff  State = "power_off"  // the port where it is, or was, has no power
	StateNoDevice  State = "no_device"  // nothing is plugged in, or nothing is configured
	StateHWError   State = "hw_error"   // there, and ill: a technician is wanted
	StateUserError State = "user_error" // a person can mend it at once: paper out, cover open
)

// Health is what a technician reads: condition, what is wrong, and what to do about it.
type Health struct {
	State  State
	Reason Message   // nothing when online
	Remedy Message   // what to do next; nothing when there is nothing to do
	Also   []Message // what else there is to say
}

// What to do about a device.
const (
	PlugIn        Key = "remedy.plug_in"        // look whether it is plugged in, and powered
	Replug        Key = "remedy.replug"         // unplug it, wait, plug it in again
	ReplugByHand  Key = "remedy.replug_by_hand" // the same, as its port's power cannot be switched
	StopOther     Key = "remedy.stop_other"     // another program has it
	Configure     Key = "remedy.configure"      // the station's configuration does not name it
	Permit        Key = "remedy.permit"         // udev rules and groups
	StartService  Key = "remedy.start_service"  // pcscd
	ExchangeCable Key = "remedy.exchange_cable" // or look at its power
	SwitchOn      Key = "remedy.switch_on"      // the device itself
	PowerPort     Key = "remedy.power_port"     // give the port its power again, or take another
	UseAnother    Key = "remedy.use_another"    // model, or configuration
	LookAtLamps   Key = "remedy.look_at_lamps"  // and whether something lies before the camera
)

// HealthOf is the health of a device that could not be opened, from the error that opening it gave.
func HealthOf(err error) Health {
	if ill := (*Ill)(nil); errors.As(err, &ill) {
		return ill.Health
	}
	h := Health{State: StateNoDevice, Reason: ReasonOf(err), Remedy: Say(PlugIn)}
	switch {
	case errors.Is(err, ErrUnsupported):
		h.State, h.Remedy = StateHWError, Say(UseAnother)
	case errors.Is(err, ErrLent): // it comes back by itself
		h.State, h.Remedy = StateBusy, Message{}
	case errors.Is(err, ErrBusy):
		h.State, h.Remedy = StateBusy, Say(StopOther)
	case errors.Is(err, ErrNotConfigured):
		h.Remedy = Say(Configure)
	case errors.Is(err, os.ErrPermission):
		h.State, h.Remedy = StateHWError, Say(Permit)
	case errors.Is(err, ErrStopped):
		h.State, h.Remedy = StateHWError, Say(StartService)
	case errors.Is(err, ErrOffline):
		h.State, h.Remedy = StateOffline, Say(SwitchOn)
	case errors.Is(err, ErrPowerOff):
		h.State, h.Remedy = StatePowerOff, Say(PowerPort)
	case errors.Is(err, ErrTimeout), errors.Is(err, ErrProtocol):
		h.State, h.Remedy = StateHWError, Say(Replug)
	case errors.Is(err, ErrNoLight):
		h.State, h.Remedy = StateHWError, Say(LookAtLamps)
	}
	var told *Told
	if errors.As(err, &told) {
		h.Reason, h.Remedy = told.Reason, told.Remedy
	}
	return h
}

// Info identifies one physical device; fields the device does not give are empty.
type Info struct {
	Kind     Kind
	Model    string // "Wacom STU-530"
	Serial   string
	Firmware string
	Path     string // where it is attached: "usb 1-2", "pcsc Kiosk Chip 00 00"
}

// Device is what all devices have in common.
type Device interface {
	// Info is known from opening on and does not touch the device.
	Info() Info
	// Health asks the device without disturbing it (level "internal": nothing moves, lights or prints). While nobody uses it,
	// it goes the way that a use goes, as far as that needs no person: what visitors would meet is seen before they come.
	Health(ctx context.Context) Health
	Close() error
}

// MRZReader reads the machine-readable zone of a document that is laid down or swiped.
type MRZReader interface {
	Device
	// ReadMRZ waits for a document and returns its lines as printed: two of 44 or 36 characters or three of 30, or
	// whatever the reader made of it: checking is not the reader's work. At most 3 lines of at most 64 characters, all
	// from A-Z, 0-9 and '<'; a character that the reader could not read is '?'.
	ReadMRZ(ctx context.Context) ([]string, error)
}

// ChipReader is one contactless reader.
type ChipReader interface {
	Device
	// Connect waits for a chip in the field until ctx ends; then the error is ErrNoChip. Of several it takes none: ErrTwoDocuments.
	Connect(ctx context.Context) (Chip, error)
}

// Chip is a chip in the field, for one caller at a time.
type Chip interface {
	// Transmit sends one command APDU and returns the response APDU with its status word; at most 65,538 bytes each
	// way. ErrChipGone once it left the field.
	Transmit(ctx context.Context, command []byte) ([]byte, error)
	// MaxResponse is the longest response APDU that the reader carries, in bytes with the status word: 258 where it knows
	// short length only, up to 65,538, and 0 where it does not say. It does not touch the chip.
	MaxResponse() int
	// Close releases the chip. The reader can be asked to Connect again afterwards.
	Close() error
}

// Camera sees the visitor.
type Camera interface {
	Device
	// Frame fills dst with the next frame (reallocating it when nil or of another size) and returns it: RGBA, tightly
	// packed. The caller owns the picture.
	Frame(ctx context.Context, dst *image.RGBA) (*image.RGBA, error)
}

// TimedCamera is a camera that also tells when a frame was taken, as near as its back end knows: a caller that waits for
// something to show in the picture knows then whether the frame is of before or after. Frame gives the same frames.
type TimedCamera interface {
	Camera
	// FrameTaken is Camera.Frame, and when the frame was taken.
	FrameTaken(ctx context.Context, dst *image.RGBA) (frame *image.RGBA, taken time.Time, err error)
}

// ExposureLocker is a camera whose exposure, white balance and focus can be held, so that a series of frames is alike.
type ExposureLocker interface {
	// LockExposure holds them where they are until release is called, which may be called twice. What of it the camera cannot hold
	// stays as it is; errors.ErrUnsupported when it can hold nothing: pictures are as good as they were.
	LockExposure(ctx context.Context) (release func(context.Context) error, err error)
}

// Light is the illumination of a page picture (ICAO Doc 9303-2 appendix C).
type Light string

// The lights of a full-page reader: white, B900 (850-950 nm), and 365 nm.
const (
	LightVisible     Light = "visible"
	LightInfrared    Light = "infrared"
	LightUltraviolet Light = "ultraviolet"
)

// PageImager takes pictures of the page that lies on the glass.
type PageImager interface {
	Device
	// Page lights the page and returns one picture, tightly packed, with its resolution in dots per inch.
	Page(ctx context.Context, light Light) (picture *image.RGBA, dpi int, err error)
}

// Sample is one point of a pen on a signature pad.
type Sample struct {
	X, Y     int           // in the pad's own units, 0 to PadSize.MaxX and MaxY, origin top left
	Pressure int           // 0 (in the air) to PadSize.MaxPressure
	Down     bool          // the pen touches
	At       time.Duration // since capture began
	Missed   int           // samples between the one before and this that the pad took and that never came; see PadTraits.Counts
}

// PadSize is the geometry of a signature pad.
type PadSize struct {
	MaxX, MaxY, MaxPressure int // tablet units
	Width, Height           int // pixels of its LCD
}

// PadTraits are what a signature pad has, and how far what comes from it can be relied on. They do not change while it is open.
type PadTraits struct {
	Screen    bool // there is a screen in it; else Show and Clear do nothing
	Rate      int  // samples a second while the pen is near; 0 where it is not known
	Encrypted bool // samples are encrypted on their way
	Counts    bool // the pad numbers its samples, so that Sample.Missed tells of every one that was lost; else it is 0 and tells nothing
}

// SignaturePad captures a signature and shows it on its own LCD.
type SignaturePad interface {
	Device
	Size() PadSize
	// Traits are known from opening on; any goroutine may ask.
	Traits() PadTraits
	// Show puts a picture on the LCD, without any ink that was on it; it must be exactly Size().Width x Height. The pen leaves ink
	// on the paper alone, an area of the picture, on pads that can keep to that; its samples come from everywhere. The screen is
	// white where it fails.
	Show(ctx context.Context, picture image.Image, paper image.Rectangle) error
	// Clear wipes the LCD to white, ink included.
	Clear(ctx context.Context) error
	// Capture turns ink on and hands every sample to sink, in order and on the calling goroutine, until ctx ends
	// (nil) or the pad fails. Ink is off again when it returns. What was written before ink was on is not handed on, nor is
	// the rest of a stroke that was under way then.
	Capture(ctx context.Context, sink func(Sample)) error
}

// Paper is what is left in a printer.
type Paper string

// What a printer says of its paper.
const (
	PaperOK  Paper = "ok"
	PaperLow Paper = "low"
	PaperOut Paper = "out"
)

// TicketPrinter prints what the visitor takes along.
type TicketPrinter interface {
	Device
	// Width is the printable width in dots.
	Width() int
	// Print prints the picture (Width dots wide at most, darker than half grey is black), cuts, and returns when the printer says that it is done.
	// ErrPaperOut and ErrCoverOpen leave nothing half printed that bears a number.
	Print(ctx context.Context, ticket *image.Gray) error
	Paper(ctx context.Context) (Paper, error)
}
