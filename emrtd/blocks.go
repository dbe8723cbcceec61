package emrtd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

// insReadBinaryOdd is READ BINARY whose offset is a data object (ISO/IEC 7816-4, 11.3.3).
const insReadBinaryOdd = 0xB1

// Data objects of READ BINARY with an odd instruction byte.
const (
	tagOffset        = 0x54
	tagDiscretionary = 0x53
)

// maxEvenOffset is the last that READ BINARY with an even instruction byte reaches: a longer one's first bit says that
// P1 is a short file identifier.
const maxEvenOffset = 0x7FFF

// discretionaryHeader is the longest header that stands before the data in an answer with an odd instruction byte.
const discretionaryHeader = 4

// maxInClear is the largest block in clear, one less than fits: 256 is coded as zero, which asks for whatever there is,
// while a definite length tells whether the chip takes one beyond a file's end.
const maxInClear = 255

// The sizes in bytes that a block steps down by where the chip refuses more, beside as much as an answer of short length
// carries.
const (
	readerBlock = 3840 // many readers' buffers hold 4 kB
	safeBlock   = 192  // some chips give no more, and refuse to be asked
	leastBlock  = 64
)

// blocks is how much the channel asks for at once, and how.
type blocks struct {
	carried   int // the longest response APDU that the reader carries; 0 where none is known
	announced int // the longest response APDU that the chip announces; 0 for short length only
	learnt    int // the largest block since the chip refused a larger one; 0 where it never did
	// beyondEnd says that the chip has been asked for more than a file has, and gave what there is.
	beyondEnd bool
	selects   bool // files are selected, as the chip knows no short identifiers
}

// block is the expected length to ask for where so many bytes are left: what fits one answer, of extended length only
// under secure messaging, for all that is read before is small.
func (c *channel) block(left int) int {
	longest := maxShortAnswer
	if c.sm != nil {
		longest = max(longest, c.blocks.announced)
	}
	if c.blocks.carried > 0 {
		longest = min(longest, c.blocks.carried)
	}
	n := min(left, c.maxData(longest-2))
	if n <= 256 {
		n = min(n, c.maxData(256))
	}
	if c.blocks.learnt > 0 {
		n = min(n, c.blocks.learnt)
	}
	return max(n, 1)
}

// maxData is the most data that an answer of so many bytes carries.
func (c *channel) maxData(answer int) int {
	if c.sm == nil {
		return min(answer, maxInClear)
	}
	return c.sm.maxData(answer)
}

// maxCommands bounds what reading the rest of a file takes: a chip that gives less than half of the smallest block at a
// time, each by READ BINARY and GET RESPONSE, is not one that can be read.
func maxCommands(size int) int { return 2*size/(leastBlock/2) + 32 }

// position is where a block begins: in the file with a short identifier, which becomes the current one, or in the
// current file.
type position struct {
	op      string // for errors: "read EF.COM"
	shortID byte   // 0 is the current file
	offset  int    // 0 with a short identifier
}

// readBlock reads from one byte to as many as are left, and tells whether the file ended before what was asked for. Where
// the chip refuses a size, the one that it names by 6Cxx is tried, then smaller ones, down to the length of a header; what
// helps is kept for the session.
func (c *channel) readBlock(ctx context.Context, at position, left int) (data []byte, ended bool, err error) {
	if at.odd() {
		left += discretionaryHeader
	}
	n, named := c.block(left), false
	asked, refusal := n, error(nil)
	for first := true; n > 0; first = false {
		data, err = c.readBinary(ctx, at, n)
		if err == nil {
			if !first {
				c.blocks.learn(at, n, named)
				c.noteLength(asked, refusal)
			}
			return data, len(data) < n, nil
		}
		refusal = cmp.Or(refusal, err)
		exact, stated := exactLength(0, err)
		named = stated && first && exact < n && (at.offset == 0 || exact >= leastBlock)
		switch {
		case named:
			n = exact
		case at.tooMuch(err, n):
			n = c.smaller(n, at, err)
		default:
			n = 0
		}
	}
	return nil, false, err
}

