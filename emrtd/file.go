package emrtd

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// errFile says that what the chip gives cannot be the file that was asked for.
var errFile = errors.New("not the file that was asked for")

// file is an elementary file (ICAO Doc 9303-10, section 3).
type file struct {
	name    string
	id      uint16
	shortID byte   // 1 to 30
	tag     uint32 // of the data object that is the file; 0 where it is a row of them, of up to maxRow bytes
	bareTag uint32 // what it begins with where an issuer has left that data object out; 0 for most files
	// headerOnly leaves the biometric data of DG3 and DG4 where they are: the file ends with the number of instances.
	headerOnly bool
	// afterMaster selects the master file first, where the file must be selected in clear: a chip may start with the
	// application selected, or give the file only then.
	afterMaster bool
}

// headerSize is how much is read first of a chip that may insist on it: a one-byte tag and a length of at most three
// bytes, as much as a file of up to 64 KiB needs.
const headerSize = 4

// biometricHeaderSize is how much of DG3 or DG4 tells the number of instances at most: the headers of file and template,
// with lengths of four bytes, and a data object of a one-byte number.
const biometricHeaderSize = 5 + 6 + 3

// maxRow bounds a file that does not tell its length, in bytes.
const maxRow = 1024

// selectApplication selects the ePassport application by its name (ICAO Doc 9303-10, section 3), without expecting data:
// some chips refuse a SELECT that does.
func (c *channel) selectApplication(ctx context.Context) error {
	cmd := command{
		op: "select application", ins: insSelect, p1: 0x04, p2: 0x0C,
		data: []byte{0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01},
	}
	_, status, err := c.exchange(ctx, cmd)
	if err == nil && !c.selected(cmd, status) {
		return cmd.refused(status, ErrNotEPassport)
	}
	return err
}

// selected says whether a SELECT is done by its status word. Warnings that leave the memory as it was are among those
// (ISO/IEC 7816-4, 5.6): a file that cannot be used after all is refused when it is read.
func (c *channel) selected(cmd command, status uint16) bool {
	switch status >> 8 {
	case 0x61: // what there is to fetch is a description of the file
		return true
	case 0x62:
		c.reading.note(NoteWarning, "taken for done: %v", cmd.refused(status, nil))
		return true
	}
	return status == statusOK
}

// selectMasterFile selects the master file, in the first of the two forms that the chip takes (ISO/IEC 7816-4, SELECT). Only
// a link that breaks is an error: chips without PACE may have no master file to select.
func (c *channel) selectMasterFile(ctx context.Context) error {
	for _, id := range [][]byte{{0x3F, 0x00}, nil} {
		cmd := command{op: "select master file", ins: insSelect, p2: 0x0C, data: id}
		if _, status, err := c.exchange(ctx, cmd); err != nil || c.selected(cmd, status) {
			c.master = err == nil
			return err
		}
	}
	return nil
}

// readFile reads all of a file, and what it tells of its length before the rest. A file that the chip refuses gives a
// *StatusError.
func (c *channel) readFile(ctx context.Context, f file, progress func(read, total int)) ([]byte, error) {
	begin, ended, err := c.readBegin(ctx, f)
	if err != nil {
		return nil, err
	}
	if f.tag == 0 && (c.sm == nil || c.blocks.beyondEnd) {
		return c.readRow(ctx, f, begin, ended, progress)
	}
	if begin, err = c.readHeader(ctx, f, begin); err != nil {
		return nil, err
	}
	total, err := f.size(begin)
	if err != nil {
		return nil, err
	}
	if ended && len(begin) >= total {
		c.blocks.beyondEnd = true
	}
	if f.headerOnly {
		return c.readBiometricHeader(ctx, f, begin, total, progress)
	}
	return c.readRest(ctx, f, begin, total, progress)
}

// readHeader reads on where a chip has given less than the whole tag and length of a file, and gives what is read by then.
func (c *channel) readHeader(ctx context.Context, f file, begin []byte) ([]byte, error) {
	for len(begin) < headerLength(begin) {
		at := position{op: "read " + f.name, offset: len(begin)}
		block, _, err := c.readBlock(ctx, at, headerLength(begin)-len(begin))
		if err != nil {
			return nil, err
		}
		begin = slices.Concat(begin, block)
	}
	return begin, nil
}

// headerLength is how many bytes the tag and the length of a file take, as far as its first bytes tell: a tag of one byte,
// a length of up to five.
func headerLength(begin []byte) int {
	if len(begin) < 2 || begin[1] < 0x81 || begin[1] > 0x84 {
		return 2
	}
	return 2 + int(begin[1]-0x80)
}

