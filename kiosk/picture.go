package kiosk

import (
	"bytes"
	"image"
	"image/jpeg"
	"sync"

	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
	optical "github.com/foyer-station/foyer/verify/page"
)

// jpegQuality keeps a 600 x 800 portrait well below the 20:1 that BSI TR-03121-3 volume 6 allows.
const jpegQuality = 92

// keepPages seals the pictures of one side, each with no more of the empty glass than a rim, in at most share sealed bytes:
// as PNG, without loss, if that is possible. They are encoded side by side.
func (s *Station) keepPages(j *job, c *checkIn, r *reading, side []verify.Page, share int64) {
	defer s.timed(stageKeepPages)()
	area := optical.Area(side)
	encoded := make([]encodedPage, len(side))
	var encoding sync.WaitGroup
	for i, p := range side {
		r.kept[p.Side] = area
		encoding.Go(func() {
			picture := p.Image.SubImage(area).(*image.RGBA)
			encoded[i] = s.encodePage(j, verify.Page{Image: picture, DPI: p.DPI, Light: p.Light, Side: p.Side}, share)
		})
	}
	encoding.Wait()
	for i, p := range side {
		s.keepPage(j, c, r, p, encoded[i])
	}
}

// encodedPage is a picture of a page as it is kept, or why it is not.
type encodedPage struct {
	pictureFile
	dpi int
	err error
}

func (s *Station) encodePage(j *job, p verify.Page, share int64) (e encodedPage) {
	if j.stopped() { // somebody waits for the ticket
		return encodedPage{err: j.ctx.Err()}
	}
	picture, dpi := p.Image, p.DPI
	if most := s.config.EvidenceDPI; most > 0 && dpi > most {
		size := picture.Rect.Size().Mul(most).Div(dpi)
		picture, dpi = coarser(picture, size), most
		defer clear(picture.Pix)
	}
	e.pictureFile, e.err = fitPicture(picture, share, true)
	e.dpi = dpi / e.scale
	return e
}

func (s *Station) keepPage(j *job, c *checkIn, r *reading, p verify.Page, e encodedPage) {
	name := verify.PictureName(p.Side, p.Light)
	defer clear(e.text)
	if e.err != nil {
		s.notKept(j, r, name, e.err)
		return
	}
	file := &stationv1.File{
		Name: name, MediaType: e.mediaType, Kind: stationv1.KindPage,
		Page: int32(p.Side.Number()), Light: string(p.Light), Side: string(p.Side), Dpi: int32(e.dpi),
	}
	if s.keepFile(j, c, r, file, e.text) && e.reduced() {
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
	var text bytes.Buffer
	text.Grow(pngRoom(picture.Rect.Size()))
	for f := (pictureFile{scale: 1}); ; f.tries++ {
		text.Reset()
		var err error
		if lossless {
			f.mediaType, err = "image/png", encodePNG(&text, picture)
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
