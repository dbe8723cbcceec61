package usbmon

import "time"

// Transfer is what an event carries, as a [Scrubber] is shown it.
type Transfer struct {
	Kind     byte    // Isochronous to Bulk
	Endpoint byte    // with its direction in bit 7
	Setup    [8]byte // of a control transfer, when it is submitted and when it has ended
	Sent     bool    // the host submits it; else it has ended
	Data     []byte  // what the host sends, or what it got; never empty
}

// Types of requests in the first byte of a setup packet (USB 2.0, table 9-2).
const (
	typeMask     = 0x60
	typeStandard = 0x00
	typeClass    = 0x20
)

func (t Transfer) hasType(kind byte) bool { return t.Kind == Control && t.Setup[0]&typeMask == kind }

// IsStandard tells whether it is a request that all USB devices answer: for descriptors, serial numbers among them.
func (t Transfer) IsStandard() bool { return t.hasType(typeStandard) }

// IsRequest tells whether it is the request of these two bytes: its type (USB 2.0, table 9-2), and what is asked.
func (t Transfer) IsRequest(kind, request byte) bool {
	return t.Kind == Control && t.Setup[0] == kind && t.Setup[1] == request
}

// Report tells which report of a human interface device is read over endpoint zero, or set: its kind and its id, as in the request's value
// (HID 1.11, 7.2.1 and 7.2.2).
func (t Transfer) Report() (kind, id byte, ok bool) {
	return t.Setup[3], t.Setup[2], t.IsRequest(0xa1, 0x01) || t.IsRequest(0x21, 0x09)
}

// A Scrubber knows what one kind of device says and is told, and what of that is nobody's secret. It is for one capture. Each driver has its
// own.
type Scrubber interface {
	// Keep writes into clean what may be kept of a transfer's data, or what stands in the place of what may not. clean is as long as the
	// data and all zeros; what can be judged only with what comes later may be written into it later, until End. Keep tells whether it
	// understood all of the transfer.
	Keep(t Transfer, clean []byte) (understood bool)
	// End tells that nothing more comes.
	End()
}

// Scrub makes of what usbmon saw of one device a capture that may leave the house. Of data there is in it what the scrubber put there, and
// zeros; unknown counts the events of which the scrubber did not understand all. Lengths, results, and the times between events are as they
// were, and so is what a request of a device's class asks for; of a vendor's own the values are zeros. Standard requests, by which serial
// numbers are asked for, are left out; the scrubber is shown them all the same. So that it tells nothing of a visit or of the computer, a
// capture begins at midnight (UTC) of its day, and transfers are counted instead of called by the kernel's addresses. events stays as it
// was.
func Scrub(events []Event, s Scrubber) (clean []Event, unknown int) {
	c := capture{scrubber: s, begun: map[uint64]Transfer{}, numbers: map[uint64]uint64{}}
	for _, e := range events {
		c.take(e)
	}
	s.End()
	return c.clean, c.unknown
}

// capture is one in the making.
type capture struct {
	scrubber Scrubber
	begun    map[uint64]Transfer // what has not ended, by the kernel's numbers
	numbers  map[uint64]uint64   // what those are called in the capture
	early    time.Duration       // by how much the capture begins before it did
	clean    []Event
	unknown  int
}

// take takes the next event.
func (c *capture) take(e Event) {
	t, known := c.transfer(e)
	clean := make([]byte, len(e.Data))
	if known && len(clean) > 0 {
		known = c.scrubber.Keep(t, clean)
	}
	if t.IsStandard() {
		return
	}
	if e.hasSetup() && !t.hasType(typeClass) {
		known = false
		clear(e.Setup[2:6]) // value and index (USB 2.0, table 9-2)
	}
	if !e.hasSetup() {
		e.Setup = [8]byte{}
	}
	if !known {
		c.unknown++
	}
	if len(c.clean) == 0 {
		c.early = e.At.Sub(e.At.UTC().Truncate(24 * time.Hour))
	}
	e.ID, e.At, e.Data = c.number(e.ID), e.At.Add(-c.early), clean
	c.clean = append(c.clean, e)
}

// transfer is what an event carries. It is not known what a request is whose beginning the capture does not have, and what data is that
// goes the wrong way.
func (c *capture) transfer(e Event) (t Transfer, known bool) {
	const in, vendor = 0x80, 0x40
	t = Transfer{Kind: e.Transfer, Endpoint: e.Endpoint, Setup: e.Setup, Sent: e.Kind == Submitted, Data: e.Data}
	known = len(e.Data) == 0 || (e.Endpoint&in == 0) == t.Sent
	if t.Sent {
		c.begun[e.ID] = t
		return t, known
	}
	begun, seen := c.begun[e.ID]
	seen = seen && begun.Kind == t.Kind && begun.Endpoint == t.Endpoint
	delete(c.begun, e.ID)
	if t.Setup = begun.Setup; !seen {
		t.Setup[0] = vendor // nobody's
	}
	return t, known && (seen || e.Transfer != Control)
}

// number is what a transfer is called in the capture.
func (c *capture) number(id uint64) uint64 {
	if _, ok := c.numbers[id]; !ok {
		c.numbers[id] = uint64(len(c.numbers) + 1)
	}
	return c.numbers[id]
}
