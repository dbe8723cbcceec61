package emrtd

import "fmt"

// StatusError is a status word by which the chip refused a command (ISO/IEC 7816-4, 5.6).
type StatusError struct {
	Op     string // what was asked for: "select application", "read EF.COM"
	Status uint16 // SW1-SW2: 0x6A82
}

// Error implements error, as "select EF.COM: 6A82 file not found".
func (e *StatusError) Error() string { return fmt.Sprintf("%s: %04X", e.Op, e.Status) }
