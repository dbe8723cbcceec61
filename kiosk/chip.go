package kiosk

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify/picture"
)

// decodeTime is for a portrait to be drawn, to see that it can be.
const decodeTime = 10 * time.Second

// keepChip seals the chip's files and the portrait in DG2, the weightiest first; what has no room any more is left out.
func (s *Station) keepChip(j *job, c *checkIn, r *reading, files map[string][]byte) {
	defer s.timed(stageKeepChip)()
	room := r.room.chip
	keep := func(file *stationv1.File, plain []byte) {
		if !room.take(plain) {
			r.drop(file.GetName(), stationv1.DroppedLeftOut)
			return
		}
		s.keepFile(j, c, r, file, plain)
	}
	for _, name := range byWeight(files) {
		keep(&stationv1.File{Name: chipFile(name), MediaType: "application/octet-stream", Kind: stationv1.KindChip, ChipFile: name}, files[name])
		if name == emrtd.FileDG2 {
			s.keepChipPortrait(j, r, files[name], keep)
		}
	}
}

// keepChipPortrait keeps the portrait in DG2 for browsers, as it stands there. One that is not decoded within our own bounds,
// of which a browser has fewer, stays in DG2 alone.
func (s *Station) keepChipPortrait(j *job, r *reading, dg2 []byte, keep func(*stationv1.File, []byte)) {
	const name = "chip-portrait"
	faces, err := emrtd.ParseDG2(dg2)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(j.ctx, decodeTime)
	defer cancel()
	drawn, err := picture.Portrait(ctx, faces[0].Image)
	if j.stopped() {
		s.notKept(j, r, name, j.ctx.Err())
		return
	}
	s.undecoded.Store(errors.Is(err, picture.ErrDecoder))
	switch {
	case err == nil:
		clear(drawn.Pix)
		keep(&stationv1.File{Name: name, MediaType: mediaTypeOf(faces[0]), Kind: stationv1.KindChipPortrait}, faces[0].Image)
		return
	case s.undecoded.Load():
		s.config.Log.Error("a chip's picture was not decoded", "err", err)
	}
	r.drop(name, stationv1.DroppedUnreadable)
}

// chipFile names a chip's file among those of its document.
func chipFile(name string) string { return "chip-" + strings.ReplaceAll(name, "/", "-") }

// mediaTypeOf is one of station.proto's: a JPEG 2000 codestream has no registered one.
func mediaTypeOf(face emrtd.Face) string {
	if face.MediaType == emrtd.MediaCodestream {
		return "application/octet-stream"
	}
	return face.MediaType
}

// chipRoom is what is left of the chip's share.
type chipRoom struct {
	bytes int64
	files int
}

// take says whether there is room for a file, and takes it.
func (r *chipRoom) take(plain []byte) bool {
	size := stationv1.SealedSize(int64(len(plain)))
	if r.files == 0 || size > r.bytes || size > stationv1.MaxFile {
		return false
	}
	r.files, r.bytes = r.files-1, r.bytes-size
	return true
}

// byWeight names a chip's files: those that prove what it is first, the others by their names.
func byWeight(files map[string][]byte) []string {
	first := []string{emrtd.FileSOD, emrtd.FileDG1, emrtd.FileDG2, "DG14", "DG15", emrtd.FileCardSecurity, emrtd.FileCardAccess, emrtd.FileCOM}
	names := slices.DeleteFunc(slices.Clone(first), func(name string) bool { _, there := files[name]; return !there })
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !slices.Contains(first, name) {
			names = append(names, name)
		}
	}
	return names
}
