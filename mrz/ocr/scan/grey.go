package scan

import (
	"image"
	"image/color"
)

// Grey gives a picture's brightness, tightly packed, from (0, 0). What is transparent lies on white paper.
func Grey(picture image.Image) *image.Gray {
	b := picture.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		row := out.Pix[y*out.Stride:][:b.Dx()]
		switch p := picture.(type) {
		case *image.Gray:
			copy(row, p.Pix[p.PixOffset(b.Min.X, b.Min.Y+y):])
		case *image.YCbCr:
			copy(row, p.Y[p.YOffset(b.Min.X, b.Min.Y+y):])
		case *image.RGBA:
			greyRow(row, p.Pix[p.PixOffset(b.Min.X, b.Min.Y+y):])
		default:
			for x := range row {
				row[x] = greyPixel(picture.At(b.Min.X+x, b.Min.Y+y))
			}
		}
	}
	return out
}

// The weights of ITU-R BT.601, as in image/color, of 1 << 16.
const red, green, blue = 19595, 38470, 7471

// greyRow converts premultiplied RGBA.
func greyRow(row, rgba []byte) {
	for x := range row {
		p := rgba[4*x : 4*x+4 : 4*x+4]
		paper := uint32(255 - p[3])
		row[x] = byte((red*(uint32(p[0])+paper) + green*(uint32(p[1])+paper) + blue*(uint32(p[2])+paper) + 1<<15) >> 16)
	}
}

func greyPixel(c color.Color) byte {
	r, g, b, a := c.RGBA()
	paper := 0xffff - a
	return byte((red*(r+paper) + green*(g+paper) + blue*(b+paper)) >> 24)
}
