package escpos

import "image"

// bandHeight is how many rows one command carries: small enough for every printer's receive buffer.
const bandHeight = 64

// band is up to bandHeight rows from top on as GS v 0: bytes across, rows, and a bit per dot, black where the picture
// is darker than half grey.
func band(ticket *image.Gray, top int) []byte {
	bounds := ticket.Rect
	across := (bounds.Dx() + 7) / 8
	rows := min(bandHeight, bounds.Dy()-top)
	out := make([]byte, 8, 8+across*rows)
	copy(out, []byte{0x1D, 0x76, 0x30, 0x00, byte(across), byte(across >> 8), byte(rows), byte(rows >> 8)})
	for y := top; y < top+rows; y++ {
		row := ticket.Pix[ticket.PixOffset(bounds.Min.X, bounds.Min.Y+y):][:bounds.Dx()]
		var bits byte
		for x, grey := range row {
			if grey < 0x80 {
				bits |= 0x80 >> (x % 8)
			}
			if x%8 == 7 || x == len(row)-1 {
				out = append(out, bits)
				bits = 0
			}
		}
	}
	defuse(out[8:])
	return out
}

// defuse sets one dot wherever the picture's bytes look like a real-time command (DLE EOT, DLE ENQ, DLE DC4): printers
// carry these out even inside other commands' data.
func defuse(data []byte) {
	for i := 1; i < len(data); i++ {
		if data[i-1] == 0x10 && (data[i] == 0x04 || data[i] == 0x05 || data[i] == 0x14) {
			data[i-1] |= 0x08
		}
	}
}
