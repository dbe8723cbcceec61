// Package protocol is what a Wacom STU signature pad and its host say to each other, as bytes: reports, pictures, the exchange of
// keys, and the frames in which reports travel over a serial line. It talks to nothing; package stu does.
//
// Sources: Wacom's SDK headers (Protocol.hpp: report ids, codes, layouts; getUsbDevices.hpp: products), Wacom's own samples (key
// exchange), and le2ni/stusign, an independent open driver that was tried on an STU-540 (byte orders, frames of the serial line,
// sizes of reports). Where they contradict each other the SDK counts. What none of them says is not guessed: the bulk endpoint
// for pictures, the TLS of the STU-541, and how pads behave between their documented states.
package protocol

import (
	"encoding/binary"
	"fmt"
	"image"
	"strings"

	"github.com/foyer-station/foyer/devices"
)

// Report is the id of a report (Protocol.hpp, ReportId).
type Report byte

// Reports of the pen, which the pad sends by itself.
const (
	PenData                Report = 0x01
	PenDataEncrypted       Report = 0x10 // two samples in a block
	PenDataOption          Report = 0x30 // with a number: STU-520A, STU-500 of firmware 2.03
	PenDataEncryptedOption Report = 0x31 // two samples in a block, their numbers in clear behind it
	PenDataTimedEncrypted  Report = 0x33 // PenDataTimed in a block
	PenDataTimed           Report = 0x34 // with time and number: 430, 530, 540
)

// Reports that the host asks for or sets.
const (
	Status                 Report = 0x03
	Information            Report = 0x08
	CapabilityReport       Report = 0x09
	UID                    Report = 0x0a
	UID2                   Report = 0x0b
	ReportRate             Report = 0x0d
	ESerial                Report = 0x0f
	HostPublicKey          Report = 0x13
	DevicePublicKey        Report = 0x14
	StartCapture           Report = 0x15
	EndCapture             Report = 0x16
	DHPrime                Report = 0x1a
	DHBase                 Report = 0x1b
	ClearScreen            Report = 0x20
	InkingMode             Report = 0x21
	StartImageDataArea     Report = 0x24
	StartImageData         Report = 0x25
	ImageDataBlock         Report = 0x26
	EndImageData           Report = 0x27
	HandwritingDisplayArea Report = 0x2a
	PenDataOptionMode      Report = 0x32
	EncryptionCommand      Report = 0x40
	EncryptionStatus       Report = 0x50
)

// Reports that exist on a serial line alone.
const (
	GetReport             Report = 0x80 // host: asks for a report
	SetResult             Report = 0x81 // pad: what came of a report that was set; 0 is done
	ReportSizeCollection  Report = 0xff // the length of every report
	reportSizesWithItself        = 512
)

// Modes of the pen's reports (Protocol.hpp, PenDataOptionMode).
const (
	OptionNone            byte = 0
	OptionSequence        byte = 2 // STU-520A, STU-500 of firmware 2.03
	OptionTimeAndSequence byte = 3 // 430, 530, 540
)

// What a pad can be doing (Protocol.hpp, StatusCode).
const (
	StatusReady       byte = 0
	StatusImage       byte = 1 // takes a picture
	StatusCapture     byte = 2 // sends encrypted samples; takes commands
	StatusCalculation byte = 3 // computes a key
)

// Ends of a picture.
const (
	Commit  byte = 0
	Abandon byte = 1
)

// Sizes of reports in bytes, without their id.
const (
	StatusSize      = 4
	InformationSize = 16
	CapabilitySize  = 16
	capabilityOld   = 10 // of the 300 and 500: rate, resolution and encodings are left out
)

// Encodings are the formats of pictures that a pad takes, as flags (Protocol.hpp, EncodingFlag).
type Encodings byte

// The flags.
const (
	TakesZlib  Encodings = 0x01 // compressed, by way of blocks
	Takes1Bit  Encodings = 0x02
	Takes16Bit Encodings = 0x04
	Takes24Bit Encodings = 0x08
)

// Capability is what a pad says that it can do.
type Capability struct {
	devices.PadSize
	Rate      int       // samples a second; 0 where the pad does not say
	Encodings Encodings // 0 where it does not say
}

// Bounds of a pad's screen and of what the pen reaches. The largest known LCD has 800 x 480, the smallest 320 x 200 and 396 x 100.
const (
	maxPixels  = 2048 * 2048
	minSide    = 64 // pixels, and the tablet's units
	maxLengthy = 8  // times as long as it is wide: pictures of what is written keep the proportions
)

// possible tells whether a screen or a tablet has such sides.
func possible(width, height int) bool {
	short, long := min(width, height), max(width, height)
	return short >= minSide && long <= maxLengthy*short
}

// DecodeCapability reads the capability report, in its old form too. The error is devices.ErrProtocol.
func DecodeCapability(content []byte) (Capability, error) {
	if len(content) < capabilityOld {
		return Capability{}, fmt.Errorf("%w: capability report of %d bytes", devices.ErrProtocol, len(content))
	}
	field := func(i int) int { return int(binary.BigEndian.Uint16(content[2*i:])) }
	c := Capability{PadSize: devices.PadSize{MaxX: field(0), MaxY: field(1), MaxPressure: field(2), Width: field(3), Height: field(4)}}
	if !possible(c.MaxX, c.MaxY) || !possible(c.Width, c.Height) || c.MaxPressure == 0 || c.Width*c.Height > maxPixels {
		return Capability{}, fmt.Errorf("%w: impossible geometry", devices.ErrProtocol)
	}
	if len(content) >= CapabilitySize {
		const rateAt, encodingsAt = 10, 13
		c.Rate, c.Encodings = int(content[rateAt]), Encodings(content[encodingsAt])
	}
	return c, nil
}

// DecodeInformation reads the information report: model name and firmware version. The error is devices.ErrProtocol.
func DecodeInformation(content []byte) (model, firmware string, err error) {
	const nameSize = 9
	if len(content) < InformationSize {
		return "", "", fmt.Errorf("%w: information report of %d bytes", devices.ErrProtocol, len(content))
	}
	return Text(content[:nameSize]), fmt.Sprintf("%d.%02d", content[nameSize], content[nameSize+1]), nil
}

// Text is what a field says, up to a zero, without what cannot be printed.
func Text(field []byte) string {
	text, _, _ := strings.Cut(string(field), "\x00")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text))
}

// Area is a rectangle of the pad's screen as reports state it: the corners' pixels, both inside, little-endian.
func Area(r image.Rectangle) []byte {
	var b []byte
	for _, v := range []int{r.Min.X, r.Min.Y, r.Max.X - 1, r.Max.Y - 1} {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}

// ImageArea is the content of StartImageDataArea. The second byte is 1 in the only public driver that sends it.
func ImageArea(f Format, r image.Rectangle) []byte { return append([]byte{byte(f), 1}, Area(r)...) }
