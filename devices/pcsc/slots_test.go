package pcsc

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ebfe/scard"

	"github.com/foyer-station/foyer/devices"
)

// Names as pcscd, and drivers elsewhere, give them.
var named = map[string]use{
	"ACS ACR1252 1S CL Reader [ACR1252 Dual Reader PICC] 00 00":                                    contactless,
	"ACS ACR1252 1S CL Reader [ACR1252 Dual Reader SAM] 01 00":                                     sam,
	"ACS ACR1281 1S Dual Reader [ACR1281 1S Dual Reader PICC] 01 00":                               contactless,
	"ACS ACR1281 1S Dual Reader 00 00":                                                             contact,
	"ACS ACR1281 1S Dual Reader 00 01":                                                             contactless,
	"ACS ACR1281 1S Dual Reader 00 02":                                                             sam,
	"ACS ACR122U PICC Interface 00 00":                                                             contactless,
	"Gemalto Prox-DU [Prox-DU Contact_09A00795] (09A00795) 00 00":                                  contact,
	"Gemalto Prox-DU [Prox-DU Contactless_09A00795] (09A00795) 01 00":                              contactless,
	"HID Global OMNIKEY 5422 Smartcard Reader [OMNIKEY 5422CL Smartcard Reader] (IM0O2C00) 00 00":  contactless,
	"HID Global OMNIKEY 5422 Smartcard Reader [OMNIKEY 5422 Smartcard Reader] (IM0O2C00) 01 00":    unnamed,
	"OMNIKEY CardMan 5x21-CL 0":                                                                    contactless,
	"Cherry Smartcard Terminal TC 13xx-CL 0":                                                       contactless,
	"Identiv uTrust 4701 F Dual Interface Reader [uTrust 4701 F Contact Reader] (5504) 00 00":      contact,
	"Identiv uTrust 4701 F Dual Interface Reader [uTrust 4701 F CL Reader] (5504) 01 00":           contactless,
	"Broadcom Corp 5880 [Contacted SmartCard] (0123456789ABCD) 02 00":                              contact,
	"Broadcom Corp 5880 [Contactless SmartCard] (0123456789ABCD) 03 00":                            contactless,
	"Feitian R502 [R502 SAM1 Reader] 02 00":                                                        sam,
	"SCM Microsystems Inc. SCL011 Contactless Reader [SCL01x Contactless Reader] (21161044) 00 00": contactless,
	"REINER SCT cyberJack RFID standard (1) 00 00":                                                 contactless,
	"FEIG ELECTRONIC GmbH OBID myAXXESS basic Slot:CL 358334430":                                   contactless,
	"Samsung Reader 00 00":                                                                         unnamed,
	"Virtual PCD 00 01":                                                                            unnamed,
	"Clear Contactor Systems 00":                                                                   unnamed,
	"Foyer Chip Reader 00 00":                                                                      unnamed,
	"Generic Smart Card Reader 00":                                                                 unnamed,
}

