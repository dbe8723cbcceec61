package ui

import (
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/bench"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/technician"
	"github.com/foyer-station/foyer/proto/selftest"
	"github.com/foyer-station/foyer/ui/goldentest"
	"github.com/foyer-station/foyer/ui/theme"
)

// atBench is what a technician sees: what the bench shows, and how far the station is.
type atBench struct {
	name  string
	view  bench.View
	phase flow.Phase
}

func said(de, en string) selftest.Text { return selftest.Text{"de": de, "en": en} }

func names() map[string]selftest.Text {
	return map[string]selftest.Text{
		"document_reader": said("Dokumentenleser", "document reader"), "chip_reader": said("Chipleser", "chip reader"),
		"page_imager": said("Seitenscanner", "page imager"), "camera": said("Kamera", "camera"),
		"signature_pad": said("Unterschriftenpad", "signature pad"), "ticket_printer": said("Drucker", "ticket printer"),
		"trust_store": said("Vertrauensspeicher", "trust store"), "disk": said("Laufwerk", "disk"),
	}
}

func titles() map[string]selftest.Text {
	return map[string]selftest.Text{
		"present": said("Anschluss", "connection"), "state": said("Zustand", "state"), "sharpness": said("Schärfe", "sharpness"),
		"frame_rate": said("Bildrate", "frame rate"), "antenna": said("Antenne", "antenna"), "lamp_visible": said("weiße Lampe", "white lamp"),
		"lamp_infrared": said("Infrarotlampe", "infrared lamp"), "lamp_ultraviolet": said("UV-Lampe", "UV lamp"),
	}
}

// well is a device's check that passed.
func well(device, name, model string, measured selftest.Text) selftest.Check {
	c := selftest.Check{
		ID: device + "." + name, Device: device, Name: names()[device], Title: titles()[name], Result: "passed", Mark: selftest.Well, State: "online",
		Condition: said("in Ordnung", "well"), Model: model, Measured: measured, Levels: []string{bench.External},
	}
	if device != "ticket_printer" && device != "chip_reader" && device != "page_imager" {
		c.Levels = append(c.Levels, bench.Interactive)
	}
	return c
}

func other(device string, measured selftest.Text) bench.Line {
	c := well(device, "state", "", measured)
	c.Levels = nil
	return bench.Line{Device: device, Name: names()[device], Checks: []selftest.Check{c}}
}

func bad(c selftest.Check, condition, why, remedy selftest.Text) selftest.Check {
	c.Result, c.Mark, c.State, c.Condition, c.Why, c.Remedy = "failed", selftest.Ill, "hw_error", condition, why, remedy
	return c
}

func lineOf(checks ...selftest.Check) bench.Line {
	return bench.Line{Device: checks[0].Device, Name: checks[0].Name, Checks: checks}
}

func padGone() selftest.Check {
	c := bad(well("signature_pad", "present", "", nil), said("nicht da", "not there"),
		said("das Gerät wurde nicht gefunden; Wacom STU-530 war bis 06:41 an usb 1-2", "the device was not found; Wacom STU-530 was at usb 1-2 until 06:41"),
		said("nachsehen, ob es eingesteckt ist und Strom hat", "check that it is plugged in and powered"))
	return c
}

func someWell() []bench.Line {
	return []bench.Line{
		lineOf(well("document_reader", "state", "Access-IS OCR reader", nil)),
		lineOf(well("chip_reader", "state", "HID Global OMNIKEY 5022", nil)),
		lineOf(well("page_imager", "state", "OpenCV v4l2", nil)),
		lineOf(well("camera", "state", "OpenCV v4l2", nil)),
		lineOf(well("ticket_printer", "state", "ESC/POS printer", nil)),
	}
}

// everyIll has every device ill, with long reasons.
func everyIll() (all []bench.Line) {
	for _, l := range append(someWell(), lineOf(padGone())) {
		c := bad(l.Checks[0], said("gestört", "out of order"),
			said("das Gerät hält sich nicht an sein Protokoll: "+strings.Repeat("es sagt viel ", 14), "the device does not keep to its protocol: "+strings.Repeat("it says a lot ", 14)),
			said("abziehen, zehn Sekunden warten, wieder einstecken; wenn das nicht hilft, austauschen", "unplug it, wait ten seconds, plug it in; if that does not help, replace it"))
		c.Path = "/dev/serial/by-id/usb-Elyctis_ID_BOX_ONE_0123456789_0123456789-if00-port0"
		all = append(all, lineOf(c))
	}
	return all
}

