package emrtd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
)

// Status words that decide what happens next (ISO/IEC 7816-4, 5.6).
const (
	statusOK         = 0x9000
	statusEndOfFile  = 0x6282
	statusNotFound   = 0x6A82
	statusNotAllowed = 0x6982 // security status not satisfied
	statusOutside    = 0x6B00
	statusCounted    = 0x63C0 // the last digit is a counter
)

// The longest response APDUs to a command of short and of extended length, in bytes: data and the status word.
const (
	maxShortAnswer    = 256 + 2
	maxExtendedAnswer = extendedLength + 2
)

// extendedLength is the Le of a command with extended length that takes whatever comes.
const extendedLength = 65536

// insGetResponse fetches the rest of an answer (ISO/IEC 7816-4, 11.8.1).
const insGetResponse = 0xC0

// maxRests bounds the GET RESPONSE that one command takes: a rest has up to 256 bytes.
const maxRests = maxExtendedAnswer/256 + 1

// claChained is the class byte of a command that is not the last of its chain (ISO/IEC 7816-4, 5.4.1).
const claChained = 0x10

// command is one command APDU, of short length where data and answer fit it.
type command struct {
	op             string // for errors: "select EF.COM"
	chained        bool   // more of the chain follow
	ins, p1, p2    byte
	data           []byte // at most 65,535 bytes
	expectedLength int    // Le, 1 to 65,536; 0 expects no data
	long           bool   // of extended length in any case, for an answer that secure messaging makes too long
}

// extended says whether the command takes length fields of the extended kind (ISO/IEC 7816-4, 5.1).
func (c command) extended() bool { return c.long || len(c.data) > 255 || c.expectedLength > 256 }

// encode gives the APDU as it goes over the link (ISO/IEC 7816-4, 5.2).
func (c command) encode(cla byte) []byte {
	if c.chained {
		cla |= claChained
	}
	apdu := []byte{cla, c.ins, c.p1, c.p2}
	if c.extended() {
		apdu = append(apdu, 0)
		if len(c.data) > 0 {
			apdu = append(append(apdu, byte(len(c.data)>>8), byte(len(c.data))), c.data...)
		}
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
	blocks  blocks
	master  bool // the chip has let the master file be selected
}

// exchange sends a command and gives the data and status word of the answer. An error means that there is no answer
// that could be believed; a status word other than 9000 is for the caller to judge. Where the chip wants another length
// (6Cxx), and a smaller one, the command goes out once more with it.
func (c *channel) exchange(ctx context.Context, cmd command) (data []byte, status uint16, err error) {
	data, status, err = c.exchangeOnce(ctx, cmd)
	if exact, stated := exactLength(status, err); stated && exact < cmd.expectedLength {
		cmd.expectedLength = exact
		return c.exchangeOnce(ctx, cmd)
	}
	return data, status, err
}

// exchangeOnce sends a command once. A chip that answers without secure messaging where it was due has not counted the
// command: the send sequence counter is set back, so that the caller may ask again. Nobody has authenticated such an
// answer, so that the caller may ask for nothing but the same, or less of it, or for no data.
func (c *channel) exchangeOnce(ctx context.Context, cmd command) (data []byte, status uint16, err error) {
	if c.sm == nil {
		answer, err := c.transmit(ctx, cmd, cmd.encode(0x00))
		if err != nil {
			return nil, 0, err
		}
		data, status = splitStatus(answer)
		return data, status, nil
	}
	if !c.sm.mayFollow(cmd) {
		return nil, 0, fmt.Errorf("%s: %w: another command was refused in clear", cmd.op, ErrSecureMessaging)
	}
	counter := bytes.Clone(c.sm.ssc)
	answer, err := c.transmit(ctx, cmd, c.sm.protect(cmd))
	if err != nil {
		return nil, 0, err
	}
	if _, naked := splitStatus(answer); len(answer) == 2 {
		c.sm.setBack(cmd, counter)
		return nil, 0, cmd.refused(naked, ErrSecureMessaging)
	}
	data, status, err = c.sm.unprotect(answer)
	if err == nil && c.sm.unanswered != nil && cmd.expectedLength == 0 && len(data) > 0 {
		err = fmt.Errorf("%w: the answer to another command", ErrSecureMessaging)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", cmd.op, err)
	}
	c.sm.unanswered = nil
	return data, status, nil
}

// exactLength gives the Le that the chip asks for by 6Cxx, protected or naked (ISO/IEC 7816-4, 5.6).
func exactLength(status uint16, err error) (n int, stated bool) {
	var refusal *StatusError
	if errors.As(err, &refusal) {
		status = refusal.Status
	}
	return int(status & 0xFF), status>>8 == 0x6C && status&0xFF != 0
}

// transmit sends a command as these bytes and gives the answer, its rests included where the chip gives it in parts
// (61xx); those of a SELECT in clear nobody needs, and not every chip gives them. The answer has from 2 to 258 bytes, with
// extended length to 65,538.
func (c *channel) transmit(ctx context.Context, cmd command, apdu []byte) ([]byte, error) {
	longest := maxShortAnswer
	if cmd.extended() {
		longest = maxExtendedAnswer
	}
	answer, err := c.send(ctx, cmd.op, apdu, longest)
	for range maxRests {
		if err != nil || answer[len(answer)-2] != 0x61 || cmd.ins == insSelect && c.sm == nil {
			return answer, err
		}
		begin, status := splitStatus(answer)
		getResponse := command{ins: insGetResponse, expectedLength: int(status & 0xFF)}
		if getResponse.expectedLength == 0 {
			getResponse.expectedLength = 256
		}
		var rest []byte
		rest, err = c.send(ctx, cmd.op, getResponse.encode(0x00), longest-len(begin))
		answer = slices.Concat(begin, rest)
	}
	return nil, fmt.Errorf("%s: the answer does not end", cmd.op)
}

// send sends one APDU; the answer has from 2 to longest bytes. It looks at ctx itself, so that a card that does not still
// leaves no file read to its end.
func (c *channel) send(ctx context.Context, op string, apdu []byte, longest int) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	c.reading.Commands++
	c.reading.BytesSent += len(apdu)
	answer, err := c.card.Transmit(ctx, apdu)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	c.reading.BytesReceived += len(answer)
	if len(answer) < 2 || len(answer) > longest {
		return nil, fmt.Errorf("%s: answer of %d bytes", op, len(answer))
	}
	return answer, nil
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
