// Package hid reads the report descriptors of human interface devices (HID 1.11, 6.2.2): what a device is for, and where in its
// reports a value stands. A descriptor is a stranger's: whatever it says, [Parse] is bounded, and gives an error for what makes no
// sense.
package hid

import (
	"errors"
	"fmt"
	"slices"
)

// Usage is what a value or a collection means: its usage page in the upper half, its id on that page in the lower one (HID Usage
// Tables). [UsageOf] makes one.
type Usage uint32

// UsageOf gives the usage of that page and id.
func UsageOf(page, id uint16) Usage { return Usage(page)<<16 | Usage(id) }

// Usages that drivers look for.
const (
	Keyboard Usage = 0x0001_0006
	Mouse    Usage = 0x0001_0002
)

// Kind is the kind of a report, as in the high byte of a request's value (HID 1.11, 7.2.1).
type Kind byte

// The kinds of report.
const (
	Input   Kind = 1
	Output  Kind = 2
	Feature Kind = 3
)

// Descriptor is what a report descriptor says.
type Descriptor struct {
	Applications []Usage // of the top-level collections, in order
	fields       []field
	lengths      map[report]int // in bits, without the id
	numbered     bool           // reports begin with their id
}

// Place is where a value stands in a report.
type Place struct {
	Report byte // the report's id, 0 where reports have none
	Offset int  // in bits from the report's first byte, its id included
	Size   int  // in bits
	Count  int  // of values of that usage one after the other, at least 1
}

type report struct {
	kind Kind
	id   byte
}

// field is one main item (HID 1.11, 6.2.2.4) with the usages of its values.
type field struct {
	report
	offset, size, count int // in bits, without the id
	usages              []Usage
}

// Is tells whether a top-level collection has that usage.
func (d Descriptor) Is(application Usage) bool { return slices.Contains(d.Applications, application) }

// Has tells whether there is a report of that kind and id.
func (d Descriptor) Has(kind Kind, id byte) bool {
	_, ok := d.lengths[report{kind, id}]
	return ok
}

// Length is how many bytes a report has, its id included; 0 where there is no such report.
func (d Descriptor) Length(kind Kind, id byte) int {
	bits, ok := d.lengths[report{kind, id}]
	if !ok {
		return 0
	}
	return (bits+7)/8 + d.prefix()/8
}

// Reports are the ids of the reports of a kind, in rising order; the one report of a device without ids has id 0.
func (d Descriptor) Reports(kind Kind) []byte {
	var ids []byte
	for r := range d.lengths {
		if r.kind == kind {
			ids = append(ids, r.id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Find gives the first place of a value with that usage in the reports of a kind.
func (d Descriptor) Find(kind Kind, usage Usage) (Place, bool) {
	for _, f := range d.fields {
		i := slices.Index(f.usages, usage)
		if f.kind != kind || i < 0 || i >= f.count {
			continue
		}
		count := 1
		if i == len(f.usages)-1 { // the last usage is that of all values that are left (HID 1.11, 6.2.2.8)
			count = f.count - i
		}
		return Place{Report: f.id, Offset: f.offset + i*f.size + d.prefix(), Size: f.size, Count: count}, true
	}
	return Place{}, false
}

// prefix is how many bits of a report its id has.
func (d Descriptor) prefix() int {
	if d.numbered {
		return 8
	}
	return 0
}

// Bytes gives the values of a place in a report, of whole bytes only; false where the report is too short, or they do not stand at
// bytes. The slice is part of the report.
func (p Place) Bytes(report []byte) ([]byte, bool) {
	first := p.Offset / 8
	if p.Size != 8 || p.Offset%8 != 0 || first+p.Count > len(report) {
		return nil, false
	}
	return report[first : first+p.Count], true
}

// Bit gives the lowest bit of the first value of a place; false where the report is too short.
func (p Place) Bit(report []byte) (set, ok bool) {
	if p.Offset/8 >= len(report) {
		return false, false
	}
	return report[p.Offset/8]>>(p.Offset%8)&1 != 0, true
}

// Set sets the lowest bit of the first value of a place in a report that is long enough.
func (p Place) Set(report []byte) { report[p.Offset/8] |= 1 << (p.Offset % 8) }

// Errors of [Parse].
var (
	errTooLong   = errors.New("longer than any device's")
	errTruncated = errors.New("an item is cut off")
	errNesting   = errors.New("collections or states are not closed, or nested without end")
	errReports   = errors.New("reports larger than a device can send")
	errID        = errors.New("a report's id is 0, or some reports have none")
)

// Bounds of a descriptor.
const (
	maxDescriptor = 4096 // Linux: HID_MAX_DESCRIPTOR_SIZE
	maxDepth      = 16
	maxUsages     = 512       // of one main item
	maxFields     = 512       // of a descriptor
	maxReportBits = 8 * 16384 // Linux: HID_MAX_BUFFER_SIZE
	maxFieldBits  = 32
)

// Parse reads a report descriptor.
func Parse(descriptor []byte) (Descriptor, error) {
	if len(descriptor) > maxDescriptor {
		return Descriptor{}, fmt.Errorf("report descriptor: %w", errTooLong)
	}
	p := parser{rest: descriptor, lengths: map[report]int{}}
	for len(p.rest) > 0 {
		if err := p.item(); err != nil {
			return Descriptor{}, fmt.Errorf("report descriptor, %d bytes from its end: %w", len(p.rest), err)
		}
	}
	if p.depth != 0 {
		return Descriptor{}, fmt.Errorf("report descriptor: %w", errNesting)
	}
	return Descriptor{p.applications, p.fields, p.lengths, p.numbered}, nil
}
