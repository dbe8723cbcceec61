// Package config reads a station's configuration: one TOML file that a technician edits. Unknown keys are errors, because
// a setting that is misspelt would else be ignored in silence; every setting that is left out has a documented default.
package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Config is a whole station. Paths that are not absolute are relative to the configuration file.
type Config struct {
	// StateDir holds the journal, readable by the station's user only. Default /var/lib/foyer.
	StateDir string `toml:"state_dir"`
	// Socket is the technician's. Default /run/foyer/technician.sock.
	Socket string `toml:"socket"`
	// Languages are the tags to offer, in order. Default de, en, ar, uk.
	Languages []string `toml:"languages"`

	BackOffice BackOffice `toml:"back_office"`
	Verify     Verify     `toml:"verify"`
	Devices    Devices    `toml:"devices"`
	Timings    Timings    `toml:"timings"`
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
	// LookEvery is how often an empty place looks for its device. Default 2s.
	LookEvery  Duration   `toml:"look_every"`
	MRZReader  MRZReader  `toml:"document_reader"`
	ChipReader ChipReader `toml:"chip_reader"`
	Camera     Camera     `toml:"camera"`
	PageImager PageImager `toml:"page_imager"`
	Printer    Printer    `toml:"printer"`
}

// MRZReader chooses who reads the machine-readable zone.
type MRZReader struct {
	// Driver is "access-is", the default, or "none": then the MRZ is read from the page imager's pictures. They also stand
	// in for a reader that is missing.
	Driver string `toml:"driver"`
}

// None says that the station has no document reader, and misses none.
func (r MRZReader) None() bool { return r.Driver == "none" }

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
			return errors.New(section + `lamp_usb is missing: the identifiers of the lamp board, "1209:abcd"`)
		}
	case LampSerial:
		if p.LampLine == "" {
			return errors.New(section + "lamp_line is missing: the device node of the lamp board")
		}
	default:
		return fmt.Errorf("%slamps is %q, not leds, hid or serial", section, p.Lamps)
	}
	return nil
}

// USBID is a USB device's identifiers, written "1209:abcd"; 0 is no device.
type USBID uint32

// Vendor and Product are its two halves.
func (u USBID) Vendor() uint16  { return uint16(u >> 16) }
func (u USBID) Product() uint16 { return uint16(u) }

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

// Printer is the ticket printer.
type Printer struct {
	Path  string `toml:"path"`  // "/dev/usb/lp0", "/dev/ttyUSB0"
	Width int    `toml:"width"` // printable dots, a multiple of 8. Default 576: 72 mm at 203 dpi
}

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
		Languages: []string{"de", "en", "ar", "uk"},
		Verify: Verify{
			TrustStore: "/var/lib/foyer/trust",
			Cascades:   "/usr/share/opencv4/haarcascades",
		},
		Devices: Devices{
			LookEvery:  Duration(2 * time.Second),
			MRZReader:  MRZReader{Driver: "access-is"},
			PageImager: PageImager{DPI: 400, KeptDPI: 400, Lamps: LampLEDs, LEDDir: "/sys/class/leds"},
			Printer:    Printer{Width: 576},
		},
	}
}

// Load reads a file over the defaults.
func Load(path string) (Config, error) {
	c := Default()
	meta, err := toml.DecodeFile(path, &c)
	if err != nil {
		return Config{}, fmt.Errorf("configuration %s: %w", path, err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return Config{}, fmt.Errorf("configuration %s: unknown key %s", path, extra[0])
	}
	if err := c.check(); err != nil {
		return Config{}, fmt.Errorf("configuration %s: %w", path, err)
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
			wrong = append(wrong, fmt.Errorf("%s is missing", n.key))
		}
	}
	if len(c.Languages) == 0 {
		wrong = append(wrong, errors.New("languages is empty"))
	}
	if c.Devices.LookEvery <= 0 {
		wrong = append(wrong, errors.New("devices.look_every must be longer than 0s"))
	}
	if d := c.Devices.MRZReader.Driver; d != "access-is" && d != "none" {
		wrong = append(wrong, fmt.Errorf("devices.document_reader.driver is %q, not access-is, none", d))
	}
	resolutions := []struct {
		key string
		dpi int
	}{{"dpi", c.Devices.PageImager.DPI}, {"kept_dpi", c.Devices.PageImager.KeptDPI}}
	for _, r := range resolutions {
		if r.dpi < 150 || r.dpi > 1200 {
			wrong = append(wrong, fmt.Errorf("devices.page_imager.%s is %d, not 150 to 1200", r.key, r.dpi))
		}
	}
	if w := c.Devices.Printer.Width; w < 104 || w > 2000 || w%8 != 0 {
		wrong = append(wrong, fmt.Errorf("devices.printer.width is %d dots, not a multiple of 8 from 104 to 2000", w))
	}
	wrong = append(wrong, c.Devices.Camera.check("devices.camera"), c.Devices.PageImager.Camera.check("devices.page_imager.camera"), c.Devices.PageImager.check())
	return errors.Join(wrong...)
}

// backends are those that package camera knows.
var backends = []string{"v4l2", "gstreamer", "images"}

// check takes a camera that is not there at all, but not half of one.
func (c Camera) check(key string) error {
	switch {
	case c.Backend == "" && c.Source == "":
		return nil
	case c.Source == "":
		return fmt.Errorf("%s.source is missing", key)
	case !slices.Contains(backends, c.Backend):
		return fmt.Errorf("%s.backend is %q, not %s", key, c.Backend, strings.Join(backends, ", "))
	case c.Width < 0 || c.Height < 0 || c.FPS < 0:
		return fmt.Errorf("%s has a negative width, height or fps", key)
	}
	return nil
}

// resolve makes paths absolute, as seen from the configuration's folder.
func (c *Config) resolve(dir string) {
	for _, path := range []*string{
		&c.StateDir, &c.Socket, &c.BackOffice.Certificate, &c.BackOffice.Key, &c.BackOffice.Authority,
		&c.Verify.TrustStore, &c.Verify.Cascades, &c.Verify.Policy,
	} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
}

// Journal is the path of the station's journal. Its folder is made by MakeStateDir.
func (c Config) Journal() string { return filepath.Join(c.StateDir, "journal.db") }

// MakeStateDir makes the state folder, for the station's user only.
func (c Config) MakeStateDir() error {
	if err := os.MkdirAll(c.StateDir, 0o700); err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	return nil
}
