// Package picturetest makes pictures that cost whoever decodes them far more than they have bytes, and such as are damaged. It
// is for tests alone.
package picturetest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"math"
)

// ManyScans is a progressive JPEG of width x height pixels, at most 4096 x 4096, that goes over all of them again with each of n
// scans of 29 bytes: 17,900 are 519 kB.
func ManyScans(width, height uint16, n int) []byte {
	b := []byte{0xff, 0xd8}
	b = append(b, 0xff, 0xdb, 0, 67, 0) // quantisation: 64 of one
	b = append(b, bytes.Repeat([]byte{1}, 64)...)
	b = append(b, 0xff, 0xc2, 0, 11, 8) // progressive, 8 bits, one component
	b = binary.BigEndian.AppendUint16(b, height)
	b = binary.BigEndian.AppendUint16(b, width)
	b = append(b, 1, 1, 0x11, 0)
	oneCode := append([]byte{1}, make([]byte, 15)...) // the only code is a single 0
	b = append(b, 0xff, 0xc4, 0, 20, 0x00)            // DC: no difference
	b = append(append(b, oneCode...), 0)
	b = append(b, 0xff, 0xc4, 0, 20, 0x10) // AC: a run of blocks without coefficients, its length in 14 bits
	b = append(append(b, oneCode...), 0xe0)
	blocks := (int(width) + 7) / 8 * ((int(height) + 7) / 8)
	b = append(b, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0)
	b = append(b, make([]byte, (blocks+7)/8)...)
	const run = 1<<14 + 0b10101010101010 // no byte of ones, which would have to be stuffed
	var bits bytes.Buffer
	for range (blocks + run - 1) / run {
		bits.WriteString("010101010101010")
	}
	scan := append([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0}, packed(bits.String())...)
	b = append(b, bytes.Repeat(scan, n)...)
	return append(b, 0xff, 0xd9)
}

// packed are bits in bytes, filled up with zeros.
func packed(bits string) []byte {
	out := make([]byte, (len(bits)+7)/8)
	for i, bit := range bits {
		if bit == '1' {
			out[i/8] |= 0x80 >> (i % 8)
		}
	}
	return out
}

// A Codestream is a JPEG 2000 without any pixels in it (ISO/IEC 15444-1, annex A).
type Codestream struct {
	Width, Height uint32
	Tile          uint32 // width and height of one
	Components    int
	Levels        byte // of decomposition
	Precinct      byte // its two exponents; 0 is the largest
	Layers        uint16
	CodeBlock     byte // exponent of its width and height, less two
}

// Encode gives the codestream, all but empty: a header, and one tile that has no packets.
func (c Codestream) Encode() []byte {
	u16, u32 := binary.BigEndian.AppendUint16, binary.BigEndian.AppendUint32
	b := []byte{0xff, 0x4f, 0xff, 0x51}
	b = u16(b, uint16(38+3*c.Components))
	b = u16(b, 0)
	for _, v := range []uint32{c.Width, c.Height, 0, 0, c.Tile, c.Tile, 0, 0} {
		b = u32(b, v)
	}
	b = u16(b, uint16(c.Components))
	b = append(b, bytes.Repeat([]byte{7, 1, 1}, c.Components)...)
	var precincts []byte
	style := byte(0)
	if c.Precinct > 0 {
		style, precincts = 1, bytes.Repeat([]byte{c.Precinct}, int(c.Levels)+1)
	}
	b = u16(append(b, 0xff, 0x52), uint16(12+len(precincts)))
	b = u16(append(b, style, 0), c.Layers)
	b = append(b, 0, c.Levels, c.CodeBlock, c.CodeBlock, 0, 1)
	b = append(b, precincts...)
	b = u16(append(b, 0xff, 0x5c), uint16(4+3*int(c.Levels)))
	b = append(b, 0x40)
	b = append(b, bytes.Repeat([]byte{0x48}, 3*int(c.Levels)+1)...)
	b = append(b, 0xff, 0x90, 0, 10, 0, 0)
	b = u32(b, 14)
	return append(b, 0, 1, 0xff, 0x93, 0xff, 0xd9)
}

