package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/kiosk/pin"
)

// maxPINLine bounds what is read as a PIN, in bytes.
const maxPINLine = 256

// pin makes the line of station.toml that lets a technician into the kiosk's own screen. On a terminal it asks twice, and what is typed
// is not shown; otherwise it reads one line.
func (c *cli) pin(ctx context.Context, stdout, stderr io.Writer) error {
	digits, err := readPIN(ctx, os.Stdin, stderr)
	if err != nil {
		return err
	}
	defer clear(digits)
	made, err := pin.Make(digits)
	switch {
	case errors.Is(err, pin.ErrDigits), errors.Is(err, pin.ErrEasy):
		return command.WrongCall(err, "hwtest pin, with another")
	case err != nil:
		return command.CannotRun(err, "hwtest pin, again")
	}
	if _, err := fmt.Fprintf(stdout, "pin = %q\n", made); err != nil {
		return command.CannotRun(fmt.Errorf("write the line: %w", err), "check where the output goes: a full disk, a closed pipe")
	}
	fmt.Fprintf(stderr, "Put that line below [technician] in the station's configuration, and restart the kiosk.\n")
	return nil
}

// readPIN reads a PIN, without what ends its line. The caller clears it.
func readPIN(ctx context.Context, in *os.File, stderr io.Writer) ([]byte, error) {
	lines := bufio.NewReaderSize(in, maxPINLine)
	if !isTerminal(in) {
		return readLine(ctx, lines)
	}
	show, err := hide(in)
	if err != nil {
		return nil, command.CannotRun(fmt.Errorf("hide what is typed: %w", err), "hwtest pin < FILE")
	}
	defer show()
	ask := func(what string) ([]byte, error) {
		fmt.Fprint(stderr, what)
		line, err := readLine(ctx, lines)
		fmt.Fprintln(stderr)
		return line, err
	}
	first, err := ask("PIN for technicians, 6 to 12 digits: ")
	if err != nil {
		return nil, err
	}
	again, err := ask("The same again: ")
	defer clear(again)
	if err == nil && !bytes.Equal(first, again) {
		err = command.WrongCall(errors.New("those are two different PINs"), "hwtest pin, again")
	}
	if err != nil {
		clear(first)
		return nil, err
	}
	return first, nil
}

// readLine reads a line unless ctx ends first. What reads then ends with the program.
func readLine(ctx context.Context, lines *bufio.Reader) ([]byte, error) {
	type answer struct {
		line []byte
		err  error
	}
	said := make(chan answer, 1)
	go func() {
		line, err := lines.ReadSlice('\n')
		own := bytes.Clone(bytes.TrimRight(line, "\r\n"))
		clear(line)
		said <- answer{own, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case a := <-said:
		switch {
		case errors.Is(a.err, bufio.ErrBufferFull):
			return nil, command.WrongCall(pin.ErrDigits, "hwtest pin, with another")
		case errors.Is(a.err, io.EOF) && len(a.line) == 0:
			return nil, command.WrongCall(errors.New("no PIN was given"), "hwtest pin on a terminal, or with one line on its standard input")
		case a.err != nil && !errors.Is(a.err, io.EOF):
			return nil, command.CannotRun(fmt.Errorf("read the PIN: %w", a.err), "hwtest pin on a terminal")
		}
		return a.line, nil
	}
}

// hide keeps a terminal from showing what is typed, until show is called.
func hide(terminal *os.File) (show func(), err error) {
	fd := int(terminal.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, err
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &hidden); err != nil {
		return nil, err
	}
	return func() { unix.IoctlSetTermios(fd, unix.TCSETS, before) }, nil
}
