package kiosk

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify/picture"
)

// chipSignatureName is what the signature in DG7 is called as a file.
const chipSignatureName = "chip-signature"

// decodeTime is for a signature to be drawn, to see that it can be.
const decodeTime = 10 * time.Second

// maxChipSignature bounds the file that the signature in DG7 becomes for browsers, in sealed bytes.
const maxChipSignature = 2 << 20

// keepChipSignature keeps the first signature in DG7 for browsers: a JPEG as it stands there, another as PNG. It is decoded in any
// case, in a child of its own and within our own bounds; one that is not stays in DG7 alone. Whether DG7 is signed is not known yet:
// where it is not, the record leaves the picture out.
func (s *Station) keepChipSignature(j *job, r *reading, dg7 []byte, keep func(*stationv1.File, []byte)) {
	signatures, err := emrtd.ParseDG7(dg7)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(j.ctx, decodeTime)
	defer cancel()
	drawn, err := picture.Portrait(ctx, signatures[0])
	if j.stopped() {
		s.notKept(j, r, chipSignatureName, j.ctx.Err())
		return
	}
	s.undecoded.Store(errors.Is(err, picture.ErrDecoder))
	if err != nil {
		if s.undecoded.Load() {
			s.config.Log.Error("a chip's picture was not decoded", "err", err)
		}
		r.drop(chipSignatureName, stationv1.DroppedUnreadable)
		return
	}
	defer clear(drawn.Pix)
	file := &stationv1.File{Name: chipSignatureName, MediaType: "image/jpeg", Kind: stationv1.KindChipSignature}
	if bytes.HasPrefix(signatures[0], []byte("\xff\xd8")) { // JPEG
		keep(file, signatures[0])
		return
	}
	kept, err := fitPicture(drawn, maxChipSignature, true)
	defer clear(kept.text)
	if err != nil {
		s.notKept(j, r, chipSignatureName, err)
		return
	}
	file.MediaType = kept.mediaType
	keep(file, kept.text)
}
