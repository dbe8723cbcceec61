package emrtd

import (
	"context"
	"fmt"
)

// Status words that decide what happens next (ISO/IEC 7816-4, 5.6).
const (
	statusOK        = 0x9000
	statusEndOfFile = 0x6282
	statusCounted   = 0x63C0 // the last digit is a counter
)

// maxAnswer is the longest response APDU to a command of short length: 256 bytes and the status word.
const maxAnswer = 256 + 2

// claChained is the class byte of a command that is not the last of its chain (ISO/IEC 7816-4, 5.4.1).
const claChained = 0x10

// command is one command APDU, of short length where it fits. Under secure messaging it must.
type command struct {
	op             string // for errors: "select EF.COM"
	chained        bool   // more of the chain follow
	ins, p1, p2    byte
	data           []byte // at most 65,535 bytes
	expectedLength int    // Le, 1 to 65,536; 0 expects no data
}

// encode gives the APDU as it goes over the link (ISO/IEC 7816-4, 5.2).
func (c command) encode(cla byte) []byte {
	if c.chained {
		cla |= claChained
	}
	apdu := []byte{cla, c.ins, c.p1, c.p2}
	if len(c.data) > 255 {
		apdu = append(append(apdu, 0, byte(len(c.data)>>8), byte(len(c.data))), c.data...)
		return append(apdu, byte(c.expectedLength>>8), byte(c.expectedLength)) // 65,536 is 0000
	}
	if len(c.data) > 0 {
		apdu = append(append(apdu, byte(len(c.data))), c.data...)
	}
	if c.expectedLength > 0 {
		apdu = append(apdu, byte(c.expectedLength)) // 256 is 00
	}
	return apdu
}

// refused gives the error for a status word other than 9000; cause may be nil.
func (c command) refused(status uint16, cause error) error {
	return &StatusError{Op: c.op, Status: status, Err: cause}
}

// channel carries commands to the card: in clear first, under secure messaging once sm is set.
type channel struct {
	card    Card
	sm      *secureMessaging
	reading *Reading // keeps count
}

// exchange sends a command and gives the data and status word of the answer. An error means that there is no answer
// that could be believed; a status word other than 9000 is for the caller to judge.
func (c *channel) exchange(ctx context.Context, cmd command) (data []byte, status uint16, err error) {
	if c.sm == nil {
		answer, err := c.transmit(ctx, cmd, cmd.encode(0x00))
		if err != nil {
			return nil, 0, err
		}
		data, status = splitStatus(answer)
		return data, status, nil
	}
	answer, err := c.transmit(ctx, cmd, c.sm.protect(cmd))
	if err != nil {
		return nil, 0, err
	}
	if _, naked := splitStatus(answer); len(answer) == 2 {
		return nil, 0, cmd.refused(naked, ErrSecureMessaging)
	}
	data, status, err = c.sm.unprotect(answer)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", cmd.op, err)
	}
	return data, status, nil
}

// transmit sends a command as these bytes; the answer has from 2 to maxAnswer bytes, more only where the command expects
// more. It looks at ctx itself, so that a card that does not still leaves no file read to its end.
func (c *channel) transmit(ctx context.Context, cmd command, apdu []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", cmd.op, err)
	}
	c.reading.Commands++
	c.reading.BytesSent += len(apdu)
	answer, err := c.card.Transmit(ctx, apdu)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmd.op, err)
	}
	c.reading.BytesReceived += len(answer)
	if len(answer) < 2 || len(answer) > max(maxAnswer, cmd.expectedLength+2) {
		return nil, fmt.Errorf("%s: answer of %d bytes", cmd.op, len(answer))
	}
	return answer, nil
}

// maxData is the most that one answer of short length carries.
func (c *channel) maxData() int {
	if c.sm == nil {
		return 256
	}
	return c.sm.maxData()
}

// close forgets the session keys.
func (c *channel) close() {
	if c.sm != nil {
		c.sm.clear()
	}
}

// splitStatus parts the status word from an answer of at least two bytes.
func splitStatus(answer []byte) (data []byte, status uint16) {
	n := len(answer) - 2
	return answer[:n], uint16(answer[n])<<8 | uint16(answer[n+1])
}
