package interactive

import (
	"context"
	"errors"
	"image"
	"strconv"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
)

// What a person is asked to do with the other devices, and what is said of it.
const (
	askSpecimen  devices.Key = "ask.specimen"        // position, seconds
	askFace      devices.Key = "ask.face"            // seconds; look into the camera
	saysUnread   devices.Key = "specimen.unread"     // nothing was read
	saysMisread  devices.Key = "specimen.misread"    // its check digits do not hold
	saysNoFace   devices.Key = "camera.no_face"      // value, max; of a person who looks into it
	saysNoFinder devices.Key = "camera.no_finder"    // detail
	cleanReader  devices.Key = "remedy.clean_glass"  // of the document reader
	seeFace      devices.Key = "remedy.see_face"     // light, height, lens
	seeCascades  devices.Key = "remedy.see_cascades" // of faces
)

// Limits.
const (
	readTime = 30 * time.Second // to lay a specimen down and read it
	faceTime = 10 * time.Second
)

// positions are how a specimen is laid down, or swiped, in order; "specimen_1" is the first's check.
func positions() []string { return []string{"straight", "upside_down", "left", "right"} }

func positionCheck(i int) string { return "specimen_" + strconv.Itoa(i+1) }

// MRZReader has a person read a specimen in four positions. check tells whether lines are a machine-readable zone whose check digits hold;
// the lines are told to nobody else.
func MRZReader(open func(context.Context) (devices.MRZReader, error), person Person, check func(lines []string) error) hwtest.Subject {
	var checks []string
	for i := range positions() {
		checks = append(checks, positionCheck(i))
	}
	return hwtest.Act[devices.MRZReader]{
		Kind: devices.KindMRZReader, Open: open, Checks: checks, Limit: patience,
		Do: func(ctx context.Context, r devices.MRZReader, tell func(hwtest.Check)) {
			tell = told(person, tell)
			for i, position := range positions() {
				do := within(devices.Say(askSpecimen).With("position", position), readTime)
				if asked(ctx, person, do, devices.KindMRZReader, []string{positionCheck(i)}, tell) {
					readSpecimen(ctx, r, positionCheck(i), check, tell)
				}
				if ctx.Err() != nil {
					return
				}
			}
		},
	}.Subject()
}

func readSpecimen(ctx context.Context, r devices.MRZReader, name string, check func([]string) error, tell func(hwtest.Check)) {
	kind := devices.KindMRZReader
	reading, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	began := time.Now()
	lines, err := r.ReadMRZ(reading)
	took := time.Since(began)
	switch {
	case ctx.Err() != nil:
		return
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, devices.ErrUnreadable):
		tell(hwtest.Faulty(kind, name, devices.Say(saysUnread), devices.Say(cleanReader)).Took(took))
	case err != nil:
		tell(hwtest.Failing(kind, name, err).Took(took))
	case check(lines) != nil:
		tell(hwtest.Faulty(kind, name, devices.Say(saysMisread), devices.Say(cleanReader)).Took(took))
	default:
		tell(hwtest.Done(kind, name).Took(took))
	}
}

// Camera has a person look into the camera. find tells whether there is a face in a picture; its error is that it cannot look.
func Camera(open func(context.Context) (devices.Camera, error), person Person, find func(*image.RGBA) (bool, error)) hwtest.Subject {
	return hwtest.Act[devices.Camera]{
		Kind: devices.KindCamera, Open: open, Checks: []string{"face"}, Limit: patience,
		Do: func(ctx context.Context, c devices.Camera, tell func(hwtest.Check)) {
			tell = told(person, tell)
			if asked(ctx, person, within(devices.Say(askFace), faceTime), devices.KindCamera, []string{"face"}, tell) {
				lookFor(ctx, c, find, tell)
			}
		},
	}.Subject()
}

// lookFor looks until there is a face. The frame is overwritten.
func lookFor(ctx context.Context, c devices.Camera, find func(*image.RGBA) (bool, error), tell func(hwtest.Check)) {
	kind := devices.KindCamera
	var frame *image.RGBA
	defer func() {
		if frame != nil {
			clear(frame.Pix)
		}
	}()
	began := time.Now()
	for {
		next, err := c.Frame(ctx, frame)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			tell(hwtest.Failing(kind, "face", err))
			return
		}
		frame = next
		found, err := find(frame)
		took := time.Since(began)
		if err != nil {
			tell(hwtest.Faulty(kind, "face", devices.Say(saysNoFinder).With(devices.Detail, err.Error()), devices.Say(seeCascades)))
			return
		}
		if found || took > faceTime {
			m := hwtest.AtMost(took.Seconds(), hwtest.Seconds, faceTime.Seconds())
			tell(hwtest.Judged(kind, "face", m, saysNoFace, seeFace).Took(took))
			return
		}
	}
}
