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
	errorCutter      = 0x08
	errorFatal       = 0x20
	errorRecovering  = 0x40 // head too hot, for example: goes away by itself
	paperNearEnd     = 0x0C
	paperEnd         = 0x60
)

// status is all four answers.
type status struct {
	printer, offline, fault, paper byte
}

// ask asks for one status byte. What the printer said before is thrown away first, for status bytes do not say what
// they answer.
func (p *Printer) ask(ctx context.Context, n byte) (byte, error) {
	if err := p.line.Drain(); err != nil {
		return 0, err
	}
	if err := p.line.Write(ctx, []byte{0x10, 0x04, n}, answerTime); err != nil {
		return 0, err
	}
	b, err := p.readByte(ctx, answerTime)
	if err == nil && b&statusMask != statusFixed {
		err = fmt.Errorf("%w: status %#02x", devices.ErrProtocol, b)
	}
	return b, err
}

func (p *Printer) status(ctx context.Context) (status, error) {
	var answers [4]byte
	for i, n := range [...]byte{statusPrinter, statusOffline, statusError, statusPaper} {
		var err error
		if answers[i], err = p.ask(ctx, n); err != nil {
			return status{}, err
		}
	}
	return status{printer: answers[0], offline: answers[1], fault: answers[2], paper: answers[3]}, nil
}

func (p *Printer) readByte(ctx context.Context, timeout time.Duration) (byte, error) {
	var b [1]byte
	err := p.line.ReadFull(ctx, b[:], timeout)
	return b[0], err
}

// errFault is what only a technician can mend.
var errFault = errors.New("printer reports an error")

// obstacle is why the printer cannot print, nil if it can.
func (s status) obstacle() error {
	switch {
	case s.offline&offlineCoverOpen != 0:
		return devices.ErrCoverOpen
	case s.paper&paperEnd != 0, s.offline&offlinePaperEnd != 0:
		return devices.ErrPaperOut
	case s.fault&errorCutter != 0:
		return fmt.Errorf("%w: cutter jammed", errFault)
	case s.fault&(errorFatal|errorRecovering) != 0:
		return errFault
	case s.printer&printerOffline != 0:
		return fmt.Errorf("%w: offline", errFault)
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
	saysPrinting devices.Key = "printer.printing"
	saysPaperLow devices.Key = "printer.paper_low"
	haveRoll     devices.Key = "remedy.have_roll" // have a new roll ready
	newRoll      devices.Key = "remedy.new_roll"  // put one in
	closeCover   devices.Key = "remedy.close_cover"
	switchOff    devices.Key = "remedy.switch_off" // off and on, and look for jammed paper
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
	}
	return h
}

// answerTime is how long a printer may take for a real-time status; it answers such requests within milliseconds even
// while it prints, but a serial line may be slow.
const answerTime = 2 * time.Second