func resultLines() []bench.Line {
	sharp := bad(well("camera", "sharpness", "OpenCV v4l2", said("0,09 Perioden je Pixel; mindestens 0,12", "0.09 cycles a pixel; at least 0.12")), said("gestört", "out of order"),
		said("das Bild ist unscharf", "the picture is blurred"), said("Objektiv reinigen, dann scharf stellen", "clean the lens, then focus it"))
	left := well("chip_reader", "antenna", "", nil)
	left.Mark, left.Result = selftest.Untested, "not_performed"
	return []bench.Line{
		lineOf(sharp, well("camera", "frame_rate", "OpenCV v4l2", said("30,0/s; mindestens 8", "30.0/s; at least 8"))),
		lineOf(well("page_imager", "lamp_visible", "OpenCV v4l2", said("140; mindestens 60", "140; at least 60")), well("page_imager", "lamp_infrared", "", said("120; mindestens 60", "120; at least 60"))),
		lineOf(well("chip_reader", "present", "OMNIKEY", nil), left),
	}
}

// benches are the technician's screens in all their conditions.
func benches() []atBench {
	busy := lineOf(well("camera", "present", "", nil), well("camera", "frame_rate", "", nil))
	busy.Busy = true
	number := &bench.Question{ID: 3, Device: "sound", Name: said("Ton", "sound"), Do: said("Welche Zahl war zu hören?", "Which number did you hear?")}
	for _, n := range []string{"123", "456", "789", "012"} {
		number.Choices = append(number.Choices, selftest.Choice{ID: n, Text: said(n, n)})
	}
	number.Choices = append(number.Choices, selftest.Choice{ID: "5", Text: said("noch einmal", "once more")}, selftest.Choice{ID: "6", Text: said("keine", "none")})
	look := &bench.Question{ID: 1, Device: "camera", Name: names()["camera"], Do: said("Von dort, wo Besucher stehen, in die Kamera sehen.", "Look into the camera from where visitors stand.")}
	ill := append([]bench.Line{lineOf(padGone())}, append(someWell(), other("trust_store", said("3 Tage", "3 days")), other("disk", said("38,1 GB frei", "38.1 GB free")))...)
	return []atBench{
		{name: "bench_empty"},
		{name: "bench_overview", view: bench.View{Phase: bench.Overview, Level: bench.Internal, Lines: ill, Totals: selftest.Totals{Ill: 1, Well: 9}}},
		{name: "bench_overview_well", view: bench.View{Phase: bench.Overview, Level: bench.Internal, Lines: ill[1:], Totals: selftest.Totals{Well: 9, Healthy: true}}},
		{name: "bench_overview_lent", phase: flow.Working, view: bench.View{Phase: bench.Overview, Level: bench.Internal, Lines: ill, Totals: selftest.Totals{Ill: 1}}},
		{name: "bench_every_ill", view: bench.View{Phase: bench.Overview, Level: bench.Internal, Lines: everyIll(), Totals: selftest.Totals{Ill: 6}}},
		{name: "bench_runs", phase: flow.Working, view: bench.View{Phase: bench.Running, Level: bench.External, Lines: append(someWell()[:2], busy)}},
		{name: "bench_waits", view: bench.View{Phase: bench.Running, Level: bench.External, Waits: said("gewartet wird, bis der Besucher gegangen ist", "waiting until the visitor at the station has left")}},
		{name: "bench_does", phase: flow.Working, view: bench.View{Phase: bench.Running, Level: bench.Interactive, Doing: look, Lines: []bench.Line{busy}}},
		{name: "bench_ending", phase: flow.Working, view: bench.View{Phase: bench.Ending, Level: bench.Interactive, Lines: []bench.Line{busy}}},
		{name: "bench_asks", phase: flow.Working, view: bench.View{Phase: bench.Asking, Level: bench.Interactive, Question: look}},
		{name: "bench_chooses", phase: flow.Working, view: bench.View{Phase: bench.Asking, Level: bench.Interactive, Question: number}},
		{name: "bench_result", view: bench.View{Phase: bench.Result, Level: bench.External, Lines: resultLines(), Totals: selftest.Totals{Ill: 1, Well: 4}}},
		{name: "bench_result_broken", view: bench.View{Phase: bench.Result, Level: bench.External, Reason: said("der Kiosk hat seine Geräte zurückgenommen: die Leihzeit war um", "the kiosk has taken its devices back: the loan was over"), Remedy: said("weniger Geräte auf einmal prüfen", "test fewer devices at once")}},
		{name: "bench_result_missing", view: bench.View{Phase: bench.Result, Level: bench.Internal, Fault: bench.Missing}},
		{name: "bench_result_died", view: bench.View{Phase: bench.Result, Level: bench.External, Fault: bench.Died, Lines: resultLines()}},
		{name: "bench_result_hung", view: bench.View{Phase: bench.Result, Level: bench.External, Fault: bench.Hung}},
		{name: "bench_result_nonsense", view: bench.View{Phase: bench.Result, Level: bench.External, Fault: bench.Nonsense}},
		{name: "bench_result_unstopped", view: bench.View{Phase: bench.Result, Level: bench.External, Fault: bench.Unstopped}},
	}
}

