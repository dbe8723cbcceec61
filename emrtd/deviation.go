package emrtd

import (
	"fmt"
	"slices"
)

// Deviations are in what entries for PACE deviate from the standard and are used all the same, each once (ICAO Doc 9303-11,
// 9.2.1), and in what the file does that they stand in. That one leaves out its domain parameters is not among them.
func (s *SecurityInfos) Deviations() []Note {
	var all deviations
	for n, i := range s.PACE {
		if !i.Known() {
			continue
		}
		before := s.PACE[:n]
		all.tell(i.Version != PACEVersion, NoteVersion, "%s states version %d, not %d", i.spelt(), i.Version, PACEVersion)
		all.tell(!s.TellsGroup(i) && i.ParameterID != NoID, NoteParameters, "%s has parameters %d, which stand for nothing", i, i.ParameterID)
		all.tell(i.longer, NoteElements, "%s has more elements than the standard", i.spelt())
		all.tell(slices.ContainsFunc(before, i.same), NoteTwice, "%s is listed twice", i.spelt())
	}
	all.tell(s.ber, NoteLongLengths, "lengths are longer than in DER")
	return all
}

// KeyDeviations are in what DG14 deviates from the standard about the key for chip authentication that has this identifier, or
// [NoID], each once (ICAO Doc 9303-11, 9.2.5 and 9.2.6).
func (s *SecurityInfos) KeyDeviations(keyID int) []Note {
	var all deviations
	for _, key := range s.ChipAuthenticationKeys {
		if key.KeyID != keyID {
			continue
		}
		infos := s.infosFor(key)
		known := slices.ContainsFunc(infos, func(i ChipAuthenticationInfo) bool { return i.Version == chipAuthenticationVersion })
		for _, i := range infos {
			all.tell(i.implied, NoteKeyUse, "DG14 does not say what the key is used with, which is Triple-DES")
			all.tell(i.KeyID != keyID, NoteKeyIdentifier, "the key and its entry in DG14 differ in the identifier")
			all.tell(!known, NoteKeyVersion, "the key's entry in DG14 states version %d, not %d", i.Version, chipAuthenticationVersion)
			all.tell(i.longer, NoteKeyElements, "the key's entry in DG14 has more elements than the standard")
		}
	}
	all.tell(s.ber, NoteLongLengths, "lengths are longer than in DER")
	return all
}

// deviations are notes, each once.
type deviations []Note

// tell adds a deviation where there is one.
func (d *deviations) tell(is bool, code NoteCode, format string, args ...any) {
	if n := (Note{code, fmt.Sprintf(format, args...)}); is && !slices.Contains(*d, n) {
		*d = append(*d, n)
	}
}
