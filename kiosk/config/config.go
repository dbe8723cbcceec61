// Package config reads a station's configuration: one TOML file that a technician edits. Unknown keys are errors, because
// a setting that is misspelt would else be ignored in silence; every setting that is left out has a documented default.
package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/foyer-station/foyer/kiosk/pin"
)

// Config is a whole station. Paths that are not absolute are relative to the configuration file.
type Config struct {
	// StateDir holds the journal, readable by the station's user only. Default /var/lib/foyer.
	StateDir string `toml:"state_dir"`
	// Socket is the technician's. Default /run/foyer/technician.sock.
	Socket string `toml:"socket"`
	// Languages are the tags to offer, in order. Default de, en, ar, uk.
	Languages []string `toml:"languages"`
	// LeftBehind are the devices that are asked whether somebody left a document on them, of those that Sensors names. Default all.
	LeftBehind []string `toml:"left_behind"`

	BackOffice BackOffice `toml:"back_office"`
	Verify     Verify     `toml:"verify"`
	Devices    Devices    `toml:"devices"`
	Technician Technician `toml:"technician"`
	Timings    Timings    `toml:"timings"`
}

// Technician is how a technician gets into the station at its own screen.
type Technician struct {
	// PIN is the string that hwtest pin makes (package kiosk/pin). Empty: there is no technician mode, and the gesture does nothing.
	PIN string `toml:"pin"`
	// HWTest is the self-test that runs when the technician tests something. Empty: hwtest beside the kiosk's own program.
	HWTest string `toml:"hwtest"`
}

// check does not repeat what stands there: it may be the PIN itself.
func (t Technician) check() error {
	if t.PIN == "" {
		return nil
	}
	if err := pin.Check(t.PIN); err != nil {
		return fault{"technician.pin", "technician.pin: " + err.Error()}
	}
	return nil
}

// BackOffice is where the station reports to. All of it is needed.
type BackOffice struct {
	Address     string `toml:"address"`     // "backoffice.example:7443"
	Certificate string `toml:"certificate"` // PEM: the station's own, with SAN URI foyer://OFFICE/STATION
	Key         string `toml:"key"`         // PEM: the certificate's private key
	Authority   string `toml:"authority"`   // PEM: who signs the back office's certificate
}

// Verify is what documents are judged by.
type Verify struct {
	TrustStore string `toml:"trust_store"` // folder of doccheck trust import. Default /var/lib/foyer/trust
	Cascades   string `toml:"cascades"`    // folder of OpenCV's Haar cascades. Default Debian's
	Policy     string `toml:"policy"`      // file; empty is the policy that Foyer ships
}

// Devices are the station's devices. A device that is not there is shown as missing; its step ends at staff.
type Devices struct {
	// LookEvery is how often an empty place looks for its device, besides whenever something has changed. Default 2s.
	LookEvery Duration `toml:"look_every"`
	// PowerCycle lets the station take the power off the USB port of a device that is ill, and that being opened anew does not mend.
	PowerCycle bool       `toml:"power_cycle"`
	MRZReader  MRZReader  `toml:"document_reader"`
	ChipReader ChipReader `toml:"chip_reader"`
	Camera     Camera     `toml:"camera"`
	PageImager PageImager `toml:"page_imager"`
	Pad        Pad        `toml:"signature_pad"`
	Printer    Printer    `toml:"printer"`
}

// USB chooses among several USB devices that a driver would take; empty is the first that is free.
type USB struct {
	SerialNumber string `toml:"serial_number"` // the whole of it
	Port         string `toml:"port"`          // "1-2.3", as in /sys/bus/usb/devices; "2.3" is that port of any bus
}

// port is a port as Linux names it.
var port = regexp.MustCompile(`^(\d+-)?\d+(\.\d+)*$`)

func (u USB) check(key string) error {
	if u.Port != "" && !port.MatchString(u.Port) {
		return faulty(key+".port", "is %q, not like 1-2.3 or 2.3", u.Port)
	}
	return nil
}

// ChipReader chooses one of PC/SC's readers.
type ChipReader struct {
	Filter string `toml:"filter"` // part of the reader's name; empty is the first reader
}

// Camera is how OpenCV reaches a camera. OpenCV is never left to guess the back end: that can take 20 s.
type Camera struct {
	Backend string  `toml:"backend"` // "v4l2", "gstreamer", "images"
	Source  string  `toml:"source"`  // "/dev/video0", a pipeline, a file
	Width   int     `toml:"width"`   // pixels asked for; 0 is the camera's own
	Height  int     `toml:"height"`
	FPS     float64 `toml:"fps"`
}

