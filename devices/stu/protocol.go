package stu

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// Report ids (SDK, Protocol.hpp).
const (
	reportPenData               = 0x01
	reportPenDataTimeCount      = 0x34 // with time count and sequence
	reportStatus                = 0x03
	reportInformation           = 0x08
	reportCapability            = 0x09
	reportClearScreen           = 0x20
	reportInkingMode            = 0x21
	reportStartImageData        = 0x25
	reportImageDataBlock        = 0x26
	reportEndImageData          = 0x27
	reportPenOptionMode         = 0x32
	optionNone             byte = 0
	optionTimeAndSequence  byte = 3
)

// Sizes of reports, without their id.
const (
	statusSize      = 4
	informationSize = 16
	capabilitySize  = 16
	capabilityOld   = 10 // pads before the 430 leave rate, resolution and encodings out
	penSize         = 6
	penTimedSize    = 10
	blockSize       = 253 // of picture in one block
)

// Values in reports.
const (
	statusReady byte = 0
	commit      byte = 0
	abandon     byte = 1
)

// maxPixels bounds the picture that a pad can ask for; the largest known LCD has 800 x 480.
const maxPixels = 2048 * 2048

// format is how a picture is encoded for a pad.
type format byte

// The formats, as the byte of StartImageData.
const (
	format1Bit  format = 0
	format16Bit format = 2
	format24Bit format = 4
)

// decodeCapability reads the capability report: geometry, and the best picture format of those that the pad lists.
func decodeCapability(report []byte) (devices.PadSize, format, error) {
	if len(report) < capabilityOld {
		return devices.PadSize{}, 0, fmt.Errorf("%w: capability report of %d bytes", devices.ErrProtocol, len(report))
	}
	field := func(i int) int { return int(binary.BigEndian.Uint16(report[2*i:])) }
	size := devices.PadSize{MaxX: field(0), MaxY: field(1), MaxPressure: field(2), Width: field(3), Height: field(4)}
	if size.MaxX == 0 || size.MaxY == 0 || size.MaxPressure == 0 || size.Width == 0 || size.Height == 0 ||
		size.Width*size.Height > maxPixels {
		return devices.PadSize{}, 0, fmt.Errorf("%w: impossible geometry", devices.ErrProtocol)
	}
	if len(report) < capabilitySize {
		return size, format1Bit, nil
	}
	const flagsAt, flag16Bit, flag24Bit = 13, 0x04, 0x08
	switch flags := report[flagsAt]; {
	case flags&flag24Bit != 0:
		return size, format24Bit, nil
	case flags&flag16Bit != 0:
		return size, format16Bit, nil
	}
	return size, format1Bit, nil
}

// decodeInformation reads the information report: model name and firmware version.
func decodeInformation(report []byte) (model, firmware string, err error) {
	const nameSize = 9
	if len(report) < informationSize {
		return "", "", fmt.Errorf("%w: information report of %d bytes", devices.ErrProtocol, len(report))
	}
	name, _, _ := strings.Cut(string(report[:nameSize]), "\x00")
	printable := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, name)
	return printable, fmt.Sprintf("%d.%02d", report[nameSize], report[nameSize+1]), nil
}

// penReport is one report of the pen.
type penReport struct {
	ready, down bool
	pressure    int
	x, y        int
	timed       bool
	time        uint16 // milliseconds, if timed
}

// decodePacket reads the pen reports in a packet, in order; it stops at the first byte that begins none. A report is
// followed by another one, by zeros that fill the packet, or by nothing. Reports beyond what the pad said it can measure
// are left out.
func decodePacket(packet []byte, size devices.PadSize) []penReport {
	var reports []penReport
	for len(packet) > 0 {
		length := penSize
		switch packet[0] {
		case reportPenData:
		case reportPenDataTimeCount:
			length = penTimedSize
		default:
			return reports
		}
		if len(packet) < 1+length {
			return reports
		}
		r := decodePen(packet[1 : 1+length])
		if r.x <= size.MaxX && r.y <= size.MaxY && r.pressure <= size.MaxPressure {
			reports = append(reports, r)
		}
		packet = packet[1+length:]
	}
	return reports
}

