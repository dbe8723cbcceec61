package usb

import "encoding/binary"

// blockSize is how many bytes of a picture one block carries at most.
const blockSize = 253

// Status codes of [reportStatus].
const (
	statusReady = 0
	statusImage = 1
)

// padWire is the pad as the wire sees it: feature reports over endpoint zero, pen samples from endpoint 0x81.
type padWire Pad

// upload is a picture that is being sent.
type upload struct {
	encoding byte
	data     []byte
}

// Handle implements [Model].
func (w *padWire) Handle(t *Transfer) {
	const get, set, getReport, setReport, setIdle, feature = 0xa1, 0x21, 0x01, 0x09, 0x0a, 3
	id, kind := byte(t.Setup.Value), t.Setup.Value>>8
	switch {
	case t.Endpoint == 0x81:
		w.in.read(t)
	case t.Setup.RequestType == get && t.Setup.Request == getReport && kind == feature:
		w.get(t, id)
	case t.Setup.RequestType == set && t.Setup.Request == setReport && kind == feature:
		w.set(t, id)
	case t.Endpoint == 0 && t.Setup.Request == setIdle:
		t.Complete(OK, nil)
	default:
		t.Complete(Stalled, nil)
	}
}

// Cancel implements [Model].
func (w *padWire) Cancel(t *Transfer) { w.in.cancel(t) }

// Reset implements [Model]: without power the LCD is white and the pad as new.
func (w *padWire) Reset() {
	w.mu.Lock()
	w.lcd.clear()
	w.upload, w.option = nil, 0
	w.mu.Unlock()
	w.inking.set(false)
	w.in.flush()
}

// get answers with a feature report: its id, then its content.
func (w *padWire) get(t *Transfer, id byte) {
	var content []byte
	switch id {
	case reportStatus:
		content = w.status()
	case reportInfo:
		content = append(append(content, w.model.name...), make([]byte, 9-len(w.model.name))...)
		content = append(content, 1, 5, 0, 0, 0, 0, 0) // firmware 1.05, no security chip
	case reportCapability:
		content = w.capability()
	default:
		t.Complete(Stalled, nil)
		return
	}
	report := append([]byte{id}, content...)
	t.Complete(OK, report[:min(len(report), t.Length)])
}

func (w *padWire) status() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.upload != nil {
		return []byte{statusImage, 0, 0, 0}
	}
	return []byte{statusReady, 0, 0, 0}
}

func (w *padWire) capability() []byte {
	const rate, linesPerInch = 200, 2540
	var c []byte
	for _, v := range []int{w.model.maxX, w.model.maxY, w.model.maxPressure, w.model.width, w.model.height} {
		c = binary.BigEndian.AppendUint16(c, uint16(v))
	}
	c = append(c, rate)
	c = binary.BigEndian.AppendUint16(c, linesPerInch)
	return append(c, w.model.encodings, 0, 0)
}

// set takes a feature report. What the pad does not know it stalls.
func (w *padWire) set(t *Transfer, id byte) {
	if len(t.Out) < 2 || t.Out[0] != id || !w.take(id, t.Out[1:]) {
		t.Complete(Stalled, nil)
		return
	}
	t.Complete(OK, nil)
}

func (w *padWire) take(id byte, content []byte) bool {
	if id == reportInk {
		w.inking.set(content[0] == 1)
		return content[0] <= 1
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch id {
	case reportClear:
		w.lcd.clear()
	case reportPenOption:
		if !w.model.timed || content[0] != optionTimed && content[0] != 0 {
			return false
		}
		w.option = content[0]
	case reportImageStart:
		return w.begin(content[0])
	case reportImageBlock:
		return w.block(content)
	case reportImageEnd:
		return w.end(content[0])
	default:
		return false
	}
	return true
}

// begin starts a picture.
func (w *padWire) begin(encoding byte) bool {
	flag := map[byte]byte{encoding1: flag1, encoding16: flag16, encoding24: flag24}[encoding]
	if w.model.encodings&flag == 0 {
		return false
	}
	w.upload = &upload{encoding: encoding}
	return true
}

// block takes a part of a picture: its length, little-endian, then its bytes, then filling.
func (w *padWire) block(content []byte) bool {
	if w.upload == nil || len(content) != 2+blockSize {
		return false
	}
	n := int(binary.LittleEndian.Uint16(content))
	if n > blockSize || len(w.upload.data)+n > w.lcd.encodedSize(w.upload.encoding) {
		return false
	}
	w.upload.data = append(w.upload.data, content[2:2+n]...)
	return true
}

// end shows the picture, or forgets it. Half a picture is not shown.
func (w *padWire) end(how byte) bool {
	const commit, abandon = 0, 1
	u := w.upload
	w.upload = nil
	switch {
	case how == abandon:
		return true
	case how != commit || u == nil || len(u.data) != w.lcd.encodedSize(u.encoding):
		return false
	}
	w.lcd.show(u.encoding, u.data)
	return true
}
