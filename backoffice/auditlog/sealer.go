package auditlog

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
)

const (
	sealEvery = 2 * time.Second
	most      = 1000 // entries that are linked in one transaction
	lastTry   = 5 * time.Second
)

// Store is what a sealer asks of the office's store.
type Store interface {
	// SealLog links the entries that have no link yet, at most so many, in the order of their numbers, and keeps the head of what it
	// linked, signed with key. Nobody else links meanwhile. It gives the newest head, the zero Head where there is none, and how many
	// entries it linked.
	SealLog(ctx context.Context, key ed25519.PrivateKey, at time.Time, most int) (Head, int, error)
	// LinkAt is the link of an entry; false where the entry has none.
	LinkAt(ctx context.Context, seq int64) (Sum, bool, error)
	// AppendEvent appends an event to the log.
	AppendEvent(ctx context.Context, e queue.Event) error
}

// Sealer links what the log of an office has grown by, and signs it.
type Sealer struct {
	store Store
	key   ed25519.PrivateKey
	head  string
	last  Head // that was signed last; the zero Head before there was one
	now   func() time.Time
	log   *slog.Logger
}

// NewSealer opens what an office seals its log with: its key, which is made where there is none, and the head that it signed last, in
// files beside the keys of its check-ins. Where the log is not the one of which that head was signed, because an older state was
// brought back or somebody has made it anew, the log says so from now on.
func NewSealer(ctx context.Context, s Store, keyPath, headPath string, now func() time.Time, log *slog.Logger) (*Sealer, error) {
	key, err := OpenKey(keyPath)
	if err != nil {
		return nil, err
	}
	last, err := ReadHead(headPath)
	if err != nil {
		return nil, err
	}
	sealer := &Sealer{store: s, key: key, head: headPath, now: now, log: log}
	if last == nil {
		return sealer, nil
	}
	link, there, err := s.LinkAt(ctx, last.Seq)
	if err != nil || there && link == last.Link {
		sealer.last = *last
		return sealer, err
	}
	kind := KindRestored
	if there {
		kind = KindRewritten
	}
	log.Error("the log is not the one that this office signed last: a backup was restored, or entries are gone", "signed_until", last.Seq,
		"rewritten", there)
	err = s.AppendEvent(ctx, queue.Event{At: now(), Kind: kind, Place: last.Seq, File: hex.EncodeToString(last.Link[:])})
	if err != nil {
		return nil, err
	}
	return sealer, sealer.Seal(ctx)
}

// Run seals every two seconds until ctx ends, and then once more.
func (s *Sealer) Run(ctx context.Context) error {
	ticker := time.NewTicker(sealEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTry)
			defer cancel()
			return s.Seal(ctx)
		case <-ticker.C:
			if err := s.Seal(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("the log could not be sealed; it will be tried again", "error", err)
			}
		}
	}
}

// ErrRewritten says that the log is not the one that this office has signed: nothing more of it is signed.
var ErrRewritten = errors.New("the log was changed behind the last signature")

// Seal links and signs all there is, behind what was signed last. ErrRewritten where that is not there any more.
func (s *Sealer) Seal(ctx context.Context) error {
	for {
		if s.last.Seq > 0 {
			link, there, err := s.store.LinkAt(ctx, s.last.Seq)
			if err != nil {
				return fmt.Errorf("seal the log: %w", err)
			}
			if !there || link != s.last.Link {
				return fmt.Errorf("seal the log: %w", ErrRewritten)
			}
		}
		head, n, err := s.store.SealLog(ctx, s.key, s.now(), most)
		if err != nil {
			return fmt.Errorf("seal the log: %w", err)
		}
		if n == 0 {
			return nil
		}
		s.last = head
		if err := writeHead(s.head, head); err != nil {
			return fmt.Errorf("seal the log: %w", err)
		}
		if n < most {
			return nil
		}
	}
}
