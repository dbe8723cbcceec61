package pcsc

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/devices"
)

// PC/SC knows readers, and calls every slot of a device one. What a slot is for stands in its name at best: pcscd makes that of what
// the device calls itself, what it calls its interface, its serial number, and the numbers of interface and slot:
//
//	ACS ACR1252 1S CL Reader [ACR1252 Dual Reader PICC] (0123) 00 00
//	Gemalto Prox-DU [Prox-DU Contactless_10500167] (10500167) 01 00
//	HID Global OMNIKEY 5422 Smartcard Reader [OMNIKEY 5422CL Smartcard Reader] (IM0O2C00) 00 00
//	Identiv uTrust 4701 F Dual Interface Reader [uTrust 4701 F Contact Reader] (5504) 00 00
//	ACS ACR1281 1S Dual Reader 00 02

// use is what a slot is for.
type use int

// What a slot is for, the likelier to read a passport first.
const (
	contactless use = iota
	unnamed         // its name does not say
	contact
	sam // a security module that stays in the device: pcscd calls an empty one "inserted, unresponsive"
)

var (
	number        = regexp.MustCompile(` [0-9A-F]{2} ([0-9A-F]{2})$`)
	serial        = regexp.MustCompile(` ?\(([^()]*)\)`)
	interfaceName = regexp.MustCompile(`\[([^\]]*)\]`)

	namesSAM         = regexp.MustCompile(`(?i)\bsam\d*\b`)
	namesContactless = regexp.MustCompile(`(?i)contactless|\bpicc\b|\bnfc\b|\brfid\b|cless|([0-9x -])cl\b|\bslot:cl\b`)
	namesContact     = regexp.MustCompile(`(?i)\bcontact(ed)?([^a-z]|$)|\bicc\b|\bsim\b`)
)

// slotsByNumber are devices whose slots all have one name, by what that contains; their slots in order.
var slotsByNumber = map[string][]use{
	"ACR1281 1S Dual Reader": {contact, contactless, sam}, // acsccid, issue 4
}

// useOf is what a slot is for, by its name. What the interface is called says more than what the device is.
func useOf(name string) use {
	whole := serial.ReplaceAllString(name, "")
	if of := interfaceName.FindStringSubmatch(whole); of != nil {
		if u := useNamed(of[1]); u != unnamed {
			return u
		}
	}
	if u := useNamed(number.ReplaceAllString(interfaceName.ReplaceAllString(whole, ""), "")); u != unnamed {
		return u
	}
	for device, slots := range slotsByNumber {
		if at := slotOf(name); strings.Contains(name, device) && at < len(slots) {
			return slots[at]
		}
	}
	return unnamed
}

func useNamed(text string) use {
	switch {
	case namesSAM.MatchString(text):
		return sam
	case namesContactless.MatchString(text):
		return contactless
	case namesContact.MatchString(text):
		return contact
	}
	return unnamed
}

// slotOf is the number of a slot in its interface; 0 where the name has none.
func slotOf(name string) int {
	var n int
	if at := number.FindStringSubmatch(name); at != nil {
		fmt.Sscanf(at[1], "%X", &n) // two hexadecimal digits
	}
	return n
}

// deviceOf is what a name has before the number of the slot: what all slots of one interface share.
func deviceOf(name string) string {
	if number.MatchString(name) {
		return name[:len(name)-len("00")]
	}
	return name
}

// modelOf is what a name says of the device and its interface.
func modelOf(name string) string {
	return serial.ReplaceAllString(number.ReplaceAllString(name, ""), "")
}

// serialOf is the serial number in a name, or empty.
func serialOf(name string) string {
	if found := serial.FindStringSubmatch(name); found != nil {
		return found[1]
	}
	return ""
}

// choose picks the slot to read passports in: of those whose name contains the filter, in any case, the one that is contactless by
// its name, then one in which a contactless chip lies, then the first whose name does not say. Slots for contact cards and security
// modules are chosen only where a filter asks for them.
func choose(names []string, filter string, holds func(name string) bool) (string, error) {
	var fits []string
	for _, name := range names {
		if strings.Contains(strings.ToLower(name), strings.ToLower(filter)) {
			fits = append(fits, name)
		}
	}
	if filter == "" {
		all := len(fits)
		fits = slices.DeleteFunc(fits, func(name string) bool { return useOf(name) >= contact })
		if len(fits) == 0 && all > 0 {
			return "", fmt.Errorf("%w: none of the %d slots is contactless", devices.ErrNoDevice, all)
		}
	}
	if len(fits) == 0 {
		return "", devices.ErrNoDevice
	}
	rank := func(name string) int {
		r := 2 * int(useOf(name))
		if useOf(name) == unnamed && len(fits) > 1 && holds(name) {
			r--
		}
		return r
	}
	return slices.MinFunc(fits, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) }), nil
}

// isContactless tells the answer to reset of a contactless chip: PC/SC readers make it of what the chip says in the field (part 3,
// 3.1.3.2.3), and it begins with 3B 8n 80 01, n being the number of historical bytes.
func isContactless(atr []byte) bool {
	return len(atr) >= 4 && atr[0] == 0x3B && atr[1]&0xF0 == 0x80 && atr[2] == 0x80 && atr[3] == 0x01
}
