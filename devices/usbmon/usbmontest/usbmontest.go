// Package usbmontest is what every scrubber of captures must pass: whatever goes through it, nothing is left of what was somebody's.
package usbmontest

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices/usbmon"
)

// shortest is how many bytes of a secret in a row are some of it. Fewer may be a sample's time and number with the next one's id, or chance.
const shortest = 6

// Exercise scrubs a talk of a device with its driver again and again, each time with a secret somewhere in it: over what was there, or put
// between, whole or in parts. secret tells in the data of which events somebody's data can be: names of models, for one, are kept as they
// are. marks are texts that the talk itself has; nothing of them may be left either.
func Exercise(t *testing.T, scrubber func() usbmon.Scrubber, talk []usbmon.Event, secret func(usbmon.Event) bool, marks ...string) {
	t.Helper()
	clean, _ := usbmon.Scrub(talk, scrubber())
	for _, mark := range marks {
		if !slices.ContainsFunc(talk, func(e usbmon.Event) bool { return bytes.Contains(e.Data, []byte(mark)) }) {
			t.Fatalf("the talk has no %q in it, so that nothing would be shown", mark)
		}
		noneOf(t, clean, []byte(mark))
	}
	rapid.Check(t, func(t *rapid.T) {
		hidden := chance(rapid.Uint64().Draw(t, "secret"), rapid.IntRange(shortest, 60).Draw(t, "length"), rapid.Bool().Draw(t, "as text"))
		with := slices.Clone(talk)
		of := rapid.SampledFrom(places(talk, secret)).Draw(t, "event")
		e := &with[of]
		at := rapid.IntRange(0, len(e.Data)).Draw(t, "at")
		behind := e.Data[at:]
		if rapid.Bool().Draw(t, "over what was there") {
			behind = behind[min(len(hidden), len(behind)):]
		}
		e.Data = slices.Concat(e.Data[:at], hidden, behind)
		clean, _ := usbmon.Scrub(with, scrubber())
		noneOf(t, clean, hidden)
		consistent(t, with, clean, scrubber)
	})
}

// chance is a secret that nothing else is like by chance: bytes, or what stands in machine-readable zones.
func chance(seed uint64, length int, text bool) []byte {
	const printed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
	source := rand.New(rand.NewPCG(seed, 0))
	secret := make([]byte, length)
	for i := range secret {
		secret[i] = byte(source.Uint32())
		if text {
			secret[i] = printed[source.IntN(len(printed))]
		}
	}
	return secret
}

// places are the events that can have somebody's data.
func places(talk []usbmon.Event, secret func(usbmon.Event) bool) (at []int) {
	for i, e := range talk {
		if len(e.Data) > 0 && secret(e) {
			at = append(at, i)
		}
	}
	return at
}

// failer is a test, of whichever kind.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// noneOf wants nothing of a secret to be in a capture: within an event, or in what one endpoint says in several.
func noneOf(t failer, clean []usbmon.Event, secret []byte) {
	t.Helper()
	said := map[byte][]byte{}
	for _, e := range clean {
		said[e.Endpoint] = append(said[e.Endpoint], e.Data...)
	}
	for endpoint, all := range said {
		for at := range len(secret) - shortest + 1 {
			part := secret[at : at+shortest]
			if where := bytes.Index(all, part); where >= 0 && len(bytes.Trim(part, "\x000<X")) > 0 {
				t.Fatalf("%q of the secret is left of what endpoint %#x carried, before % x", part, endpoint, all[where:min(where+32, len(all))])
			}
		}
	}
}

// consistent wants of a clean capture what all have in common: nothing is longer or shorter than it was, or in another order, and nothing
// would change if it were scrubbed again.
func consistent(t failer, events, clean []usbmon.Event, scrubber func() usbmon.Scrubber) {
	t.Helper()
	left := events
	for _, e := range clean {
		i := slices.IndexFunc(left, func(was usbmon.Event) bool {
			return was.Kind == e.Kind && was.Endpoint == e.Endpoint && was.Length == e.Length && len(was.Data) == len(e.Data)
		})
		if i < 0 {
			t.Fatalf("no event is as this one: %+v", e)
		}
		left = left[i+1:]
	}
	again, _ := usbmon.Scrub(clean, scrubber())
	for i, e := range again {
		if !reflect.DeepEqual(e, clean[i]) {
			t.Fatalf("scrubbing again changes a clean capture:\n%+v\n%+v", clean[i], e)
		}
	}
}

// Fuzz has a scrubber see whatever there is. Each seed is a row of events, as [Events] reads them.
func Fuzz(f *testing.F, scrubber func() usbmon.Scrubber, seeds ...[]byte) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, row []byte) {
		events := Events(row)
		before := Events(row)
		clean, unknown := usbmon.Scrub(events, scrubber())
		if diff := cmp.Diff(before, events); diff != "" {
			t.Fatalf("what was scrubbed was changed: %s", diff)
		}
		if unknown > len(clean) {
			t.Fatalf("%d events of %d were not understood", unknown, len(clean))
		}
		consistent(t, events, clean, scrubber)
	})
}

// Events makes events of bytes: each a number that says what it is and for whom, a length, a setup packet where it has one, and data.
func Events(row []byte) (events []usbmon.Event) {
	const setupSize = 8
	begin := time.Unix(1796022000, 0).UTC()
	for len(row) >= 2 {
		what, length := row[0], int(row[1])
		row = row[2:]
		e := usbmon.Event{
			ID: uint64(what >> 5), Transfer: what & 3, Kind: usbmon.Submitted, Endpoint: 1 + what>>3&3, Bus: 1, Device: 1,
			At: begin.Add(time.Duration(len(events)) * time.Millisecond),
		}
		if what&4 != 0 {
			e.Kind, e.Endpoint = usbmon.Completed, e.Endpoint|0x80
		}
		if e.Transfer == usbmon.Control {
			e.Endpoint &= 0x80
			if e.Kind == usbmon.Submitted && len(row) >= setupSize {
				e.Setup, row = [setupSize]byte(row), row[setupSize:]
				e.Endpoint = e.Setup[0] & 0x80
			}
		}
		length = min(length, len(row))
		e.Data, e.Length, row = slices.Clone(row[:length]), uint32(length), row[length:]
		events = append(events, e)
	}
	return events
}
