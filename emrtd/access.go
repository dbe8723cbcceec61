package emrtd

import (
	"context"
	"errors"
	"fmt"
)

// visit is one reading of one chip.
type visit struct {
	*channel
	options  Options
	password password
	pace     *paceVariant // nil where the chip offers none: Basic Access Control
	guessing bool         // neither EF.SOD nor EF.COM tells which data groups there are
	noSetKAT bool         // the chip has refused MSE:Set KAT
	refusals error        // why there are no files of those that were asked for
}

// run opens the chip and reads its files.
func (v *visit) run(ctx context.Context) error {
	if err := v.askForLengths(ctx); err != nil {
		return err
	}
	if err := v.findPACE(ctx); err != nil {
		return err
	}
	if err := v.open(ctx); err != nil {
		return err
	}
	return v.readApplication(ctx)
}

// OffersPACE asks a chip that is still closed whether it can be opened by PACE, in a variant that [Read] knows, and so by a
// card access number: by EF.CardAccess, which is readable in clear (ICAO Doc 9303-11, 4.2). A chip that refuses the file,
// or has nonsense in it, offers none; the error is the card's, or ctx's. The chip can be read afterwards.
func OffersPACE(ctx context.Context, card Card) (bool, error) {
	v := &visit{channel: &channel{card: card, reading: &Reading{Files: map[string][]byte{}}}}
	err := v.findPACE(ctx)
	return v.pace != nil, err
}

// findPACE reads EF.CardAccess, in clear, and chooses the variant of PACE to open the chip by, if there is one. A chip
// without PACE refuses the file in many ways, or has nonsense in it; only a link that breaks is an error.
func (v *visit) findPACE(ctx context.Context) error {
	f := cardAccess()
	if err := v.fetch(ctx, f, v.progress(f)); answered(err) {
		return nil
	} else if err != nil {
		return err
	}
	if infos, malformed := ParseSecurityInfos(v.reading.Files[FileCardAccess]); malformed == nil {
		if best, offered := infos.bestPACE(); offered {
			v.pace = &best
		}
	}
	return nil
}

// open opens the chip and selects the application.
func (v *visit) open(ctx context.Context) error {
	if v.pace != nil {
		return v.openByPACE(ctx)
	}
	if v.password.reference != referenceMRZ {
		return fmt.Errorf("%w: a card access number, and the chip offers no PACE that is known here", ErrKey)
	}
	if err := v.timed("select", func() error { return v.selectApplication(ctx) }); err != nil {
		return err
	}
	err := v.timed("access", func() error { return v.basicAccess(ctx, v.password.seed(), v.options.random()) })
	if err == nil {
		v.reading.Access = "BAC"
	}
	return err
}

// openByPACE does so by PACE, which leaves the master file selected, so that the first time its files are read. A chip that
// gives up secure messaging over a file that it does not have, which may show only at the next command, is opened anew.
func (v *visit) openByPACE(ctx context.Context) error {
	first := v.reading.Access == ""
	err := v.accessByPACE(ctx)
	if err != nil {
		return err
	}
	if first {
		err = v.readMasterFile(ctx)
	}
	if err == nil {
		err = v.timed("select", func() error { return v.selectApplication(ctx) })
	}
	if first && errors.Is(err, ErrSecureMessaging) {
		return v.reopen(ctx)
	}
	return err
}

func (v *visit) accessByPACE(ctx context.Context) error {
	s := paceSession{v.channel, *v.pace, v.password, v.options.random()}
	err := v.timed("access", func() error { return s.open(ctx) })
	if err == nil {
		v.reading.Access = s.String()
	}
	return err
}

// readMasterFile reads what lies beside the application: EF.CardSecurity, due after chip authentication mapping, and
// EF.DIR, which a chip need not have (ICAO Doc 9303-10, 3.11). It is not asked for earlier, because many refuse it in
// clear.
func (v *visit) readMasterFile(ctx context.Context) error {
	if v.reading.Mapping != nil {
		if err := v.read(ctx, cardSecurity()); err != nil {
			return err
		}
	}
	if !v.blocks.beyondEnd { // it does not tell its length
		return nil
	}
	err := v.fetch(ctx, directory(), v.progress(directory()))
	if isRefusal(err) || errors.Is(err, errFile) {
		return nil
	}
	return err
}

// reopen opens a chip anew, by the same protocol, that no longer has the session keys or never had them.
func (v *visit) reopen(ctx context.Context) error {
	if err := v.leave(ctx); err != nil {
		return err
	}
	return v.open(ctx)
}

// leave gives secure messaging up and selects the master file, for PACE begins there. A chip may spend its refusal on the
// command in clear that ends secure messaging (ICAO Doc 9303-11, 9.8.3), so that it is asked twice, in the two forms that
// there are (ISO/IEC 7816-4, SELECT); and chips without PACE may have no master file to select.
func (v *visit) leave(ctx context.Context) error {
	v.close()
	v.sm = nil
	for _, id := range [][]byte{{0x3F, 0x00}, nil} {
		cmd := command{op: "select master file", ins: insSelect, p2: 0x0C, data: id}
		if _, status, err := v.exchange(ctx, cmd); err != nil || status == statusOK {
			return err
		}
	}
	return nil
}

// timed does a stage and adds the time that it took.
func (v *visit) timed(stage string, do func() error) error {
	now := v.options.Now
	if now == nil {
		return do()
	}
	begin := now()
	err := do()
	v.reading.Stages[stage] += now().Sub(begin)
	return err
}
