package emrtd

import "fmt"

// StatusError is a status word by which the chip refused a command. It unwraps to the error that the refusal amounts
// to, where it amounts to one: [ErrNotEPassport], [ErrAccessDenied], [ErrRefused] or, for a status word that came without secure
// messaging where it was due, [ErrSecureMessaging].
type StatusError struct {
	Op     string // what was asked for: "select application", "read EF.COM"
	Status uint16 // SW1-SW2: 0x6A82
	Err    error  // nil when the status word says it all
}

// Error implements error, as "select application: 6A82 file or application not found".
func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s: %04X %s", e.Op, e.Status, statusText(e.Status))
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives what the refusal amounts to, or nil.
func (e *StatusError) Unwrap() error { return e.Err }

// TriesLeft gives the number of tries that the chip has left for the password, where the status word counts them: 63Cx
// (ISO/IEC 7816-4, 5.6).
func (e *StatusError) TriesLeft() (tries int, counted bool) { return triesLeft(e.Status) }

func triesLeft(status uint16) (tries int, counted bool) {
	return int(status & 0x0F), status&0xFFF0 == statusCounted
}

// refusedKey is what the refusal of a token amounts to, by which the key is tested: the key is wrong where the status word
// says that authentication failed (6300, 63Cx), or one that chips have for a checksum that does not verify (6982, 6988).
// Any other speaks of the command, or of the chip.
func refusedKey(status uint16) error {
	if _, counted := triesLeft(status); counted {
		return ErrAccessDenied
	}
	switch status {
	case 0x6300, statusNotAllowed, 0x6988:
		return ErrAccessDenied
	}
	return ErrRefused
}

// refusedFallback is refusedKey of Basic Access Control on a chip that offers PACE and has refused it: it may have PACE alone,
// and deny the command whatever the key. Only a status word that says that authentication failed is about the key.
func refusedFallback(status uint16) error {
	if _, counted := triesLeft(status); counted || status == 0x6300 {
		return ErrAccessDenied
	}
	return ErrRefused
}

// statusText names a status word as ISO/IEC 7816-4, tables 5 to 7, do.
func statusText(status uint16) string {
	switch status {
	case statusEndOfFile:
		return "end of file reached before the expected length"
	case 0x6300:
		return "no information given, non-volatile memory has changed"
	case 0x6700:
		return "wrong length"
	case 0x6882:
		return "secure messaging not supported"
	case statusNotAllowed:
		return "security status not satisfied"
	case 0x6983:
		return "authentication method blocked"
	case 0x6985:
		return "conditions of use not satisfied"
	case 0x6986:
		return "command not allowed, no current file"
	case 0x6987:
		return "expected secure messaging data objects missing"
	case 0x6988:
		return "incorrect secure messaging data objects"
	case 0x6A80:
		return "incorrect parameters in the command data field"
	case 0x6A81:
		return "function not supported"
	case statusNotFound:
		return "file or application not found"
	case 0x6A86:
		return "incorrect parameters P1-P2"
	case 0x6A88:
		return "referenced data not found"
	case statusOutside:
		return "wrong parameters P1-P2"
	case 0x6D00:
		return "instruction code not supported or invalid"
	case 0x6E00:
		return "class not supported"
	case 0x6F00:
		return "no precise diagnosis"
	}
	if tries, counted := triesLeft(status); counted {
		return fmt.Sprintf("authentication failed or warned of, tries left: %d", tries)
	}
	return statusGroup(byte(status >> 8))
}

// statusGroup names what all status words with the same first byte have in common.
func statusGroup(sw1 byte) string {
	switch sw1 {
	case 0x61:
		return "response bytes still available"
	case 0x62, 0x63:
		return "warning"
	case 0x64, 0x65, 0x66:
		return "execution error"
	case 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F:
		return "checking error"
	}
	return "status word unknown to ISO/IEC 7816-4"
}
