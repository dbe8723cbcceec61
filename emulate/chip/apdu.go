package chip

import "encoding/binary"

// Class bytes (ISO/IEC 7816-4, 5.4.1): interindustry, basic channel, no chaining; classSecure is the indication that
// secure messaging is used and the header is authenticated.
const (
	classPlain  = 0x00
	classSecure = 0x0C
	classChain  = 0x10
)

// Instructions (ISO/IEC 7816-4, table 4).
const (
	insManageEnvironment    = 0x22
	insExternalAuthenticate = 0x82
	insGetChallenge         = 0x84
	insGeneralAuthenticate  = 0x86
	insInternalAuthenticate = 0x88
	insSelect               = 0xA4
	insReadBinary           = 0xB0
	insReadBinaryOdd        = 0xB1
	insGetResponse          = 0xC0
)

// Status words (ISO/IEC 7816-4, 5.6).
const (
	swSuccess                 uint16 = 0x9000
	swMoreData                uint16 = 0x6100 // and how many bytes, for GET RESPONSE
	swEndOfFile               uint16 = 0x6282 // end of file reached before Ne bytes
	swVerificationFailed      uint16 = 0x6300
	swRetries                 uint16 = 0x63C0 // and the number of tries left
	swWrongLength             uint16 = 0x6700
	swNoSecureMessaging       uint16 = 0x6882
	swLastOfChain             uint16 = 0x6883 // last command of the chain expected
	swNoChaining              uint16 = 0x6884
	swSecurityStatus          uint16 = 0x6982 // security status not satisfied
	swBlocked                 uint16 = 0x6983 // authentication method blocked
	swConditionsOfUse         uint16 = 0x6985
	swNoCurrentFile           uint16 = 0x6986
	swObjectsMissing          uint16 = 0x6987 // expected secure messaging data objects missing
	swObjectsIncorrect        uint16 = 0x6988 // incorrect secure messaging data objects
	swWrongData               uint16 = 0x6A80
	swFileNotFound            uint16 = 0x6A82
	swWrongParameters         uint16 = 0x6A86
	swInconsistentLength      uint16 = 0x6A87 // Nc inconsistent with P1-P2
	swReferenceNotFound       uint16 = 0x6A88
	swOutsideFile             uint16 = 0x6B00 // offset outside the file
	swRightLength             uint16 = 0x6C00 // and the right Le
	swInstructionNotSupported uint16 = 0x6D00
	swClassNotSupported       uint16 = 0x6E00
	swNoDiagnosis             uint16 = 0x6F00
)

// command is a parsed command APDU.
type command struct {
	class, instruction, p1, p2 byte

	chained  bool // more commands of the chain follow
	data     []byte
	expected int  // Ne: 0 without Le field, 256 or 65,536 for a field of zeros
	maximum  bool // the Le field was zeros: whatever there is
	extended bool // length fields were of the extended kind
}

// parseCommand tells the seven cases of ISO/IEC 7816-4, 5.1 apart: no, short and extended fields for Lc and Le.
func parseCommand(raw []byte) (command, uint16) {
	if len(raw) < 4 {
		return command{}, swWrongLength
	}
	c := command{class: raw[0], instruction: raw[1], p1: raw[2], p2: raw[3]}
	c.chained = c.class&classChain != 0
	switch class := c.class &^ classChain; {
	case class != classPlain && class != classSecure:
		return c, swClassNotSupported
	case c.chained && c.instruction != insGeneralAuthenticate: // only there (Doc 9303-11, 4.4.4.3)
		return c, swNoChaining
	}
	body := raw[4:]
	switch {
	case len(body) == 0:
		return c, swSuccess
	case len(body) == 1:
		c.expect(body)
		return c, swSuccess
	case body[0] != 0:
		return c.split(int(body[0]), body[1:], 1)
	case len(body) == 3:
		c.extended = true
		c.expect(body[1:])
		return c, swSuccess
	case len(body) > 3:
		c.extended = true
		return c.split(int(binary.BigEndian.Uint16(body[1:])), body[3:], 2)
	}
	return c, swWrongLength
}

// split takes lc bytes of data and an optional Le field of the given width from rest.
func (c command) split(lc int, rest []byte, width int) (command, uint16) {
	if lc == 0 || len(rest) != lc && len(rest) != lc+width {
		return c, swWrongLength
	}
	c.data = rest[:lc]
	c.expect(rest[lc:])
	return c, swSuccess
}

// expect reads an Le field of no, one or two bytes.
func (c *command) expect(field []byte) {
	switch len(field) {
	case 1:
		c.expected = int(field[0])
	case 2:
		c.expected = int(binary.BigEndian.Uint16(field))
	default:
		return
	}
	if c.expected == 0 {
		c.maximum = true
		c.expected = 1 << (8 * len(field))
	}
}

// response is a response APDU in the making.
type response struct {
	data   []byte
	status uint16
}

func (r response) encode() []byte {
	return binary.BigEndian.AppendUint16(r.data[:len(r.data):len(r.data)], r.status)
}

// isError says that the command was not carried out: the status word is neither 9000 nor 61xx nor a warning.
func (r response) isError() bool { return r.status >= 0x6400 && r.status != swSuccess }
