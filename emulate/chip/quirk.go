package chip

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Quirk is a way in which documents in the field are known to behave and which a reader must get along with. A chip has
// any number of them; where two contradict each other, the one that refuses wins. Where only the symptom is known and
// not when it comes, the quirk says what was chosen.
type Quirk string

// Quirks of the length that READ BINARY asks for.
const (
	// EmptyMaximum answers 9000 without data where Le is zeros, which asks for whatever there is; only a definite Le gets
	// data.
	EmptyMaximum Quirk = "empty-maximum"
	// TruncatesMaximum answers 9000 with 128 bytes where 256 or more are asked for, though more are there and would fit.
	TruncatesMaximum Quirk = "truncates-maximum"
	// ReadsTo192 takes an Le of 192 at most, as some Ukrainian passports do: more is answered 6700, under secure messaging
	// without its data objects and without having counted the command.
	ReadsTo192 Quirk = "reads-to-192"
	// NakedWrongLength answers 6700 without secure messaging's data objects to a read that is too long, here of more than
	// 160 bytes, and has not counted the command in the send sequence counter: Chinese passports.
	NakedWrongLength Quirk = "naked-wrong-length"
	// NakedWrongLengthCounted is NakedWrongLength by a chip that has counted the command, though not its answer.
	NakedWrongLengthCounted Quirk = "naked-wrong-length-counted"
	// LosesStep answers 6B00 under secure messaging, without its data objects, and 6988 to the command after it, whatever
	// that counts, as a Russian passport did; here to a read that asks for more than the file has left.
	LosesStep Quirk = "loses-step"
	// WarnsAtEnd answers 6282 with the data that are left wherever a read asks for more, an Le of zeros included: Spanish
	// identity cards.
	WarnsAtEnd Quirk = "warns-at-end"
	// CorrectsLength answers 6Cxx without data to a read that asks for more than is left, where that is 256 bytes or less:
	// xx is the right length.
	CorrectsLength Quirk = "corrects-length"
	// ShortCounts answers 9000 with fewer bytes than are asked for, from half of them on, drawn anew for each read.
	ShortCounts Quirk = "short-counts"
	// GetResponse holds back every answer that has data and says 61xx in its place, without secure messaging's data
	// objects; GET RESPONSE, in clear even then, fetches what was held.
	GetResponse Quirk = "get-response"
)

// Quirks of extended length.
const (
	// ExtendedRefused announces extended length, in the ATR and EF.ATR/INFO, and answers 6700 to a command that has it.
	ExtendedRefused Quirk = "extended-refused"
	// ExtendedTears announces extended length and is lost from the field by a command that has it: what a reader or a weak
	// field cannot carry. The next command finds the chip as if it had just come into the field.
	ExtendedTears Quirk = "extended-tears"
	// ExtendedUnannounced knows extended length and announces it nowhere.
	ExtendedUnannounced Quirk = "extended-unannounced"
	// AnnouncesTooMuch announces 65,535 bytes in EF.ATR/INFO whatever MaxResponse is, and answers 6700 to a read that asks
	// for more than MaxResponse; an Le of zeros is no such read.
	AnnouncesTooMuch Quirk = "announces-too-much"
)

// Quirks of files and their selection.
const (
	// CardAccess6986 answers 6986 to everything that concerns EF.CardAccess, and there is no PACE to be known of.
	CardAccess6986 Quirk = "card-access-6986"
	// CardAccess6A82 is CardAccess6986 with 6A82.
	CardAccess6A82 Quirk = "card-access-6a82"
	// ProtectsDIR answers 6982 to everything that concerns EF.DIR before access, and has the file.
	ProtectsDIR Quirk = "protects-dir"
	// NoShortIDs answers 6A86 to READ BINARY with a short file identifier.
	NoShortIDs Quirk = "no-short-ids"
	// NoShortIDs6A82 is NoShortIDs with 6A82, as if the file were not there.
	NoShortIDs6A82 Quirk = "no-short-ids-6a82"
	// ClosedApplication lets the eMRTD application be selected and answers 6982 to all that concerns its files, under
	// secure messaging too: German identity cards issued before 2021-08-02, without a terminal certificate.
	ClosedApplication Quirk = "closed-application"
	// RefusesLe answers 6700 to SELECT and MANAGE SECURITY ENVIRONMENT that have an Le field: German documents.
	RefusesLe Quirk = "refuses-le"
	// NeedsReference answers 6A87 to PACE's MSE:Set AT without a reference of the domain parameters, DO'84', though there is
	// one set of them: Ukrainian passports from before July 2022.
	NeedsReference Quirk = "needs-reference"
)

// Quirks of the session.
const (
	// DropsSession ends secure messaging with every error that it answers, also one that it answers under it.
	DropsSession Quirk = "drops-session"
	// KeepsSession goes on with secure messaging after a command whose data objects were wrong, which the standard forbids
	// (Doc 9303-11, 9.8.3). The command has been counted.
	KeepsSession Quirk = "keeps-session"
)

// Quirks of time. Options.Pause scales it.
const (
	// SlowAfterFailure takes 23 seconds for the first GENERAL AUTHENTICATE of PACE after attempts that failed, until one
	// succeeds: a French passport.
	SlowAfterFailure Quirk = "slow-after-failure"
	// SlowPortrait takes a second for each READ BINARY of DG2, however little it asks for, so that many short blocks take
	// too long: Dutch passports of 2015 and 2016.
	SlowPortrait Quirk = "slow-portrait"
)

