package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/emrtd"
)

// tracing is a chip in the field of which every command is written down in a line: its number, CLA INS P1 P2, Lc, Le, the
// status word, the bytes that came back beside it, and how long that took. The data fields are never written, not even
// those under secure messaging: the session keys follow from what is exchanged in clear before and from the printed MRZ,
// so who has both could read the whole document in a trace.
type tracing struct {
	card     emrtd.Card
	out      io.Writer
	now      func() time.Time
	commands int
	err      error // the first of writing
}

// Transmit implements emrtd.Card.
func (t *tracing) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	begin := t.now()
	answer, err := t.card.Transmit(ctx, apdu)
	took := t.now().Sub(begin)
	t.commands++
	status, received := "none", 0
	if n := len(answer) - 2; err == nil && n >= 0 {
		status, received = fmt.Sprintf("%X", answer[n:]), n
	}
	lc, le := lengths(apdu)
	_, written := fmt.Fprintf(t.out, "%4d  % X  Lc %-5s Le %-5s  %4s  %5d bytes  %9.3f ms\n",
		t.commands, apdu[:min(4, len(apdu))], lc, le, status, received, millis(took))
	if t.err == nil {
		t.err = written
	}
	return answer, err
}

// lengths gives the length fields of a command APDU, short or extended (ISO/IEC 7816-4, 5.1); "-" for one that is missing.
func lengths(apdu []byte) (lc, le string) {
	const none, header = "-", 4
	body := apdu[min(header, len(apdu)):]
	size := 1
	if len(body) >= 3 && body[0] == 0 {
		body, size = body[1:], 2
	}
	switch {
	case len(body) < size:
		return none, none
	case len(body) == size:
		return none, expected(body)
	}
	data := number(body[:size])
	if behind := body[size:]; len(behind) > data {
		return strconv.Itoa(data), expected(behind[data:])
	}
	return strconv.Itoa(data), none
}

// expected is the Le of a length field, in which zero stands for the most that it can.
func expected(field []byte) string {
	if n := number(field); n > 0 {
		return strconv.Itoa(n)
	}
	return strconv.Itoa(1 << (8 * len(field)))
}

// number is a field of one or two bytes, the greater first.
func number(field []byte) int {
	var wide [2]byte
	copy(wide[2-len(field):], field)
	return int(binary.BigEndian.Uint16(wide[:]))
}

// openTrace opens what the trace is written to; - is the command's own output. close must be called.
func (c *call) openTrace(file string) (out io.Writer, close func() error, err error) {
	switch {
	case file == "-" && c.json:
		return nil, nil, command.WrongCall(errors.New("trace and JSON cannot go to the same place"), "name a file for --trace")
	case file == "-":
		return c.stdout, func() error { return nil }, nil
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, command.WrongCall(err, "name a file for --trace in a folder where you may write")
	}
	return f, f.Close, nil
}
