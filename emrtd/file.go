package emrtd

import (
	"context"
	"errors"
	"fmt"
)

// errFile says that what the chip gives cannot be the file that was asked for.
var errFile = errors.New("not the file that was asked for")

// file is an elementary file of the ePassport application (ICAO Doc 9303-10, section 3).
type file struct {
	name    string
	id      uint16
	tag     uint32 // of the data object that is the file
	shortID byte   // short file identifier, 1 to 30
}

// headerSize is how much of a file is read first: a one-byte tag and a length of at most three bytes, as much as a file
// of [MaxFileSize] needs.
const headerSize = 4

// selectApplication selects the ePassport application by its name (ICAO Doc 9303-10, section 3), without expecting data:
// some chips refuse a SELECT that does.
func (c *channel) selectApplication(ctx context.Context) error {
	cmd := command{
		op: "select application", ins: insSelect, p1: 0x04, p2: 0x0C,
		data: []byte{0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01},
	}
	_, status, err := c.exchange(ctx, cmd)
	if err != nil {
		return err
	}
	if status != statusOK {
		return cmd.refused(status, ErrNotEPassport)
	}
	return nil
}

// readFile selects a file and reads all of it. A file that the chip refuses gives a *StatusError.
func (c *channel) readFile(ctx context.Context, f file, progress func(read, total int)) ([]byte, error) {
	cmd := command{
		op: "select " + f.name, ins: insSelect, p1: 0x02, p2: 0x0C,
		data: []byte{byte(f.id >> 8), byte(f.id)},
	}
	if _, status, err := c.exchange(ctx, cmd); err != nil {
		return nil, err
	} else if status != statusOK {
		return nil, cmd.refused(status, nil)
	}
	header, err := c.readBinary(ctx, f.name, 0, headerSize)
	if err != nil {
		return nil, err
	}
	total, err := f.size(header)
	if err != nil {
		return nil, err
	}
	data := append(make([]byte, 0, total), header[:min(len(header), total)]...)
	progress(len(data), total)
	for len(data) < total {
		block, err := c.readBinary(ctx, f.name, len(data), min(total-len(data), c.maxData()))
		if err != nil {
			return nil, err
		}
		data = append(data, block...)
		progress(len(data), total)
	}
	return data, nil
}

// size gives the whole file's length from its first bytes.
func (f file) size(header []byte) (int, error) {
	tag, start, length, err := tlvHeader(header)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w: %w", f.name, errFile, err)
	}
	if tag != f.tag {
		return 0, fmt.Errorf("read %s: %w: tag %X, not %X", f.name, errFile, tag, f.tag)
	}
	if start+length > MaxFileSize {
		return 0, fmt.Errorf("read %s: %w: %d bytes stated, more than %d", f.name, errFile, start+length, MaxFileSize)
	}
	return start + length, nil
}

// readBinary reads from one byte to n at offset in the selected file. A chip may give fewer, with or without the warning
// that the file ends.
func (c *channel) readBinary(ctx context.Context, name string, offset, n int) ([]byte, error) {
	cmd := command{
		op: "read " + name, ins: insReadBinary, p1: byte(offset >> 8), p2: byte(offset), expectedLength: n,
	}
	data, status, err := c.exchange(ctx, cmd)
	if err != nil {
		return nil, err
	}
	if status != statusOK && (status != statusEndOfFile || len(data) == 0) {
		return nil, cmd.refused(status, nil)
	}
	if len(data) == 0 || len(data) > n {
		return nil, fmt.Errorf("%s: %w: %d bytes where %d were asked for", cmd.op, errFile, len(data), n)
	}
	return data, nil
}
