// Package emrtd talks to the chip of an ePassport and takes its files apart.
//
// [Read] opens the chip with the key printed on the page, by PACE or Basic Access Control, reads its files under secure
// messaging, and has the chip prove that it is no copy: by chip authentication before the data groups, by active
// authentication at the end. [ParseCOM], [ParseDG1], [ParseDG2], [ParseDG14] and their like give what the files hold, to
// Read itself too; EF.SOD, EF.CardSecurity and DG15 are taken apart by package pki. Nothing here says that a file is genuine, nor
// that a proof was given by the document's own key: that is passive authentication, in verify/chip.
//
// For most uses: Read, then [ParseDG1] for whose document it is and [ParseDG2] for the portrait; [ParseDG7], [ParseDG11], [ParseDG12]
// and [ParseDG16] for what else the chip tells, of files that verify/chip calls signed.
//
// The contract. The chip is hostile: every length that it states is bounded before it is believed, every answer under
// secure messaging is authenticated before it is used, and no answer makes Read loop or panic. A picture is handed on
// undecoded. No error, and nothing else that could reach a log, holds a key or what stands in a document. Keys are
// overwritten once they are no longer needed; the key schedules inside crypto/des and crypto/aes and the numbers inside
// math/big are out of reach and are left to the garbage collector.
//
// Standards: ICAO Doc 9303 part 10 (files), part 11, 4.3, 4.4, 6.1, 6.2 and 9 (access, authentication, secure messaging);
// BSI TR-03110-3, B.2 (chip authentication); ISO/IEC 7816-4 (commands); ISO/IEC 19794-5 and 39794-5 (faces). Not here:
// terminal authentication, whose keys do not belong on a station.
package emrtd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Card is a chip in the field.
type Card interface {
	// Transmit sends one command APDU and returns the response APDU with its status word. It returns soon after ctx
	// ends. An error means that the chip did not answer; [Read] hands it on wrapped.
	Transmit(ctx context.Context, command []byte) ([]byte, error)
}

// Errors that a caller decides by. The status word, where there was one, is in a [*StatusError] beside them.
var (
	// ErrNotEPassport: the chip does not let the ePassport application be selected.
	ErrNotEPassport = errors.New("chip holds no ePassport application")
	// ErrAccessDenied: the chip tested the key, and it is wrong. [StatusError.TriesLeft] tells how many tries are left, where
	// the chip tells.
	ErrAccessDenied = errors.New("chip refused the key")
	// ErrRefused: the chip refused to be opened, or gave no answer to a step, and did not say that the key is wrong: by every
	// procedure that there is, before it had tested any; or by a status word that speaks of something else; or it has so few
	// tries left that the card access number was not tried. It is no evidence against a key.
	ErrRefused = errors.New("chip refused to be opened")
	// ErrSecureMessaging: an answer was not protected, or not by who holds the session keys. The session is over.
	ErrSecureMessaging = errors.New("secure messaging broken")
	// ErrKey: the [Key] or the card access number cannot have come from a document, or the chip offers no PACE for the
	// card access number.
	ErrKey = errors.New("unusable key")
)

// MaxFileSize is the size of the largest file that [Read] fetches, in bytes: more than the memory of a passport's chip
// holds, whose data groups' lengths could state 16 MiB (ICAO Doc 9303-10, 4). A chip that declares more is an error.
const MaxFileSize = 512 << 10

// The files that [Read] fetches, by the names under which they stand in [Reading.Files]. EF.CardAccess is there if the chip
// offers PACE, the first entry of EF.DIR after PACE, EF.CardSecurity after chip authentication mapping, a data group if
// EF.SOD or EF.COM lists it.
const (
	FileDIR          = "EF.DIR"
	FileCardAccess   = "EF.CardAccess"
	FileCardSecurity = "EF.CardSecurity"
	FileCOM          = "EF.COM"
	FileSOD          = "EF.SOD"
	FileDG1          = "DG1"
	FileDG2          = "DG2"
	FileDG5          = "DG5"
	FileDG7          = "DG7"
	FileDG11         = "DG11"
	FileDG12         = "DG12"
	FileDG13         = "DG13"
	FileDG14         = "DG14"
	FileDG15         = "DG15"
	FileDG16         = "DG16"
)

