package pcsc

import "context"

// ATR is the chip's answer to reset as the reader made it up (PC/SC part 3, 3.1.3.2.3): at most 33 bytes, which say what kind of chip
// it is, and some of them, in their historical bytes, whose.
func (c *Chip) ATR(ctx context.Context) ([]byte, error) {
	atr, err := do(ctx, c.line, func() ([]byte, error) {
		status, err := c.line.card.Status()
		if err != nil {
			return nil, err
		}
		return status.Atr, nil
	})
	if err != nil {
		return nil, failure("ask for the answer to reset", translate(err))
	}
	return atr, nil
}
