package hidpos

import (
	"bytes"
	"errors"
	"strings"

	"github.com/foyer-station/foyer/devices/hid"
	"github.com/foyer-station/foyer/devices/zone"
)

// page is the usage page of bar code scanners (HID Usage Tables, page 8C).
const page = 0x8c

// Usages of bar code scanners, and of the generic desktop page.
const (
	scannerUsage hid.Usage = page<<16 | 0x02
	preventRead  hid.Usage = page<<16 | 0x5f
	initiateRead hid.Usage = page<<16 | 0x60
	symbology1   hid.Usage = page<<16 | 0xfb
	symbology2   hid.Usage = page<<16 | 0xfc
	symbology3   hid.Usage = page<<16 | 0xfd
	decodedData  hid.Usage = page<<16 | 0xfe
	dataGoesOn   hid.Usage = page<<16 | 0xff
	byteCount    hid.Usage = 0x01<<16 | 0x3b
)

// Reports of Honeywell's and Hand Held Products' own.
const (
	commandReport = 0xfd // id, length, a serial command
	modeReport    = 0xfe // 1: HID point of sale
)

// Bounds of what is taken from a scanner.
const (
	maxData  = 8192 // bytes of one scan; the largest QR code has 7,089 digits
	maxNoise = 64   // reports in a row that are no scans
)

var (
	errNoScanner = errors.New("it is no scanner by its descriptors")
	errReport    = errors.New("a report is shorter than it says")
	errLong      = errors.New("a scan without end")
	errMixed     = errors.New("a scan goes on as one of another kind")
	errNoise     = errors.New("nothing but noise")
)

// Scan is what a scanner has read.
type Scan struct {
	AIM  string // AIM symbology identifier, as "]Q1" (ISO/IEC 15424); empty where the scanner gives none
	Data []byte // as it was encoded or printed; it may be personal
}

// layout is where in a scanner's reports the values stand, and what it is told.
type layout struct {
	size             int // bytes of a report with data
	count, data, on  hid.Place
	aim              [3]hid.Place
	counts, named    bool
	goesOn           bool
	mode             []byte // the feature report that it is put into its mode by; nil where it needs none
	trigger, release []byte // the reports that begin and end reading; nil where it has no trigger
}

func layoutOf(d hid.Descriptor, vendor uint16) (layout, error) {
	var l layout
	var ok bool
	if l.data, ok = d.Find(hid.Input, decodedData); !ok || !d.Is(scannerUsage) || l.data.Size != 8 || l.data.Offset%8 != 0 {
		return layout{}, protocol(errNoScanner)
	}
	l.size = d.Length(hid.Input, l.data.Report)
	find := func(u hid.Usage) (hid.Place, bool) {
		p, ok := d.Find(hid.Input, u)
		return p, ok && p.Report == l.data.Report
	}
	l.count, l.counts = find(byteCount)
	l.counts = l.counts && l.count.Size == 8 && l.count.Offset%8 == 0
	l.on, l.goesOn = find(dataGoesOn)
	l.named = true
	for i, u := range []hid.Usage{symbology1, symbology2, symbology3} {
		l.aim[i], ok = find(u)
		l.named = l.named && ok && l.aim[i].Size == 8 && l.aim[i].Offset%8 == 0
	}
	l.instruct(d, vendor)
	return l, nil
}

