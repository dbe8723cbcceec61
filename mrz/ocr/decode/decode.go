// Package decode turns what a line recogniser says of the lines of a page into the most probable machine-readable zone
// (ICAO Doc 9303 parts 3 to 7 and the national shapes that package mrz knows), with an honest confidence.
//
// What the picture shows is weighed against what a zone can say: its lines have exact lengths, its places their alphabets,
// check digits agree, dates are dates, codes of states exist, nothing follows the fillers behind a name. All of these are
// probabilities, none is a law: where the picture is clear, it wins, and a check digit that is wrong on the document stays
// wrong. Each character that is not the one the picture alone would give is told as a Correction. Check digits cannot tell
// characters apart whose values agree modulo 10 (K, A, U, 0 and the filler), so they do not vouch for these.
//
// Lines that are no zone give an error that says why, never a guess.
package decode

import (
	"errors"
	"time"

	"github.com/foyer-station/foyer/mrz"
)

// Alphabet is every character that a zone may hold, in the order of the recogniser's classes from 1 on (Doc 9303-3, 4.3).
const Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"

// The recogniser's classes: the blank, which is class 0, and the characters.
const (
	Symbols = len(Alphabet)
	Classes = Symbols + 1
)

// Bounds of what Decode looks at; it leaves out what is beyond.
const (
	MaxLines  = 8   // lines
	MaxFrames = 768 // frames of a line; a zone's longest line takes about 300
)

// The reasons why lines are no zone.
var (
	// ErrLength: no lines one below the other have the lengths of a zone.
	ErrLength = errors.New("mrz/ocr/decode: no lines of a zone's length")
	// ErrText: there are lines of the right lengths, but what they say is no zone's text.
	ErrText = errors.New("mrz/ocr/decode: not the text of a zone")
	// ErrUnclear: there may be a zone, but so much of it would be a guess that it is of no use.
	ErrUnclear = errors.New("mrz/ocr/decode: too unclear to read")
)

// A Line is one line of text as the recogniser saw it, from left to right: logits or logarithms of probabilities of the
// Classes in each frame. The line may have margins with other characters on both sides.
type Line struct{ LogProb [][Classes]float32 }

// A Reading is the most probable zone.
type Reading struct {
	Format      mrz.Format
	Lines       []string
	First       int           // the first of Decode's lines that belongs to the zone; the others follow it
	Characters  [][]Character // of each line
	Corrections []Correction  // in reading order

	// Confidence is the probability, from 0 to 1, that every character is right.
	Confidence float64
	// Fit is the mean logarithm, a character, of the probability that the picture alone gives to lines of these lengths:
	// about -0.1 for a clear print, -0.3 for a poor one; what is below -1 is no zone.
	Fit float64
	// Sure says that every character may be relied on; the other readings are for a person to look at.
	Sure bool
}

// A Character is one character of the zone.
type Character struct {
	Symbol       byte          // of Alphabet
	Confidence   float64       // the probability, from 0 to 1, that it is right
	Alternatives []Alternative // the likeliest first, at most three
	From, To     float64       // where it stands in its line, in frames
}

// An Alternative is another character that may stand at a place.
type Alternative struct {
	Symbol     byte
	Confidence float64 // its probability, from 0 to 1
}

// A Correction is a character that the picture alone would have given otherwise.
type Correction struct {
	Line, Column int // in the zone, from 0
	Seen, Taken  byte
	Reason       Reason
	Alternatives []Alternative // what the picture alone says, the likeliest first: Seen is the first of them
}

// A Reason says what spoke against the character that was seen.
type Reason string

// The reasons of corrections.
const (
	ReasonAlphabet   Reason = "alphabet"    // the format does not allow it there
	ReasonCheckDigit Reason = "check_digit" // a check digit would not agree
	ReasonText       Reason = "text"        // names, dates, codes of states or the place in the line make another likelier
)

// Decode finds the most probable zone in lines that stand one below the other, in reading order. Lines above and below the
// zone are left out; a line within it must not be missing. The error is ErrLength, ErrText or ErrUnclear. It does not keep
// the lines.
//
// The day dates the document: an expiry long before or after it is less likely.
func Decode(lines []Line, day time.Time) (Reading, error) {
	d := decoder{newScanner(lines[:min(len(lines), MaxLines)]), day}
	sections := d.sections()
	if len(sections) == 0 {
		return Reading{}, ErrLength
	}
	candidates := d.candidates(d.drafts(sections))
	if len(candidates) == 0 {
		return Reading{}, ErrText
	}
	r := d.reading(candidates)
	if r.unclear() {
		return Reading{}, ErrUnclear
	}
	return r, nil
}