// Quirks are all of them; those that come with a status word, by the words that they are known with.
func Quirks() []Quirk {
	return slices.Concat([]Quirk{
		EmptyMaximum, TruncatesMaximum, ReadsTo192, NakedWrongLength, NakedWrongLengthCounted, LosesStep, WarnsAtEnd,
		CorrectsLength, ShortCounts, GetResponse, ExtendedRefused, ExtendedTears, ExtendedUnannounced, AnnouncesTooMuch,
		CardAccess6986, CardAccess6A82, ProtectsDIR, NoShortIDs, NoShortIDs6A82, ClosedApplication, RefusesLe,
		NeedsReference, DropsSession, KeepsSession, SlowAfterFailure, SlowPortrait,
	}, authenticityQuirks(), accessQuirks())
}

func checkQuirks(quirks []Quirk) error {
	for _, q := range quirks {
		if !slices.Contains(Quirks(), q) && !q.hasStatus() {
			return fmt.Errorf("chip: no quirk is called %q", q)
		}
	}
	return nil
}

func (o Options) has(quirk Quirk) bool { return slices.Contains(o.Quirks, quirk) }

// extendedLength says whether the chip carries out commands of extended length, whatever it announces.
func (o Options) extendedLength() bool {
	return !o.ShortOnly && !o.has(ExtendedRefused) && !o.has(ExtendedTears)
}

// announcesExtended says whether the ATR and EF.ATR/INFO tell of extended length.
func (o Options) announcesExtended() bool { return !o.ShortOnly && !o.has(ExtendedUnannounced) }

// announcedResponse is the length of response data that EF.ATR/INFO tells.
func (o Options) announcedResponse() int {
	if o.has(AnnouncesTooMuch) {
		return maxResponse
	}
	return o.MaxResponse
}

// readLimit is the largest Ne of a READ BINARY that the chip takes.
func (o Options) readLimit() int {
	limit := 1 << 16
	if o.has(AnnouncesTooMuch) {
		limit = o.MaxResponse
	}
	if o.has(ReadsTo192) {
		limit = min(limit, 192)
	}
	if o.has(NakedWrongLength) || o.has(NakedWrongLengthCounted) {
		limit = min(limit, 160)
	}
	return limit
}

// refusesRead is the status word by which quirks refuse a READ BINARY before it is looked at.
func (o Options) refusesRead(command command) uint16 {
	byShortID := command.instruction == insReadBinary && command.p1&0x80 != 0
	switch {
	case byShortID && o.has(NoShortIDs):
		return swWrongParameters
	case byShortID && o.has(NoShortIDs6A82):
		return swFileNotFound
	case command.expected > o.readLimit() && !(command.maximum && o.has(AnnouncesTooMuch)):
		return swWrongLength
	}
	return swSuccess
}

// refusesEnd is the status word by which quirks refuse a read that asks for more than is left.
func (c *Chip) refusesEnd(command command, left int) uint16 {
	status, drops := c.options.statusOf(dropsSessionWith)
	switch o := c.options; {
	case command.expected <= left:
		return swSuccess
	case o.has(LosesStep) && c.session != nil:
		return swOutsideFile
	case drops && c.session != nil:
		return status
	case o.has(CorrectsLength) && left <= 256 && command.instruction == insReadBinary:
		return swRightLength | uint16(byte(left))
	}
	return swSuccess
}

// quirkyCount is how many of size bytes the chip gives to a read.
func (c *Chip) quirkyCount(size int, command command) (int, error) {
	switch o := c.options; {
	case o.has(EmptyMaximum) && command.maximum:
		return 0, nil
	case o.has(ShortCounts):
		var draw [1]byte
		if _, err := io.ReadFull(o.Random, draw[:]); err != nil {
			return 0, err
		}
		return size - size*int(draw[0])/512, nil
	case o.has(TruncatesMaximum) && command.expected >= 256:
		return min(size, 128), nil
	}
	return size, nil
}

// naked says whether a status word goes out without secure messaging, and brings the send sequence counter to where a
// chip that does so has it.
func (o Options) naked(s *session, command command, status uint16) bool {
	isRead := command.instruction == insReadBinary || command.instruction == insReadBinaryOdd
	switch {
	case !isRead:
		return false
	case status == swWrongLength && o.has(NakedWrongLengthCounted):
		return true
	case status == swWrongLength && (o.has(NakedWrongLength) || o.has(ReadsTo192)):
		s.uncount()
		return true
	case status == swOutsideFile && o.has(LosesStep):
		s.counter[0] ^= 0x80 // out of anyone's reach
		return true
	}
	return false
}

// slowDown lets the command that is being carried out take longer, where the chip has the quirk.
func (c *Chip) slowDown(quirk Quirk, usual time.Duration) {
	if !c.options.has(quirk) {
		return
	}
	if c.options.Pause != 0 {
		usual = c.options.Pause
	}
	c.pause += usual
}

// How long the slow documents took.
const (
	pauseAfterFailure = 23 * time.Second
	pauseInPortrait   = time.Second
)
