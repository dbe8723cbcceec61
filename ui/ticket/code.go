package ticket

import (
	"fmt"
	"image"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"
)

// Sizes of a QR code (ISO/IEC 18004:2015): dots to a module, and the margin that section 6.3.8 asks for. A phone's camera reads
// modules of 3 dots, 0.375 mm, from a hand's breadth.
const (
	mostDots  = 6
	leastDots = 3
	quietZone = 4 // modules
)

// code adds a QR code of an address, with a word of what it is for; nothing without an address, or where the paper is too narrow.
func (s *strip) code(url string) error {
	if url == "" {
		return nil
	}
	made, err := encoder.Encoder_encode(url, decoder.ErrorCorrectionLevel_M, nil)
	if err != nil {
		return fmt.Errorf("QR code on the ticket: %w", err)
	}
	matrix := made.GetMatrix()
	modules := matrix.GetWidth() + 2*quietZone
	dots := min(mostDots, (s.width-2*s.margin)/modules)
	if dots < leastDots {
		return nil
	}
	picture := image.NewGray(image.Rect(0, 0, modules*dots, modules*dots))
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			column, row := x/dots-quietZone, y/dots-quietZone
			inside := column >= 0 && row >= 0 && column < matrix.GetWidth() && row < matrix.GetHeight()
			if !inside || matrix.Get(column, row) == 0 {
				picture.Pix[y*picture.Stride+x] = 255
			}
		}
	}
	s.rule()
	s.write(s.texts.Say("ticket.follow"), textSize, true)
	s.parts = append(s.parts, part{top: s.height, code: picture})
	s.height += picture.Rect.Dy()
	return nil
}