// instruct makes the reports that the scanner is told by.
func (l *layout) instruct(d hid.Descriptor, vendor uint16) {
	own := vendor == honeywell || vendor == handHeld
	if own && d.Length(hid.Feature, modeReport) == 2 {
		l.mode = []byte{modeReport, 1}
	}
	if size := d.Length(hid.Output, commandReport); own && size >= 5 {
		// SYN T CR and SYN U CR, of Honeywell's serial commands.
		l.trigger, l.release = make([]byte, size), make([]byte, size)
		copy(l.trigger, []byte{commandReport, 3, 0x16, 'T', '\r'})
		copy(l.release, []byte{commandReport, 3, 0x16, 'U', '\r'})
		return
	}
	begin, canBegin := d.Find(hid.Output, initiateRead)
	end, canEnd := d.Find(hid.Output, preventRead)
	if !canBegin || !canEnd || begin.Report != end.Report || begin.Report == 0 {
		return
	}
	size := d.Length(hid.Output, begin.Report)
	l.trigger, l.release = make([]byte, size), make([]byte, size)
	l.trigger[0], l.release[0] = begin.Report, begin.Report
	begin.Set(l.trigger)
	end.Set(l.release)
}

// decoder puts scans together from reports.
type decoder struct {
	layout  layout
	scan    Scan
	waiting bool // a scan has begun, and goes on
	noise   int
}

// report takes one report, and gives the scan that it completes. After an error the decoder begins anew.
func (d *decoder) report(report []byte) (scan Scan, complete bool, err error) {
	scan, complete, err = d.next(report)
	if complete || err != nil {
		*d = decoder{layout: d.layout}
	}
	return scan, complete, err
}

func (d *decoder) next(report []byte) (Scan, bool, error) {
	l := d.layout
	if len(report) == 0 || l.data.Report != 0 && report[0] != l.data.Report {
		if d.noise++; d.noise > maxNoise {
			return Scan{}, false, errNoise
		}
		return Scan{}, false, nil
	}
	if len(report) < l.size {
		return Scan{}, false, errReport
	}
	data, err := l.dataOf(report)
	if err != nil {
		return Scan{}, false, err
	}
	aim := l.aimOf(report)
	switch {
	case d.waiting && aim != d.scan.AIM:
		return Scan{}, false, errMixed
	case len(d.scan.Data)+len(data) > maxData:
		return Scan{}, false, errLong
	}
	d.scan.AIM, d.scan.Data = aim, append(d.scan.Data, data...)
	d.waiting = false
	if l.goesOn {
		d.waiting, _ = l.on.Bit(report)
	}
	if len(data) == 0 && d.waiting { // or it would go on without end
		return Scan{}, false, errReport
	}
	if d.waiting {
		return Scan{}, false, nil
	}
	return d.scan, true, nil
}

// dataOf is a report's share of a scan.
func (l layout) dataOf(report []byte) ([]byte, error) {
	data, ok := l.data.Bytes(report)
	if !ok {
		return nil, errReport
	}
	if !l.counts {
		return bytes.TrimRight(data, "\x00"), nil
	}
	count, ok := l.count.Bytes(report)
	if !ok || int(count[0]) > len(data) {
		return nil, errReport
	}
	return data[:count[0]], nil
}

func (l layout) aimOf(report []byte) string {
	var aim []byte
	for _, p := range l.aim {
		if b, ok := p.Bytes(report); ok && l.named {
			aim = append(aim, b[0])
		}
	}
	return strings.Trim(string(aim), "\x00")
}

// How the identifiers begin of print that is read as letters, and of whatever has none of its own (ISO/IEC 15424, modifier characters o
// and X).
const (
	ocr   = "]o"
	other = "]X"
)

// shortest is the length of the shortest line of a machine-readable zone (ICAO Doc 9303-5).
const shortest = 30

// isZone tells whether the scan is a machine-readable zone: print by its identifier, or, where that says nothing, what looks like one
// line by line.
func (s Scan) isZone() bool {
	if s.AIM != "" && !strings.HasPrefix(s.AIM, other) {
		return strings.HasPrefix(s.AIM, ocr)
	}
	lines, err := s.lines()
	if err != nil || len(lines) < 2 {
		return false
	}
	for _, line := range lines {
		if len(line) < shortest {
			return false
		}
	}
	return bytes.Contains(s.Data, []byte("<<"))
}

func (s Scan) lines() ([]string, error) { return zone.Split(s.Data) }
