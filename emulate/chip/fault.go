package chip

import (
	"context"
	"encoding/binary"
	"time"
)

// Fault is what goes wrong with a response that the chip was about to give: it returns what comes instead, nil if the
// chip left the field. The chip itself has carried the command out.
type Fault func(ctx context.Context, response []byte) []byte

// Tear takes the chip out of the field.
func Tear() Fault {
	return func(context.Context, []byte) []byte { return nil }
}

// Delay lets the chip take longer.
func Delay(d time.Duration) Fault {
	return func(ctx context.Context, response []byte) []byte {
		if !wait(ctx, d) {
			return nil
		}
		return response
	}
}

// Hang lets the chip not answer at all until it is taken away.
func Hang() Fault {
	return func(ctx context.Context, _ []byte) []byte {
		<-ctx.Done()
		return nil
	}
}

// Corrupt inverts the byte at an index, counted from the end where it is negative; outside the response nothing
// happens.
func Corrupt(index int) Fault {
	return func(_ context.Context, response []byte) []byte {
		if index < 0 {
			index += len(response)
		}
		if index >= 0 && index < len(response) {
			response[index] ^= 0xFF
		}
		return response
	}
}

// Truncate lets only the first bytes of a response through.
func Truncate(size int) Fault {
	return func(_ context.Context, response []byte) []byte { return response[:min(size, len(response))] }
}

// Status answers with a naked status word.
func Status(sw uint16) Fault {
	return func(context.Context, []byte) []byte { return binary.BigEndian.AppendUint16(nil, sw) }
}
