package emrtd

import (
	"crypto/sha256"

	"github.com/foyer-station/foyer/emrtd/pki"
)

// Parsed are files as the reading took them apart to ask the chip, so that whoever judges the answers need not do so again. Each method
// is the parser of its name for a file that was not among them, octet by octet: what was parsed speaks for no other bytes than those
// it came from. The zero Parsed has none. What the methods give is shared, and must not be changed.
type Parsed struct {
	cardAccess, dg14 parsedFile[*SecurityInfos]
	com              parsedFile[*COM]
	dg15             parsedFile[*pki.ActiveKey]
}

// CardAccess is [ParseSecurityInfos] for EF.CardAccess.
func (p *Parsed) CardAccess(file []byte) (*SecurityInfos, error) {
	return p.cardAccess.of(file, ParseSecurityInfos)
}

// COM is [ParseCOM].
func (p *Parsed) COM(file []byte) (*COM, error) { return p.com.of(file, ParseCOM) }

// DG14 is [ParseDG14].
func (p *Parsed) DG14(file []byte) (*SecurityInfos, error) { return p.dg14.of(file, ParseDG14) }

// DG15 is [pki.ParseDG15].
func (p *Parsed) DG15(file []byte) (*pki.ActiveKey, error) { return p.dg15.of(file, pki.ParseDG15) }

// parsedFile is one file, by the SHA-256 of its bytes, which are overwritten when a check-in ends.
type parsedFile[T any] struct {
	sum   [sha256.Size]byte
	there bool
	value T
	err   error
}

// of gives what was parsed of a file, and parses any other.
func (p *parsedFile[T]) of(file []byte, parse func([]byte) (T, error)) (T, error) {
	if p.there && sha256.Sum256(file) == p.sum {
		return p.value, p.err
	}
	return parse(file)
}

// keep parses a file, and keeps what came of it in the place of what was there.
func (p *parsedFile[T]) keep(file []byte, parse func([]byte) (T, error)) (T, error) {
	p.sum, p.there = sha256.Sum256(file), true
	p.value, p.err = parse(file)
	return p.value, p.err
}
