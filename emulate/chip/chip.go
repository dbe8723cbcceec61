// Package chip is an ePassport's chip in Go, from the chip's side of the standard: ICAO Doc 9303 part 10 (files) and
// part 11 (access), on ISO/IEC 7816-4 (commands). It answers command APDUs; package emulate/pcsc lays it on a reader.
//
// It is written for testing readers that must work with chips nobody here made. So it is strict where the standard is,
// it shares no code with the reader, and it can be told to fail at any command ([Fault]), to be slow, to know less than a
// good chip does ([Options]), or to have the peculiarities of documents in the field ([Quirk]). Beside it stand cards that
// are no working passport at all ([Dead], [Silent], [Foreign]).
//
// Basic Access Control and PACE lead in. Chip authentication, active authentication and PACE's chip authentication mapping
// prove the chip genuine; a clone is a chip whose options lack their private keys, or have others.
package chip

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	"fmt"
	"io"
	"slices"
	"time"
)

// AccessKey is what the document's MRZ gives for Basic Access Control (Doc 9303-11, 4.3.2).
type AccessKey struct {
	DocumentNumber string // as printed, without filler at its end or with it; 1 to 22 of A-Z, 0-9 and '<'
	BirthDate      string // YYMMDD, unknown parts as '<'
	ExpiryDate     string // YYMMDD
}

// Options say what kind of chip it is. The zero value is a good and fast one.
type Options struct {
	// ShortOnly makes a chip without extended length: it answers 6700 to extended commands and has no EF.ATR/INFO.
	ShortOnly bool
	// MaxResponse is the most data bytes that the chip puts into one response, secure messaging included; at least 64.
	// Zero is 65,533, which is what a vpcd frame holds beside the status word.
	MaxResponse int
	// Latency is the time the chip takes for each command, without transmission.
	Latency time.Duration
	// ByteRate is the speed of the link in bytes a second, both ways; zero is no limit. A contactless link at 424 kbit/s
	// is 53,000.
	ByteRate int
	// Faults are what goes wrong, by command: 1 is the first after the chip comes into the field.
	Faults map[int]Fault
	// Refuses may have the chip answer a command by a status word and not carry it out, under secure messaging where that is
	// due. It gets the number of the command, as Faults does, and its header without the class byte: INS, P1, P2.
	Refuses func(n int, header [3]byte) (status uint16, yes bool)
	// PACE are the variants of PACE that the chip offers; none is a chip without PACE. The chip writes EF.CardAccess from
	// them unless it is given one.
	PACE []PACEInfo
	// PACEOnly makes a chip without Basic Access Control: GET CHALLENGE is answered 6982.
	PACEOnly bool
	// CAN is the card access number, PACE's other password; empty for a document that has none.
	CAN string
	// CANTries is how often in a row the CAN may be wrong, 2 to 15: the last try is suspended, that is only possible in a
	// session that the MRZ opened, and then the CAN is blocked for good. Zero is no limit.
	CANTries int
	// ChipAuthentication are the chip's static key pairs. A cloned chip is one that has DG14 and EF.CardSecurity but lacks
	// them, or has others: without them, chip authentication is answered 6A88, and the chip authentication mapping ends
	// without encrypted chip authentication data.
	ChipAuthentication []ChipAuthenticationKey
	// NoSetKAT makes a chip that does not know MSE:Set KAT and does chip authentication with 3DES by MSE:Set AT alone, as
	// some documents do (Doc 9303-11, 8.5, note 1).
	NoSetKAT bool
	// ActiveAuthentication is the key pair of DG15. A cloned chip is one that has DG15 but lacks it, or has another; nil
	// answers INTERNAL AUTHENTICATE with 6D00.
	ActiveAuthentication ActiveAuthenticationKey
	// OpenBiometrics makes a chip whose DG3 and DG4 are read like any other file. Otherwise they want terminal
	// authentication, which this chip has not, and are answered 6982 (Doc 9303-11, 7.1).
	OpenBiometrics bool
	// Quirks are the chip's peculiarities.
	Quirks []Quirk
	// Pause is how long a slow quirk takes each time; zero is as long as it took in the field.
	Pause time.Duration
	// Random is where all random bytes come from, in this order; nil for crypto/rand.
	//   - Basic Access Control: RND.IC (8 bytes), K.IC (16).
	//   - PACE: the nonce s (16; integrated mapping with AES-192 or AES-256 32), the private key SK.Map,IC (not with the
	//     integrated mapping), the private key SK.DH,IC.
	//   - Active authentication: with RSA the recoverable message M1, which fills the modulus; with ECDSA the ephemeral
	//     key, drawn like a private key.
	//   - ShortCounts: a byte for each READ BINARY.
	//
	// A private key is as many bytes as the group's order has, big-endian, the surplus high bits cleared, and drawn again
	// if it is zero or not below the order.
	Random io.Reader
}