// PageImager is the camera below the glass and its lamps.
type PageImager struct {
	Camera  Camera   `toml:"camera"`
	DPI     int      `toml:"dpi"`      // on the glass. Default 400
	KeptDPI int      `toml:"kept_dpi"` // of the pictures as they are sent, at most. Default 400
	Settle  Duration `toml:"settle"`   // the most that a lamp may take until its light is steady. 0 is the driver's own
	Discard int      `toml:"discard"`  // frames thrown away at least, unless the light is seen to come. 0 is the driver's own
	// Lamps is what drives them: "leds", the default, for Linux's LED class, or a lamp board (docs/lamps.md) on USB, "hid", or on
	// a serial line, "serial".
	Lamps    string `toml:"lamps"`
	LampUSB  USBID  `toml:"lamp_usb"`  // of a board on USB, as its builder chose
	LampLine string `toml:"lamp_line"` // of a board on a serial line: its device node
	LEDDir   string `toml:"led_dir"`   // Default /sys/class/leds
	LEDs     LEDs   `toml:"leds"`
}

// What can drive a page imager's lamps.
const (
	LampLEDs   = "leds"
	LampHID    = "hid"
	LampSerial = "serial"
)

// check says what is wrong with the lamps.
func (p PageImager) check() error {
	const section = "devices.page_imager."
	switch p.Lamps {
	case LampLEDs:
	case LampHID:
		if p.LampUSB == 0 {
			return faulty(section+"lamp_usb", `is missing: the identifiers of the lamp board, "1209:abcd"`)
		}
	case LampSerial:
		if p.LampLine == "" {
			return faulty(section+"lamp_line", "is missing: the device node of the lamp board")
		}
	default:
		return faulty(section+"lamps", "is %q, not leds, hid or serial", p.Lamps)
	}
	return nil
}

// USBID is a USB device's identifiers, written "1209:abcd"; 0 is no device.
type USBID uint32

// Vendor is idVendor of the device descriptor.
func (u USBID) Vendor() uint16 { return uint16(u >> 16) }

// Product is idProduct of the device descriptor.
func (u USBID) Product() uint16 { return uint16(u) }

// String is as it is written.
func (u USBID) String() string { return fmt.Sprintf("%04x:%04x", u.Vendor(), u.Product()) }

// UnmarshalText implements encoding.TextUnmarshaler. Nothing is no device.
func (u *USBID) UnmarshalText(text []byte) error {
	if *u = 0; len(text) == 0 {
		return nil
	}
	vendor, product, ok := strings.Cut(string(text), ":")
	id, err := strconv.ParseUint(vendor+product, 16, 32)
	if !ok || err != nil || len(vendor) != 4 || len(product) != 4 {
		return fmt.Errorf("%q is not vendor and product as four hexadecimal digits each, 1209:abcd", text)
	}
	*u = USBID(id)
	return nil
}

// LEDs are the lamps' names in LEDDir; an empty one is a lamp that the reader does not have.
type LEDs struct {
	Visible     string `toml:"visible"`
	Infrared    string `toml:"infrared"`
	Ultraviolet string `toml:"ultraviolet"`
}

// Pad is what visitors sign on.
type Pad struct {
	// Driver is "stu", the default: a Wacom STU at the USB bus; "stu-serial", one at the end of a serial line; "touchscreen": a finger
	// on the screen, where the office allows that; or "none": signatures are left to staff.
	Driver string `toml:"driver"`
	Path   string `toml:"path"` // of the serial line: "/dev/ttyUSB0"
	Baud   int    `toml:"baud"` // of the serial line. Default 128000; an STU-540's kit for RS-232 has 115200
	// Encryption of what is written, between pad and station: "preferred", the default; "required": a pad that cannot is not used;
	// "off".
	Encryption string `toml:"encryption"`
	// Picture is shown while nobody signs: a file in PNG or JPEG. Default "": Foyer's own, plain.
	Picture string `toml:"picture"`
	// USB tells a stu from others that are alike.
	USB
}

// None says that the station has no signature pad, and misses none.
func (p Pad) None() bool { return p.Driver == "none" }

func (p Pad) check() error {
	var wrong []error
	for _, word := range []struct {
		key, value string
		allowed    []string
	}{
		{"driver", p.Driver, []string{"stu", "stu-serial", "touchscreen", "none"}},
		{"encryption", p.Encryption, []string{"preferred", "required", "off"}},
	} {
		if !slices.Contains(word.allowed, word.value) {
			wrong = append(wrong, faulty("devices.signature_pad."+word.key, "is %q, not %s", word.value, strings.Join(word.allowed, ", ")))
		}
	}
	if p.Driver == "stu-serial" && p.Path == "" {
		wrong = append(wrong, faulty("devices.signature_pad.path", "is missing"))
	}
	if p.Baud < 1200 || p.Baud > 4_000_000 {
		wrong = append(wrong, faulty("devices.signature_pad.baud", "is %d, not 1200 to 4000000", p.Baud))
	}
	return errors.Join(append(wrong, p.USB.check("devices.signature_pad"))...)
}

