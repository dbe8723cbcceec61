package kiosk

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/verify/portrait"
)

const (
	// previewInterval keeps the preview at 25 frames a second at most: more costs a core and nobody sees it.
	previewInterval = time.Second / 25
	// steadyFrames is for how many frames one face has to hold still before its picture counts.
	steadyFrames = 8
	// steadyShift is how far a steady face may move from frame to frame, in parts of its width.
	steadyShift = 8
	// portraitQuality keeps a 600 x 800 portrait well below the 20:1 that BSI TR-03121-3 volume 6 allows.
	portraitQuality = 92
	// portraitName is the portrait's name among the files.
	portraitName = "portrait"
)

var errNoFace = errors.New("no face held still")

// takePortrait shows the visitor to himself and takes the sharpest of the frames in which one face holds still.
func (s *Station) takePortrait(j *job, c *checkIn) {
	picture, err := s.watchFace(j)
	switch {
	case j.stopped():
		return
	case errors.Is(err, errNoFace):
		j.tell(flow.PortraitFailed{Problem: flow.NoFace}, nil)
		return
	case err != nil:
		s.config.Log.Warn("a device failed", "err", err)
		j.tell(flow.PortraitFailed{Problem: flow.DeviceMissing}, nil)
		return
	}
	c.buffers.add(picture.image.Pix)
	var text bytes.Buffer
	text.Grow(len(picture.image.Pix)) // at once, or copies are left behind that nobody overwrites
	defer func() { clear(text.Bytes()) }()
	if err = jpeg.Encode(&text, picture.image, &jpeg.Options{Quality: portraitQuality}); err == nil {
		file, keepErr := c.keep(j.ctx, s.config.Journal, portraitName, "image/jpeg", text.Bytes())
		if keepErr == nil {
			check := portrait.FaceFound(picture.faces, portraitName)
			check.Area = nil // it is the frame's, which is not kept
			j.tell(flow.PortraitTaken{}, func() { c.portrait, c.portraitFile, c.portraitCheck = picture.image, file, check })
			return
		}
		err = keepErr
	}
	if !j.stopped() {
		s.config.Log.Error("a file was not kept", "err", err)
	}
	j.tell(flow.PortraitFailed{Problem: flow.DeviceMissing}, nil)
}

// shot is a portrait and the faces that were in the frame that it was cut from.
type shot struct {
	image     *image.RGBA
	faces     []portrait.Face
	sharpness float64
}

// watchFace looks at the camera until one face has held still, and gives the sharpest picture of it. The frame buffer is
// overwritten when it returns.
func (s *Station) watchFace(j *job) (best shot, err error) {
	camera, err := s.config.Devices.Camera.Get()
	if err != nil {
		return shot{}, err
	}
	ctx, cancel := context.WithTimeout(j.ctx, s.config.Timings.Portrait)
	defer cancel()
	var frame *image.RGBA
	defer func() {
		if frame != nil {
			clear(frame.Pix)
		}
	}()
	var shown time.Time
	var still stillness
	for {
		next, err := camera.Frame(ctx, frame)
		if ctx.Err() != nil {
			still.drop()
			return shot{}, errNoFace
		}
		if err != nil {
			still.drop()
			return shot{}, err
		}
		frame = next
		if now := time.Now(); now.Sub(shown) >= previewInterval {
			shown = now
			s.display.preview(j, frame)
		}
		faces, err := s.config.Faces.Find(frame)
		if err != nil {
			still.drop()
			return shot{}, &devices.Error{Kind: devices.KindCamera, Op: "find face", Err: err}
		}
		if still.add(frame, faces) {
			return still.best, nil
		}
	}
}

// stillness follows one face from frame to frame.
type stillness struct {
	frames int
	last   image.Rectangle
	best   shot
}

// add looks at one frame, and tells whether the face has held still for long enough.
func (s *stillness) add(frame *image.RGBA, faces []portrait.Face) bool {
	if len(faces) != 1 || !s.near(faces[0].Box) {
		s.drop()
		if len(faces) == 1 {
			s.last = faces[0].Box
		}
		return false
	}
	s.last = faces[0].Box
	cut, err := faces[0].Crop(frame)
	if err != nil { // too close to the edge: the visitor sees so in the preview
		s.drop()
		return false
	}
	sharpness, err := portrait.Sharpness(frame, faces[0])
	if err != nil {
		clear(cut.Pix)
		return false
	}
	s.frames++
	if s.best.image != nil && sharpness <= s.best.sharpness {
		clear(cut.Pix)
	} else {
		s.best.wipe()
		s.best = shot{cut, faces, sharpness}
	}
	return s.frames >= steadyFrames
}

// near tells whether a face is where it was in the last frame, within an eighth of its width.
func (s *stillness) near(box image.Rectangle) bool {
	limit := max(1, box.Dx()/steadyShift)
	d := box.Min.Sub(s.last.Min)
	return max(d.X, -d.X) <= limit && max(d.Y, -d.Y) <= limit
}

// drop begins anew.
func (s *stillness) drop() {
	s.best.wipe()
	*s = stillness{}
}

func (s *shot) wipe() {
	if s.image != nil {
		clear(s.image.Pix)
	}
}
