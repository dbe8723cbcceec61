package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/discover"
	"github.com/foyer-station/foyer/hwtest/machine"
	"github.com/foyer-station/foyer/hwtest/wording"
	"github.com/foyer-station/foyer/kiosk/config"
)

// program is what this command is called.
const program = "hwtest"

// usualConfig is where a station has its configuration.
const usualConfig = "/etc/foyer/station.toml"

type cli struct {
	Config string        `default:"/etc/foyer/station.toml" env:"FOYER_CONFIG" help:"The station's configuration. Without one, as on a new computer or with an empty F, hwtest looks for every device that it knows." placeholder:"F"`
	Level  string        `default:"internal" enum:"internal,external,interactive" help:"How far the test goes: internal touches nothing that moves, lights or prints; external has each device act; interactive asks you to use it. For the last two a running kiosk lends its devices once nobody is at the station."`
	Device []string      `help:"Only these: ${names}; or a single check, as disk.free." placeholder:"ID"`
	Format string        `default:"text" enum:"text,json,tap,junit,prometheus,html,events" help:"text, json, tap, junit, prometheus, html, or events: for a program that runs hwtest, line by line each way."`
	JSON   bool          `name:"json" help:"The same as --format json."`
	Limit  time.Duration `default:"1400ms" help:"How long each device may take; a camera that starts slowly takes more."`

	Language string `help:"What reasons and remedies are in: de or en; as the terminal's language, else English." placeholder:"TAG"`

	NoKiosk bool `name:"no-kiosk" help:"On a bench: open the devices, and do not expect a kiosk, a back office or certificates."`

	NoHistory bool   `name:"no-history" help:"Do not keep what is found, and do not look at what was found before."`
	Report    string `help:"Write the report as a page too, with pictures and what was measured over time; it opens in any browser, without a network." placeholder:"FILE"`

	Test    struct{} `cmd:"" default:"1" help:"Test the devices (the default)."`
	History struct {
		Since span `default:"28d" help:"How far back, in days or hours: 14d, 36h." placeholder:"DURATION"`
	} `cmd:"" help:"What changed on this station and when, and how what was measured has changed. Exit status 1 where something nears its limit, or nothing is known."`
	Watch  watchCall  `cmd:"" help:"Test again and again, for the fleet's agent: a line of JSON whenever something has changed."`
	Record recordCall `cmd:"" help:"Record what a device says on USB while somebody uses it, without anything of that person, as a test for its driver. As root, with the module usbmon."`
	PIN    struct{}   `cmd:"" name:"pin" help:"Make the line of the configuration that lets a technician into the kiosk's own screen: it asks for a PIN twice, or reads one from standard input."`
	Chart  struct {
		File string `arg:"" optional:"" default:"-" help:"Where to; - is standard output." placeholder:"FILE"`
	} `cmd:"" help:"Print the charts for the page imager's glass and for the camera, as a PDF of two sheets of A4."`

	Answers string `help:"For --level interactive: take the answers from a file, a line each, instead of the terminal." placeholder:"F"`

	machine machine.Machine
	places  discover.Places
	now     func() time.Time
	pick    func(n int) int // 0 to n-1, by chance
}

// run is the whole command but for the process: arguments in, exit status out.
func (c *cli) run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return command.Run(program, c, args, stdout, stderr, func(chosen *kong.Context) error {
		if err := c.check(chosen.Command()); err != nil {
			return err
		}
		if err := refuse(chosen); err != nil {
			return err
		}
		if strings.HasPrefix(chosen.Command(), "chart") {
			return c.chart(stdout)
		}
		if chosen.Command() == "pin" {
			return c.pin(ctx, stdout, stderr)
		}
		words, err := wording.Load(c.language())
		if err != nil {
			return err
		}
		if chosen.Command() == "history" {
			return c.history(ctx, stdout, words)
		}
		if chosen.Command() == "record" {
			return c.record(ctx, stderr)
		}
		if chosen.Command() == "watch" {
			return c.watchStation(ctx, stdout, stderr, words)
		}
		if c.Format == "events" {
			return c.tell(ctx, os.Stdin, stdout, stderr)
		}
		watching := watch(stdout, stderr, words)
		report, err := c.test(ctx, &audience{words: words, stderr: stderr, watched: watching, answers: c.Answers})
		watching.clear()
		if err != nil {
			return err
		}
		past := c.remember(ctx, &report, stderr)
		if err := c.write(report, past, stdout, words); err != nil {
			return command.CannotRun(fmt.Errorf("write the report: %w", err), "check where the output goes: a full disk, a closed pipe")
		}
		if err := c.writeReport(report, past, words); err != nil {
			return command.CannotRun(fmt.Errorf("write the page: %w", err), "name a file that can be written with --report")
		}
		if !report.Healthy() {
			return command.ErrNotGood
		}
		return nil
	}, kong.Description("Which of the station's devices are ill, and what to do about it."), kong.Vars{"names": strings.Join(names(), ", ")}, kong.Help(help))
}