func TestWhatASlotIsForStandsInItsName(t *testing.T) {
	for name, want := range named {
		if got := useOf(name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

func TestTheSlotToReadPassportsInIsChosen(t *testing.T) {
	const (
		picc, icc, module = "ACS ACR1281 1S Dual Reader 00 01", "ACS ACR1281 1S Dual Reader 00 00", "ACS ACR1281 1S Dual Reader 00 02"
		plain, other      = "Plain Reader 00 00", "Plain Reader 01 00"
	)
	for _, c := range []struct {
		about, filter, holding string // what holds a contactless chip
		names                  []string
		want                   string // empty: none
	}{
		{"the contactless one, wherever it stands", "", "", []string{icc, picc, module}, picc},
		{"before one whose name does not say", "", "", []string{plain, picc}, picc},
		{"although a chip lies in that", "", plain, []string{plain, picc}, picc},
		{"of those whose name does not say, the one with a chip", "", other, []string{plain, other}, other},
		{"else the first", "", "", []string{plain, other}, plain},
		{"before a contact slot", "", "", []string{icc, plain}, plain},
		{"none, rather than a contact slot", "", "", []string{icc, module}, ""},
		{"none at all", "", "", nil, ""},
		{"by a filter also a contact slot", "00 00", "", []string{icc, picc}, icc},
		{"by a filter that fits several, the contactless one", "acr1281", "", []string{icc, picc, module}, picc},
		{"a filter that fits none", "another", "", []string{icc, picc}, ""},
	} {
		got, err := choose(c.names, c.filter, func(name string) bool { return name == c.holding })
		if got != c.want || (err == nil) != (c.want != "") || err != nil && !errors.Is(err, devices.ErrNoDevice) {
			t.Errorf("%s: %q, %v", c.about, got, err)
		}
	}
}

func TestOnlyAContactlessChipsAnswerToResetIsOne(t *testing.T) {
	for atr, want := range map[string]bool{
		"\x3B\x80\x80\x01\x01": true, "\x3B\x8F\x80\x01\x80\x4F\x0C": true, "\x3B\x88\x80\x01": true,
		"\x3B\x80\x80": false, "": false, "\x3B\x9F\x95\x80\x1F": false, "\x3B\x80\x80\x02\x01": false, "\x3F\x80\x80\x01": false,
	} {
		if got := isContactless([]byte(atr)); got != want {
			t.Errorf("%X: %v", atr, got)
		}
	}
}

// An empty slot of a security module says that a chip lies in it, and is mute.
func TestASlotThatIsAlwaysMuteHoldsNoDocument(t *testing.T) {
	const mute = scard.StatePresent | scard.StateMute
	for name, want := range map[string]bool{"Plain Reader 00 00": false, "ACS ACR1281 1S Dual Reader 00 02": false, "ACS ACR122U PICC Interface 00 00": true} {
		if got := (slot{name: name, state: mute}).has(); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// answers is a reader that says what stands in it.
type answers struct {
	attributes map[scard.Attrib]string
	properties string
}

var errSaysNot = errors.New("feature not supported")

func (a answers) GetAttrib(id scard.Attrib) ([]byte, error) {
	if value, there := a.attributes[id]; there {
		return []byte(value), nil
	}
	return nil, errSaysNot
}

func (a answers) Control(code uint32, _ []byte) ([]byte, error) {
	const property = 0x42000DCC
	switch {
	case a.properties == "":
		return nil, errSaysNot
	case code == scard.CtlCode(getFeatureRequest):
		return []byte{getTLVProperties, 4, 0x42, 0x00, 0x0D, 0xCC}, nil
	case code == property:
		return []byte(a.properties), nil
	}
	return nil, errSaysNot
}

// vpcd, with which the driver is tested otherwise, says nothing of itself.
func TestAReaderIsDescribedByWhatItSaysOfItself(t *testing.T) {
	const name = "ACS ACR1252 1S CL Reader [ACR1252 Dual Reader PICC] (RR170) 00 00"
	byName := devices.Info{Model: "ACS ACR1252 1S CL Reader [ACR1252 Dual Reader PICC]", Serial: "RR170"}
	for about, c := range map[string]struct {
		says answers
		want devices.Info
	}{
		"nothing": {answers{}, byName},
		"all": {answers{map[scard.Attrib]string{
			scard.AttrVendorName: "ACS\x00", scard.AttrVendorIfdType: "ACR1252\x00", scard.AttrVendorIfdVersion: "\x00\x00\x07\x01", scard.AttrVendorIfdSerialNo: "0007\x00",
		}, ""}, devices.Info{Model: "ACS ACR1252", Serial: "0007", Firmware: "1.07"}},
		"its firmware's own name": {answers{map[scard.Attrib]string{scard.AttrVendorIfdVersion: "\x00\x00\x07\x01"}, "\x0A\x04\x00\x00\x01\x00\x08\x06V1.2-b"},
			devices.Info{Model: byName.Model, Serial: byName.Serial, Firmware: "V1.2-b"}},
		"nonsense": {answers{map[scard.Attrib]string{
			scard.AttrVendorIfdType: "\x07\xFF\xFE\x1B[31m" + strings.Repeat("x", 300), scard.AttrVendorIfdVersion: "7", scard.AttrVendorIfdSerialNo: "\n\r\t",
		}, "\x08\xFFshort"}, devices.Info{Model: "[31m" + strings.Repeat("x", 60), Serial: byName.Serial}},
	} {
		got := described(devices.Info{Model: modelOf(name), Serial: serialOf(name)}, c.says)
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", about, got, c.want)
		}
	}
}

func TestSlotsOfOneInterfaceAreOneReader(t *testing.T) {
	names := slices.Sorted(func(yield func(string) bool) {
		for _, name := range []string{"A Reader 00 00", "A Reader 00 01", "A Reader 01 00", "Another 00 00"} {
			if deviceOf(name) == deviceOf("A Reader 00 01") && !yield(name) {
				return
			}
		}
	})
	if !slices.Equal(names, []string{"A Reader 00 00", "A Reader 00 01"}) {
		t.Errorf("%q", names)
	}
	if slotOf("A Reader 01 0A") != 10 || slotOf("A Reader") != 0 {
		t.Error("slots are numbered otherwise")
	}
}

func FuzzWhatAReaderIsCalledIsBounded(f *testing.F) {
	for name := range named {
		f.Add(name, []byte(name))
	}
	f.Fuzz(func(t *testing.T, name string, said []byte) {
		if u := useOf(name); u < contactless || u > sam {
			t.Errorf("%q is for %d", name, u)
		}
		if len(modelOf(name)) > len(name) || !strings.HasPrefix(name, deviceOf(name)) || slotOf(name) < 0 || slotOf(name) > 0xFF {
			t.Errorf("%q is taken apart as %q, %q, %d", name, modelOf(name), deviceOf(name), slotOf(name))
		}
		if text := printable(said); len([]rune(text)) > maxText {
			t.Errorf("%d bytes are %q", len(said), text)
		}
	})
}
