package kiosk

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/lastseen"
	"github.com/foyer-station/foyer/kiosk/link"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

func TestTheTechnicianIsWarnedOfAStaleTrustStore(t *testing.T) {
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		age    time.Duration
		known  bool
		state  devices.State
		reason string
	}{
		"fresh": {89*day + 23*time.Hour, true, devices.StateOnline, ""},
		"stale": {90 * day, true, devices.StateDegraded, "trust_store.old; days: 90"},
		"empty": {0, false, devices.StateDegraded, "trust_store.empty"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, func(_ *bed, c *Config) {
				c.TrustAge = func(now time.Time) (time.Duration, bool) {
					if now != today {
						t.Errorf("asked for the age on %v", now)
					}
					return test.age, test.known
				}
			})
			all := b.Status(t.Context()).GetDevices()
			i := slices.IndexFunc(all, func(d *technicianv1.DeviceStatus) bool { return d.GetKind() == "trust_store" })
			if i < 0 {
				t.Fatalf("the technician is told of %v", all)
			}
			d, remedied := all[i], test.reason != ""
			if d.GetState() != string(test.state) || !strings.Contains(d.GetReason().Text(), test.reason) || (d.GetRemedy() != nil) != remedied {
				t.Errorf("the technician is told %v", d)
			}
		})
	}
}

func TestTheTechnicianIsToldWhatIsMissingAndWhereItWas(t *testing.T) {
	notes := lastseen.Open(filepath.Join(t.TempDir(), "seen.json"))
	pad := devices.Info{Kind: devices.KindSignaturePad, Model: "Wacom STU-530", Path: "usb 1-2"}
	if err := notes.See(today, pad, devices.Info{Kind: devices.KindCamera, Path: "/dev/video0"}); err != nil {
		t.Fatal(err)
	}
	all := []*technicianv1.DeviceStatus{
		{Kind: "signature_pad", State: "no_device"}, {Kind: "camera", State: "hw_error", Model: "OpenCV v4l2"}, {Kind: "chip_reader", State: "no_device"},
	}
	s := &Station{config: Config{Seen: notes}}
	s.remember(all)
	if l := all[0].GetLast(); l.GetModel() != "Wacom STU-530" || l.GetPath() != "usb 1-2" || l.GetUntil() != today.Unix() {
		t.Errorf("of the pad: %v", l)
	}
	if all[1].Last != nil || all[2].Last != nil {
		t.Errorf("of a camera that is there, and a reader that never was: %v", all)
	}
	mute := []*technicianv1.DeviceStatus{{Kind: "signature_pad", State: "hw_error"}}
	if s.remember(mute); mute[0].GetLast().GetModel() != "Wacom STU-530" {
		t.Errorf("of a pad that cannot be opened: %v", mute)
	}
}

func TestTheTechnicianIsToldOfALinkThatWantsSomebody(t *testing.T) {
	const hour = time.Hour
	wait := func(oldest time.Duration) journal.Wait {
		return journal.Wait{CheckIns: 3, Oldest: oldest, Left: journal.Limit - oldest}
	}
	for name, c := range map[string]struct {
		state  link.State
		wait   journal.Wait
		ahead  time.Duration
		reason string // empty: well
	}{
		"linked":                      {link.Linked, journal.Wait{}, 0, ""},
		"cut off for five hours":      {link.CutOff, wait(5 * hour), 0, ""},
		"cut off for six hours":       {link.CutOff, wait(6 * hour), 0, "back_office.late; count: 3; oldest: 6h0m0s; left: 18h0m0s"},
		"linked, and one not taken":   {link.Linked, wait(23 * hour), 0, "left: 1h0m0s"},
		"the office is ill":           {link.Ill, journal.Wait{}, 0, "back_office.ill"},
		"the office is full":          {link.Full, journal.Wait{}, 0, "back_office.full"},
		"the station is denied":       {link.Denied, journal.Wait{}, 0, "back_office.denies"},
		"the clock is a day behind":   {link.Linked, journal.Wait{}, -24 * hour, "clock.differs; value: 24h0m0s"},
		"the clock is a second ahead": {link.Linked, journal.Wait{}, time.Second, ""},
	} {
		d := officeStatus(c.state, c.wait, c.ahead)
		well := c.reason == ""
		if !strings.Contains(d.GetReason().Text(), c.reason) || (d.GetState() == string(devices.StateOnline)) != well || (d.GetRemedy() == nil) != well {
			t.Errorf("%s: %v", name, d)
		}
	}
}

func TestAnOfficeThatIsIllIsNoLinkedOne(t *testing.T) {
	b := newBed(t, nil)
	b.shows(flow.Greeting, "")
	b.office.breaks()
	b.until("the link", func() bool { return b.Status(t.Context()).GetLink() == "ill" })
	s := b.Status(t.Context())
	all := s.GetDevices()
	if d := all[len(all)-1]; s.GetLinked() || !s.GetInService() || d.GetKind() != "back_office" || d.GetState() != "degraded" {
		t.Errorf("status is %v", s)
	}
}