// kinds are the devices of a station, in the order in which they are reported.
var kinds = []devices.Kind{
	devices.KindMRZReader, devices.KindChipReader, devices.KindPageImager, devices.KindCamera, devices.KindSignaturePad, devices.KindTicketPrinter,
}

// kindLeftBehind is a document that lies where nobody is being served.
const kindLeftBehind devices.Kind = "left_behind"

// ofStation are what a running kiosk tells of beside its devices, in the order in which it is reported.
var ofStation = []devices.Kind{
	hwtest.KindKiosk, kindLeftBehind, "technician_pin", "journal", "picture_decoder", hwtest.KindOutbox, hwtest.KindBackOffice, hwtest.KindTrustStore,
	"certificate_station", "certificate_authority", "certificate_back_office",
}

// ofThisComputer are what is tested besides, in the order in which it is reported.
var ofThisComputer = []devices.Kind{
	hwtest.KindDisk, hwtest.KindMemory, hwtest.KindClock, hwtest.KindTemperature, hwtest.KindRestart, hwtest.KindSoftware, hwtest.KindSound,
}

// names are what --device takes.
func names() (all []string) {
	for _, k := range slices.Concat(kinds, ofStation, ofThisComputer) {
		all = append(all, string(k))
	}
	return all
}

// check tells what was called wrongly.
func (c *cli) check(chosen string) error {
	for _, d := range c.Device {
		kind, _, _ := strings.Cut(d, ".")
		if !slices.Contains(names(), kind) {
			return command.WrongCall(fmt.Errorf("no device is called %q", d), suggested(kind))
		}
	}
	if c.Language != "" && !slices.Contains(wording.Languages(), c.Language) {
		return command.WrongCall(fmt.Errorf("no words in %q", c.Language), "hwtest --language "+strings.Join(wording.Languages(), ", or "))
	}
	if chosen == "history" && c.Format != "text" && c.Format != "json" {
		return command.WrongCall(fmt.Errorf("a history is not written as %s", c.Format), "hwtest history --format json; hwtest --format html shows what was measured too")
	}
	if chosen != "test" && c.Format == "events" {
		return command.WrongCall(fmt.Errorf("%s tells no events", chosen), "hwtest --format events")
	}
	if chosen == "watch" && (c.Watch.Every <= 0 || c.Watch.Full <= 0) {
		return command.WrongCall(errors.New("--every and --full have to be more than nothing"), "hwtest watch --every 5m --full 12")
	}
	if chosen == "watch" && c.Level != string(hwtest.Internal) {
		return command.WrongCall(errors.New("a station is watched without a light or a sound"), "hwtest watch, at the level internal")
	}
	if c.Answers != "" && c.Level != string(hwtest.Interactive) {
		return command.WrongCall(errors.New("nothing is asked at level "+c.Level), "hwtest --level interactive --answers "+c.Answers)
	}
	if c.Limit <= 0 {
		return command.WrongCall(fmt.Errorf("--limit %s leaves no time", c.Limit), "hwtest --limit 5s")
	}
	if c.Level == string(hwtest.Internal) && slices.Equal(c.Device, []string{string(hwtest.KindSound)}) {
		return command.WrongCall(errors.New("sound cannot be tested without a sound"), "hwtest --level external --device sound")
	}
	return nil
}

// suggested is what to call in the place of a name that nothing has: the name of which it is a part, or else all that there are.
func suggested(part string) string {
	if i := slices.IndexFunc(names(), func(name string) bool { return part != "" && strings.Contains(name, part) }); i >= 0 {
		return "hwtest --device " + names()[i]
	}
	return "one of " + strings.Join(names(), ", ")
}

