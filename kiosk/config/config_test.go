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
	want.Devices.Printer.Unfinished = "/var/lib/foyer/ticket-unfinished"
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
power_cycle = true
[devices.document_reader]
driver = "none"
serial_number = "OCR-1"
[devices.signature_pad]
port = "1-2.3"
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
	if d := got.Devices; d.MRZReader.SerialNumber != "OCR-1" || d.Pad.Port != "1-2.3" || !d.PowerCycle {
		t.Errorf("the choice among USB devices is read as %+v, %+v", d.MRZReader, d.Pad)
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
		"unknown port":      {smallest + "[devices.signature_pad]\nport = \"usb2\"\n", `devices.signature_pad.port is "usb2", not like 1-2.3`},
		"unknown reader":    {smallest + "[devices.document_reader]\ndriver = \"regula\"\n", `devices.document_reader.driver is "regula", not access-is, elyctis`},
		"reader nowhere":    {smallest + "[devices.document_reader]\ndriver = \"serial\"\n", "devices.document_reader.path is missing"},
		"no scanner":        {smallest + "[devices.document_reader]\nusb_id = \"Voyager\"\n", `"Voyager" is not vendor and product`},
		"no keyboard":       {smallest + "[devices.document_reader]\ndriver = \"wedge\"\n", "devices.document_reader.path and usb_id"},
		"no such layout":    {smallest + "[devices.document_reader]\nlayout = \"dvorak\"\n", `devices.document_reader.layout is "dvorak"`},
		"no speed":          {smallest + "[devices.document_reader]\nbaud = 0\n", "devices.document_reader.baud is 0"},
		"no pause":          {smallest + "[devices.document_reader]\npause = \"0s\"\n", "devices.document_reader.pause must"},
		"no such trigger":   {smallest + "[devices.document_reader]\ntrigger = \"foot\"\n", `devices.document_reader.trigger is "foot"`},
		"unknown printer":   {smallest + "[devices.printer]\ndriver = \"parallel\"\n", `devices.printer.driver is "parallel", not node, usb, serial`},
		"no printing speed": {smallest + "[devices.printer]\nbaud = 0\n", "devices.printer.baud is 0"},
		"bad USB id":        {smallest + "[devices.printer]\nusb_id = \"Epson\"\n", `"Epson" is not vendor and product`},
		"unknown pad":       {smallest + "[devices.signature_pad]\ndriver = \"topaz\"\n", `devices.signature_pad.driver is "topaz", not stu, stu-serial, touchscreen, none`},
		"a pad nowhere":     {smallest + "[devices.signature_pad]\ndriver = \"stu-serial\"\n", "devices.signature_pad.path is missing"},
		"half encrypted":    {smallest + "[devices.signature_pad]\nencryption = \"half\"\n", `devices.signature_pad.encryption is "half", not preferred, required, off`},
		"a slow line":       {smallest + "[devices.signature_pad]\nbaud = 300\n", "devices.signature_pad.baud is 300, not 1200 to 4000000"},
		"no language":       {"languages = []\n" + smallest, "languages is empty"},
		"no sensor":         {"left_behind = [\"camera\"]\n" + smallest, `left_behind names "camera", not chip_reader, page_imager`},
		"no doubt":          {"timings.doubt = \"1m\"\n" + smallest, "timings.doubt is 1m0s, not 2m0s at least"},
		"a plain PIN":       {smallest + "[technician]\npin = \"480293\"\n", "technician.pin: it is not a line made by hwtest pin"},
		"an hour's PIN":     {smallest + "[technician]\npin = \"$argon2id$v=19$m=4000000,t=4000,p=4$c2FsdHNhbHRzYWx0c2FsdA$a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U\"\n", "technician.pin: it is not"},
		"a number as a PIN": {smallest + "[technician]\npin = 480293\n", "technician.pin"},
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

func TestNoErrorRepeatsWhatStandsInThePlaceOfAPIN(t *testing.T) {
	for _, line := range []string{
		"pin = 0480293", "pin = +0480293", "pin = 480293.1.2", "pin = 48-02-93", "PIN = 0480293", "pin = 480293480293480293480293",
		`pin = "480293`, "pin = 480293", `pin = ["480293"]`, "pin 480293",
	} {
		for _, text := range []string{smallest + "[technician]\n" + line + "\n", "technician = {" + line + "}\n" + smallest, "technician." + line + "\n" + smallest} {
			if _, _, err := load(t, text); err == nil || strings.Contains(err.Error(), "480293") || strings.Contains(err.Error(), "48-02-93") {
				t.Errorf("%s: %v", line, err)
			}
		}
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

func TestEveryFaultOfAFileIsToldWithItsLineAndAMisspeltKeyWithTheNearestOne(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"a misspelt key": {smallest + "[devices.printer]\nwith = 576\n", "kiosk.toml, line 8: unknown key devices.printer.with: is devices.printer.width meant?"},
		"a misspelt table, told once": {smallest + "[devices.printr]\npath = \"x\"\nwidth = 576\n",
			"kiosk.toml, line 7: unknown key devices.printr: is devices.printer meant?"},
		"a key of another table":   {smallest + "kept_dpi = 400\n", "kiosk.toml, line 7: unknown key back_office.kept_dpi: is devices.page_imager.kept_dpi meant?"},
		"a key that nothing is":    {"colour = \"red\"\n" + smallest, "kiosk.toml, line 1: unknown key colour"},
		"a key in capitals":        {"Languages_ = [\"de\"]\n" + smallest, "line 1: unknown key Languages_: is languages meant?"},
		"a value":                  {smallest + "[devices.printer]\n# of 58 mm\nwidth = 380\n", "kiosk.toml, line 9: devices.printer.width is 380 dots"},
		"a dotted key":             {"devices.printer.width = 380\n" + smallest, "line 1: devices.printer.width is 380"},
		"a table in a line":        {"[devices]\nprinter = {width = 380}\n" + smallest, "line 2: devices.printer.width is 380"},
		"a list over lines":        {"languages = [\n  \"de\",\n  \"xx\",\n]\n" + smallest, `line 1: languages names "xx", not de, en, ar, uk`},
		"what its table lacks":     {strings.Replace(smallest, "key = \"/etc/foyer/station.key\"", "", 1), "kiosk.toml, line 2: back_office.key is missing"},
		"a value of another type":  {smallest + "[devices.printer]\nwidth = \"wide\"\n", "line 8"},
		"a time that is none":      {smallest + "[timings]\nchip = \"soon\"\n", "line 8"},
		"what is no TOML":          {"state_dir: x\n" + smallest, "line 1"},
		"several, by their lines":  {"languages = []\n" + smallest + "[devices.printer]\nwidht = 576\nbaud = 1\n", "kiosk.toml:\n  line 1: languages is empty\n  line 9: unknown key devices.printer.widht: is devices.printer.width meant?\n  line 10: devices.printer.baud is 1, not 300 to 4000000"},
		"what is missing entirely": {"", "kiosk.toml:\n  back_office.address is missing\n  back_office.certificate is missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := load(t, test.text)
			if err == nil {
				t.Fatal("it is taken")
			}
			said := strings.ReplaceAll(err.Error(), "kiosk.toml: line", "kiosk.toml, line")
			if !strings.Contains(said, test.want) || strings.Count(test.want, "\n") == 0 && strings.Contains(said, "\n") {
				t.Errorf("Load: %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestWhatStandsInAPINIsNotRepeated(t *testing.T) {
	for _, pin := range []string{`"480293"`, "480293"} {
		if _, _, err := load(t, smallest+"[technician]\npin = "+pin+"\n"); err == nil || strings.Contains(err.Error(), "480293") {
			t.Errorf("Load of the PIN %s: %v", pin, err)
		}
	}
}
