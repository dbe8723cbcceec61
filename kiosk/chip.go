package kiosk

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/emrtd"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/picture"
)

// keepChip seals the chip's files and the portrait in DG2, the weightiest first; what has no room any more is left out.
func (s *Station) keepChip(j *job, c *checkIn, r *reading, files map[string][]byte, portrait *verify.Portrait) {
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
			s.keepChipPortrait(j, r, portrait, room.bytes/2, keep)
		}
		if name == emrtd.FileDG7 {
			s.keepChipSignature(j, r, files[name], keep)
		}
	}
}

// keepChipPortrait keeps the portrait in DG2 for browsers: a JPEG as it stands there, another as PNG of what was decoded, which they do
// not show otherwise, in at most share sealed bytes. One that was not decoded within our own bounds, of which a browser has fewer, stays
// in DG2 alone.
func (s *Station) keepChipPortrait(j *job, r *reading, portrait *verify.Portrait, share int64, keep func(*stationv1.File, []byte)) {
	const name = "chip-portrait"
	switch {
	case portrait == nil || portrait.File.Image == nil: // DG2 has none
		return
	case j.stopped():
		s.notKept(j, r, name, j.ctx.Err())
		return
	}
	s.undecoded.Store(errors.Is(portrait.Err, picture.ErrDecoder))
	if portrait.Err != nil {
		if s.undecoded.Load() {
			s.config.Log.Error("a chip's picture was not decoded", "err", portrait.Err)
		}
		r.drop(name, stationv1.DroppedUnreadable)
		return
	}
	file := &stationv1.File{Name: name, MediaType: portrait.File.MediaType, Kind: stationv1.KindChipPortrait}
	if portrait.File.MediaType == emrtd.MediaJPEG {
		keep(file, portrait.File.Image)
		return
	}
	kept, err := fitPicture(portrait.Image, share, true)
	defer clear(kept.text)
	if err != nil {
		s.notKept(j, r, name, err)
		return
	}
	file.MediaType = kept.mediaType
	keep(file, kept.text)
	if kept.reduced() {
		r.drop(name, stationv1.DroppedReduced)
	}
}

// chipFile names a chip's file among those of its document.
func chipFile(name string) string { return "chip-" + strings.ReplaceAll(name, "/", "-") }

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
