package hwtest

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"strconv"
	"syscall"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest/reach"
	"github.com/foyer-station/foyer/proto/mutual"
)

// Limits of the way to the back office.
const (
	// farAway is how long a connection may take, in milliseconds, and again TLS, before somebody is told: a call of a visitor waits for
	// a handful of such ways.
	farAway = 500
	// clockAhead is how far the station's clock may be from the back office's, in seconds: as the kiosk has it.
	clockAhead = 120
	// longWait is how long a check-in may wait, in seconds, before somebody is told: a quarter of the day after which it is wiped.
	longWait = 6 * 3600
)

const (
	saysUnreachable  devices.Key = "back_office.unreachable" // address, detail
	saysNoName       devices.Key = "back_office.no_name"     // address
	saysRefused      devices.Key = "back_office.refused"     // address
	saysNoAnswer     devices.Key = "back_office.no_answer"   // address
	saysFar          devices.Key = "back_office.far"         // value, limit; ms
	saysNotReached   devices.Key = "back_office.not_reached" // and so not asked
	saysHandshake    devices.Key = "back_office.handshake"   // detail; TLS failed
	saysNoKey        devices.Key = "back_office.no_key"      // detail; whoever tests cannot call as the station
	saysClockDiffers devices.Key = "clock.differs"           // value; s
	saysWaiting      devices.Key = "outbox.waiting"          // count, hours, left
	checkNetwork     devices.Key = "remedy.network"          // address
	checkAddress     devices.Key = "remedy.address"          // address
	seeToOffice      devices.Key = "remedy.office"           // address
	seeCertificates  devices.Key = "remedy.certificates"
	seeVisitorsAnew  devices.Key = "remedy.visitors_anew"
)

// Office is the way to a back office, without the kiosk.
type Office struct {
	Address string // "backoffice.example:7443"
	// TLS is how the station calls it; with no certificate of the station it can be reached, but not asked for the time. Unconfigured is
	// why there is none.
	TLS          *tls.Config
	Unconfigured error
	AskTime      bool // where no kiosk runs that knows
	Now          func() time.Time
}

// Subjects are the way itself and, where no kiosk knows it, how far the clock is off.
func (o Office) Subjects() []Subject {
	all := []Subject{{Kind: KindBackOffice, Checks: []string{"reachable", "tls"}, Test: o.reach}}
	if o.AskTime {
		all = append(all, Subject{Kind: KindClock, Checks: []string{"offset"}, Test: o.clock})
	}
	return all
}

func (o Office) reach(ctx context.Context, tell func(Check)) {
	reachable, secure := passed(KindBackOffice, "reachable"), passed(KindBackOffice, "tls")
	reachable.Path, secure.Path = o.Address, o.Address
	config := o.TLS
	if config == nil {
		config = &tls.Config{}
	}
	r, err := reach.Dial(ctx, o.Address, config)
	if r.Connect == 0 {
		said, remedy := o.unreachable(err)
		tell(reachable.because(Failed, said, remedy))
		tell(secure.because(NotPerformed, devices.Say(saysNotReached), devices.Message{}))
		return
	}
	tell(reachable.near(r.Connect))
	switch {
	case o.TLS == nil:
		tell(secure.because(NotPerformed, devices.Say(saysNoKey).With(devices.Detail, o.Unconfigured.Error()), devices.Message{}))
	case err != nil:
		tell(secure.because(Failed, handshake(err, o.Now()), devices.Say(seeCertificates)))
	default:
		tell(secure.near(r.Handshake))
	}
}

// near holds a time to how far away a back office may be.
func (c Check) near(took time.Duration) Check {
	c.Millis = millis(took)
	c = c.measured(Measure{Value: c.Millis, Unit: Milliseconds, Max: new(float64(farAway))})
	if c.Measure.within() {
		return c
	}
	said := devices.Say(saysFar).With("value", strconv.Itoa(int(c.Millis))).With("limit", strconv.Itoa(farAway))
	return c.soon(said, devices.Say(checkNetwork).With("address", c.Path))
}

// unreachable says why nobody could be called.
func (o Office) unreachable(err error) (said, remedy devices.Message) {
	var lookup *net.DNSError
	var dial *net.OpError
	key, do := saysUnreachable, checkNetwork
	switch {
	case errors.As(err, &lookup):
		key, do = saysNoName, checkAddress
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &dial) && dial.Timeout():
		key = saysNoAnswer
	case errors.Is(err, syscall.ECONNREFUSED):
		key, do = saysRefused, seeToOffice
	}
	said = devices.Say(key).With("address", o.Address).With(devices.Detail, err.Error())
	return said, devices.Say(do).With("address", o.Address)
}

func (o Office) clock(ctx context.Context, tell func(Check)) {
	check := passed(KindClock, "offset")
	if o.TLS == nil || len(o.TLS.Certificates) == 0 {
		said := devices.Say(OtherUser)
		if o.Unconfigured != nil && !errors.Is(o.Unconfigured, fs.ErrPermission) {
			said = devices.Say(saysNoKey).With(devices.Detail, o.Unconfigured.Error())
		}
		tell(check.because(NotPerformed, said, devices.Message{}))
		return
	}
	ahead, uncertain, err := reach.Ahead(ctx, o.Address, o.TLS, o.Now)
	if err != nil {
		check = check.because(NotPerformed, devices.Say(saysNotReached), devices.Message{})
		check.Facts = []Fact{{devices.Detail, err.Error()}}
		tell(check)
		return
	}
	tell(ClockOffset(ahead, uncertain))
}

// ClockOffset is the check of how far the station's clock is ahead of the back office's.
func ClockOffset(ahead, uncertain time.Duration) Check {
	c := passed(KindClock, "offset").measured(Measure{
		Value: ahead.Round(time.Millisecond).Seconds(), Unit: Seconds, Min: new(float64(-clockAhead)), Max: new(float64(clockAhead)),
	})
	if uncertain > 0 {
		c.Facts = []Fact{{"uncertain", uncertain.Round(time.Microsecond).String()}}
	}
	if c.Measure.within() {
		return c
	}
	said := devices.Say(saysClockDiffers).With("value", ahead.Abs().Round(time.Second).String())
	return c.soon(said, devices.Say(setTimeServers))
}

// Outbox is the check of how long confirmed check-ins have waited for the back office.
func Outbox(oldest time.Duration, count int) Check {
	c := passed(KindOutbox, "oldest").measured(Measure{Value: oldest.Round(time.Second).Seconds(), Unit: Seconds, Max: new(float64(longWait))})
	c.Facts = []Fact{{"check_ins", strconv.Itoa(count)}}
	if c.Measure.Value < longWait || count == 0 {
		return c
	}
	said := devices.Say(saysWaiting).With("count", strconv.Itoa(count)).With("hours", strconv.Itoa(int(oldest.Hours())))
	return c.soon(said, devices.Say(seeVisitorsAnew))
}

// handshake says why TLS with a back office failed.
func handshake(err error, now time.Time) devices.Message {
	why := mutual.Explain(err, now)
	if why.IsZero() {
		return devices.Say(saysHandshake).With(devices.Detail, err.Error())
	}
	said := devices.Say(devices.Key(why.Key))
	for _, p := range why.Params {
		said = said.With(p.Name, p.Value)
	}
	return said
}