// Options of [Read]; the zero value reads, tells nobody, and measures nothing.
type Options struct {
	// CAN is the card access number, six digits as printed on the document (ICAO Doc 9303-11, 4.4). Where it is set, the
	// chip is opened with it, by PACE, and the key is not looked at.
	CAN string
	// Progress, when not nil, is called on the calling goroutine after every block with the file's name and its bytes
	// read and in total.
	Progress func(file string, read, total int)
	// MaxResponse is the longest response APDU that the reader carries, in bytes with the status word; 0 where no limit is
	// known.
	MaxResponse int
	// Now is the clock for [Reading.Stages]; nil leaves Stages empty.
	Now func() time.Time
	// Rand gives the terminal's nonce and key material; nil is crypto/rand, as it must be outside of tests.
	Rand io.Reader
}

// Reading is what was read from a chip, complete or not.
type Reading struct {
	// Access is how the chip was opened: "BAC", "PACE-ECDH-GM", "PACE-ECDH-IM", "PACE-ECDH-CAM", "PACE-DH-GM" or
	// "PACE-DH-IM"; empty while it is closed.
	Access string
	// Proofs are what the chip did to show that it is no copy.
	Proofs
	// Files are whole files by name, from their tag on, without what may follow the declared length.
	Files map[string][]byte
	// Notes are what was unusual about the chip and had to be got along with: variants of PACE that it refused, sessions that
	// it lost. They hold nothing of the document, and are few.
	Notes []Note
	// Headers are DG3 and DG4 up to the number of fingerprints or irises in them, where the chip gives that without terminal
	// authentication. More of them is never read.
	Headers map[string][]byte
	// Commands, BytesSent and BytesReceived count the APDUs as they went over the link, status words included.
	Commands, BytesSent, BytesReceived int
	// Stages are the times taken: "select", "access", "chip authentication", "active authentication", and one for each file
	// that was asked for. What was done twice counts twice.
	Stages map[string]time.Duration
}

// note keeps a note, once.
func (r *Reading) note(code NoteCode, format string, args ...any) {
	n := Note{code, fmt.Sprintf(format, args...)}
	if !slices.Contains(r.Notes, n) && len(r.Notes) < maxNotes {
		r.Notes = append(r.Notes, n)
	}
}

// maxNotes bounds [Reading.Notes].
const maxNotes = 16

// Read opens the chip with key and reads its files. Where the chip offers PACE, it is opened by the strongest variant that
// it does not refuse before it has tested the key, and by Basic Access Control where it refuses all; a key that it has
// tested and refused is tried by no other procedure. A chip that refuses a key for chip authentication is asked for the next that
// DG14 lists; one that fails chip authentication, or drops secure messaging over a file, is opened once more as it was opened
// first and read on. The Reading is never nil: beside an error it holds what was read until then. A file that the chip
// refuses under secure messaging, that is none, or that costs the session each time, does not keep the others from being
// read; its [*StatusError] or reason is in the error at the end.
func Read(ctx context.Context, card Card, key Key, o Options) (*Reading, error) {
	r := &Reading{Files: map[string][]byte{}, Headers: map[string][]byte{}, Stages: map[string]time.Duration{}}
	password, err := o.password(key)
	if err != nil {
		return r, err
	}
	defer clear(password.encoded)
	v := &visit{channel: &channel{card: card, reading: r}, options: o, password: password}
	defer v.close()
	err = v.run(ctx)
	return r, errors.Join(v.refusals, err)
}

// password is what the chip is opened with.
func (o Options) password(key Key) (password, error) {
	if o.CAN != "" {
		return cardAccessNumber(o.CAN)
	}
	return key.password()
}

// random is where nonces and key material come from.
func (o Options) random() io.Reader {
	if o.Rand == nil {
		return rand.Reader
	}
	return o.Rand
}
