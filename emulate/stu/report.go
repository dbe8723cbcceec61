package stu

import (
	"encoding/binary"
	"image"
)

// Options of the pen's reports (Protocol.hpp, PenDataOptionMode).
const (
	optionNumbers         = 2
	optionTimesAndNumbers = 3
)

// upload is a picture that is being sent.
type upload struct {
	encoding byte
	area     image.Rectangle
	data     []byte
}

// Features are the lengths of the reports that the host may ask for or set, without their ids.
func (m Model) Features() map[byte]int {
	all := map[byte]int{
		reportStatus: 4, reportInfo: 16, reportCapability: 16, reportUID: 4, reportClear: 1, reportInk: 1,
		reportImageStart: 1, reportImageBlock: 2 + m.blockSize(), reportImageEnd: 1,
	}
	add := func(reports map[byte]int) {
		for id, n := range reports {
			all[id] = n
		}
	}
	if m.Old {
		all[reportCapability] = 10
	}
	if m.Stamps != NoStamps {
		all[reportPenOption] = 1
	}
	if m.Rate != 0 {
		all[reportRate] = 1
	}
	if m.ESerial {
		all[reportESerial] = 13
	}
	if m.Keys != DiffieHellman {
		add(map[byte]int{reportUID2: 10, reportImageArea: 10})
	}
	if !m.Old {
		all[reportInkArea] = 8
	}
	if m.Keys != NoKeys {
		add(map[byte]int{reportStartCapture: 4, reportEndCapture: 1})
	}
	switch m.Keys {
	case RSA:
		add(map[byte]int{reportKeyCommand: keyCommandSize, reportKeyStatus: 16})
	case DiffieHellman:
		add(map[byte]int{reportHostKey: 16, reportDeviceKey: 16, reportPrime: 16, reportBase: 2})
	}
	return all
}

// Inputs are the lengths of the reports that the pad sends by itself, without their ids.
func (m Model) Inputs() map[byte]int {
	all := map[byte]int{reportPen: 6}
	switch m.Stamps {
	case Numbers:
		all[reportPenNumber], all[reportPenNumberCrypt] = 8, 20
	case TimesAndNumbers:
		all[reportPenTimed], all[reportPenTimedCrypt] = 10, 16
	}
	if m.Keys != NoKeys {
		all[reportPenCrypt] = 16
	}
	return all
}

func (m Model) blockSize() int {
	const usual = 253
	if m.BlockSize == 0 {
		return usual
	}
	return m.BlockSize
}

// Get answers with the content of a report; false is a pad that refuses.
func (t *Tablet) Get(id byte) ([]byte, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.model.Features()[id] == 0 {
		return nil, false
	}
	switch id {
	case reportStatus:
		return []byte{t.status(), 0, 0, 0}, true
	case reportInfo:
		name := append([]byte(t.model.Name), make([]byte, 9-len(t.model.Name))...)
		return append(name, 1, 5, 0, 0, 0, 0, 0), true // firmware 1.05, no security chip
	case reportCapability:
		return t.capability(), true
	case reportUID:
		return []byte{0, 0, 0, 42}, true
	case reportRate:
		return []byte{t.model.Rate}, true
	case reportESerial:
		return append([]byte("E"+t.serial), make([]byte, 13)...)[:13], true
	case reportUID2:
		return append([]byte(t.serial), make([]byte, 10)...)[:10], true
	}
	return t.secret.get(id, t.mischief)
}

func (t *Tablet) status() byte {
	switch {
	case t.upload != nil:
		return statusImage
	case t.secret.calculates():
		return statusCalculation
	case t.secret.capturing():
		return statusCapture
	}
	return statusReady
}

func (t *Tablet) capability() []byte {
	const rate, linesPerInch = 200, 2540
	var c []byte
	m := t.model
	for _, v := range []int{m.MaxX, m.MaxY, m.MaxPressure, m.Width, m.Height} {
		c = binary.BigEndian.AppendUint16(c, uint16(v))
	}
	if m.Old {
		return c
	}
	c = append(c, rate)
	c = binary.BigEndian.AppendUint16(c, linesPerInch)
	return append(c, m.Encodings, 0, 0)
}

// Set takes the content of a report; false is a pad that refuses.
func (t *Tablet) Set(id byte, content []byte) bool {
	if want := t.model.Features()[id]; want == 0 || len(content) != want {
		return false
	}
	if id == reportInk {
		t.mu.Lock()
		t.inking = content[0] == 1
		t.mu.Unlock()
		t.ink(content[0] == 1)
		return content[0] <= 1
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch id {
	case reportClear:
		t.lcd.clear()
	case reportPenOption:
		if content[0] != 0 && content[0] != t.bestOption() {
			return false
		}
		t.option = content[0]
	case reportImageStart:
		return t.begin(content[0], t.lcd.pixels.Rect)
	case reportImageArea:
		area, ok := t.area(content[2:])
		return ok && t.begin(content[0], area)
	case reportImageBlock:
		return t.block(content)
	case reportImageEnd:
		return t.end(content[0])
	case reportInkArea:
		area, ok := t.area(content)
		if ok {
			t.paper = area
		}
		return ok
	default:
		return t.secret.set(id, content, t.mischief)
	}
	return true
}

func (t *Tablet) bestOption() byte {
	if t.model.Stamps == TimesAndNumbers {
		return optionTimesAndNumbers
	}
	return optionNumbers
}

// area reads a rectangle: the corners' pixels, both inside.
func (t *Tablet) area(b []byte) (image.Rectangle, bool) {
	at := func(i int) int { return int(binary.LittleEndian.Uint16(b[2*i:])) }
	r := image.Rectangle{image.Pt(at(0), at(1)), image.Pt(at(2)+1, at(3)+1)}
	return r, !r.Empty() && r.In(t.lcd.pixels.Rect)
}

// begin starts a picture.
func (t *Tablet) begin(encoding byte, area image.Rectangle) bool {
	takes := t.model.Encodings
	if takes == 0 {
		takes = flag1
	}
	needs, known := map[byte]byte{encoding1: flag1, encoding1Zlib: flag1 | flagZlib, encoding16: flag16, encoding24: flag24}[encoding]
	if !known || takes&needs != needs || t.upload != nil {
		return false
	}
	t.upload = &upload{encoding: encoding, area: area}
	return true
}

// block takes a part of a picture: its length, little-endian, then its bytes, then filling.
func (t *Tablet) block(content []byte) bool {
	n := int(binary.LittleEndian.Uint16(content))
	if t.upload == nil || n > t.model.blockSize() || len(t.upload.data)+n > encodedSize(t.upload.encoding, t.upload.area) {
		return false
	}
	t.upload.data = append(t.upload.data, content[2:2+n]...)
	t.lcd.sent, t.lcd.blocks = t.lcd.sent+n, t.lcd.blocks+1
	return true
}

// end shows the picture, or forgets it. Half a picture is not shown.
func (t *Tablet) end(how byte) bool {
	const commit, abandon = 0, 1
	u := t.upload
	t.upload = nil
	switch {
	case how == abandon:
		return true
	case how != commit || u == nil:
		return false
	}
	return t.lcd.show(u.encoding, u.data, u.area)
}