// noteLength notes that a chip has refused so many bytes and given fewer. It may say itself how much it gives at once (6Cxx); but
// it is not to announce more, nor to say so in clear where secure messaging is due (ICAO Doc 9303-11, 9.8.3).
func (c *channel) noteLength(asked int, refusal error) {
	var status *StatusError
	switch {
	case !errors.As(refusal, &status):
	case asked > 256: // of extended length, which it has announced
		c.reading.note(NoteLengths, "it announces longer answers than it gives")
	case errors.Is(refusal, ErrSecureMessaging):
		c.reading.note(NoteLengthInClear, "it refused a length in clear, where secure messaging was due")
	case status.Status>>8 == 0x67:
		c.reading.note(NoteLengths, "it refused a length, and gave less: %s", reasonOf(refusal))
	}
}

// learn keeps a size that the chip took after it refused a larger one. At the begin of a file that is none that a chip
// names, nor one of a few bytes: it may just have refused to go beyond the file's end.
func (b *blocks) learn(at position, n int, named bool) {
	if n >= leastBlock && !(at.offset == 0 && named) {
		b.learnt = n
	}
}

// smaller is the next size below n, 0 where there is none. Wrong parameters at the begin of a file mean that it ends
// before n.
func (c *channel) smaller(n int, at position, refusal error) int {
	var status *StatusError
	outside := errors.As(refusal, &status) && status.Status == statusOutside
	for _, size := range []int{readerBlock, c.maxData(256), safeBlock, leastBlock} {
		if size < n && !(outside && at.offset == 0) {
			return size
		}
	}
	if at.offset == 0 && n > headerSize {
		return headerSize
	}
	return 0
}

// errNothing says that the chip answered without data.
var errNothing = errors.New("no data")

// tooMuch says whether a chip that answers so to a block of n bytes may give something when it is asked for less: it gave
// nothing; it complained of the length, or of an offset of zero; it dropped secure messaging with one of the status words
// that chips have for that; or it may not be up to extended length after all.
func (at position) tooMuch(err error, n int) bool {
	if errors.Is(err, errNothing) {
		return true
	}
	var refusal *StatusError
	if !errors.As(err, &refusal) {
		return false
	}
	switch refusal.Status >> 8 {
	case 0x67, 0x6C:
		return true
	case 0x69, 0x6B:
		if errors.Is(refusal, ErrSecureMessaging) {
			return true
		}
	}
	switch refusal.Status {
	case statusNotFound, statusNotAllowed:
		return false
	case statusOutside:
		return n > 256 || at.offset == 0
	}
	return n > 256
}

// readBinary reads from one byte to n, or somewhat less where they come in a data object. A chip may give fewer, with or
// without the warning that the file ends.
func (c *channel) readBinary(ctx context.Context, at position, n int) ([]byte, error) {
	cmd := at.command(n)
	data, status, err := c.exchangeOnce(ctx, cmd)
	if err != nil {
		return nil, err
	}
	if status != statusOK && status != statusEndOfFile {
		return nil, cmd.refused(status, nil)
	}
	if len(data) > n {
		return nil, fmt.Errorf("%s: %w: %d bytes where %d were asked for", cmd.op, errFile, len(data), n)
	}
	if at.odd() && len(data) > 0 {
		if data, _, err = wantTLV(data, tagDiscretionary); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", cmd.op, errFile, err)
		}
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("%s: %w: %w", cmd.op, errFile, errNothing)
	}
	return data, nil
}

// odd says whether the position is out of reach of an even instruction byte.
func (at position) odd() bool { return at.offset > maxEvenOffset }

// command is READ BINARY whose answer has up to n bytes of data; beyond the reach of an even instruction byte, the header
// of a data object is among them.
func (at position) command(n int) command {
	cmd := command{op: at.op, ins: insReadBinary, p1: byte(at.offset >> 8), p2: byte(at.offset), expectedLength: n}
	switch {
	case at.shortID != 0:
		cmd.p1 = 0x80 | at.shortID
	case at.odd():
		cmd.ins, cmd.p1, cmd.p2 = insReadBinaryOdd, 0, 0
		cmd.data = appendTLV(nil, tagOffset, unsigned(at.offset)...)
	}
	return cmd
}