// Printer is the ticket printer.
type Printer struct {
	// Driver is "node", the default: a node of the kernel's printer driver; "usb": the USB printer class; or "serial".
	Driver string `toml:"driver"`
	Path   string `toml:"path"`   // of node and serial: "/dev/usb/lp0", "/dev/ttyUSB0"
	Baud   int    `toml:"baud"`   // of serial. Default 38400
	USBID  USBID  `toml:"usb_id"` // of usb; none is any
	Width  int    `toml:"width"`  // printable dots, a multiple of 8. Default 576: 72 mm at 203 dpi
	// Unfinished is a file in the state folder that is there while a ticket is being printed.
	Unfinished string `toml:"-"`
	// USB tells one of usb from others that are alike.
	USB
}

// silent is an error of the TOML reader, without what stands at technician.pin: that may be the PIN itself, without its quotation marks.
func silent(err error) error {
	if e, is := errors.AsType[toml.ParseError](err); is && strings.EqualFold(e.LastKey, "technician.pin") {
		return fmt.Errorf("line %d: technician.pin: %w", e.Position.Line, pin.ErrForeign)
	}
	return err
}

// check tells everything that is wrong at once.
func (p Printer) check() error {
	var wrong []error
	if p.Width < 104 || p.Width > 2000 || p.Width%8 != 0 {
		wrong = append(wrong, faulty("devices.printer.width", "is %d dots, not a multiple of 8 from 104 to 2000", p.Width))
	}
	if !slices.Contains([]string{"node", "usb", "serial"}, p.Driver) {
		wrong = append(wrong, faulty("devices.printer.driver", "is %q, not node, usb, serial", p.Driver))
	}
	if p.Baud < 300 || p.Baud > 4_000_000 {
		wrong = append(wrong, faulty("devices.printer.baud", "is %d, not 300 to 4000000", p.Baud))
	}
	return errors.Join(append(wrong, p.USB.check("devices.printer"))...)
}

// leastDoubt is two looks at the glass that a switch calls empty.
const leastDoubt = 2 * time.Minute

// Timings are how long the station waits for what; 0 is the station's own default (kiosk.DefaultTimings).
type Timings struct {
	Document    Duration `toml:"document"`
	Page        Duration `toml:"page"`
	Chip        Duration `toml:"chip"`
	ChipReading Duration `toml:"chip_reading"`
	Examination Duration `toml:"examination"`
	Portrait    Duration `toml:"portrait"`
	Answer      Duration `toml:"answer"`
	Print       Duration `toml:"print"`
	Review      Duration `toml:"review"`
	Reply       Duration `toml:"reply"`
	Glance      Duration `toml:"glance"`
	Doubt       Duration `toml:"doubt"`
	Loan        Duration `toml:"loan"`
	Technician  Duration `toml:"technician"`
}

// Duration is written as "45s", "1m30s".
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err == nil && parsed < 0 {
		err = fmt.Errorf("%s is negative", text)
	}
	*d = Duration(parsed)
	return err
}

// Default is a station whose back office, camera, imager and printer are still to be named.
func Default() Config {
	return Config{
		StateDir:  "/var/lib/foyer",
		Socket:    "/run/foyer/technician.sock",
		Languages: Spoken(), LeftBehind: Sensors(),
		Verify: Verify{
			TrustStore: "/var/lib/foyer/trust",
			Cascades:   "/usr/share/opencv4/haarcascades",
		},
		Devices: Devices{
			LookEvery:  Duration(2 * time.Second),
			MRZReader:  MRZReader{Driver: "access-is", Baud: 9600, Pause: Duration(300 * time.Millisecond), Layout: "us"},
			PageImager: PageImager{DPI: 400, KeptDPI: 400, Lamps: LampLEDs, LEDDir: "/sys/class/leds"},
			Printer:    Printer{Driver: "node", Baud: 38_400, Width: 576},
			Pad:        Pad{Driver: "stu", Baud: 128_000, Encryption: "preferred"},
		},
	}
}

// Load reads a file over the defaults. Its error names everything that is wrong, each with its line, and for a key that is misspelt the one that
// may be meant.
func Load(path string) (Config, error) {
	c := Default()
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("configuration %s: %w", path, err)
	}
	meta, err := toml.Decode(string(text), &c)
	if err != nil {
		return Config{}, fmt.Errorf("configuration %s: %w", path, silent(err))
	}
	if err := errors.Join(unknown(meta.Undecoded()), c.check()); err != nil {
		return Config{}, located(path, string(text), err)
	}
	whole, err := filepath.Abs(path)
	if err != nil {
		return Config{}, fmt.Errorf("configuration %s: %w", path, err)
	}
	c.resolve(filepath.Dir(whole))
	return c, nil
}

