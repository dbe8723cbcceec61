package kiosk

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/mrz"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/picture"
)

// readChip reads the chip with the key that the zone gives, or, where it does not open by that, with the card access number,
// and puts outcome and files into the evidence. The number is looked for in the pages of the evidence once they are pictured.
func (s *Station) readChip(j *job, c *checkIn, r *reading, zone mrz.Zone, pictured <-chan struct{}) {
	reader, err := s.chipReader()
	if err != nil {
		r.evidence.Chip = verify.ChipUnavailable
		return
	}
	read, outcome, _ := s.openChip(j, reader, ChipKey(zone), "")
	if isClosed(outcome) && r.refused < canTries && takesCAN(read) {
		<-pictured
		read, outcome = s.readByCAN(j, c, r, reader, r.evidence.Pages, closedChip{read, outcome})
		if !isClosed(outcome) && outcome != verify.ChipTorn {
			j.tell(flow.ChipDone{}, nil)
		}
	}
	r.keepReading(read, outcome)
	if outcome == verify.ChipTorn {
		j.tell(flow.ChipTorn{}, nil)
	}
}

// A chip may be odd, and not every document has one: only when it happens so often in a row is it the reader.
const (
	mostRefused  = 4  // it does not let itself be connected
	mostChipless = 30 // none answers
)

// chipReader is the reader that is there, which tells its place what came of connecting.
func (s *Station) chipReader() (devices.ChipReader, error) {
	reader, err := s.config.Devices.ChipReader.Get()
	return judgedReader{reader, s.config.Devices.ChipReader}, err
}

// judgedReader is a reader of whose connections its place is told.
type judgedReader struct {
	devices.ChipReader
	place *devices.Slot[devices.ChipReader]
}

// Connect implements [devices.ChipReader].
func (r judgedReader) Connect(ctx context.Context) (devices.Chip, error) {
	chip, err := r.ChipReader.Connect(ctx)
	switch {
	case errors.Is(err, context.Canceled):
	case errors.Is(err, devices.ErrNoChip):
		r.place.Doubt(r.ChipReader, devices.ErrNoChip, mostChipless)
	case errors.Is(err, devices.ErrProtocol):
		r.place.Doubt(r.ChipReader, err, mostRefused)
	default:
		r.place.Used(r.ChipReader, err)
	}
	return chip, err
}

// keepReading puts what was read of the chip into the evidence.
func (r *reading) keepReading(read *emrtd.Reading, outcome verify.ChipOutcome) {
	r.evidence.Files, r.evidence.Proofs, r.evidence.ChipNotes, r.evidence.Chip = read.Files, read.Proofs, read.Notes, outcome
}

// openChip reads the chip in the field with a key, or with a card access number if there is one. The error is why the
// chip stopped the reading, where it did.
func (s *Station) openChip(
	j *job, reader devices.ChipReader, key emrtd.Key, can string,
) (*emrtd.Reading, verify.ChipOutcome, error) {
	ctx, cancel := context.WithTimeout(j.ctx, s.config.Timings.Chip+s.config.Timings.ChipReading)
	defer cancel()
	var stopped error
	connected := sync.OnceFunc(s.timed(StageConnect))
	open := func(ctx context.Context, card emrtd.Card, key emrtd.Key, o emrtd.Options) (*emrtd.Reading, error) {
		connected()
		begin := s.config.Now()
		read, err := s.config.ReadChip(ctx, card, key, o)
		s.traceChip(begin, read)
		stopped = err
		return read, err
	}
	o := emrtd.Options{CAN: can, Now: s.config.Now}
	read, outcome := ReadChip(ctx, reader, open, key, s.config.Timings.Chip, o)
	return read, outcome, stopped
}

// ChipKey is the key that a zone gives for its document's chip.
func ChipKey(zone mrz.Zone) emrtd.Key {
	birth, expiry := zone.PrintedDates()
	return emrtd.Key{DocumentNumber: zone.Fields.DocumentNumber, BirthDate: birth, ExpiryDate: expiry}
}

// ChipReading reads one chip: emrtd.Read.
type ChipReading func(context.Context, emrtd.Card, emrtd.Key, emrtd.Options) (*emrtd.Reading, error)

// returnWait is how long a chip is waited for whose link broke: pcscd may need 0.4 s each to notice that it went and that
// it is back, and somebody who took the document away is to hear soon that it must lie still.
const returnWait = 1500 * time.Millisecond

// shortResponse is the longest response APDU of short length, with its status word (ISO/IEC 7816-4, 5.1).
const shortResponse = 256 + 2

