package scan

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"slices"

	"golang.org/x/image/tiff/lzw"
)

// A picture of 16 bits a channel is turned into one of eight row by row, because the libraries would keep all of its pixels, at
// eight bytes each, and a copy. It is read by its upper bytes; what is transparent lies on white paper.

// samples are the channels of a pixel: grey or three colours, and maybe more.
type samples struct {
	colours, channels int
	upper             int  // which of a sample's two bytes is the upper one: 0 or 1
	negative          bool // white is 0
	alpha, multiplied bool // the channel after the colours tells how much of them covers the paper; they are multiplied by it
}

// mostPacked is how many times smaller than its samples a compressed picture can be: a file that claims more is refused before
// there is room for them.
const mostPacked = 4096

// fit tells whether so many bytes may be a picture of a size.
func (s samples) fit(size image.Rectangle, packed int) bool {
	return 2*s.channels*size.Dx()*size.Dy()/mostPacked <= packed
}

// A canvas takes rows: grey has one byte a pixel, otherwise there are four.
type canvas struct {
	image.Image
	pixels      []byte
	stride, per int
}

func (s samples) canvas(size image.Rectangle) canvas {
	if s.colours == 1 {
		c := image.NewGray(size)
		return canvas{c, c.Pix, c.Stride, 1}
	}
	c := image.NewRGBA(size)
	return canvas{c, c.Pix, c.Stride, 4}
}

// put writes a row of samples from a place on.
func (s samples) put(c canvas, at image.Point, row []byte) {
	to := c.pixels[at.Y*c.stride+at.X*c.per:]
	for ; len(row) >= 2*s.channels; row, to = row[2*s.channels:], to[c.per:] {
		for i := range s.colours {
			to[i] = s.level(row, i)
		}
		if c.per == 4 {
			to[3] = 255
		}
	}
}

// level is that of a pixel's colour, on paper.
func (s samples) level(pixel []byte, colour int) byte {
	level := pixel[2*colour+s.upper]
	if s.negative {
		level = 255 - level
	}
	if !s.alpha {
		return level
	}
	cover := int(pixel[2*s.colours+s.upper])
	if s.multiplied {
		return byte(min(255, int(level)+255-cover))
	}
	return byte((int(level)*cover + 255*(255-cover)) / 255)
}

// deepPNG reads a PNG of 16 bits a channel; ok is false for any other file, and for an interlaced one (ISO/IEC 15948, 11 and 9).
func deepPNG(data []byte) (picture image.Image, ok bool, err error) {
	const signature, header, interlaced = "\x89PNG\r\n\x1a\n", 33, 28
	if len(data) < header || !bytes.HasPrefix(data, []byte(signature)) || data[24] != 16 || data[interlaced] != 0 {
		return nil, false, nil
	}
	s, ok := map[byte]samples{
		0: {colours: 1, channels: 1}, 2: {colours: 3, channels: 3},
		4: {colours: 1, channels: 2, alpha: true}, 6: {colours: 3, channels: 4, alpha: true},
	}[data[25]]
	width, height := int(binary.BigEndian.Uint32(data[16:])), int(binary.BigEndian.Uint32(data[20:]))
	if !ok || CheckSize(width, height) != nil {
		return nil, false, nil
	}
	frame := image.Rect(0, 0, width, height)
	if !s.fit(frame, len(data)) {
		return nil, true, fmt.Errorf("%w: PNG: %w", ErrDamaged, io.ErrUnexpectedEOF)
	}
	packed, err := zlib.NewReader(&idat{rest: data[header:]})
	if err != nil {
		return nil, true, fmt.Errorf("%w: PNG: %w", ErrDamaged, err)
	}
	defer packed.Close()
	c := s.canvas(frame)
	before, row := make([]byte, 2*s.channels*width), make([]byte, 2*s.channels*width)
	for y := range height {
		if err := readFiltered(packed, row, before, 2*s.channels); err != nil {
			return nil, true, fmt.Errorf("%w: PNG: %w", ErrDamaged, err)
		}
		s.put(c, image.Pt(0, y), row)
		row, before = before, row
	}
	return c.Image, true, nil
}

// idat reads the data of a PNG's IDAT chunks, from the chunk after its header on.
type idat struct{ left, rest []byte }

// Read implements io.Reader.
func (c *idat) Read(to []byte) (int, error) {
	const frame = 12 // of a chunk: its length, its name, its sum
	for len(c.left) == 0 {
		if len(c.rest) < frame {
			return 0, io.ErrUnexpectedEOF
		}
		length, name := uint64(binary.BigEndian.Uint32(c.rest)), string(c.rest[4:8])
		if name == "IEND" || length > uint64(len(c.rest)-frame) {
			return 0, io.ErrUnexpectedEOF
		}
		if name == "IDAT" {
			c.left = c.rest[8 : 8+length]
		}
		c.rest = c.rest[frame+length:]
	}
	n := copy(to, c.left)
	c.left = c.left[n:]
	return n, nil
}

