package chip

import (
	"context"
	"encoding/binary"
	"slices"
	"time"
)

// Fault is what goes wrong with a response that the chip was about to give: it returns what comes instead, nil if the
// chip left the field. The chip itself has carried the command out. Answers are those to all commands since the chip
// came into the field, as the chip gave them; the last is the one in question, nil if a quirk has torn it.
type Fault func(ctx context.Context, answers [][]byte) []byte

// spoil makes a fault that concerns the response alone, which it may change.
func spoil(change func(response []byte) []byte) Fault {
	return func(_ context.Context, answers [][]byte) []byte {
		return change(slices.Clone(answers[len(answers)-1]))
	}
}

// Tear takes the chip out of the field.
func Tear() Fault { return spoil(func([]byte) []byte { return nil }) }

// Delay lets the chip take longer.
func Delay(d time.Duration) Fault {
	return func(ctx context.Context, answers [][]byte) []byte {
		if !wait(ctx, d) {
			return nil
		}
		return answers[len(answers)-1]
	}
}

// Hang lets the chip not answer at all until it is taken away.
func Hang() Fault {
	return func(ctx context.Context, _ [][]byte) []byte {
		<-ctx.Done()
		return nil
	}
}

// Corrupt inverts the byte at an index, counted from the end where it is negative; outside the response nothing
// happens.
func Corrupt(index int) Fault {
	return spoil(func(response []byte) []byte {
		i := index
		if i < 0 {
			i += len(response)
		}
		if i >= 0 && i < len(response) {
			response[i] ^= 0xFF
		}
		return response
	})
}

// Truncate lets only the first bytes of a response through.
func Truncate(size int) Fault {
	return spoil(func(response []byte) []byte { return response[:min(size, len(response))] })
}

// Status answers with a naked status word.
func Status(sw uint16) Fault {
	return spoil(func([]byte) []byte { return binary.BigEndian.AppendUint16(nil, sw) })
}

// StatusBehindData puts another status word behind the response's data; under secure messaging they hold the right one.
func StatusBehindData(sw uint16) Fault {
	return spoil(func(response []byte) []byte {
		return binary.BigEndian.AppendUint16(response[:max(0, len(response)-2)], sw)
	})
}

// Twice gives the response with itself behind it, all in one.
func Twice() Fault {
	return spoil(func(response []byte) []byte { return append(response, response...) })
}

// Replay answers with what the chip answered that many commands before, its first answer where there were fewer.
func Replay(back int) Fault {
	return func(_ context.Context, answers [][]byte) []byte { return answers[max(0, len(answers)-1-back)] }
}