// check tells everything that is wrong at once.
func (c Config) check() error {
	var wrong []error
	needed := []struct{ key, value string }{
		{"back_office.address", c.BackOffice.Address},
		{"back_office.certificate", c.BackOffice.Certificate},
		{"back_office.key", c.BackOffice.Key},
		{"back_office.authority", c.BackOffice.Authority},
		{"state_dir", c.StateDir},
		{"socket", c.Socket},
		{"verify.trust_store", c.Verify.TrustStore},
	}
	for _, n := range needed {
		if n.value == "" {
			wrong = append(wrong, faulty(n.key, "is missing"))
		}
	}
	if len(c.Languages) == 0 {
		wrong = append(wrong, faulty("languages", "is empty"))
	}
	for _, tag := range c.Languages {
		if !slices.Contains(Spoken(), tag) {
			wrong = append(wrong, faulty("languages", "names %q, not %s", tag, strings.Join(Spoken(), ", ")))
		}
	}
	for _, sensor := range c.LeftBehind {
		if !slices.Contains(Sensors(), sensor) {
			wrong = append(wrong, faulty("left_behind", "names %q, not %s", sensor, strings.Join(Sensors(), ", ")))
		}
	}
	if d := time.Duration(c.Timings.Doubt); d != 0 && d < leastDoubt {
		wrong = append(wrong, fmt.Errorf("timings.doubt is %v, not %v at least", d, leastDoubt))
	}
	if c.Devices.LookEvery <= 0 {
		wrong = append(wrong, faulty("devices.look_every", "must be longer than 0s"))
	}
	wrong = append(wrong, c.Devices.MRZReader.check())
	resolutions := []struct {
		key string
		dpi int
	}{{"dpi", c.Devices.PageImager.DPI}, {"kept_dpi", c.Devices.PageImager.KeptDPI}}
	for _, r := range resolutions {
		if r.dpi < 150 || r.dpi > 1200 {
			wrong = append(wrong, faulty("devices.page_imager."+r.key, "is %d, not 150 to 1200", r.dpi))
		}
	}
	wrong = append(wrong, c.Devices.Pad.check(), c.Devices.Printer.check(), c.Devices.Camera.check("devices.camera"), c.Devices.PageImager.Camera.check("devices.page_imager.camera"),
		c.Devices.PageImager.check(), c.Technician.check())
	return errors.Join(wrong...)
}

// Spoken are the languages that the station's screens have words in (package ui/lang), as BCP 47 tags.
func Spoken() []string { return []string{"de", "en", "ar", "uk"} }

// Sensors are the devices that may tell whether a document lies on them.
func Sensors() []string { return []string{"chip_reader", "page_imager"} }

// backends are those that package camera knows.
var backends = []string{"v4l2", "gstreamer", "images"}

// check takes a camera that is not there at all, but not half of one.
func (c Camera) check(key string) error {
	switch {
	case c.Backend == "" && c.Source == "":
		return nil
	case c.Source == "":
		return faulty(key+".source", "is missing")
	case !slices.Contains(backends, c.Backend):
		return faulty(key+".backend", "is %q, not %s", c.Backend, strings.Join(backends, ", "))
	case c.Width < 0 || c.Height < 0 || c.FPS < 0:
		return faulty(key, "has a negative width, height or fps")
	}
	return nil
}

// resolve makes paths absolute, as seen from the configuration's folder.
func (c *Config) resolve(dir string) {
	for _, path := range []*string{
		&c.StateDir, &c.Socket, &c.BackOffice.Certificate, &c.BackOffice.Key, &c.BackOffice.Authority,
		&c.Verify.TrustStore, &c.Verify.Cascades, &c.Verify.Policy, &c.Devices.Pad.Picture, &c.Technician.HWTest,
	} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
	c.Devices.Printer.Unfinished = filepath.Join(c.StateDir, "ticket-unfinished")
}

// Journal is the path of the station's journal. Its folder is made by MakeStateDir.
func (c Config) Journal() string { return filepath.Join(c.StateDir, "journal.db") }

// Seen is the path of the notes of which devices were there (package kiosk/lastseen).
func (c Config) Seen() string { return filepath.Join(c.StateDir, "seen.json") }

// WrongPINs is the path of the count of wrong PINs (package kiosk/pin).
func (c Config) WrongPINs() string { return filepath.Join(c.StateDir, "pin.json") }

// MakeStateDir makes the state folder, for the station's user only.
func (c Config) MakeStateDir() error {
	if err := os.MkdirAll(c.StateDir, 0o700); err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	return nil
}
