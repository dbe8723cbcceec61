package auditlog

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/foyer-station/foyer/backoffice/queue"
)

// KindRestored is the kind of the entry that an office writes when it finds its log shorter than the one whose head it signed
// last: Place is the number of that head, File its link in hexadecimal digits.
const KindRestored queue.Kind = "restored"

// KindRewritten is the kind of the entry that an office writes when it finds its log as long as it was and another than the one whose
// head it signed last, which no restore makes of it: Place and File are as of KindRestored.
const KindRewritten queue.Kind = "rewritten"

// Entry is what stands under one number: an event, its link, or both.
type Entry struct {
	Seq    int64
	Event  *queue.Event // nil where there is none
	Linked bool         // there are Digest and Link
	Digest Sum
	Link   Sum
}

// Log is a log with its chain, as a store keeps them.
type Log interface {
	// Heads lists the signed heads in order.
	Heads(ctx context.Context) ([]Head, error)
	// Entries calls each with all that stands under each number, in order.
	Entries(ctx context.Context, each func(Entry) error) error
}

// Fault is something that is not as the office wrote it.
type Fault struct {
	Kind  FaultKind `json:"kind"`
	Entry int64     `json:"entry"`           // the number of the entry
	Other int64     `json:"other,omitempty"` // for Reordered where it stood, for Cut the last number that is there
}

// FaultKind is what is wrong.
type FaultKind string

// The kinds of faults.
const (
	Changed   FaultKind = "changed"   // the entry says something else than it said when it was linked
	Reordered FaultKind = "reordered" // the entry stands in the place of another
	Deleted   FaultKind = "deleted"   // the entry is gone
	Inserted  FaultKind = "inserted"  // the entry was put in later
	Gap       FaultKind = "gap"       // the entry's link does not follow from the one before: some are missing, or it was made anew
	Forged    FaultKind = "forged"    // the head of this number was not signed by its key
	Foreign   FaultKind = "foreign"   // the head of this number was signed by a key that is not the office's
	Rewritten FaultKind = "rewritten" // the chain is another than the one of which the head was signed
	Cut       FaultKind = "cut"       // this head was signed, and the log ends before
)

// Restore is where a log goes on after an older state of it was brought back: of the entries after it some are lost.
type Restore struct {
	Entry int64     `json:"entry"` // that says so
	At    time.Time `json:"at"`
	Head  int64     `json:"head"` // that had been signed before
}

// Report is what Verify found.
type Report struct {
	Whole       bool      `json:"whole"` // no faults
	Entries     int64     `json:"entries"`
	LinkedUntil int64     `json:"linked_until"` // number of the last entry with a link
	SignedUntil int64     `json:"signed_until"` // number of the last head
	Unlinked    int64     `json:"not_linked"`   // entries since, that nothing vouches for yet
	Heads       int       `json:"heads"`
	Restores    []Restore `json:"restores"`
	Faults      []Fault   `json:"faults"`
}

// Verify looks at a whole log. Keys are the office's, the present one and any that it had before; last is the head that is kept
// beside the present key, nil where there is none.
func Verify(ctx context.Context, log Log, keys [][]byte, last *Head) (Report, error) {
	heads, err := log.Heads(ctx) // before the entries: what is signed meanwhile has its entries
	if err != nil {
		return Report{}, err
	}
	v := verifier{report: Report{Heads: len(heads), Restores: []Restore{}, Faults: []Fault{}}, stored: map[Sum]int64{}, heads: map[int64]Head{}}
	if last != nil {
		heads = append(heads, *last)
	}
	for _, h := range heads {
		v.head(h, keys)
	}
	if err := log.Entries(ctx, func(e Entry) error { v.entry(e); return ctx.Err() }); err != nil {
		return Report{}, fmt.Errorf("verify the log: %w", err)
	}
	return v.end(), nil
}

type verifier struct {
	report   Report
	heads    map[int64]Head
	before   Sum
	unlinked []int64
	changed  []changed
	stored   map[Sum]int64 // the digests of entries that are changed or gone, by where they stood
}

type changed struct {
	seq int64
	is  Sum
}

func (v *verifier) fault(kind FaultKind, entry, other int64) {
	f := Fault{kind, entry, other}
	if !slices.Contains(v.report.Faults, f) {
		v.report.Faults = append(v.report.Faults, f)
	}
}

func (v *verifier) head(h Head, keys [][]byte) {
	switch {
	case !h.Signed():
		v.fault(Forged, h.Seq, 0)
	case !slices.ContainsFunc(keys, func(k []byte) bool { return bytes.Equal(k, h.Key) }):
		v.fault(Foreign, h.Seq, 0)
	}
	if other, there := v.heads[h.Seq]; there && other.Link != h.Link {
		v.fault(Rewritten, h.Seq, 0)
	}
	v.heads[h.Seq] = h
	v.report.SignedUntil = max(v.report.SignedUntil, h.Seq)
}

func (v *verifier) entry(e Entry) {
	if e.Event != nil {
		v.report.Entries++
		if e.Event.Kind == KindRestored {
			v.report.Restores = append(v.report.Restores, Restore{e.Seq, e.Event.At, e.Event.Place})
		}
		if e.Event.Kind == KindRewritten {
			v.fault(Rewritten, e.Event.Place, 0)
		}
	}
	if !e.Linked {
		v.unlinked = append(v.unlinked, e.Seq)
		return
	}
	for _, seq := range v.unlinked { // one after it is linked
		v.fault(Inserted, seq, 0)
	}
	v.unlinked = nil
	if e.Event == nil {
		v.fault(Deleted, e.Seq, 0)
		v.stored[e.Digest] = e.Seq
	} else if is := Digest(*e.Event); is != e.Digest {
		v.changed = append(v.changed, changed{e.Seq, is})
		v.stored[e.Digest] = e.Seq
	}
	if Link(v.before, e.Seq, e.Digest) != e.Link {
		v.fault(Gap, e.Seq, 0)
	}
	if h, there := v.heads[e.Seq]; there && h.Link != e.Link {
		v.fault(Rewritten, e.Seq, 0)
	}
	delete(v.heads, e.Seq)
	v.before, v.report.LinkedUntil = e.Link, e.Seq
}

func (v *verifier) end() Report {
	for _, c := range v.changed {
		if stood, there := v.stored[c.is]; there {
			v.fault(Reordered, c.seq, stood)
		} else {
			v.fault(Changed, c.seq, 0)
		}
	}
	for seq := range v.heads {
		if seq > v.report.LinkedUntil {
			v.fault(Cut, seq, v.report.LinkedUntil)
		} else {
			v.fault(Gap, seq, 0) // neither entry nor link stands where one was signed
		}
	}
	slices.SortFunc(v.report.Faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.Kind, b.Kind))
	})
	v.report.Unlinked, v.report.Whole = int64(len(v.unlinked)), len(v.report.Faults) == 0
	return v.report
}
