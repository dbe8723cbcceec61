package stu

import (
	"errors"
	"image"
	"image/color"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices"
)

var size530 = devices.PadSize{MaxX: 10800, MaxY: 6480, MaxPressure: 1023, Width: 800, Height: 480}

func TestCapabilityGivesGeometryAndTheBestFormat(t *testing.T) {
	colour := []byte{0x2a, 0x30, 0x19, 0x50, 0x03, 0xff, 0x03, 0x20, 0x01, 0xe0, 200, 0x09, 0xec, 0x0d, 0, 0}
	only16, only1 := append([]byte{}, colour...), append([]byte{}, colour...)
	only16[13], only1[13] = 0x05, 0x01
	for name, c := range map[string]struct {
		report []byte
		size   devices.PadSize
		format format
	}{
		"colour":        {colour, size530, format24Bit},
		"16 bit":        {only16, size530, format16Bit},
		"black":         {only1, size530, format1Bit},
		"an old report": {colour[:10], size530, format1Bit},
	} {
		size, f, err := decodeCapability(c.report)
		if err != nil || size != c.size || f != c.format {
			t.Errorf("%s: %+v, %d, %v, want %+v, %d", name, size, f, err, c.size, c.format)
		}
	}
	for name, report := range map[string][]byte{
		"empty": nil, "short": colour[:9], "no pressure": append([]byte{1, 1, 1, 1, 0, 0}, colour[6:]...),
		"an endless screen": append(append([]byte{}, colour[:6]...), 0xff, 0xff, 0xff, 0xff),
	} {
		if _, _, err := decodeCapability(report); !errors.Is(err, devices.ErrProtocol) {
			t.Errorf("%s: %v, want ErrProtocol", name, err)
		}
	}
}

func TestInformationIsPrintableWhateverThePadSays(t *testing.T) {
	model, firmware, err := decodeInformation([]byte("STU\x1b-530\x00\x01\x05\x00\x00\x00\x00\x00"))
	if err != nil || model != "STU-530" || firmware != "1.05" {
		t.Errorf("%q, %q, %v, want STU-530, 1.05", model, firmware, err)
	}
}

