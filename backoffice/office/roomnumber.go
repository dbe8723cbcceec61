package office

import "regexp"

var numbered = regexp.MustCompile(`^(?:Zimmer|Raum|Zi\.|Room) ([0-9A-Za-z][0-9A-Za-z.-]{0,7})$`)

// RoomNumber is the number in a room's name ("Zimmer 204"), which can be told in any language; a place without one ("Empfang") has
// none.
func RoomNumber(name string) (number string, ok bool) {
	if parts := numbered.FindStringSubmatch(name); parts != nil {
		return parts[1], true
	}
	return "", false
}