// at shows what a technician sees.
func (s *station) at(b atBench, language string) {
	s.Show(kiosk.View{State: flow.State{Screen: flow.Technician, Language: language, Phase: b.phase}, Languages: languages, Office: office(), Until: now.Add(9 * 60e9)})
	s.Test(b.view)
}

// benchNamed is one of benches.
func benchNamed(t *testing.T, name string) atBench {
	t.Helper()
	i := slices.IndexFunc(benches(), func(b atBench) bool { return b.name == name })
	if i < 0 {
		t.Fatalf("no bench %s", name)
	}
	return benches()[i]
}

func TestATechnicianCanReadAndTouchEverything(t *testing.T) {
	for _, b := range benches() {
		for _, language := range []string{"de", "en"} {
			t.Run(b.name+"/"+language, func(t *testing.T) {
				s := newStation(t, 1)
				s.at(b, language)
				look(t, s)
				titled(t, s)
				for n := 0; s.has("bench.page") && n < 10; n++ {
					s.clock = s.clock.Add(2 * doubleStrike)
					s.tap(t, "bench.page")
					look(t, s)
				}
				if s.has("bench.device.camera") {
					s.tap(t, "bench.device.camera")
					look(t, s)
				}
			})
		}
	}
}

// look looks at everything on the screen: it lies in the window and in its container, is large enough and lies over nothing else.
func look(t *testing.T, s *station) {
	t.Helper()
	var places []box
	var said []string
	top := s.root.Objects[len(s.root.Objects)-1]
	window := boxOf(top, fyne.Position{})
	walk(top, fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
		contains(t, o, at)
		place := boxOf(o, at)
		switch o := o.(type) {
		case *paragraph:
			fits(t, o, place, window)
			if o.content != "" {
				places, said = append(places, place), append(said, o.content)
			}
			if o.style.Size < theme.Small {
				t.Errorf("%q is written in %.0f units", o.content, o.style.Size)
			}
		case *button:
			if !place.in(window) || place.bottom-place.top < theme.MinTarget {
				t.Errorf("control %s is at %v", o.id, place)
			}
			for _, p := range o.paragraphs() {
				fits(t, p, boxOf(p, at.Add(p.Position())), place)
			}
			places, said = append(places, place), append(said, "control "+o.id)
		}
	})
	for i := range places {
		for j := range i {
			if places[i].apart(places[j]) < -0.5 {
				t.Errorf("%q lies over %q", said[i], said[j])
			}
		}
	}
}

// titled holds the titles on the screen to be whole.
func titled(t *testing.T, s *station) {
	t.Helper()
	walk(s.root.Objects[0], fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		p, is := o.(*paragraph)
		if is && p.style.Size == theme.Heading && p.heightFor(p.Size().Width) < uncut(p, p.Size().Width) {
			t.Errorf("the title %q is cut off", p.content)
		}
	})
}

// uncut is how high a paragraph would be if it had as many lines as it needs.
func uncut(p *paragraph, width float32) float32 {
	style := p.style
	style.MaxLines = 0
	return newParagraph(p.typesetter, p.content, style).heightFor(width)
}

// has tells whether a control is published.
func (s *station) has(id string) bool {
	return slices.ContainsFunc(s.screen.Focus, func(f technician.Focus) bool { return f.ID == id })
}