// readRest reads a file on from its begin to so many bytes in total.
func (c *channel) readRest(
	ctx context.Context, f file, begin []byte, total int, progress func(read, total int),
) ([]byte, error) {
	data := slices.Clone(begin[:min(len(begin), total)])
	progress(len(data), total)
	commands := c.reading.Commands + maxCommands(total)
	for len(data) < total {
		if c.reading.Commands >= commands {
			return nil, fmt.Errorf("read %s: %w: no end in sight after %d of %d bytes", f.name, errFile, len(data), total)
		}
		block, _, err := c.readBlock(ctx, position{op: "read " + f.name, offset: len(data)}, total-len(data))
		if err != nil {
			return nil, err
		}
		data = append(data, block[:min(len(block), total-len(data))]...)
		progress(len(data), total)
	}
	return data, nil
}

// readBiometricHeader reads DG3 or DG4 to the number of instances: the headers of the file and of the biometric
// information group template, and that template's first data object (ICAO Doc 9303-10, 4.7.3).
func (c *channel) readBiometricHeader(
	ctx context.Context, f file, begin []byte, total int, progress func(read, total int),
) ([]byte, error) {
	data, err := c.readRest(ctx, f, begin, min(total, biometricHeaderSize), progress)
	if err != nil {
		return nil, err
	}
	start := headerLength(data)
	tag, header, _, err := tlvHeader(data[start:])
	if err != nil || tag != tagTemplateGroup {
		return nil, fmt.Errorf("read %s: %w: no biometric information group template", f.name, errFile)
	}
	number, _, err := wantTLV(data[start+header:], tagInteger)
	if err != nil || len(number) != 1 {
		return nil, fmt.Errorf("read %s: %w: no number of instances", f.name, errFile)
	}
	return data[:start+header+3], nil
}

// readRow reads a file that does not tell its length to its end, or as much of it as a few blocks give: it ends with a
// block that is shorter than what was asked for, or before one that is refused. It is for a chip that may be asked beyond a
// file's end; of another one no more is read than the first data object.
func (c *channel) readRow(
	ctx context.Context, f file, begin []byte, ended bool, progress func(read, total int),
) (data []byte, err error) {
	data = slices.Clone(begin)
	c.blocks.beyondEnd = c.blocks.beyondEnd || ended
	for range maxRow / leastBlock {
		progress(len(data), len(data))
		if ended || len(data) >= maxRow {
			break
		}
		var block []byte
		block, ended, err = c.readBlock(ctx, position{op: "read " + f.name, offset: len(data)}, maxRow-len(data))
		var refusal *StatusError
		if errors.As(err, &refusal) || errors.Is(err, errNothing) {
			break
		}
		if err != nil {
			return nil, err
		}
		data = append(data, block...)
	}
	return data[:min(len(data), maxRow)], nil
}

// size gives the length of what is wanted of a file, from its begin: of its data object, or the first of a row.
func (f file) size(begin []byte) (int, error) {
	tag, start, length, err := tlvHeader(begin)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w: %w", f.name, errFile, err)
	}
	if tag != f.tag && tag != f.bareTag && f.tag != 0 {
		return 0, fmt.Errorf("read %s: %w: tag %X, not %X", f.name, errFile, tag, f.tag)
	}
	if start+length > MaxFileSize {
		return 0, fmt.Errorf("read %s: %w: %d bytes stated, more than %d", f.name, errFile, start+length, MaxFileSize)
	}
	return start + length, nil
}

// readBegin reads the first block of a file, which becomes the current one: by its short identifier, or by selection
// where the chip refuses that. When selection has helped once, it is what the session goes on with. Under secure messaging
// no more than a header is read of a chip that has not shown that it takes a length beyond a file's end: some chips refuse
// it and drop the session, so that it is tried in clear.
func (c *channel) readBegin(ctx context.Context, f file) (begin []byte, ended bool, err error) {
	most := MaxFileSize
	switch {
	case c.sm != nil && !c.blocks.beyondEnd:
		most = headerSize
	case f.headerOnly:
		most = biometricHeaderSize
	}
	if !c.blocks.selects {
		begin, ended, err = c.readBlock(ctx, position{op: "read " + f.name, shortID: f.shortID}, most)
		var refusal *StatusError
		if !errors.As(err, &refusal) && !errors.Is(err, errNothing) {
			return begin, ended, err
		}
	}
	if f.afterMaster {
		if err := c.selectMasterFile(ctx); err != nil {
			return nil, false, err
		}
	}
	if err := c.selectFile(ctx, f); err != nil {
		return nil, false, err
	}
	begin, ended, err = c.readBlock(ctx, position{op: "read " + f.name}, most)
	if err == nil && !f.afterMaster && !c.blocks.selects { // else it may not have been selection that helped
		c.blocks.selects = true
		c.reading.note(NoteSelection, "its files are given by selection, and not by their short identifiers")
	}
	return begin, ended, err
}

// selectFile selects a file by its identifier, without expecting data.
func (c *channel) selectFile(ctx context.Context, f file) error {
	cmd := command{
		op: "select " + f.name, ins: insSelect, p1: 0x02, p2: 0x0C,
		data: []byte{byte(f.id >> 8), byte(f.id)},
	}
	_, status, err := c.exchange(ctx, cmd)
	if err == nil && !c.selected(cmd, status) {
		return cmd.refused(status, nil)
	}
	return err
}