func TestPenReportsAreReadFromAPacket(t *testing.T) {
	pen := []byte{0x01, 0x91, 0xf4, 0x15, 0x18, 0x0c, 0xa8} // ready, touches, 500 at 5400, 3240
	timed := []byte{0x34, 0x80, 0x00, 0x00, 0x01, 0x00, 0x02, 0x12, 0x34, 0x00, 0x07}
	far := []byte{0x01, 0x91, 0xf4, 0x2a, 0x31, 0x00, 0x00} // one unit beyond the pad
	first := penReport{ready: true, down: true, pressure: 500, x: 5400, y: 3240}
	second := penReport{ready: true, x: 1, y: 2, timed: true, time: 0x1234}
	for name, c := range map[string]struct {
		packet []byte
		want   []penReport
	}{
		"one":              {pen, []penReport{first}},
		"two":              {append(append([]byte{}, pen...), timed...), []penReport{first, second}},
		"one and filling":  {append(append([]byte{}, pen...), make([]byte, 57)...), []penReport{first}},
		"one and a half":   {append(append([]byte{}, pen...), timed[:4]...), []penReport{first}},
		"beyond the pad":   {append(append([]byte{}, far...), pen...), []penReport{first}},
		"of another kind":  {[]byte{0x99, 1, 2, 3}, nil},
		"shorter than two": {pen[:6], nil},
		"empty":            {nil, nil},
	} {
		if diff := cmp.Diff(c.want, decodePacket(c.packet, size530), cmp.AllowUnexported(penReport{})); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestAPenThatGoesAwayLiftsOnce(t *testing.T) {
	var track tracker
	track.sample(penReport{ready: true, down: true, pressure: 9, x: 3, y: 4}, time.Millisecond)
	lifted, ok := track.sample(penReport{}, 2*time.Millisecond)
	if want := (devices.Sample{X: 3, Y: 4, At: 2 * time.Millisecond}); !ok || lifted != want {
		t.Errorf("%+v, %v, want %+v", lifted, ok, want)
	}
	if s, ok := track.sample(penReport{}, 3*time.Millisecond); ok {
		t.Errorf("a pen out of reach gave %+v", s)
	}
}

func TestSamplesBearThePadsClockAcrossItsTurns(t *testing.T) {
	var track tracker
	clock := uint16(65000)
	at := func(step, delay time.Duration) devices.Sample {
		clock += uint16(step.Milliseconds())
		s, _ := track.sample(penReport{ready: true, timed: true, time: clock}, track.arrived+delay)
		return s
	}
	at(0, time.Second)
	if s := at(5*time.Millisecond, 9*time.Millisecond); s.At != time.Second+5*time.Millisecond {
		t.Errorf("5 ms later by the pad: %v", s.At)
	}
	if s := at(2*time.Second, 2*time.Second); s.At != 3*time.Second+5*time.Millisecond {
		t.Errorf("over the turn of the clock: %v", s.At)
	}
	if s := at(100*time.Second, 100*time.Second); s.At != 103*time.Second+5*time.Millisecond {
		t.Errorf("after a pause longer than a turn: %v", s.At)
	}
}

func TestTimeNeverRunsBackwardsNorAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var track tracker
		var last, arrived time.Duration
		for range rapid.IntRange(1, 50).Draw(t, "reports") {
			arrived += time.Duration(rapid.Int64Range(0, int64(200*time.Second)).Draw(t, "pause"))
			r := penReport{ready: true, timed: rapid.Bool().Draw(t, "timed"), time: rapid.Uint16().Draw(t, "time")}
			s, ok := track.sample(r, arrived)
			if !ok || s.At < last || s.At > arrived+time.Second {
				t.Fatalf("at %v after %v, arrived %v", s.At, last, arrived)
			}
			last = s.At
		}
	})
}

func TestPicturesAreEncodedAsThePadReadsThem(t *testing.T) {
	picture := image.NewNRGBA(image.Rect(10, 20, 19, 21)) // not at the origin, 9 pixels wide
	picture.Set(10, 20, color.NRGBA{R: 0xff, G: 0x80, B: 0x08, A: 0xff})
	picture.Set(11, 20, color.Black)
	if got, want := encode(picture, format24Bit)[:9], []byte{0x08, 0x80, 0xff, 0, 0, 0, 0xff, 0xff, 0xff}; !cmp.Equal(got, want) {
		t.Errorf("24 bit: %x, want %x", got, want)
	}
	if got, want := encode(picture, format16Bit)[:6], []byte{0xfc, 0x01, 0, 0, 0xff, 0xff}; !cmp.Equal(got, want) {
		t.Errorf("16 bit: %x, want %x", got, want)
	}
	if got, want := encode(picture, format1Bit), []byte{0b10111111, 0xff}; !cmp.Equal(got, want) {
		t.Errorf("1 bit: %b, want %b", got, want)
	}
}

func FuzzDecodePacket(f *testing.F) {
	f.Add([]byte{0x01, 0x91, 0xf4, 0x15, 0x18, 0x0c, 0xa8})
	f.Add([]byte{0x34, 0x80, 0x00, 0x00, 0x01, 0x00, 0x02, 0x12, 0x34, 0x00, 0x07})
	f.Fuzz(func(t *testing.T, packet []byte) {
		var track tracker
		for _, r := range decodePacket(packet, size530) {
			s, _ := track.sample(r, time.Second)
			if s.X > size530.MaxX || s.Y > size530.MaxY || s.Pressure > size530.MaxPressure || s.Pressure > 0 && !s.Down {
				t.Fatalf("sample %+v", s)
			}
		}
		decodeCapability(packet)
		decodeInformation(packet)
	})
}
