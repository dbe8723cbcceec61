package lampboard

// Frames on a serial line are those of HDLC as PPP uses them, without address and control (RFC 1662, 4.2, appendix C.2): a flag
// before and after, an escape before a byte that is one of both, and a checksum at the end.
const (
	flag      = 0x7e
	escape    = 0x7d
	flipped   = 0x20 // of a byte behind an escape
	goodCheck = 0xf0b8

	mostFrame = 64 // bytes between flags, unescaped, with the checksum
)

// checksum goes on with the 16-bit FCS; it begins with 0xffff.
func checksum(fcs uint16, b byte) uint16 {
	fcs ^= uint16(b)
	for range 8 {
		if fcs&1 == 1 {
			fcs = fcs>>1 ^ 0x8408
		} else {
			fcs >>= 1
		}
	}
	return fcs
}

// appendFrame appends content as a frame.
func appendFrame(to, content []byte) []byte {
	fcs := uint16(0xffff)
	for _, b := range content {
		fcs = checksum(fcs, b)
	}
	fcs = ^fcs
	to = append(to, flag)
	for _, b := range append(content[:len(content):len(content)], byte(fcs), byte(fcs>>8)) {
		if b == flag || b == escape {
			to = append(to, escape, b^flipped)
		} else {
			to = append(to, b)
		}
	}
	return append(to, flag)
}

// decoder finds frames in a row of bytes. The zero value waits for the first flag.
type decoder struct {
	inside, escaped bool
	content         []byte
	fcs             uint16
}

// next takes one byte. It gives the content of a frame that the byte ends, nil as long as there is none; what is damaged or too long is
// passed over, to the next flag.
func (d *decoder) next(b byte) []byte {
	switch {
	case b == flag:
		content, whole := d.content, d.inside && !d.escaped && d.fcs == goodCheck && len(d.content) > 2
		*d = decoder{inside: true, fcs: 0xffff}
		if whole {
			return content[:len(content)-2]
		}
		return nil
	case !d.inside:
		return nil
	case b == escape && !d.escaped:
		d.escaped = true
		return nil
	case d.escaped:
		b, d.escaped = b^flipped, false
	}
	if len(d.content) == mostFrame {
		*d = decoder{}
		return nil
	}
	d.content, d.fcs = append(d.content, b), checksum(d.fcs, b)
	return nil
}