// PNG is one of width x height colours, all black, whole: a thousandth of what it becomes.
func PNG(width, height uint32) []byte {
	chunk := func(b []byte, kind string, content []byte) []byte {
		b = binary.BigEndian.AppendUint32(b, uint32(len(content)))
		content = append([]byte(kind), content...)
		return binary.BigEndian.AppendUint32(append(b, content...), crc32.ChecksumIEEE(content))
	}
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	b := chunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", append(header, 8, 2, 0, 0, 0))
	b = chunk(b, "IDAT", Deflated(int64(height)*(3*int64(width)+1)))
	return chunk(b, "IEND", nil)
}

// Deflated is n zeros, deflated to a thousandth of that.
func Deflated(n int64) []byte {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.BestCompression)
	zeros := make([]byte, 1<<20)
	for ; n > 0; n -= int64(len(zeros)) {
		w.Write(zeros[:min(n, int64(len(zeros)))])
	}
	w.Close()
	return b.Bytes()
}

// Compressions of TIFF.
const (
	TIFFLZW     = 5
	TIFFDeflate = 8
)

// TIFF is one of width x height grey pixels whose only strip is what is given.
func TIFF(width, height uint32, compression uint16, strip []byte) []byte {
	le := binary.LittleEndian
	entries := [][2]uint32{
		{256, width}, {257, height}, {258, 8}, {259, uint32(compression)}, {262, 1}, {273, 0}, {277, 1}, {278, height}, {279, uint32(len(strip))},
	}
	b := le.AppendUint32([]byte("II*\x00"), 8)
	b = le.AppendUint16(b, uint16(len(entries)))
	start := uint32(8 + 2 + 12*len(entries) + 4)
	for _, e := range entries {
		if e[0] == 273 {
			e[1] = start
		}
		b = le.AppendUint32(le.AppendUint16(le.AppendUint16(b, uint16(e[0])), 4), 1)
		b = le.AppendUint32(b, e[1])
	}
	b = le.AppendUint32(b, 0)
	return append(b, strip...)
}

// BMP states a size and has hardly a pixel.
func BMP(width, height int32) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("BM"), 64)
	b = le.AppendUint32(le.AppendUint32(b, 0), 54)
	b = le.AppendUint32(b, 40)
	b = le.AppendUint32(le.AppendUint32(b, uint32(width)), uint32(height))
	b = le.AppendUint16(le.AppendUint16(b, 1), 24)
	return append(b, make([]byte, 34)...)
}

// WebP states the size of a lossless picture, at most 16384 each way, and has no pixels.
func WebP(width, height uint32) []byte {
	le := binary.LittleEndian
	vp8l := le.AppendUint32([]byte{0x2f}, width-1|(height-1)<<14)
	vp8l = append(vp8l, make([]byte, 27)...)
	b := le.AppendUint32([]byte("RIFF"), uint32(12+len(vp8l)))
	b = le.AppendUint32(append(b, "WEBPVP8L"...), uint32(len(vp8l)))
	return append(b, vp8l...)
}

// LZW is about n zeros in the compression of TIFF, in less than a thousandth of that.
func LZW(n int64) []byte {
	const clear, first = 256, 258
	var b bytes.Buffer
	acc, bits, width, next := uint32(0), 0, 9, uint32(first)
	put := func(code uint32) {
		acc, bits = acc<<width|code, bits+width
		for ; bits >= 8; bits -= 8 {
			b.WriteByte(byte(acc >> (bits - 8)))
		}
		acc &= math.MaxUint32 >> (32 - max(bits, 1))
	}
	for n > 0 {
		width, next = 9, first
		put(clear)
		put(0)
		for length := int64(2); next < 4094 && n > 0; length++ {
			put(next)
			next++
			n -= length
			if next+1 == 1<<width {
				width++
			}
		}
	}
	return b.Bytes()
}
