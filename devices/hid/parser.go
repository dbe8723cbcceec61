package hid

import "encoding/binary"

// parser goes through a descriptor item by item.
type parser struct {
	rest         []byte
	applications []Usage
	fields       []field
	lengths      map[report]int
	numbered     bool
	depth        int // of collections

	global globals
	stack  []globals

	// The local state, forgotten at every main item.
	usages     []Usage
	minimum    Usage
	hasMinimum bool
	maximum    Usage
	hasMaximum bool
}

// globals is the state that goes from item to item (HID 1.11, 6.2.2.7).
type globals struct {
	page        uint16
	size, count int
	id          byte
}

// Types of items, and tags (HID 1.11, 6.2.2.2 to 6.2.2.8).
const (
	typeMain, typeGlobal, typeLocal = 0, 1, 2

	longItem = 0xfe

	tagInput, tagOutput, tagFeature         = 0x8, 0x9, 0xb
	tagCollection, tagEnd                   = 0xa, 0xc
	tagUsagePage                            = 0x0
	tagReportSize, tagID, tagCount          = 0x7, 0x8, 0x9
	tagPush, tagPop                         = 0xa, 0xb
	tagUsage, tagUsageMin, tagUsageMax      = 0x0, 0x1, 0x2
	application                        byte = 1
)

// item takes one item.
func (p *parser) item() error {
	prefix := p.rest[0]
	if prefix == longItem { // none are defined: they are passed over
		if len(p.rest) < 3 || len(p.rest) < 3+int(p.rest[1]) {
			return errTruncated
		}
		p.rest = p.rest[3+int(p.rest[1]):]
		return nil
	}
	size := int(prefix & 3)
	if size == 3 {
		size = 4
	}
	if len(p.rest) < 1+size {
		return errTruncated
	}
	var data [4]byte
	copy(data[:], p.rest[1:1+size])
	value := binary.LittleEndian.Uint32(data[:])
	p.rest = p.rest[1+size:]
	switch tag := prefix >> 4; prefix >> 2 & 3 {
	case typeMain:
		return p.main(tag, value)
	case typeGlobal:
		return p.setGlobal(tag, value)
	case typeLocal:
		p.setLocal(tag, value, size)
	}
	return nil
}

func (p *parser) main(tag byte, value uint32) error {
	defer func() {
		p.usages, p.hasMinimum, p.hasMaximum = nil, false, false
	}()
	switch tag {
	case tagCollection:
		if p.depth++; p.depth > maxDepth {
			return errNesting
		}
		if p.depth == 1 && byte(value) == application && len(p.usages) > 0 {
			p.applications = append(p.applications, p.usages[0])
		}
	case tagEnd:
		if p.depth--; p.depth < 0 {
			return errNesting
		}
	case tagInput:
		return p.field(Input)
	case tagOutput:
		return p.field(Output)
	case tagFeature:
		return p.field(Feature)
	}
	return nil
}

// field adds a field to a report.
func (p *parser) field(kind Kind) error {
	r := report{kind, p.global.id}
	if p.numbered != (p.global.id != 0) && len(p.lengths) > 0 {
		return errID
	}
	bits := p.global.size * p.global.count
	if p.global.size > maxFieldBits || p.lengths[r]+bits > maxReportBits || len(p.fields) == maxFields {
		return errReports
	}
	if bits > 0 {
		p.fields = append(p.fields, field{report: r, offset: p.lengths[r], size: p.global.size, count: p.global.count, usages: p.usages})
	}
	p.lengths[r] += bits
	return nil
}

func (p *parser) setGlobal(tag byte, value uint32) error {
	switch tag {
	case tagUsagePage:
		p.global.page = uint16(value)
	case tagReportSize:
		p.global.size = int(min(value, maxFieldBits+1))
	case tagCount:
		p.global.count = int(min(value, maxReportBits+1))
	case tagID:
		if value == 0 || value > 0xff || !p.numbered && len(p.lengths) > 0 {
			return errID
		}
		p.global.id, p.numbered = byte(value), true
	case tagPush:
		if len(p.stack) == maxDepth {
			return errNesting
		}
		p.stack = append(p.stack, p.global)
	case tagPop:
		if len(p.stack) == 0 {
			return errNesting
		}
		p.global, p.stack = p.stack[len(p.stack)-1], p.stack[:len(p.stack)-1]
	}
	return nil
}

func (p *parser) setLocal(tag byte, value uint32, size int) {
	usage := Usage(value)
	if size < 4 { // without a page of its own
		usage = UsageOf(p.global.page, uint16(value))
	}
	switch tag {
	case tagUsage:
		p.add(usage)
	case tagUsageMin:
		p.minimum, p.hasMinimum = usage, true
	case tagUsageMax:
		p.maximum, p.hasMaximum = usage, true
	}
	if !p.hasMinimum || !p.hasMaximum {
		return
	}
	for u := p.minimum; u <= p.maximum && len(p.usages) < maxUsages; u++ {
		p.add(u)
		if u == ^Usage(0) {
			break
		}
	}
	p.hasMinimum, p.hasMaximum = false, false
}

// add notes a usage; those beyond any device's are not looked for.
func (p *parser) add(u Usage) {
	if len(p.usages) < maxUsages {
		p.usages = append(p.usages, u)
	}
}
