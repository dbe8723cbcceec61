package page

import (
	"context"
	"fmt"
	"image"
	"sync"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/picture"
)

// PrintedPortrait finds the portrait on the visible picture of a front. A second, smaller one is a picture of the same face in
// another ink: the largest counts.
func (e *Examiner) PrintedPortrait(front verify.Page) verify.Portrait {
	if err := usable(front); err != nil {
		return verify.Portrait{Err: err}
	}
	return verify.Portrait{Image: front.Image, Face: e.largestFace(front.Image)}
}

// StoredPortrait decodes the first picture of a DG2 that is about to be read, and finds the face in it. The child of the program that
// decodes it ([picture.ComingPortrait]) starts at once. Where dg2 is closed without a file the portrait is empty, and without an error.
func (e *Examiner) StoredPortrait(ctx context.Context, dg2 <-chan []byte) (p verify.Portrait) {
	var decoding sync.WaitGroup
	var drawn *image.RGBA
	var errDrawn error
	coming := make(chan []byte, 1)
	decoding.Go(func() { drawn, errDrawn = picture.ComingPortrait(ctx, coming) })
	file, there := <-dg2
	if there {
		p.File, p.Err = firstFace(file)
	}
	if there && p.Err == nil {
		coming <- p.File.Image
	}
	close(coming)
	decoding.Wait()
	switch {
	case !there || p.Err != nil:
	case errDrawn != nil:
		p.Err = unreadable(errDrawn)
	default:
		p.Image, p.Face = drawn, e.largestFace(drawn)
	}
	return p
}

func firstFace(dg2 []byte) (emrtd.Face, error) {
	faces, err := emrtd.ParseDG2(dg2)
	if err != nil {
		return emrtd.Face{}, unreadable(err)
	}
	return faces[0], nil
}

func unreadable(err error) error { return fmt.Errorf("the chip's picture cannot be read: %w", err) }

// largestFace is empty where there is none, or nobody to find it.
func (e *Examiner) largestFace(in *image.RGBA) image.Rectangle {
	if e.finder == nil {
		return image.Rectangle{}
	}
	faces, err := e.finder.FindWithoutEyes(in)
	if err != nil || len(faces) == 0 {
		return image.Rectangle{}
	}
	return faces[0].Box
}

// portraits are those of the evidence, or what is found now, side by side.
func (e *Examiner) portraits(ctx context.Context, front verify.Page, s shots) (printed, stored verify.Portrait) {
	var looking sync.WaitGroup
	if s.portraits.Stored != nil {
		stored = *s.portraits.Stored
	} else {
		dg2 := make(chan []byte, 1)
		dg2 <- s.dg2
		looking.Go(func() { stored = e.StoredPortrait(ctx, dg2) })
	}
	if s.portraits.Printed != nil {
		printed = *s.portraits.Printed
	} else {
		printed = e.PrintedPortrait(front)
	}
	looking.Wait()
	return printed, stored
}
