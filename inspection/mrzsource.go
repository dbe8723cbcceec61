package inspection

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/mrz/ocr"
)

const (
	// headStart is which part of the time for a document a reader that is well has before the glass is looked at as well: a
	// reader that says nothing may be mute.
	headStart = 3
	// mostPassedBy is how often in a row an MRZ may be read on the glass of which a reader that is well said nothing. One may
	// lie where the reader has no eye, or be in an ink that it does not see; the next one is another visitor's.
	mostPassedBy = 2
	// lastWord is what a reader has to say it in, once an MRZ was read on the glass.
	lastWord = time.Second
)

var errPassedBy = errors.New("a document lay on the glass and was not read")

// mrzAnswer is what one of the devices that can read an MRZ says of it.
type mrzAnswer struct {
	lines []string
	seen  *ocr.Reading // on the page, and sure; nil where the reader read it
	err   error
}

// findLines waits for the lines of an MRZ. The document reader is asked where there is one. The page imager takes over
// at once when it fails, looks too when it says nothing for a while, and from the beginning where its last use failed. On the glass
// what was inspected before does not count; a reader is given a document on purpose.
func (i *Inspector) findLines(ctx context.Context, inspected [][]string) mrzAnswer {
	place := i.config.Devices.MRZReader
	if place == nil {
		return i.fromPage(ctx, inspected)
	}
	reader, err := place.Get()
	if err != nil {
		seen := i.fromPage(ctx, inspected)
		if seen.err != nil {
			seen.err = errors.Join(seen.err, err)
		}
		return seen
	}
	ctx, cancel := context.WithCancel(ctx)
	var both sync.WaitGroup
	defer both.Wait()
	defer cancel()
	r := race{swiped: make(chan mrzAnswer, 1), seen: make(chan mrzAnswer, 1)}
	both.Go(func() {
		lines, err := reader.ReadMRZ(ctx)
		r.swiped <- mrzAnswer{lines: lines, err: err}
	})
	r.look = sync.OnceFunc(func() { both.Go(func() { r.seen <- i.fromPage(ctx, inspected) }) })
	suspect := place.Suspect()
	if suspect {
		r.look()
	}
	found, of := r.run(i.config.Timings.Document/headStart, func(err error) {
		place.Used(reader, err)
		i.config.Log.Warn("a device failed; the page imager takes over", "err", err)
	})
	switch {
	case of == bySwipe && found.err == nil:
		place.Used(reader, nil)
	case of == bySight && found.err == nil && !suspect:
		place.Doubt(reader, errPassedBy, mostPassedBy)
	}
	return found
}

// fromPage looks at the page itself. What is seen of it is sure.
func (i *Inspector) fromPage(ctx context.Context, inspected [][]string) mrzAnswer {
	imager, err := i.config.Devices.PageImager.Get()
	if err != nil {
		return mrzAnswer{err: err}
	}
	seen, err := i.lookForMRZ(ctx, imager, inspected)
	if err != nil {
		return mrzAnswer{err: err}
	}
	return mrzAnswer{lines: seen.Lines, seen: seen}
}

// race is an MRZ that is waited for at two places.
type race struct {
	swiped, seen chan mrzAnswer
	look         func() // begins to look at the page, if that has not begun
}

// source is who read an MRZ.
type source int

const (
	bySwipe source = iota
	bySight
)

// run gives the first MRZ, or what is to be said where there is none. failed is told of the reader's failure.
func (r race) run(alone time.Duration, failed func(error)) (mrzAnswer, source) {
	head := time.NewTimer(alone)
	defer head.Stop()
	var ofReader, ofPage error
	for {
		select {
		case <-head.C:
			r.look()
		case swiped := <-r.swiped:
			switch {
			case !devices.Faulty(swiped.err):
				if swiped.err != nil && tells(ofPage) {
					return mrzAnswer{err: ofPage}, bySight
				}
				return swiped, bySwipe
			case ofPage != nil:
				failed(swiped.err)
				return mrzAnswer{err: errors.Join(ofPage, swiped.err)}, bySwipe
			}
			failed(swiped.err)
			ofReader = swiped.err
			r.look()
		case seen := <-r.seen:
			if seen.err != nil && ofReader == nil { // the reader goes on
				ofPage = seen.err
				continue
			}
			if seen.err != nil {
				seen.err = errors.Join(seen.err, ofReader)
			}
			if ofReader == nil {
				select {
				case swiped := <-r.swiped:
					if swiped.err == nil {
						return swiped, bySwipe
					}
				case <-time.After(lastWord):
				}
			}
			return seen, bySight
		}
	}
}

// tells says whether the page shows the visitor what to do otherwise.
func tells(err error) bool { return errors.Is(err, ErrCutOff) || errors.Is(err, devices.ErrUnreadable) }
