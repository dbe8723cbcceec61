package ui

import (
	"testing"

	"github.com/foyer-station/foyer/kiosk/bench"
	"github.com/foyer-station/foyer/proto/selftest"
	"github.com/foyer-station/foyer/ui/theme"
)

// Nothing on the glass is one thing, and not three.
func TestWhatIsTheSameForSeveralChecksIsSaidOnce(t *testing.T) {
	var dark []selftest.Check
	for _, name := range []string{"lamp_visible", "lamp_infrared", "lamp_ultraviolet"} {
		dark = append(dark, bad(well("page_imager", name, "", nil), said("gestört", "ill"),
			said("in keinem Licht kommt etwas zurück", "nothing comes back in any light"), said("die Testtafel auflegen", "lay the chart")))
	}
	other := well("page_imager", "sharpness", "", said("140 dpi", "140 dpi"))
	s := newStation(t, 1)
	s.at(atBench{view: bench.View{Phase: bench.Result, Level: bench.External, Lines: append([]bench.Line{lineOf(append(dark, other)...)}, someWell()[3:]...)}}, "en")
	if n := s.count("nothing comes back in any light"); n != 1 || !s.reads("Page imager · white lamp, infrared lamp, UV lamp") {
		t.Errorf("it is said %d times", n)
	}
	s.tap(t, "bench.device.page_imager")
	if n := s.count("nothing comes back in any light"); n != 1 || !s.reads("White lamp, infrared lamp, UV lamp") || !s.reads("Sharpness: 140 dpi") {
		t.Errorf("of the device it is said %d times", n)
	}
}

// Six that are pulled out at once are seen on two pages.
func TestThreeIllDevicesFitOnAPage(t *testing.T) {
	var lines []bench.Line
	for _, device := range []string{"document_reader", "chip_reader", "page_imager", "camera", "signature_pad", "ticket_printer"} {
		c := padGone()
		c.ID, c.Device, c.Name = device+".present", device, names()[device]
		lines = append(lines, lineOf(c))
	}
	s := newStation(t, 1)
	s.at(atBench{view: bench.View{Phase: bench.Overview, Level: bench.Internal, Lines: lines, Totals: selftest.Totals{Ill: 6}}}, "de")
	if !s.reads("(1/2)") || s.count("Seitenscanner: nicht da") != 1 {
		t.Error("the third is not on the first page")
	}
}

func TestWhatWasNotTestedIsNotCalledWell(t *testing.T) {
	left := well("chip_reader", "antenna", "", nil)
	left.Mark, left.Result, left.Why = selftest.Untested, "not_performed", said("auf dem Leser liegt keine Karte", "no card lies on the reader")
	view := bench.View{Phase: bench.Result, Level: bench.External, Lines: append(someWell()[2:], lineOf(well("chip_reader", "present", "", nil), left)), Totals: selftest.Totals{Well: 4, Left: 1, Healthy: true}}
	s := newStation(t, 1)
	s.at(atBench{view: view}, "en")
	if s.reads("All is well.") || !s.reads("What was tested is well; 1 check was not made.") {
		t.Error("all is called well")
	}
	view.Lines, view.Totals.Left = view.Lines[3:], 2
	s.at(atBench{view: view}, "de")
	if !s.reads("2 Prüfungen fielen aus") || !s.reads("auf dem Leser liegt keine Karte") || !s.reads("Chipleser · Antenne") {
		t.Error("of the one device that was tested nothing says why a check was not made")
	}
}

func TestWhatATechnicianReadsFirstBeginsLikeASentence(t *testing.T) {
	s := newStation(t, 1)
	s.at(benchNamed(t, "bench_overview"), "en")
	if !s.reads("Signature pad: not there") || !s.reads("Chip reader · ") {
		t.Error("the names of devices begin small")
	}
	s.at(benchNamed(t, "bench_result_broken"), "de")
	if !s.reads("Der Kiosk hat seine Geräte zurückgenommen: die Leihzeit war um.") || !s.reads("weniger Geräte auf einmal prüfen") {
		t.Error("why the test could not run begins small, or nothing says what to do")
	}
}

func TestTheControlsOfAPairHaveTheirWordsInOneLine(t *testing.T) {
	s := newStation(t, 1)
	for _, language := range []string{"de", "en"} {
		s.at(benchNamed(t, "bench_overview"), language)
		for _, f := range s.screen.Focus {
			if high := float32(f.Area.Dy()); f.Area.Min.Y > int(theme.Height)*3/4 && high > theme.ButtonHeight+1 {
				t.Errorf("%s, %s: %.0f high", language, f.ID, high)
			}
		}
	}
}
