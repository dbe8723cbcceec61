package protocol

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/draw"
)

// Format is how a picture is encoded for a pad, as the byte of StartImageData (Protocol.hpp, EncodingMode).
type Format byte

// The formats. Those with a bulk endpoint are left out: no public source says which endpoint that is.
const (
	Format1Bit     Format = 0
	Format1BitZlib Format = 1
	Format16Bit    Format = 2
	Format24Bit    Format = 4
)

// Best is the format for a picture in colour, and what the pad takes of a picture with black and white alone.
func (e Encodings) Best() Format {
	switch {
	case e&Takes24Bit != 0:
		return Format24Bit
	case e&Takes16Bit != 0:
		return Format16Bit
	}
	return Format1Bit
}

// Flatten lays a picture on white, tightly packed, with its corner at the origin.
func Flatten(picture image.Image) *image.RGBA {
	flat := image.NewRGBA(image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy()))
	draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, picture, picture.Bounds().Min, draw.Over)
	return flat
}

// Encode gives the bytes of an area of a flat picture, in the format that takes the fewest of those that show it as it is: an area
// that is black and white goes as one bit a pixel also to a pad with colours.
func (e Encodings) Encode(flat *image.RGBA, area image.Rectangle) (Format, []byte) {
	f := e.Best()
	if f != Format1Bit && (e&Takes1Bit == 0 || !blackAndWhite(flat, area)) {
		return f, encodeColour(flat, area, f)
	}
	data := encode1Bit(flat, area)
	if e&TakesZlib != 0 {
		if packed := pack(data); len(packed) < len(data) {
			return Format1BitZlib, packed
		}
	}
	return Format1Bit, data
}

// Hueless tells whether a picture has nothing but greys.
func Hueless(flat *image.RGBA) bool {
	for i := 0; i < len(flat.Pix); i += 4 {
		if flat.Pix[i] != flat.Pix[i+1] || flat.Pix[i] != flat.Pix[i+2] {
			return false
		}
	}
	return true
}

// blackAndWhite tells whether an area has no other colours.
func blackAndWhite(flat *image.RGBA, area image.Rectangle) bool {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := flat.Pix[flat.PixOffset(area.Min.X, y):flat.PixOffset(area.Max.X, y)]
		for i := 0; i < len(row); i += 4 {
			if v := row[i]; v != row[i+1] || v != row[i+2] || v != 0 && v != 0xff {
				return false
			}
		}
	}
	return true
}

// encodeColour gives blue, green, red; or 5, 6 and 5 bits, big-endian.
func encodeColour(flat *image.RGBA, area image.Rectangle, f Format) []byte {
	data := make([]byte, 0, 3*area.Dx()*area.Dy())
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := flat.Pix[flat.PixOffset(area.Min.X, y):flat.PixOffset(area.Max.X, y)]
		for i := 0; i < len(row); i += 4 {
			red, green, blue := row[i], row[i+1], row[i+2]
			if f == Format24Bit {
				data = append(data, blue, green, red)
			} else {
				data = binary.BigEndian.AppendUint16(data, uint16(red>>3)<<11|uint16(green>>2)<<5|uint16(blue>>3))
			}
		}
	}
	return data
}

// encode1Bit gives one bit a pixel, white is 1, rows padded to bytes with white.
func encode1Bit(flat *image.RGBA, area image.Rectangle) []byte {
	const half = 128
	width, height := area.Dx(), area.Dy()
	row := (width + 7) / 8
	data := bytes.Repeat([]byte{0xff}, row*height)
	for y := range height {
		pixels := flat.Pix[flat.PixOffset(area.Min.X, area.Min.Y+y):]
		for x := range width {
			// ITU-R BT.601, as image/color weighs them.
			red, green, blue := int(pixels[4*x]), int(pixels[4*x+1]), int(pixels[4*x+2])
			if (299*red+587*green+114*blue+500)/1000 < half {
				data[y*row+x/8] &^= 0x80 >> (x % 8)
			}
		}
	}
	return data
}

// pack compresses (RFC 1950), as far as it goes: the slowest part of a picture is its way.
func pack(data []byte) []byte {
	var packed bytes.Buffer
	w, err := zlib.NewWriterLevel(&packed, zlib.BestCompression)
	if err != nil { // a level that does not exist
		return data
	}
	w.Write(data) // a bytes.Buffer takes all
	w.Close()
	return packed.Bytes()
}

// Block is the content of one ImageDataBlock of size bytes: the length of the data, little-endian, the data, and filling.
func Block(data []byte, size int) []byte {
	block := make([]byte, size)
	binary.LittleEndian.PutUint16(block, uint16(len(data)))
	copy(block[2:], data)
	return block
}
