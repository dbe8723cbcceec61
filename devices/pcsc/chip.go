package pcsc

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/foyer-station/foyer/devices"
)

// Chip is a chip in the reader's field, taken by [Reader.Connect].
type Chip struct {
	reader      *Reader
	line        *line
	maxResponse int   // 0 where the reader does not say
	spent       error // why no further command is sent
}

// Sizes of APDUs in bytes (ISO/IEC 7816-4, 5.1): a header; header, extended Lc, data and extended Le; a status word;
// data and status word.
const (
	minCommand  = 4
	maxCommand  = 4 + 3 + (maxData - 1) + 2
	minResponse = 2
	maxResponse = maxData + 2
)

var errSilent = errors.New("no response")

// Transmit implements [devices.Chip]. The error is devices.ErrChipGone when the chip left the field, ErrUnplugged or
// ErrStopped when the reader or the service did, ErrTimeout when ctx's deadline passed first. After an error the chip
// is spent.
func (c *Chip) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if len(command) < minCommand || len(command) > maxCommand {
		return nil, failure("transmit", fmt.Errorf("%w: command of %d bytes", devices.ErrProtocol, len(command)))
	}
	if c.spent != nil {
		return nil, c.spent
	}
	command = slices.Clone(command) // it may be on the way longer than the caller waits
	response, err := do(ctx, c.line, func() ([]byte, error) { return c.line.card.Transmit(command) })
	switch {
	case err == nil && len(response) >= minResponse && len(response) <= maxResponse:
		return response, nil
	case err == nil && len(response) == 0: // some drivers' way to say that the chip said nothing
		err = c.reader.blame(ctx, errSilent, devices.ErrChipGone)
	case err == nil:
		err = fmt.Errorf("%w: response of %d bytes", devices.ErrProtocol, len(response))
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		err = fmt.Errorf("%w: %w", devices.ErrTimeout, ctx.Err())
	default:
		err = c.reader.blame(ctx, err, devices.ErrChipGone)
	}
	c.spent = failure("transmit", err)
	return nil, c.spent
}

// MaxResponse implements [devices.Chip]: what the reader said when the chip was connected.
func (c *Chip) MaxResponse() int { return c.maxResponse }

// Close resets the chip and gives it back. It waits for a command that is on the way, but not for ever.
func (c *Chip) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	if !c.line.end(ctx) {
		return failure("close chip", devices.ErrTimeout)
	}
	return nil
}