// Chip is an ePassport's chip. One reader at a time has it: its methods are not safe for concurrent use.
type Chip struct {
	options Options
	files   fileSystem
	mrz     [sha1.Size]byte // digest of the MRZ information
	basic   basicAccess
	tries   int // how often the CAN may still be wrong

	count    int      // commands since the chip came into the field
	answers  [][]byte // to them; kept only where there are faults
	selected selection
	session  *session      // nil without secure messaging
	protocol step          // what GENERAL AUTHENTICATE goes on with; nil when it has nothing to
	held     response      // what GET RESPONSE fetches
	pause    time.Duration // that the command takes beside Latency
	failed   bool          // since a password was last right; outlasts the field
	refused  struct {      // what a quirk refuses once
		variant, nonce bool
	}
}

// New makes a chip with elementary files by name: "EF.COM", "EF.SOD", "DG1" to "DG16" in the eMRTD application;
// "EF.ATR/INFO", "EF.DIR", "EF.CardAccess" and "EF.CardSecurity" in the master file. A file has at most 262,144 bytes.
func New(files map[string][]byte, key AccessKey, o Options) (*Chip, error) {
	if o.MaxResponse == 0 {
		o.MaxResponse = maxResponse
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	c := &Chip{options: o, tries: o.CANTries, selected: o.atStart()}
	var err error
	if c.files, err = newFileSystem(files, o); err != nil {
		return nil, err
	}
	if c.mrz, err = key.digest(); err != nil {
		return nil, err
	}
	c.basic = newBasicAccess(c.mrz)
	return c, nil
}

func (o Options) check() error {
	if o.MaxResponse < minResponse || o.MaxResponse > maxResponse {
		return fmt.Errorf("chip: MaxResponse %d is not from %d to %d", o.MaxResponse, minResponse, maxResponse)
	}
	if o.CANTries < 0 || o.CANTries == 1 || o.CANTries > 15 {
		return fmt.Errorf("chip: CANTries %d is neither 0 nor 2 to 15", o.CANTries)
	}
	if err := checkQuirks(o.Quirks); err != nil {
		return err
	}
	for _, info := range o.PACE {
		if err := info.check(!o.extendedLength()); err != nil {
			return err
		}
	}
	for _, key := range o.ChipAuthentication {
		if err := key.check(); err != nil {
			return err
		}
		if !o.extendedLength() && needsExtendedLength(key.Parameters) {
			return fmt.Errorf("chip: chip authentication with domain parameters %d needs extended length", key.Parameters)
		}
	}
	if o.ActiveAuthentication != nil {
		return o.ActiveAuthentication.check()
	}
	return nil
}

const (
	minResponse = 64
	maxResponse = 0xFFFF - 2 // a frame of vpcd, less the status word
)

// ATR is the answer to reset that a PC/SC reader gives a contactless chip (PC/SC part 3, 3.1.3.2.3). Its historical
// bytes are the chip's card capabilities (ISO/IEC 7816-4, 12.1.1.9): selection by name and file identifier, short file
// identifiers, extended length where the chip has it, and command chaining where it has PACE (TR-03110-3, B.13.1).
func (c *Chip) ATR() []byte {
	const chaining, extended = 0x80, 0x40
	var capabilities byte
	if c.options.announcesExtended() {
		capabilities |= extended
	}
	if len(c.options.PACE) > 0 {
		capabilities |= chaining
	}
	return contactlessATR(0x80, 0x73, 0x86, 0x21, capabilities)
}

// contactlessATR has the historical bytes, at most 15, between PC/SC's fixed interface bytes and the check byte.
func contactlessATR(historical ...byte) []byte {
	atr := append([]byte{0x3B, 0x80 | byte(len(historical)), 0x80, 0x01}, historical...)
	var check byte
	for _, b := range atr[1:] {
		check ^= b
	}
	return append(atr, check)
}

// Reset is the field being switched off and on: the chip forgets its session and selection.
func (c *Chip) Reset() {
	c.count, c.answers = 0, nil
	c.forget()
}

// forget is what the chip does without power.
func (c *Chip) forget() {
	c.leave()
	c.selected, c.held = c.options.atStart(), response{}
	c.refused.variant, c.refused.nonce = false, false
}

// leave ends secure messaging, and with it the access it gave.
func (c *Chip) leave() {
	c.session = nil
	c.protocol = nil
	c.basic.challenge = nil
}

// Transmit answers one command APDU after the time that the chip and its link take. Nil means that the chip left the
// field, by a fault or because ctx ended.
func (c *Chip) Transmit(ctx context.Context, command []byte) []byte {
	c.count++
	response := c.answer(command)
	if len(c.options.Faults) > 0 {
		c.answers = append(c.answers, slices.Clone(response))
	}
	if fault, ok := c.options.Faults[c.count]; ok {
		response = fault(ctx, c.answers)
	}
	took := c.pause + c.duration(len(command)+len(response))
	c.pause = 0
	if !wait(ctx, took) {
		return nil
	}
	return response
}

func (c *Chip) duration(size int) time.Duration {
	d := c.options.Latency
	if c.options.ByteRate > 0 {
		d += time.Duration(size) * time.Second / time.Duration(c.options.ByteRate)
	}
	return d
}

// wait reports whether the time passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// answer gives the response APDU, nil where the command drives the chip out of the field.
func (c *Chip) answer(raw []byte) []byte {
	command, sw := parseCommand(raw)
	switch {
	case sw != swSuccess:
		return response{status: sw}.encode()
	case command.extended && c.options.has(ExtendedTears):
		c.forget()
		return nil
	case command.extended && !c.options.extendedLength():
		return response{status: swWrongLength}.encode()
	case c.options.has(GetResponse):
		return c.inParts(command).encode()
	}
	return c.execute(command).encode()
}

// execute takes secure messaging off the command, has it carried out, and puts secure messaging on the response.
func (c *Chip) execute(command command) response {
	room := min(command.expected, c.options.MaxResponse)
	if command.class&classSecure == 0 {
		if c.session != nil { // a command in clear ends it (Doc 9303-11, 9.8.3)
			c.leave()
		}
		return c.carryOut(command, room)
	}
	if c.session == nil {
		return response{status: swNoSecureMessaging}
	}
	plain, sw := c.session.unwrap(command)
	if sw != swSuccess {
		if !c.options.has(KeepsSession) {
			c.leave()
		}
		return response{status: sw}
	}
	session := c.session
	r := c.carryOut(plain, session.room(room))
	if r.isError() && c.options.has(DropsSession) {
		c.leave()
	}
	if c.options.drops(r.status) {
		c.leave()
		return response{status: r.status}
	}
	if c.options.naked(session, plain, r.status) {
		return response{status: r.status}
	}
	return session.wrap(r, plain.instruction)
}

// carryOut executes a command that is in clear or has been freed of secure messaging; the response data may take at
// most room bytes.
func (c *Chip) carryOut(command command, room int) response {
	protocol := c.protocol
	c.protocol = nil // any other command in between ends it
	if command.expected > 0 && c.options.has(RefusesLe) &&
		(command.instruction == insSelect || command.instruction == insManageEnvironment) {
		return response{status: swWrongLength}
	}
	if c.options.Refuses != nil {
		header := [3]byte{command.instruction, command.p1, command.p2}
		if status, yes := c.options.Refuses(c.count, header); yes {
			return response{status: status}
		}
	}
	switch command.instruction {
	case insSelect:
		return c.selectFile(command)
	case insReadBinary, insReadBinaryOdd:
		return c.readBinary(command, room)
	case insGetChallenge:
		return c.getChallenge(command)
	case insExternalAuthenticate:
		return c.externalAuthenticate(command)
	case insManageEnvironment:
		return c.manageEnvironment(command)
	case insGeneralAuthenticate:
		return c.generalAuthenticate(command, protocol, room)
	case insInternalAuthenticate:
		return c.internalAuthenticate(command, room)
	}
	return response{status: swInstructionNotSupported}
}
