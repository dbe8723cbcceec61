package escpos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// Real-time status requests, DLE EOT n (Epson, ESC/POS Command Reference).
const (
	statusPrinter = 1
	statusOffline = 2
	statusError   = 3
	statusPaper   = 4
)

// A status byte has bits 1 and 4 set, bits 0 and 7 clear; that tells it from the answer to GS r, where bit 4 is clear.
const (
	statusMask  = 0x93
	statusFixed = 0x12
)

// Bits of the status bytes.
const (
	printerOffline   = 0x08
	offlineCoverOpen = 0x04
	offlinePaperEnd  = 0x20
	offlineError     = 0x40
	errorCutter      = 0x08
	errorFatal       = 0x20
	errorRecovering  = 0x40 // goes away by itself: the head is too hot
	paperNearEnd     = 0x0C
	paperEnd         = 0x60
)

// status is all four answers.
type status struct {
	printer, offline, fault, paper byte
}

// ask asks for one status byte. What the printer said before is thrown away first, for status bytes do not say what
// they answer; what is none is asked for once more, for something may have been on its way.
func (p *Printer) ask(ctx context.Context, n byte) (byte, error) {
	const tries = 2
	var b byte
	for range tries {
		if err := p.link.Drain(); err != nil {
			return 0, err
		}
		if err := p.link.Write(ctx, []byte{0x10, 0x04, n}, answerTime); err != nil {
			return 0, err
		}
		var err error
		if b, err = p.readByte(ctx, answerTime); err != nil {
			return 0, err
		}
		if b&statusMask == statusFixed {
			return b, nil
		}
	}
	return 0, fmt.Errorf("%w: status %#02x", devices.ErrProtocol, b)
}

// status asks for all four. A printer that answers none may still say at its port that it has no paper.
func (p *Printer) status(ctx context.Context) (status, error) {
	var answers [4]byte
	for i, n := range [...]byte{statusPrinter, statusOffline, statusError, statusPaper} {
		var err error
		if answers[i], err = p.ask(ctx, n); err != nil {
			if p.usb != nil && errors.Is(err, devices.ErrTimeout) && p.usb.paperEmpty(ctx) {
				err = devices.ErrPaperOut
			}
			return status{}, err
		}
	}
	return status{printer: answers[0], offline: answers[1], fault: answers[2], paper: answers[3]}, nil
}

func (p *Printer) readByte(ctx context.Context, timeout time.Duration) (byte, error) {
	var b [1]byte
	err := p.link.ReadFull(ctx, b[:], timeout)
	return b[0], err
}

// What keeps a printer from printing beside paper and cover.
var (
	errFault      = errors.New("printer reports an error")
	errCutter     = errors.New("printer's cutter is jammed")
	errOverheated = errors.New("print head too hot")
	errOffline    = fmt.Errorf("%w: by its own button", devices.ErrOffline)
)

// obstacle is why the printer cannot print, nil if it can.
func (s status) obstacle() error {
	switch {
	case s.offline&offlineCoverOpen != 0:
		return devices.ErrCoverOpen
	case s.paper&paperEnd != 0, s.offline&offlinePaperEnd != 0:
		return devices.ErrPaperOut
	case s.fault&errorCutter != 0:
		return errCutter
	case s.fault&errorFatal != 0:
		return errFault
	case s.fault&errorRecovering != 0:
		return errOverheated
	case s.printer&printerOffline != 0:
		return errOffline
	}
	return nil
}

func (s status) level() devices.Paper {
	switch {
	case s.paper&paperEnd != 0:
		return devices.PaperOut
	case s.paper&paperNearEnd != 0:
		return devices.PaperLow
	}
	return devices.PaperOK
}

// Paper asks the printer's sensors.
func (p *Printer) Paper(ctx context.Context) (devices.Paper, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, err := p.ask(ctx, statusPaper)
	if err != nil {
		return "", failure("ask for paper", err)
	}
	return status{paper: b}.level(), nil
}

const (
	saysPrinting   devices.Key = "printer.printing"
	saysPaperLow   devices.Key = "printer.paper_low"
	saysCutter     devices.Key = "printer.cutter"     // jammed
	saysOverheated devices.Key = "printer.overheated" // pauses until it has cooled
	saysOffline    devices.Key = "printer.offline"    // switched off line by its own button
	saysFault      devices.Key = "printer.fault"      // one that does not go by itself

	haveRoll    devices.Key = "remedy.have_roll" // have a new roll ready
	newRoll     devices.Key = "remedy.new_roll"  // put one in
	closeCover  devices.Key = "remedy.close_cover"
	clearCutter devices.Key = "remedy.clear_cutter" // the next ticket makes it try again
	letCool     devices.Key = "remedy.let_cool"
	goOnline    devices.Key = "remedy.go_online"  // by its button
	switchOff   devices.Key = "remedy.switch_off" // off and on, and look for jammed paper
)

// Health asks for all status bytes. While a ticket is being printed it says busy and asks nothing, for a minute at most: then
// the printer is ill. Another one's question is waited for: it is bounded, and no print.
func (p *Printer) Health(ctx context.Context) devices.Health {
	const pause = 10 * time.Millisecond
	for !p.mu.TryLock() {
		began := p.began.Load()
		switch printing := time.Duration(time.Now().UnixNano() - began); {
		case began != 0 && printing < ticketTime:
			return devices.Health{State: devices.StateBusy, Reason: devices.Say(saysPrinting)}
		case began != 0:
			return illness(fmt.Errorf("%w: a ticket has not been finished for %s", devices.ErrTimeout, printing.Round(time.Second)))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return illness(devices.ErrTimeout)
		}
	}
	defer p.mu.Unlock()
	s, err := p.status(ctx)
	if err == nil {
		err = s.obstacle()
	}
	switch {
	case err == nil && s.level() == devices.PaperLow:
		return devices.Health{State: devices.StateDegraded, Reason: devices.Say(saysPaperLow), Remedy: devices.Say(haveRoll)}
	case err == nil:
		return devices.Health{State: devices.StateOnline}
	}
	return illness(err)
}

// illness is what an error says of the printer.
func illness(err error) devices.Health {
	h := devices.Health{State: devices.StateHWError, Reason: devices.ReasonOf(err), Remedy: devices.Say(switchOff)}
	switch {
	case errors.Is(err, devices.ErrUnplugged), errors.Is(err, devices.ErrClosed):
		h.State, h.Remedy = devices.StateNoDevice, devices.Say(devices.PlugIn)
	case errors.Is(err, devices.ErrPaperOut):
		h.State, h.Remedy = devices.StateUserError, devices.Say(newRoll)
	case errors.Is(err, devices.ErrCoverOpen):
		h.State, h.Remedy = devices.StateUserError, devices.Say(closeCover)
	case errors.Is(err, errCutter):
		h = devices.Health{State: devices.StateUserError, Reason: devices.Say(saysCutter), Remedy: devices.Say(clearCutter)}
	case errors.Is(err, errOverheated):
		h.Reason, h.Remedy = devices.Say(saysOverheated), devices.Say(letCool)
	case errors.Is(err, errOffline):
		h = devices.Health{State: devices.StateOffline, Reason: devices.Say(saysOffline), Remedy: devices.Say(goOnline)}
	case errors.Is(err, errFault):
		h.Reason = devices.Say(saysFault)
	}
	return h
}

// answerTime is how long a printer may take for a real-time status; it answers such requests within milliseconds even
// while it prints, but a serial line may be slow.
const answerTime = time.Second