// readFiltered reads a row and undoes its filter (ISO/IEC 15948, 9.2); a pixel has so many bytes.
func readFiltered(r io.Reader, row, before []byte, pixel int) error {
	var filter [1]byte
	if _, err := io.ReadFull(r, filter[:]); err != nil {
		return err
	}
	if _, err := io.ReadFull(r, row); err != nil {
		return err
	}
	if filter[0] > 4 {
		return fmt.Errorf("filter %d", filter[0])
	}
	for i := range row {
		var left, corner byte
		if i >= pixel {
			left, corner = row[i-pixel], before[i-pixel]
		}
		switch filter[0] {
		case 1:
			row[i] += left
		case 2:
			row[i] += before[i]
		case 3:
			row[i] += byte((int(left) + int(before[i])) / 2)
		case 4:
			row[i] += paeth(left, before[i], corner)
		}
	}
	return nil
}

// paeth is the neighbour nearest to what the other two suggest.
func paeth(left, above, corner byte) byte {
	away := func(b byte) int {
		d := int(left) + int(above) - int(corner) - int(b)
		return max(d, -d)
	}
	switch l, a, c := away(left), away(above), away(corner); {
	case l <= a && l <= c:
		return left
	case a <= c:
		return above
	}
	return corner
}

// samples are those of a TIFF of 16 bits a channel; ok is false where it is something else, or stored in a rare way.
func (t *tiff) samples() (s samples, ok bool) {
	const unsigned = 1
	s.channels = max(1, t.value(tagSamples))
	switch t.value(tagPhotometric) {
	case photometricWhiteIsZero, photometricBlackIsZero:
		s.colours, s.negative = 1, t.value(tagPhotometric) == photometricWhiteIsZero
	case photometricRGB:
		s.colours = 3
	default:
		return s, false
	}
	bits := t.values[tagBits]
	ok = len(bits) > 0 && !slices.ContainsFunc(bits, func(bits uint32) bool { return bits != 16 })
	if t.order == binary.LittleEndian {
		s.upper = 1
	}
	extra := t.value(tagExtraSamples)
	s.alpha, s.multiplied = extra > 0 && s.channels > s.colours, extra == 1
	return s, ok && s.channels >= s.colours && s.channels <= 8 && t.value(tagPlanar) != separatePlanes &&
		t.valueOr(tagSampleFormat, unsigned) == unsigned && t.unpacked(nil) != nil
}

// unpacked reads the bytes of a strip or tile; nil where the compression is none of the usual.
func (t *tiff) unpacked(data []byte) io.Reader {
	switch t.valueOr(tagCompression, compressionNone) {
	case compressionNone:
		return bytes.NewReader(data)
	case compressionLZW:
		return lzw.NewReader(bytes.NewReader(data), lzw.MSB, 8)
	case compressionDeflate, compressionOldDeflate:
		return &inflated{data: data}
	}
	return nil
}

// inflated opens zlib's data when it is first read.
type inflated struct {
	data []byte
	io.Reader
}

// Read implements io.Reader.
func (i *inflated) Read(to []byte) (n int, err error) {
	if i.Reader == nil {
		if i.Reader, err = zlib.NewReader(bytes.NewReader(i.data)); err != nil {
			i.Reader = nil
			return 0, err
		}
	}
	return i.Reader.Read(to)
}

// deep puts a picture of 16 bits a channel together from its strips or tiles.
func (t *tiff) deep(s samples, pieces []piece, frame image.Rectangle) (image.Image, error) {
	const differences, mostBeyond = 2, 4096
	if !s.fit(frame, len(t.data)) {
		return nil, fmt.Errorf("%w: %w", errTIFF, io.ErrUnexpectedEOF)
	}
	c := s.canvas(frame)
	for _, p := range pieces {
		if p.at.Dx() > frame.Dx()+mostBeyond {
			return nil, fmt.Errorf("%w: a piece of %d pixels", errTIFF, p.at.Dx())
		}
		r, row, seen := t.unpacked(p.data), make([]byte, 2*s.channels*p.at.Dx()), p.at.Intersect(frame)
		for y := seen.Min.Y; y < seen.Max.Y; y++ {
			if _, err := io.ReadFull(r, row); err != nil {
				return nil, fmt.Errorf("%w: %w", errTIFF, err)
			}
			if t.value(tagPredictor) == differences {
				t.summed(row, s.channels)
			}
			s.put(c, image.Pt(seen.Min.X, y), row[:2*s.channels*seen.Dx()])
		}
	}
	return c.Image, nil
}

// summed undoes that each sample is the difference to that of the pixel before (TIFF 6.0, section 14).
func (t *tiff) summed(row []byte, channels int) {
	for i := 2 * channels; i < len(row); i += 2 {
		t.order.PutUint16(row[i:], t.order.Uint16(row[i:])+t.order.Uint16(row[i-2*channels:]))
	}
}
