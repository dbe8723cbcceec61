package emrtd

import (
	"context"
	"errors"
)

// visit is one reading of one chip.
type visit struct {
	*channel
	options  Options
	password password
	offered  []paceVariant // of PACE that can be used, the strongest first
	hasPACE  bool          // in a variant that can be used here or not
	pace     *paceVariant  // what the chip is opened by; nil is Basic Access Control
	careful  bool          // a session was lost over a file, and nothing is asked for any more that could have been why
	guessing bool          // neither EF.SOD nor EF.COM tells which data groups there are
	noSetKAT bool          // the chip has refused MSE:Set KAT
	refusals error         // why there are no files of those that were asked for
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
	return len(v.offered) > 0, err
}

// findPACE reads EF.CardAccess, in clear, for the variants of PACE to open the chip by, if there are any. A chip without
// PACE refuses the file in many ways, or has nonsense in it; only a link that breaks is an error. Where the file was given
// only once the master file was selected, EF.ATR/INFO, which lies beside it, is asked for again.
func (v *visit) findPACE(ctx context.Context) error {
	f := cardAccess()
	if err := v.fetch(ctx, f, v.progress(f)); answered(err) {
		return nil
	} else if err != nil {
		return err
	}
	v.findVariants()
	if _, there := v.reading.Files[FileATRInfo]; v.master && !there {
		return v.askForLengths(ctx)
	}
	return nil
}

// findVariants takes the variants of PACE from EF.CardAccess, and notes what cannot be used of it.
func (v *visit) findVariants() {
	infos, malformed := v.reading.cardAccess.keep(v.reading.Files[FileCardAccess], ParseSecurityInfos)
	if malformed != nil {
		v.note(NoteCardAccessUnreadable, "EF.CardAccess offers nothing that can be read: %v", malformed)
		return
	}
	v.offered, v.hasPACE = infos.usablePACE(), len(infos.PACE) > 0
	if len(infos.Unusable) > 0 {
		v.note(NoteCardAccessUnusable, "EF.CardAccess has %d entries that cannot be used, the first: %v", len(infos.Unusable), infos.Unusable[0])
	}
	if deviations := infos.Deviations(); len(deviations) == 1 {
		v.note(NoteCardAccessDeviates, "EF.CardAccess deviates: %s", deviations[0].Text)
	} else if len(deviations) > 1 {
		v.note(NoteCardAccessDeviates, "EF.CardAccess deviates: %s; and %d more", deviations[0].Text, len(deviations)-1)
	}
	if len(infos.PACE) > 0 && len(v.offered) == 0 {
		v.note(NoteNoVariant, "EF.CardAccess offers PACE in no variant that can be used here")
	}
}

// open opens the chip and selects the application. PACE leaves the master file selected, so that the first time its files
// are read. A chip that gives up secure messaging over a file that it does not have, which may show only at the next
// command, is opened anew.
func (v *visit) open(ctx context.Context) error {
	if v.reading.Access != "" {
		return v.enter(ctx)
	}
	if err := v.openFirst(ctx); err != nil || v.pace == nil {
		return err
	}
	err := v.readMasterFile(ctx)
	if err == nil {
		err = v.selectTimed(ctx)
	}
	if errors.Is(err, ErrSecureMessaging) {
		return v.reopen(ctx)
	}
	return err
}

// reopen opens a chip anew that no longer has the session keys or never had them.
func (v *visit) reopen(ctx context.Context) error {
	if err := v.leave(ctx); err != nil {
		return err
	}
	return v.enter(ctx)
}

// enter opens a chip as it has been opened before, and selects the application.
func (v *visit) enter(ctx context.Context) error {
	err := v.unlock(ctx)
	if err == nil && v.pace != nil {
		err = v.selectTimed(ctx)
	}
	return err
}

// access opens the chip by the procedure that is chosen: PACE in the master file, Basic Access Control in the application.
func (v *visit) access(ctx context.Context) error {
	if v.pace == nil {
		if err := v.selectTimed(ctx); err != nil {
			return err
		}
		refusal := refusedKey
		if v.hasPACE {
			refusal = refusedFallback
		}
		err := v.timed("access", func() error { return v.basicAccess(ctx, v.password.seed(), v.options.random(), refusal) })
		if err == nil {
			v.reading.Access = accessBasic
		}
		return err
	}
	s := paceSession{v.channel, *v.pace, v.password, v.options.random()}
	err := v.timed("access", func() error { return s.open(ctx) })
	if err == nil {
		v.reading.Access = s.String()
	}
	return err
}

func (v *visit) selectTimed(ctx context.Context) error {
	return v.timed("select", func() error { return v.selectApplication(ctx) })
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

// leave gives secure messaging up and selects the master file, for PACE begins there. A chip may spend its refusal on the
// command in clear that ends secure messaging (ICAO Doc 9303-11, 9.8.3), so that it is asked twice.
func (v *visit) leave(ctx context.Context) error {
	v.close()
	v.sm = nil
	return v.selectMasterFile(ctx)
}

// note keeps what was unusual, once.
func (v *visit) note(code NoteCode, format string, args ...any) {
	v.reading.note(code, format, args...)
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