// decodePen reads one pen report without its id; the longer kind has a time.
func decodePen(b []byte) penReport {
	const ready, touches, pressure = 0x8000, 0x1000, 0x0fff
	flags := binary.BigEndian.Uint16(b)
	r := penReport{ready: flags&ready != 0, down: flags&touches != 0, pressure: int(flags & pressure),
		x: int(binary.BigEndian.Uint16(b[2:])), y: int(binary.BigEndian.Uint16(b[4:]))}
	if len(b) == penTimedSize {
		r.timed, r.time = true, binary.BigEndian.Uint16(b[6:])
	}
	return r
}

// tracker makes samples of the reports of one capture.
type tracker struct {
	last    devices.Sample
	begun   bool          // the pad's clock is known
	clock   uint16        // of the last report
	arrived time.Duration // of the last report, since capture began
}

// sample gives the sample of a report that arrived so long after capture began. It reports false when the pen is out of
// reach, where its place means nothing; only that it no longer touches is a sample once more.
func (t *tracker) sample(r penReport, arrived time.Duration) (devices.Sample, bool) {
	at := t.at(r, arrived)
	lifted := t.last.Down
	switch {
	case !r.ready:
		t.last.Down, t.last.Pressure, t.last.At = false, 0, at
		return t.last, lifted
	case !r.down:
		r.pressure = 0
	}
	t.last = devices.Sample{X: r.x, Y: r.y, Down: r.down, Pressure: r.pressure, At: at}
	return t.last, true
}

// at is the time of a report since capture began: by the pad's clock where there is one, which knows nothing of delays
// on the way. It turns over every 65,536 ms, which the time of arrival tells apart; and it is believed only as far as it
// keeps with that.
func (t *tracker) at(r penReport, arrived time.Duration) time.Duration {
	const turn, trust = 65536 * time.Millisecond, time.Second
	begun, clock, before := t.begun, t.clock, t.arrived
	t.begun, t.clock, t.arrived = r.timed, r.time, arrived
	if !r.timed || !begun {
		return max(arrived, t.last.At)
	}
	step := time.Duration(r.time-clock) * time.Millisecond
	if late := arrived - before - step; late > turn/2 {
		step += (late + turn/2) / turn * turn
	}
	return max(min(t.last.At+step, arrived+trust), t.last.At)
}

// encode makes the bytes of a picture: blue, green, red; or 5, 6 and 5 bits, big-endian; or one bit a pixel, white is 1,
// rows padded to bytes with white. What is transparent lies on white.
func encode(picture image.Image, f format) []byte {
	flat := image.NewRGBA(image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy()))
	draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, picture, picture.Bounds().Min, draw.Over)
	if f == format1Bit {
		return encode1Bit(flat)
	}
	var data []byte
	for i := 0; i < len(flat.Pix); i += 4 {
		red, green, blue := flat.Pix[i], flat.Pix[i+1], flat.Pix[i+2]
		if f == format24Bit {
			data = append(data, blue, green, red)
		} else {
			data = binary.BigEndian.AppendUint16(data, uint16(red>>3)<<11|uint16(green>>2)<<5|uint16(blue>>3))
		}
	}
	return data
}

func encode1Bit(flat *image.RGBA) []byte {
	const half = 128
	width, height := flat.Rect.Dx(), flat.Rect.Dy()
	row := (width + 7) / 8
	data := make([]byte, row*height)
	for y := range height {
		for x := range row * 8 {
			if x >= width || color.GrayModel.Convert(flat.RGBAAt(x, y)).(color.Gray).Y >= half {
				data[y*row+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return data
}

// imageBlock is the content of one block: its length, little-endian, the bytes, and filling.
func imageBlock(data []byte) []byte {
	block := make([]byte, 2+blockSize)
	binary.LittleEndian.PutUint16(block, uint16(len(data)))
	copy(block[2:], data)
	return block
}