// test tests what was asked for, and has somebody follow it.
func (c *cli) test(ctx context.Context, f follower) (hwtest.Report, error) {
	var none hwtest.Report
	settings, err := c.settings()
	switch {
	case c.Level != string(hwtest.Internal) && (err == nil || errors.Is(err, errUnconfigured)):
		return c.outside(ctx, settings, err == nil, f)
	case err == nil:
	case errors.Is(err, errUnconfigured):
		return c.discover(ctx, f)
	default:
		return none, misconfigured(err)
	}
	s := station{cli: c, settings: settings, said: make(chan answer, 1)}
	subjects, err := s.subjects(ctx)
	if err != nil {
		return none, err
	}
	report := hwtest.Report{At: c.now(), Level: hwtest.Internal, Source: s.source, Checks: hwtest.Run(ctx, followed(subjects, f), c.Limit, f.done)}
	asked := c.Device
	select {
	case said := <-s.said:
		report.Station = said.station
		if said.hangs && len(asked) > 0 { // whatever was asked for, this is the answer
			asked = append(asked, string(hwtest.KindKiosk))
		}
	default:
	}
	report.Only(asked...)
	report.Remembered(s.seen())
	report.Configured(settingsOf(settings.Devices))
	if s.source == hwtest.FromKiosk && len(report.Checks) == 0 && slices.Contains(asked, string(kindLeftBehind)) {
		report.Checks = append(report.Checks, hwtest.Done(kindLeftBehind, "state")) // a kiosk tells of a document that lies there alone
	}
	if ctx.Err() == nil && len(report.Checks) == 0 {
		return report, command.CannotRun(errors.New("the running kiosk does not know that device"), "run the hwtest of the kiosk's own version")
	}
	return report, ctx.Err()
}

// errUnconfigured says that nobody has configured a station here.
var errUnconfigured = errors.New("no configuration")

// settings reads the configuration. That the usual one is not there is errUnconfigured; one that was named has to be.
func (c *cli) settings() (config.Config, error) {
	if c.Config == "" {
		return config.Config{}, errUnconfigured
	}
	settings, err := config.Load(c.Config)
	if c.Config == usualConfig && errors.Is(err, fs.ErrNotExist) {
		err = errUnconfigured
	}
	return settings, err
}

// misconfigured is the error of a configuration that is not there, may not be read, or is wrong, with what to do in each case.
func misconfigured(err error) error {
	switch {
	case errors.Is(err, errUnconfigured), errors.Is(err, fs.ErrNotExist):
		return command.CannotRun(err, "name the station's configuration with --config; without one: hwtest --config ''")
	case errors.Is(err, fs.ErrPermission):
		return command.CannotRun(err, "run it as the station's user: sudo -u foyer hwtest")
	}
	return command.CannotRun(err, "correct that in the file; packaging/station.example.toml has every setting, and docs/operations.md explains them")
}

func (c *cli) write(r hwtest.Report, past map[string][]hwtest.Point, w io.Writer, words *wording.Catalogue) error {
	format := c.Format
	if c.JSON {
		format = "json"
	}
	switch format {
	case "json":
		return r.WriteJSON(w, words)
	case "tap":
		return r.WriteTAP(w, words)
	case "junit":
		return r.WriteJUnit(w, words)
	case "prometheus":
		return r.WritePrometheus(w)
	case "html":
		return r.WriteHTML(w, words, c.language(), past)
	}
	var paint hwtest.Paint
	if coloured(w) {
		paint = hwtest.Colours()
	}
	return r.WriteText(w, words, paint)
}

// coloured tells whether a text may have colours: on a terminal that has some, unless somebody wants none (no-color.org).
func coloured(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func isTerminal(w io.Writer) bool {
	file, is := w.(*os.File)
	if !is {
		return false
	}
	_, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	return err == nil
}

// language is what the report is written in: what was asked for, or what the terminal's locale begins with, if there are words.
func (c *cli) language() string {
	if c.Language != "" {
		return c.Language
	}
	for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} { // the first that is set counts (POSIX, 8.2)
		if locale := os.Getenv(variable); locale != "" {
			if tag := locale[:min(len(locale), 2)]; slices.Contains(wording.Languages(), tag) {
				return tag
			}
			break
		}
	}
	return "en"
}
