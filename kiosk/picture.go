package kiosk

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"

	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
	optical "github.com/foyer-station/foyer/verify/page"
)

// jpegQuality keeps a 600 x 800 portrait well below the 20:1 that BSI TR-03121-3 volume 6 allows.
const jpegQuality = 92

// keepPages seals the pictures of one side, each with no more of the empty glass than a rim, in at most share sealed bytes:
// as PNG, without loss, if that is possible.
func (s *Station) keepPages(j *job, c *checkIn, r *reading, side []verify.Page, share int64) {
	defer s.timed(stageKeepPages)()
	area := optical.Area(side)
	for _, p := range side {
		r.kept[p.Side] = area
		picture := p.Image.SubImage(area).(*image.RGBA)
		s.keepPage(j, c, r, verify.Page{Image: picture, DPI: p.DPI, Light: p.Light, Side: p.Side}, share)
	}
}

func (s *Station) keepPage(j *job, c *checkIn, r *reading, p verify.Page, share int64) {
	name := verify.PictureName(p.Side, p.Light)
	if j.stopped() { // somebody waits for the ticket
		s.notKept(j, r, name, j.ctx.Err())
		return
	}
	picture, dpi := p.Image, p.DPI
	if most := s.config.EvidenceDPI; most > 0 && dpi > most {
		size := picture.Rect.Size().Mul(most).Div(dpi)
		picture, dpi = coarser(picture, size), most
		defer clear(picture.Pix)
	}
	kept, err := fitPicture(picture, share, true)
	defer clear(kept.text)
	if err != nil {
		s.notKept(j, r, name, err)
		return
	}
	file := &stationv1.File{
		Name: name, MediaType: kept.mediaType, Kind: stationv1.KindPage,
		Page: int32(p.Side.Number()), Light: string(p.Light), Side: string(p.Side), Dpi: int32(dpi / kept.scale),
	}
	if s.keepFile(j, c, r, file, kept.text) && kept.reduced() {
		r.drop(name, stationv1.DroppedReduced)
	}
}

// pictureFile is a picture as it is kept.
type pictureFile struct {
	text      []byte // whoever has it overwrites it
	mediaType string
	tries     int // to make it fit, the first one not counted
	scale     int // how many times coarser it is: 1, 2, 4
}

// reduced says that there was no room for the picture as it was to be kept.
func (f pictureFile) reduced() bool { return f.tries > 0 }

// fitPicture encodes a picture into at most share sealed bytes: without loss where that is asked for, else or if it does not
// fit as JPEG, and if that does not fit either at half the resolution, and so on.
func fitPicture(picture *image.RGBA, share int64, lossless bool) (pictureFile, error) {
	size := picture.Rect.Size()
	var text bytes.Buffer
	text.Grow(4*size.X*size.Y + size.Y + 4<<10) // at once, or copies are left behind that nobody overwrites
	for f := (pictureFile{scale: 1}); ; f.tries++ {
		text.Reset()
		var err error
		if lossless {
			encoder := png.Encoder{CompressionLevel: png.BestSpeed}
			f.mediaType, err = "image/png", encoder.Encode(&text, picture)
		} else {
			f.mediaType, err = "image/jpeg", jpeg.Encode(&text, picture, &jpeg.Options{Quality: jpegQuality})
		}
		f.text = text.Bytes()
		switch {
		case err != nil:
			return f, err
		case stationv1.SealedSize(int64(text.Len())) <= share:
			return f, nil
		case picture.Rect.Dx() < 2 || picture.Rect.Dy() < 2:
			return f, errTooLarge
		}
		clear(f.text)
		if !lossless {
			picture = coarser(picture, picture.Rect.Size().Div(2))
			defer clear(picture.Pix)
			f.scale *= 2
		}
		lossless = false
	}
}

// coarser gives a picture with fewer pixels, each the mean of those that it stands for.
func coarser(picture *image.RGBA, to image.Point) *image.RGBA {
	from := picture.Rect.Size()
	to = image.Pt(max(1, to.X), max(1, to.Y))
	out := image.NewRGBA(image.Rectangle{Max: to})
	for y := range to.Y {
		top, bottom := y*from.Y/to.Y, max(y*from.Y/to.Y+1, (y+1)*from.Y/to.Y)
		for x := range to.X {
			left, right := x*from.X/to.X, max(x*from.X/to.X+1, (x+1)*from.X/to.X)
			mean(out.Pix[out.PixOffset(x, y):], picture, image.Rect(left, top, right, bottom))
		}
	}
	return out
}

// mean writes the mean of an area, counted from the picture's corner.
func mean(to []byte, picture *image.RGBA, area image.Rectangle) {
	var sum [4]int
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := picture.Pix[y*picture.Stride+4*area.Min.X : y*picture.Stride+4*area.Max.X]
		for i, v := range row {
			sum[i%4] += int(v)
		}
	}
	n := area.Dx() * area.Dy()
	for i, s := range sum {
		to[i] = uint8((s + n/2) / n)
	}
}