func TestWhateverATestAsksItsAnswersStayOnTheScreen(t *testing.T) {
	long := said(strings.Repeat("ab ", 600), strings.Repeat("W", 2000))
	q := bench.Question{ID: 1, Device: "camera", Name: long, Do: long}
	for range 7 {
		for _, language := range []string{"de", "en"} {
			s := newStation(t, 1)
			s.at(atBench{phase: flow.Working, view: bench.View{Phase: bench.Asking, Level: bench.Interactive, Question: &q}}, language)
			top := s.root.Objects[0]
			window := boxOf(top, fyne.Position{})
			walk(top, fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
				if b, is := o.(*button); is && !boxOf(o, at).in(window) {
					t.Errorf("control %s is at %v", b.id, boxOf(o, at))
				}
			})
		}
		q.Choices = append(q.Choices, selftest.Choice{ID: strconv.Itoa(len(q.Choices)), Text: long})
	}
}

func TestATestThatTellsOfThousandsOfChecksIsShownAsFarAsAnybodyTurnsPages(t *testing.T) {
	long := strings.Repeat("ab ", 600)
	var all []bench.Line
	for d := range 64 {
		l := bench.Line{Device: "camera" + strconv.Itoa(d), Name: said(long, long)}
		for n := range 64 {
			c := bad(well(l.Device, "c"+strconv.Itoa(n), "", said(long, long)), said("gestört", "ill"), said(long, long), said(long, long))
			l.Checks = append(l.Checks, c)
		}
		all = append(all, l)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s := newStation(t, 1)
	s.at(atBench{view: bench.View{Phase: bench.Result, Level: bench.External, Lines: all}}, "en")
	runtime.ReadMemStats(&after)
	if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 1024 || !s.reads("(1/24)") || !s.has("leave") {
		t.Errorf("the screen took %d MiB", took)
	}
}

func TestWhatATechnicianTouchesReachesTheBench(t *testing.T) {
	for _, c := range []struct {
		at, first, id string
		want          bench.Command
	}{
		{"bench_overview", "", "bench.again", bench.Test{Level: bench.Internal}},
		{"bench_overview", "", "bench.external", bench.Test{Level: bench.External, Language: "de"}},
		{"bench_overview", "", "bench.interactive", bench.Test{Level: bench.Interactive, Language: "de"}},
		{"bench_overview", "bench.device.chip_reader", "bench.external", bench.Test{Level: bench.External, Device: "chip_reader", Language: "de"}},
		{"bench_overview", "bench.device.signature_pad", "bench.interactive", bench.Test{Level: bench.Interactive, Device: "signature_pad", Language: "de"}},
		{"bench_runs", "", "bench.stop", bench.Stop{}},
		{"bench_asks", "", "bench.go_on", bench.Answer{To: 1, Reply: selftest.GoOn}},
		{"bench_asks", "", "bench.skip", bench.Answer{To: 1, Reply: selftest.Skip}},
		{"bench_asks", "", "bench.stop", bench.Stop{}},
		{"bench_chooses", "", "bench.choice.456", bench.Answer{To: 3, Reply: selftest.Choose, Choice: "456"}},
		{"bench_result", "", "bench.again", bench.Test{Level: bench.Internal}},
	} {
		t.Run(c.at+c.first+"/"+c.id, func(t *testing.T) {
			s := newStation(t, 1)
			var told []bench.Command
			s.bench = func(b bench.Command) { told = append(told, b) }
			s.at(benchNamed(t, c.at), "de")
			if c.first != "" {
				s.tap(t, c.first)
			}
			if q := s.workbench.view.Question; q != nil && s.screen.Attempt != q.ID {
				t.Errorf("question %d is published as %d", q.ID, s.screen.Attempt)
			}
			s.tap(t, c.id)
			s.tap(t, c.id) // a trembling hand
			if len(told) != 1 || told[0] != c.want {
				t.Errorf("told %v, want %v", told, c.want)
			}
			if !slices.Contains(s.sent, flow.Event(flow.MoreTime{})) {
				t.Error("the station does not know that somebody is there")
			}
		})
	}
}

func TestATechnicianSwitchesTheLanguageAndLeaves(t *testing.T) {
	s := newStation(t, 1)
	s.at(benchNamed(t, "bench_overview"), "de")
	s.tap(t, "language.en")
	s.tap(t, "leave")
	if want := []flow.Event{flow.ChooseLanguage{Tag: "en"}, flow.Leave{}}; !slices.Equal(s.sent, want) {
		t.Errorf("sent %v", s.sent)
	}
}

func TestNoTestCanBeginWhileTheDevicesAreLent(t *testing.T) {
	s := newStation(t, 1)
	s.at(benchNamed(t, "bench_overview_lent"), "de")
	for _, f := range s.screen.Focus {
		if tests := f.ID == "bench.external" || f.ID == "bench.interactive"; tests == f.Enabled {
			t.Errorf("%s: enabled is %v", f.ID, f.Enabled)
		}
	}
	if why := "Eine andere Prüfung hat die Geräte."; !s.reads(why) {
		t.Error("nothing says why")
	} else if s.tap(t, "bench.device.camera"); !s.reads(why) {
		t.Error("nothing says why where one device is looked at")
	}
}

func TestADeviceThatIsLookedAtShowsWhatWasMeasuredAndTheWayBack(t *testing.T) {
	s := newStation(t, 1)
	s.at(benchNamed(t, "bench_result"), "en")
	s.tap(t, "bench.device.page_imager")
	if !s.reads("White lamp: 140; at least 60") {
		t.Error("what was measured is not shown")
	}
	s.Test(benchNamed(t, "bench_result").view) // the same again
	if !s.has("bench.back") {
		t.Fatal("it is closed by itself")
	}
	s.tap(t, "bench.back")
	if !s.has("bench.device.page_imager") || !s.reads("2 passed") {
		t.Error("the others are not shown")
	}
}

// count is how many paragraphs say something.
func (s *station) count(want string) (n int) {
	walk(s.root.Objects[0], fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if p, is := o.(*paragraph); is && strings.Contains(p.content, want) {
			n++
		}
	})
	return n
}

