package inspection

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
)

// readChip reads the chip with the key that the MRZ gives, or, where it does not open by that, with the card access number,
// and puts outcome and files into the evidence. The number is looked for in the pages of the evidence once they are pictured.
func (r *run) readChip(ctx context.Context, zone mrz.Zone, pictured <-chan struct{}) {
	reader, err := r.chipReader()
	if err != nil {
		r.document.Evidence.Chip = verify.ChipUnavailable
		return
	}
	read, outcome, _ := r.openChip(ctx, reader, Key(zone), "")
	if isClosed(outcome) && r.refused < canTries && takesCAN(read) {
		<-pictured
		read, outcome = r.readByCAN(ctx, reader, r.document.Evidence.Pages, closedChip{read, outcome})
		if !isClosed(outcome) && outcome != verify.ChipTorn && outcome != verify.ChipSeveral {
			r.visitor.AccessNumberDone()
		}
	}
	r.keepReading(read, outcome)
}

// A chip may be odd, and not every document has one: only when it happens so often in a row is it the reader.
const (
	mostRefused  = 4  // it does not let itself be connected
	mostChipless = 30 // none answers
)

// chipReader is the reader that is there, which tells its place what came of connecting.
func (i *Inspector) chipReader() (devices.ChipReader, error) {
	reader, err := i.config.Devices.ChipReader.Get()
	return judgedReader{reader, i.config.Devices.ChipReader}, err
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
func (r *run) keepReading(read *emrtd.Reading, outcome verify.ChipOutcome) {
	ev := &r.document.Evidence
	ev.Files, ev.Proofs, ev.ChipNotes, ev.Chip = read.Files, read.Proofs, read.Notes, outcome
	switch outcome {
	case verify.ChipTorn:
		r.visitor.ChipTorn()
	case verify.ChipSeveral:
		r.visitor.SeveralChips()
	}
}

// openChip reads the chip in the field with a key, or with a card access number if there is one. The error is why the
// chip stopped the reading, where it did.
func (r *run) openChip(
	ctx context.Context, reader devices.ChipReader, key emrtd.Key, can string,
) (*emrtd.Reading, verify.ChipOutcome, error) {
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, r.config.Timings.Chip+r.config.Timings.ChipReading)
	defer cancel()
	var stopped error
	connected := sync.OnceFunc(r.timed(StageConnect))
	open := func(ctx context.Context, card emrtd.Card, key emrtd.Key, o emrtd.Options) (*emrtd.Reading, error) {
		connected()
		r.expectDG2(whole)
		begin := r.config.Now()
		read, err := r.config.ReadChip(ctx, card, key, o)
		r.traceChip(begin, read)
		stopped = err
		return read, err
	}
	o := emrtd.Options{CAN: can, Now: r.config.Now}
	read, outcome := ReadChip(ctx, reader, open, key, r.config.Timings.Chip, o)
	return read, outcome, stopped
}

// Key is the key that an MRZ gives for its document's chip.
func Key(zone mrz.Zone) emrtd.Key {
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
			got.Notes = append(got.Notes, emrtd.Note{Code: emrtd.NoteLinkBroke, Text: "its link broke, and it was read anew by short answers"})
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
	case errors.Is(err, devices.ErrTwoDocuments):
		return verify.ChipSeveral
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
