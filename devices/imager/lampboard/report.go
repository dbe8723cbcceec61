package lampboard

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// Reports and the sizes of what follows their ids (docs/lamps.md, "Reports").
const (
	reportIdentity     = 0x01
	reportCapabilities = 0x02
	reportState        = 0x03
	reportLight        = 0x04

	identitySize     = 28
	capabilitiesSize = 20
	stateSize        = 8
	lightSize        = 4
)

const (
	magic = "FOYERLMP"
	major = 1 // of the protocol
	// allLamps stands for every lamp where all are put out.
	allLamps = 0xff
	// shortestHold is the least time that a board's lamps can burn without being renewed: a picture needs that.
	shortestHold = time.Second
)

// numbers of the lights; each is a bit of a set, too.
var numbers = map[devices.Light]byte{devices.LightVisible: 0, devices.LightInfrared: 1, devices.LightUltraviolet: 2}

// identity is who a board says it is.
type identity struct {
	firmware, serial string
}

func parseIdentity(b []byte) (identity, error) {
	if len(b) < identitySize || string(b[:len(magic)]) != magic {
		return identity{}, protocol("it is no lamp board")
	}
	b = b[len(magic):]
	if b[0] != major {
		return identity{}, protocol("version %d of the protocol", b[0])
	}
	serial, _, _ := strings.Cut(string(b[4:20]), "\x00")
	if strings.ContainsFunc(serial, func(r rune) bool { return r < ' ' || r > '~' }) {
		serial = "" // a board without one is as good
	}
	return identity{firmware: fmt.Sprintf("%d.%02d", b[2], b[3]), serial: serial}, nil
}

// capabilities are what a board has.
type capabilities struct {
	lights   byte // a set
	switches byte // a set of switchDocument and switchCover
	lamps    [3]lamp
}

// lamp is what one lamp can do.
type lamp struct {
	hold  time.Duration // the most that it burns without being renewed
	power byte          // the most that it may be lit, in hundredths
}

// The switches of a board, as bits.
const (
	switchDocument = 1 << iota // closed where a document lies
	switchCover                // closed where the housing is open
)

func parseCapabilities(b []byte) (capabilities, error) {
	if len(b) < capabilitiesSize {
		return capabilities{}, protocol("capabilities of %d bytes", len(b))
	}
	c := capabilities{lights: b[0], switches: b[1]}
	if c.lights&0x07 == 0 || c.lights>>3 != 0 {
		return capabilities{}, protocol("lights %#x", c.lights)
	}
	for i := range c.lamps {
		of := b[2+6*i:]
		c.lamps[i] = lamp{hold: time.Duration(binary.LittleEndian.Uint16(of[2:])) * time.Millisecond, power: of[4]}
		if c.lights>>i&1 == 1 && (c.lamps[i].hold < shortestHold || c.lamps[i].power < 1 || c.lamps[i].power > 100) {
			return capabilities{}, protocol("lamp %d burns for %s at %d %%", i, c.lamps[i].hold, c.lamps[i].power)
		}
	}
	return c, nil
}

// state is how a board is at a moment.
type state struct {
	power    [3]byte // of each lamp, in hundredths
	switches byte    // those that are closed
	faults   byte    // lamps that are broken, as a set of lights, and overheated
}

// overheated says that the board lights nothing until it has cooled.
const overheated = 0x80

func parseState(b []byte) (state, error) {
	if len(b) < stateSize {
		return state{}, protocol("a state of %d bytes", len(b))
	}
	s := state{power: [3]byte(b), switches: b[3], faults: b[4]}
	for _, p := range s.power {
		if p > 100 {
			return state{}, protocol("a lamp at %d %%", p)
		}
	}
	return s, nil
}

// lightReport has a lamp burn at so many hundredths for so long, or puts it out.
func lightReport(number byte, percent int, hold time.Duration) []byte {
	return binary.LittleEndian.AppendUint16([]byte{number, byte(percent)}, uint16(hold/time.Millisecond))
}

func protocol(format string, of ...any) error {
	return fmt.Errorf("%w: %s", devices.ErrProtocol, fmt.Sprintf(format, of...))
}
