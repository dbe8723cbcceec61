package staff_test

import (
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/staff"
)

var (
	morning = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	here    = netip.MustParsePrefix("192.0.2.1/32")
	there   = netip.MustParsePrefix("198.51.100.7/32")
)

func newThrottle(t *testing.T) *staff.Throttle {
	t.Helper()
	throttle, err := staff.NewThrottle()
	if err != nil {
		t.Fatal(err)
	}
	return throttle
}

// fail lets a caller fail until it has to wait, and gives the number of tries.
func fail(throttle *staff.Throttle, c staff.Caller, now time.Time) (tries int, wait time.Duration) {
	for {
		if _, wait = throttle.Reserve(c, now); wait > 0 {
			return tries, wait
		}
		tries++
	}
}

// address is the n-th of very many clients.
func address(n int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 32)
}

func TestTriesAtOnceAllCount(t *testing.T) {
	throttle := newThrottle(t)
	var taken atomic.Int32
	var all sync.WaitGroup
	for range 120 {
		all.Go(func() {
			if try, _ := throttle.Reserve(staff.Caller{Name: "brandt", Client: here}, morning); try != nil {
				taken.Add(1)
			}
		})
	}
	all.Wait()
	if taken.Load() != 5 {
		t.Errorf("of 120 tries at once %d are looked at", taken.Load())
	}
}

func TestWhoWaitedAsLongAsToldMayTryAgain(t *testing.T) {
	for name, c := range map[string]staff.Caller{
		"a stranger":      {Name: "brandt", Client: here},
		"a known browser": {Name: "brandt", Client: here, Browser: "b"},
	} {
		throttle := newThrottle(t)
		now := morning
		tries, wait := fail(throttle, c, now)
		if tries != 5 || wait < 50*time.Second || wait > 61*time.Second {
			t.Errorf("%s: %d tries, then %v", name, tries, wait)
		}
		for range 50 {
			now = now.Add(wait)
			if tries, wait = fail(throttle, c, now); tries != 1 {
				t.Fatalf("%s, after waiting: %d tries", name, tries)
			}
		}
	}
}

func TestASuccessForgetsTypos(t *testing.T) {
	throttle := newThrottle(t)
	c := staff.Caller{Name: "brandt", Client: here}
	for range 50 { // a whole corridor behind one address
		for range 4 {
			throttle.Reserve(staff.Caller{Name: "brandt", Client: there}, morning)
		}
		try, wait := throttle.Reserve(c, morning)
		if wait > 0 {
			t.Fatalf("after signing in it waits %v", wait)
		}
		try.Succeeded()
	}
	if tries, _ := fail(throttle, c, morning); tries != 5 {
		t.Errorf("after signing in there are %d tries", tries)
	}
}

func TestATryThatWasNotUsedCountsNothing(t *testing.T) {
	throttle := newThrottle(t)
	c := staff.Caller{Name: "brandt", Client: here}
	for range 20 {
		try, wait := throttle.Reserve(c, morning)
		if wait > 0 {
			t.Fatalf("it waits %v", wait)
		}
		try.Return()
	}
}

func TestAStrangerCannotKeepAColleagueOut(t *testing.T) {
	throttle := newThrottle(t)
	if tries, _ := fail(throttle, staff.Caller{Name: "brandt", Client: there}, morning); tries != 5 {
		t.Errorf("the stranger has %d tries", tries)
	}
	if _, wait := throttle.Reserve(staff.Caller{Name: "brandt", Client: here}, morning); wait > 0 {
		t.Errorf("from elsewhere brandt waits %v", wait)
	}
	total := 0
	for n := range 20_000 {
		tries, _ := fail(throttle, staff.Caller{Name: "brandt", Client: address(n)}, morning)
		total += tries
	}
	if total > 100 {
		t.Errorf("20,000 addresses have %d tries at one name", total)
	}
	if _, wait := throttle.Reserve(staff.Caller{Name: "brandt", Client: here, Browser: "known"}, morning); wait > 0 {
		t.Errorf("in a browser of hers brandt waits %v", wait)
	}
	if _, wait := throttle.Reserve(staff.Caller{Name: "brandt", Client: netip.MustParsePrefix("203.0.113.9/32")}, morning); wait > 3*time.Second {
		t.Errorf("in a new browser brandt waits %v", wait)
	}
	if _, wait := throttle.Reserve(staff.Caller{Name: "yilmaz", Client: here}, morning); wait > 0 {
		t.Errorf("yilmaz waits %v", wait)
	}
}

func TestOneAddressCannotTryEverybody(t *testing.T) {
	throttle := newThrottle(t)
	total := 0
	for n := range 1000 {
		tries, _ := fail(throttle, staff.Caller{Name: fmt.Sprintf("name-%d", n), Client: there}, morning)
		total += tries
	}
	if total != 30 {
		t.Errorf("one address has %d tries at all names", total)
	}
}

func TestAFloodOfAddressesAndNamesShutsOutNobodyAndIsBounded(t *testing.T) {
	throttle := newThrottle(t)
	before := memory()
	for n := range 50_000 {
		if n == 25_000 {
			before = max(before, memory())
		}
		throttle.Reserve(staff.Caller{Name: fmt.Sprintf("name-%d", n), Client: address(n)}, morning.Add(time.Duration(n)*time.Millisecond))
	}
	if grown := int64(memory()) - int64(before); grown > 1<<20 {
		t.Errorf("the second half of the flood took %d bytes", grown)
	}
	if _, wait := throttle.Reserve(staff.Caller{Name: "brandt", Client: here}, morning.Add(50*time.Second)); wait > 0 {
		t.Errorf("brandt waits %v", wait)
	}
	runtime.KeepAlive(throttle)
}

func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestAClockThatJumpsLocksNobody(t *testing.T) {
	throttle := newThrottle(t)
	c := staff.Caller{Name: "brandt", Client: here}
	for _, at := range []time.Duration{0, 24 * time.Hour, -24 * time.Hour, 0} {
		try, wait := throttle.Reserve(c, morning.Add(at))
		if wait > 0 {
			t.Fatalf("at %v it waits %v", at, wait)
		}
		try.Succeeded()
	}
}
