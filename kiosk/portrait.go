package kiosk

import (
	"errors"
	"image"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify/portrait"
)

const (
	// previewInterval keeps the preview at 25 frames a second at most: more costs a core and nobody sees it.
	previewInterval = time.Second / 25
	// steadyFrames is for how many frames one face has to hold still before its picture counts. A station that finds faces
	// slowly would make a person stand still for as many seconds: there steadyTime is enough, with fewestFrames in it.
	steadyFrames = 8
	fewestFrames = 3
	steadyTime   = 500 * time.Millisecond
	// fairLooks is at how many frames with one face in them a station looks before it says that the face did not hold still,
	// even if it is so slow that the time is up.
	fairLooks = 2 * steadyFrames
	// steadyShift is how far a steady face may move from frame to frame, in parts of its width.
	steadyShift = 8
	// portraitName is the portrait's name among the files of a person.
	portraitName = "portrait"
)

var errNoFace = errors.New("no face held still")

// takePortrait shows the visitor to himself and takes the sharpest of the frames in which one face holds still.
func (s *Station) takePortrait(j *job, c *checkIn, p *person) {
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
	kept, err := fitPicture(picture.image, portraitShare, false)
	defer clear(kept.text)
	if err == nil {
		file := &stationv1.File{Name: p.name(portraitName), MediaType: kept.mediaType, Kind: stationv1.KindPortrait}
		if err = c.keep(j.ctx, s.config.Journal, file, kept.text); err == nil {
			check := portrait.FaceFound(picture.faces, file.EvidenceName())
			check.Area = nil // it is the frame's, which is not kept
			j.tell(flow.PortraitTaken{}, func() {
				p.portrait, p.portraitFile, p.portraitCheck, p.portraitReduced = picture.image, file, check, kept.reduced()
			})
			return
		}
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

// watchFace looks at the camera until one face has held still, and gives the sharpest picture of it. Time that runs out
// ends the wait for a face, not the look at one. The frame buffer is overwritten when it returns.
func (s *Station) watchFace(j *job) (best shot, err error) {
	camera, err := s.config.Devices.Camera.Get()
	if err != nil {
		return shot{}, err
	}
	defer func() { s.judgeCamera(j, camera, err) }()
	deadline := time.Now().Add(s.config.Timings.Portrait)
	var frame *image.RGBA
	var still stillness
	light := exposure{camera: camera, log: s.config.Log, told: &s.unheld}
	defer func() {
		light.giveBack(j.ctx)
		if frame != nil {
			clear(frame.Pix)
		}
		if err != nil {
			still.drop()
		}
	}()
	var shown time.Time
	for {
		next, err := camera.Frame(j.ctx, frame)
		if err != nil {
			return shot{}, err
		}
		frame = next
		seen := time.Now()
		if seen.Sub(shown) >= previewInterval {
			shown = seen
			s.display.preview(j, frame)
		}
		faces, err := s.config.Faces.Find(frame)
		if err != nil {
			return shot{}, &devices.Error{Kind: devices.KindCamera, Op: "find face", Err: err}
		}
		if still.add(frame, faces, seen) {
			return still.best, nil
		}
		light.follow(j.ctx, still.frames > 0, len(faces))
		if time.Now().After(deadline) && !still.promises(faces) {
			return shot{}, errNoFace
		}
	}
}

// mostFaceless is after how many tries in a row without a face a camera counts as ill: somebody hung something over it, or it
// shows the same picture for ever. One visitor has two tries, and three in a row are none whose faces cannot be found.
const mostFaceless = 6

// judgeCamera notes what watching for a face says of the camera.
func (s *Station) judgeCamera(j *job, camera devices.Camera, err error) {
	place := s.config.Devices.Camera
	switch {
	case j.stopped():
	case errors.Is(err, errNoFace):
		place.Doubt(camera, err, mostFaceless)
	default:
		place.Used(camera, err)
	}
}

// stillness follows one face from frame to frame.
type stillness struct {
	frames int
	since  time.Time // when the first of them was seen
	last   image.Rectangle
	best   shot
	looks  int // at one face, whether it held still or not
}

// add looks at one frame, and tells whether the face has held still for long enough.
func (s *stillness) add(frame *image.RGBA, faces []portrait.Face, seen time.Time) bool {
	if len(faces) != 1 {
		s.drop()
		return false
	}
	s.looks++
	if !s.near(faces[0].Box) {
		s.drop()
	}
	s.last = faces[0].Box
	cut, sharpness, err := cutOut(frame, faces[0])
	if err != nil { // too close to the edge: the visitor sees so in the preview
		s.drop()
		return false
	}
	if s.frames++; s.frames == 1 {
		s.since = seen
	}
	if s.best.image != nil && sharpness <= s.best.sharpness {
		clear(cut.Pix)
	} else {
		s.best.wipe()
		s.best = shot{cut, faces, sharpness}
	}
	return s.frames >= steadyFrames || s.frames >= fewestFrames && seen.Sub(s.since) >= steadyTime
}

// promises tells whether to look on although the time is up: a face holds still, or a slow station has hardly looked at it.
func (s *stillness) promises(faces []portrait.Face) bool {
	return s.frames > 1 || len(faces) == 1 && s.looks < fairLooks
}

// cutOut cuts a portrait out of a frame, and measures how sharp it is.
func cutOut(frame *image.RGBA, face portrait.Face) (cut *image.RGBA, sharpness float64, err error) {
	if cut, err = face.Crop(frame); err != nil {
		return nil, 0, err
	}
	if sharpness, err = portrait.Sharpness(frame, face); err != nil {
		clear(cut.Pix)
		return nil, 0, err
	}
	return cut, sharpness, nil
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
	*s = stillness{looks: s.looks}
}

func (s *shot) wipe() {
	if s.image != nil {
		clear(s.image.Pix)
	}
}
