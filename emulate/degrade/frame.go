package degrade

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
)

// frame is a picture on its way through the camera: luma at full, chroma at half resolution, as JPEG keeps it.
type frame struct{ y, cb, cr *image.Gray }

// newFrame takes even sides.
func newFrame(width, height int) frame {
	half := image.Rect(0, 0, width/2, height/2)
	return frame{image.NewGray(image.Rect(0, 0, width, height)), image.NewGray(half), image.NewGray(half)}
}

// develop makes a frame of a picture; an odd last row or column is left out.
func develop(img *image.RGBA) frame {
	f := newFrame(img.Rect.Dx()&^1, img.Rect.Dy()&^1)
	for y := range f.y.Rect.Dy() {
		from, to := img.Pix[y*img.Stride:], f.y.Pix[y*f.y.Stride:][:f.y.Stride]
		for x := range to {
			p := from[4*x : 4*x+3 : 4*x+3]
			to[x] = uint8((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
		}
	}
	for y := range f.cb.Rect.Dy() {
		upper, lower := img.Pix[2*y*img.Stride:], img.Pix[(2*y+1)*img.Stride:]
		for x := range f.cb.Rect.Dx() {
			p, q := upper[8*x:8*x+8:8*x+8], lower[8*x:8*x+8:8*x+8]
			r := int32(p[0]) + int32(p[4]) + int32(q[0]) + int32(q[4])
			g := int32(p[1]) + int32(p[5]) + int32(q[1]) + int32(q[5])
			b := int32(p[2]) + int32(p[6]) + int32(q[2]) + int32(q[6])
			f.cb.Pix[y*f.cb.Stride+x] = uint8(128 + (-11056*r-21712*g+32768*b)>>18)
			f.cr.Pix[y*f.cr.Stride+x] = uint8(128 + (32768*r-27440*g-5328*b)>>18)
		}
	}
	return f
}

// halved is a frame at half the resolution.
func (f frame) halved() frame {
	out := newFrame(f.y.Rect.Dx()/2&^1, f.y.Rect.Dy()/2&^1)
	halve(out.y, f.y)
	halve(out.cb, f.cb)
	halve(out.cr, f.cr)
	return out
}

func halve(to, from *image.Gray) {
	for y := range to.Rect.Dy() {
		upper, lower := from.Pix[2*y*from.Stride:], from.Pix[(2*y+1)*from.Stride:]
		row := to.Pix[y*to.Stride:][:to.Rect.Dx()]
		for x := range row {
			row[x] = uint8((uint32(upper[2*x]) + uint32(upper[2*x+1]) + uint32(lower[2*x]) + uint32(lower[2*x+1]) + 2) / 4)
		}
	}
}

// lay puts a page into the picture.
func (f frame) lay(page frame, view homography) {
	lay(f.y, page.y, view)
	half := scaling(0.5).times(view).times(scaling(2))
	lay(f.cb, page.cb, half)
	lay(f.cr, page.cr, half)
}

// lay samples a page where it comes to lie, linear between its pixels. The way back through the lens is computed every
// few pixels and is as good as straight between them.
func lay(to, page *image.Gray, view homography) {
	const stretch = 16
	back := view.inverse()
	outline := view.quad(page.Rect)
	for y := range to.Rect.Dy() {
		first, end := outline.span(y)
		first, end = max(first, 0), min(end, to.Rect.Dx())
		row := to.Pix[y*to.Stride:]
		for x := first; x < end; x += stretch {
			n := min(stretch, end-x)
			a := back.at(point{float64(x) + 0.5, float64(y) + 0.5})
			b := back.at(point{float64(x+n) + 0.5, float64(y) + 0.5})
			sample(row[x:x+n], page, a, b)
		}
	}
}

// sample fills a stretch with the values of a page between two of its places, the second one excluded.
func sample(to []uint8, page *image.Gray, a, b point) {
	const one = 1 << 16
	n := float64(len(to))
	u, v := int((a.x-0.5)*one), int((a.y-0.5)*one)
	du, dv := int((b.x-a.x)/n*one), int((b.y-a.y)/n*one)
	right, bottom := (page.Rect.Dx()-1)*one-1, (page.Rect.Dy()-1)*one-1
	for i := range to {
		x, y := min(max(u, 0), right), min(max(v, 0), bottom)
		at := y>>16*page.Stride + x>>16
		fx, fy := x>>8&255, y>>8&255
		p, q := page.Pix[at:at+2:at+2], page.Pix[at+page.Stride:at+page.Stride+2]
		upper := int(p[0])<<8 + (int(p[1])-int(p[0]))*fx
		lower := int(q[0])<<8 + (int(q[1])-int(q[0]))*fx
		to[i] = uint8((upper<<8 + (lower-upper)*fy + 1<<15) >> 16)
		u, v = u+du, v+dv
	}
}

// grey takes the colour out.
func (f frame) grey() {
	for _, chroma := range []*image.Gray{f.cb, f.cr} {
		for i := range chroma.Pix {
			chroma.Pix[i] = 128
		}
	}
}

// file is the picture as it comes out of the camera's file, at a quality of JPEG from 1 to 100, or 0 for none. JPEG
// treats luma and chroma apart, and nobody reads text from the chroma: the luma alone goes through it.
func (f frame) file(quality int) *image.RGBA {
	picture := &image.YCbCr{
		Y: f.y.Pix, Cb: f.cb.Pix, Cr: f.cr.Pix, YStride: f.y.Stride, CStride: f.cb.Stride,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: f.y.Rect,
	}
	if quality > 0 {
		squeezed := squeeze(f.y, quality)
		picture.Y, picture.YStride = squeezed.Pix, squeezed.Stride
	}
	out := image.NewRGBA(f.y.Rect)
	draw.Draw(out, out.Rect, picture, image.Point{}, draw.Src)
	return out
}

// squeeze is a picture after JPEG. It is made here, and never near JPEG's limit of 65,535 pixels a side: should it fail
// all the same, that is a defect of this package.
func squeeze(picture *image.Gray, quality int) *image.Gray {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	out, err := jpeg.Decode(&b)
	if err != nil {
		panic(err)
	}
	return out.(*image.Gray)
}