// reads tells whether a text stands on the screen.
func (s *station) reads(want string) (found bool) {
	walk(s.root.Objects[0], fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		switch o := o.(type) {
		case *paragraph:
			found = found || strings.Contains(o.content, want)
		case *button:
			for _, p := range o.paragraphs() {
				found = found || strings.Contains(p.content, want)
			}
		}
	})
	return found
}

func TestWhatATestTellsDoesNotTakeAControlFromUnderAFinger(t *testing.T) {
	s := newStation(t, 1)
	var told []bench.Command
	s.bench = func(b bench.Command) { told = append(told, b) }
	runs := benchNamed(t, "bench_runs")
	s.at(runs, "de")
	var stop *button
	find := func() {
		walk(s.root.Objects[0], fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
			if b, is := o.(*button); is && b.id == "bench.stop" {
				stop = b
			}
		})
	}
	find()
	touched := stop
	touched.MouseDown(nil)
	for range 10 {
		s.Test(runs.view)
	}
	if find(); stop != touched {
		t.Fatal("the control was drawn anew below the finger")
	}
	touched.MouseUp(nil)
	touched.Tapped(nil)
	if len(told) != 1 || told[0] != bench.Command(bench.Stop{}) {
		t.Errorf("told %v", told)
	}
	s.showBench() // as the next tick does
	if find(); stop == touched {
		t.Error("what came meanwhile is not shown")
	}
	stop.MouseDown(nil) // and slides off
	s.Test(runs.view)
	for touched = stop; s.holding < 4; s.holding++ {
	}
	s.showBench()
	if find(); stop == touched {
		t.Error("a finger that slid off keeps everything from being drawn")
	}
}

func TestNothingOfATestIsLeftForTheNextVisitor(t *testing.T) {
	s := newStation(t, 1)
	s.at(benchNamed(t, "bench_result"), "en")
	s.Show(kiosk.View{State: flow.State{Screen: flow.Greeting}, Languages: languages, Office: office()})
	if s.workbench.view.Lines != nil || s.has("bench.again") {
		t.Error("the test is still there")
	}
}

func TestBenchesLookAsTheyDid(t *testing.T) {
	s := newStation(t, 0.5)
	for _, b := range benches() {
		s.at(b, "de")
		picture := s.Window().Canvas().Capture()
		if dir := os.Getenv("BENCH_PICTURES"); dir != "" {
			f, err := os.Create(filepath.Join(dir, b.name+".png"))
			if err != nil {
				t.Fatal(err)
			}
			png.Encode(f, picture)
			f.Close()
		}
		if slices.Contains([]string{"bench_overview", "bench_runs", "bench_asks", "bench_chooses", "bench_result"}, b.name) {
			goldentest.Compare(t, *update, filepath.Join("testdata", "golden", b.name+".de.png"), picture)
		}
	}
}
