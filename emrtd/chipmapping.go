package emrtd

import (
	"bytes"
	"crypto/aes"
	"errors"
	"fmt"
)

// ErrNotChipsKey says that the chip has not proved that it holds the private key of a public key.
var ErrNotChipsKey = errors.New("chip has not proved that the key is its own")

// ErrNoMappingData says that a chip opened by chip authentication mapping and left out what would prove it: nothing was
// tested.
var ErrNoMappingData = errors.New("chip sent no chip authentication data that can be deciphered")

// ChipAuthenticationMapping is what PACE with chip authentication mapping leaves for the proof that the chip is no copy
// (ICAO Doc 9303-11, 4.4.3.5): it can be verified once the chip's public key has been read from EF.CardSecurity, and is
// worth something only if the signature of that file is good.
type ChipAuthenticationMapping struct {
	// ParameterID is the identifier of the domain parameters, and of the public key.
	ParameterID int
	group       group
	// runs are one for each time that the chip was opened, and all must be proved: else a copy could give way to another
	// chip, which proves itself and not the files that were read before.
	runs []mappingRun
}

// mappingRun is what one opening leaves.
type mappingRun struct {
	key  element // PK_Map,IC
	data []byte  // CA_IC; nil where the chip sent none that could be deciphered
}

// mostOfOrder is how many times as long as the order chip authentication data may be, which are a number below it. A chip may send 64
// KB each time that it is opened, to multiply with which takes seconds; nothing is tested by these.
const mostOfOrder = 2

// keepMapping deciphers the chip authentication data, CBC with IV = E(KSenc, -1), and adds them to the reading.
func (s *paceSession) keepMapping(key element, keys sessionKeys, encrypted []byte) {
	if s.reading.Mapping == nil {
		s.reading.Mapping = &ChipAuthenticationMapping{ParameterID: s.ParameterID, group: s.group}
	}
	run := mappingRun{key: key}
	minusOne := bytes.Repeat([]byte{0xFF}, aes.BlockSize)
	if padded, err := keys.decrypt(minusOne, encrypted); err == nil {
		run.data, _ = unpad(padded, aes.BlockSize) // nil beside an error
	}
	s.reading.Mapping.runs = append(s.reading.Mapping.runs, run)
}

// Verify proves that the chip holds the private key of this public key, PK_Map,IC = KA(CA_IC, PK_IC), each time that it
// was opened. The error is [ErrNotChipsKey] where it does not, [ErrNoMappingData] where it has left that open, another where
// the key is not the one that the mapping was done with.
func (m *ChipAuthenticationMapping) Verify(key ChipAuthenticationPublicKeyInfo) error {
	if key.KeyID != NoID && key.KeyID != m.ParameterID {
		return fmt.Errorf("chip authentication mapping: key %d, the mapping was done with %d", key.KeyID, m.ParameterID)
	}
	theirs, elliptic := key.group.(ellipticGroup)
	if own := m.group.(ellipticGroup); !elliptic || theirs.Name() != own.Name() {
		return errors.New("chip authentication mapping: the key is not of the mapping's curve")
	}
	var open error
	for _, run := range m.runs {
		switch {
		case len(run.data) == 0 || len(run.data) > mostOfOrder*theirs.OrderSize():
			open = fmt.Errorf("chip authentication mapping: %w", ErrNoMappingData)
		case !key.public.multiply(run.data).equal(run.key):
			return fmt.Errorf("chip authentication mapping: %w", ErrNotChipsKey)
		}
	}
	return open
}
