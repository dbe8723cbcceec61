package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const smallest = `
[back_office]
address = "backoffice.example:8443"
certificate = "station.pem"
key = "/etc/foyer/station.key"
authority = "authority.pem"
`

func load(t *testing.T, text string) (Config, string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kiosk.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	return c, filepath.Dir(path), err
}

func TestTheSmallestFileHasDefaultsForTheRest(t *testing.T) {
	got, dir, err := load(t, smallest)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.BackOffice = BackOffice{
		Address:     "backoffice.example:8443",
		Certificate: filepath.Join(dir, "station.pem"),
		Key:         "/etc/foyer/station.key",
		Authority:   filepath.Join(dir, "authority.pem"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAWholeFileIsRead(t *testing.T) {
	got, dir, err := load(t, `
state_dir = "state"
languages = ["en"]
`+smallest+`
[devices]
look_every = "500ms"
[devices.document_reader]
driver = "none"
[devices.chip_reader]
filter = "Chip"
[devices.camera]
backend = "v4l2"
source = "/dev/video0"
width = 1280
[devices.page_imager]
dpi = 500
settle = "80ms"
[devices.page_imager.camera]
backend = "images"
source = "page.png"
[devices.page_imager.leds]
infrared = "reader:ir"
[devices.printer]
path = "/dev/usb/lp0"
[timings]
document = "1m30s"
`)
	if err != nil {
		t.Fatal(err)
	}
	if got.Journal() != filepath.Join(dir, "state", "journal.db") || got.Devices.LookEvery != Duration(500*time.Millisecond) ||
		got.Timings.Document != Duration(90*time.Second) || got.Devices.PageImager.LEDs.Infrared != "reader:ir" ||
		got.Devices.PageImager.LEDDir != "/sys/class/leds" || got.Devices.Camera.Width != 1280 || !got.Devices.MRZReader.None() {
		t.Errorf("read as %+v", got)
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"unknown key":       {smallest + "[devices.printr]\npath = \"x\"\n", "devices.printr"},
		"no back office":    {"", "back_office.address is missing"},
		"no key":            {strings.Replace(smallest, "key = \"/etc/foyer/station.key\"", "", 1), "back_office.key is missing"},
		"bad duration":      {smallest + "[timings]\nchip = \"soon\"\n", "soon"},
		"negative duration": {smallest + "[timings]\nchip = \"-1s\"\n", "negative"},
		"bad resolution":    {smallest + "[devices.page_imager]\ndpi = 72\n", "devices.page_imager.dpi is 72"},
		"bad kept one":      {smallest + "[devices.page_imager]\nkept_dpi = 4000\n", "devices.page_imager.kept_dpi is 4000"},
		"camera nowhere":    {smallest + "[devices.camera]\nbackend = \"v4l2\"\n", "devices.camera.source is missing"},
		"camera by nothing": {smallest + "[devices.camera]\nsource = \"/dev/video0\"\n", `devices.camera.backend is "", not v4l2`},
		"unknown back end":  {smallest + "[devices.page_imager.camera]\nbackend = \"dshow\"\nsource = \"0\"\n", `devices.page_imager.camera.backend is "dshow"`},
		"negative width":    {smallest + "[devices.camera]\nbackend = \"v4l2\"\nsource = \"x\"\nwidth = -1\n", "devices.camera has a negative"},
		"bad paper":         {smallest + "[devices.printer]\nwidth = 380\n", "devices.printer.width is 380 dots, not a multiple of 8"},
		"unknown reader":    {smallest + "[devices.document_reader]\ndriver = \"regula\"\n", `devices.document_reader.driver is "regula", not access-is, none`},
		"no language":       {"languages = []\n" + smallest, "languages is empty"},
		"not TOML":          {"state_dir: x", "kiosk.toml"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, _, err := load(t, test.text); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Load: %v, want something about %q", err, test.want)
			}
		})
	}
}

func TestALampBoardIsNamedAsItsBuilderNamedIt(t *testing.T) {
	var u USBID
	if err := u.UnmarshalText([]byte("1209:ABcd")); err != nil || u.Vendor() != 0x1209 || u.Product() != 0xabcd {
		t.Errorf("%#x, %v", u, err)
	}
	for _, wrong := range []string{"1209", "1209:", ":0001", "1209:00001", "12090:001", "1209:000g", "0x12:0001", "+209:0001"} {
		if err := u.UnmarshalText([]byte(wrong)); err == nil {
			t.Errorf("%q was taken for %#x", wrong, u)
		}
	}
	for lamps, ok := range map[PageImager]bool{
		{Lamps: LampLEDs}: true, {Lamps: "candles"}: false, {Lamps: LampHID}: false, {Lamps: LampHID, LampUSB: 1}: true,
		{Lamps: LampSerial}: false, {Lamps: LampSerial, LampLine: "/dev/ttyACM0"}: true,
	} {
		if err := lamps.check(); (err == nil) != ok {
			t.Errorf("%+v: %v", lamps, err)
		}
	}
}