// ReadChip waits for a chip in the reader's field, for wait at most, reads it as o says, and says how that ended. What was
// read is never nil. Whatever goes wrong is an outcome: the document is judged with it.
//
// A link that breaks may have been broken by a command of extended length, which not every reader and not every field
// carries, whatever they announce. A chip that is back soon is read anew, once, by short length alone; by a card access
// number only if that has opened it, for a chip counts the tries.
func ReadChip(
	ctx context.Context, reader devices.ChipReader, read ChipReading, key emrtd.Key, wait time.Duration, o emrtd.Options,
) (*emrtd.Reading, verify.ChipOutcome) {
	got, err := readOnce(ctx, reader, read, key, wait, o)
	if got == nil {
		return &emrtd.Reading{}, outcomeOfConnect(err)
	}
	if linkBroke(err) && (o.CAN == "" || got.Access != "") {
		o.MaxResponse = shortResponse
		if again, errAgain := readOnce(ctx, reader, read, key, min(wait, returnWait), o); again != nil {
			overwrite(got)
			got, err = again, errAgain
			got.Notes = append(got.Notes, "its link broke, and it was read anew by short answers")
		}
	}
	return got, outcomeOfReading(got, err)
}

// readOnce waits for a chip and reads it, by answers as long as the reader carries where o does not say. What was read is
// nil where no chip came.
func readOnce(
	ctx context.Context, reader devices.ChipReader, read ChipReading, key emrtd.Key, wait time.Duration, o emrtd.Options,
) (*emrtd.Reading, error) {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	chip, err := reader.Connect(waiting)
	if err != nil {
		return nil, err
	}
	defer chip.Close() // it is left alone whatever that says
	o.MaxResponse = cmp.Or(o.MaxResponse, chip.MaxResponse())
	return read(ctx, chip, key, o)
}

// linkBroke tells that the chip or the link to it gave up, and that the reader still works.
func linkBroke(err error) bool {
	return errors.Is(err, devices.ErrChipGone) || errors.Is(err, devices.ErrNoChip) || errors.Is(err, devices.ErrProtocol)
}

// overwrite leaves nothing of what was read.
func overwrite(read *emrtd.Reading) {
	for _, files := range []map[string][]byte{read.Files, read.Headers} {
		for _, file := range files {
			clear(file)
		}
	}
}

func outcomeOfConnect(err error) verify.ChipOutcome {
	switch {
	case errors.Is(err, devices.ErrNoChip), errors.Is(err, devices.ErrChipGone), errors.Is(err, context.DeadlineExceeded):
		return verify.ChipAbsent
	case errors.Is(err, devices.ErrProtocol): // one that does not let itself be connected; of the reader its place is told
		return verify.ChipDead
	}
	return verify.ChipUnavailable
}

// outcomeOfReading is what became of a reading: of the link and the reader, or else of the chip.
func outcomeOfReading(read *emrtd.Reading, err error) verify.ChipOutcome {
	switch {
	case errors.Is(err, devices.ErrChipGone), errors.Is(err, devices.ErrNoChip):
		return verify.ChipTorn
	case errors.Is(err, devices.ErrUnplugged), errors.Is(err, devices.ErrNoDevice), errors.Is(err, devices.ErrStopped):
		return verify.ChipUnavailable
	}
	return verify.OutcomeOf(read, err)
}

// keepChip seals the chip's files and the portrait in DG2, the weightiest first; what has no room any more is left out.
func (s *Station) keepChip(j *job, c *checkIn, r *reading) {
	defer s.timed(StageKeepChip)()
	room := chipRoom{bytes: chipShare, files: maxChipFiles}
	keep := func(name, mediaType string, plain []byte) {
		if !room.take(plain) {
			r.drop(name, stationv1.DroppedLeftOut)
			return
		}
		s.keepFile(j, c, r, name, mediaType, plain)
	}
	for _, name := range byWeight(r.evidence.Files) {
		keep("chip-"+strings.ReplaceAll(name, "/", "-"), "application/octet-stream", r.evidence.Files[name])
		if name == emrtd.FileDG2 {
			s.keepChipPortrait(j, r, keep)
		}
	}
}

// keepChipPortrait keeps the portrait in DG2 for browsers, as it stands there. One that is not decoded within our own bounds,
// of which a browser has fewer, stays in DG2 alone.
func (s *Station) keepChipPortrait(j *job, r *reading, keep func(name, mediaType string, plain []byte)) {
	const name = "chip-portrait"
	faces, err := emrtd.ParseDG2(r.evidence.Files[emrtd.FileDG2])
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(j.ctx, s.config.Timings.Examination)
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
		keep(name, mediaTypeOf(faces[0]), faces[0].Image)
		return
	case s.undecoded.Load():
		s.config.Log.Error("a chip's picture was not decoded", "err", err)
	}
	r.drop(name, stationv1.DroppedUnreadable)
}

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
