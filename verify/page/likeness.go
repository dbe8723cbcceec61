package page

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/jpeg"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
	"gocv.io/x/gocv"
)

const (
	maxDG2Side  = 4096    // pixels; portraits in chips are about 400 to 1200 high
	maxDG2Bytes = 2 << 20 // chips hold 20 to 50 kB
)

// likeness is the check cross.portrait_dg2.
func (e *Examiner) likeness(s shots) verify.Check {
	switch {
	case e.finder == nil:
		return notPerformed("the face finder is not installed")
	case len(s.dg2) == 0:
		return notPerformed("no picture from the chip")
	case !s.has(verify.Front, verify.Visible):
		return notPerformed("no visible picture of the side that bears the portrait")
	}
	evidence := []string{verify.PictureName(verify.Front, verify.Visible), "DG2"}
	page := s.pages[verify.Front][verify.Visible]
	if err := usable(page); err != nil {
		return undetermined(err.Error(), evidence...)
	}
	stored, deviations, err := decodeDG2(s.dg2)
	if err != nil {
		return undetermined(err.Error(), evidence...)
	}
	storedFaces, err := e.finder.Find(stored)
	if err != nil || len(storedFaces) == 0 {
		return undetermined("no face was found in the chip's picture", evidence...)
	}
	printedFaces, err := e.finder.Find(page.Image)
	if err != nil || len(printedFaces) == 0 {
		return undetermined("no face was found on the page", evidence...)
	}
	// A second, smaller portrait is a picture of the same face in another ink; the largest is the one to compare.
	found, err := compare(page.Image, printedFaces[0].Box, stored, storedFaces[0].Box)
	if err != nil {
		return undetermined(err.Error(), evidence...)
	}
	check := e.judgeLikeness(found, printedFaces[0].Box, evidence)
	check.Reason = verify.WithDeviations(check.Reason, deviations...)
	return check
}

func (e *Examiner) judgeLikeness(found resemblance, area image.Rectangle, evidence []string) verify.Check {
	c := verify.Check{Result: verify.Undetermined, Area: &area, Evidence: evidence}
	c.Margin = margin(found.detail, e.thresholds.Alike, -1, 1)
	c.Reason = fmt.Sprintf("printed and stored portrait correlate by %.2f, their details by %.2f; one picture from %.2f in detail, two up to %.2f in all",
		found.whole, found.detail, e.thresholds.Alike, e.thresholds.Unlike)
	switch {
	case found.detail >= e.thresholds.Alike:
		c.Result = verify.Passed
	case found.whole <= e.thresholds.Unlike:
		c.Result = verify.Failed
	}
	return c
}

// decodeDG2 decodes the first picture in DG2, and gives in what the file deviates. What it says of its size is looked at
// before any memory is spent on it.
func decodeDG2(file []byte) (picture *image.RGBA, deviations []string, err error) {
	if len(file) > maxDG2Bytes {
		return nil, nil, errors.New("the chip's picture is too large")
	}
	faces, err := emrtd.ParseDG2(file)
	if err != nil {
		return nil, nil, fmt.Errorf("the chip's picture cannot be read: %w", err)
	}
	picture, err = decode(faces[0])
	return picture, faces[0].Deviations, err
}

func decode(face emrtd.Face) (*image.RGBA, error) {
	size, err := pictureSize(face)
	if err != nil {
		return nil, fmt.Errorf("the chip's picture cannot be read: %w", err)
	}
	if size.X < 1 || size.Y < 1 || size.X > maxDG2Side || size.Y > maxDG2Side {
		return nil, fmt.Errorf("the chip's picture is of %d x %d pixels", size.X, size.Y)
	}
	mat, err := gocv.IMDecode(face.Image, gocv.IMReadColor)
	if err != nil {
		return nil, errors.New("the chip's picture cannot be decoded")
	}
	defer mat.Close()
	if mat.Empty() {
		return nil, errors.New("the chip's picture cannot be decoded")
	}
	gocv.CvtColor(mat, &mat, gocv.ColorBGRToRGBA)
	return &image.RGBA{Pix: mat.ToBytes(), Stride: 4 * mat.Cols(), Rect: image.Rect(0, 0, mat.Cols(), mat.Rows())}, nil
}

// pictureSize reads the size that a picture states, without decoding it.
func pictureSize(face emrtd.Face) (image.Point, error) {
	if face.MediaType == emrtd.MediaJPEG {
		cfg, err := jpeg.DecodeConfig(bytes.NewReader(face.Image))
		return image.Pt(cfg.Width, cfg.Height), err
	}
	// ISO/IEC 15444-1, A.5.1: a codestream begins with SOC and SIZ; after two lengths of two bytes stand width and height of the
	// grid and the offset of the picture in it.
	start := []byte{0xFF, 0x4F, 0xFF, 0x51}
	_, siz, found := bytes.Cut(face.Image, start)
	// A second codestream would be one whose size nobody looked at.
	if !found || len(siz) < 20 || bytes.Contains(siz, start) {
		return image.Point{}, errors.New("neither JPEG nor JPEG 2000")
	}
	at := func(i int) int { return int(binary.BigEndian.Uint32(siz[i:])) }
	return image.Pt(at(4)-at(12), at(8)-at(16)), nil
}
