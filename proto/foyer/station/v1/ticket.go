package stationv1

import (
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"
)

// ticketLabel sets the hash of a ticket apart from every other hash of a check-in's id.
const ticketLabel = "foyer.station.v1 ticket view\x00"

// MaxTicketURL is how many bytes the address on a ticket may have: with error correction M its QR code has 57 x 57 modules (ISO/IEC
// 18004:2015, table 7, version 10), which a thermal printer prints half a millimetre wide.
const MaxTicketURL = 213

var tickets = base32.StdEncoding.WithPadding(base32.NoPadding)

var ticketToken = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// TicketToken is what leads from a visitor's ticket to the visitor's own view: 128 bits as 26 characters of base32 (RFC 4648,
// section 6). They are the beginning of SHA-256 over a label and the check-in's id, so that a station that is cut off prints the
// same token that the back office looks for. Nobody else can make it up: of the id, a UUIDv7 (RFC 9562, section 5.7), 74 bits are
// random, and only station and back office know them.
func TicketToken(checkIn string) string {
	sum := sha256.Sum256([]byte(ticketLabel + checkIn))
	return tickets.EncodeToString(sum[:16])
}

// IsTicketToken says whether a stranger's text has a token's form.
func IsTicketToken(text string) bool { return ticketToken.MatchString(text) }

// TicketURL is the address of a visitor's own view under an office's ticket_url; empty where the office has none, or one that is
// too long for a ticket.
func TicketURL(base, checkIn string) string {
	url := strings.TrimSuffix(base, "/") + "/" + TicketToken(checkIn)
	if base == "" || len(url) > MaxTicketURL {
		return ""
	}
	return url
}
