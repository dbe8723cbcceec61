// Package auditlog makes the log of an office one that cannot be changed unnoticed: every entry is a link of a hash chain, and the
// office signs the chain's head again and again. [Verify] looks at all of it.
//
// Entries are linked after they were written, in their order, by one who does nothing else ([Sealer]); what came in the last moments
// is not linked yet, and is said to be so.
package auditlog

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
)

// Sum is a SHA-256 (FIPS 180-4).
type Sum [sha256.Size]byte

// Digest is of all that an event says but its place in the log. Every field is written with its length, so that no two events have
// the same text.
func Digest(e queue.Event) Sum {
	h := sha256.New()
	put(h, "foyer event 1")
	number(h, e.At.UnixMilli())
	for _, text := range []string{e.Day, string(e.Kind), e.By, e.Desk, e.CheckIn, e.Service, e.Queue, e.Room, e.Outcome, e.File, e.Command} {
		put(h, text)
	}
	number(h, e.Place)
	shared, until := int64(0), int64(0)
	if e.Shared {
		shared = 1
	}
	if !e.Until.IsZero() {
		until = e.Until.UnixMilli()
	}
	number(h, shared)
	number(h, until)
	return Sum(h.Sum(nil))
}

// Link is the link of the entry with a number and a digest behind another link; that of the first entry is behind the zero Sum.
func Link(before Sum, seq int64, digest Sum) Sum {
	h := sha256.New()
	put(h, "foyer link 1")
	h.Write(before[:])
	number(h, seq)
	h.Write(digest[:])
	return Sum(h.Sum(nil))
}

func put(h hash.Hash, text string) {
	number(h, int64(len(text)))
	h.Write([]byte(text))
}

func number(h hash.Hash, n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}

// Head is a link that the office has signed: with it, all entries up to Seq.
type Head struct {
	Seq       int64     `json:"seq"`
	At        time.Time `json:"at"` // to the millisecond
	Link      Sum       `json:"link"`
	Key       []byte    `json:"key"`       // Ed25519 (RFC 8032), 32 bytes
	Signature []byte    `json:"signature"` // 64 bytes
}

// Sign makes a head.
func Sign(key ed25519.PrivateKey, seq int64, link Sum, at time.Time) Head {
	h := Head{Seq: seq, At: at.Truncate(time.Millisecond).UTC(), Link: link, Key: key.Public().(ed25519.PublicKey)}
	h.Signature = ed25519.Sign(key, h.message())
	return h
}

// Signed says whether the head was signed by its key.
func (h Head) Signed() bool {
	return len(h.Key) == ed25519.PublicKeySize && ed25519.Verify(h.Key, h.message(), h.Signature)
}

func (h Head) message() []byte {
	message := append([]byte("foyer head 1\n"), h.Link[:]...)
	message = binary.BigEndian.AppendUint64(message, uint64(h.Seq))
	return binary.BigEndian.AppendUint64(message, uint64(h.At.UnixMilli()))
}
