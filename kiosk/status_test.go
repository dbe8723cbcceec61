package kiosk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
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
		"stale": {90 * day, true, devices.StateDegraded, "90 days"},
		"empty": {0, false, devices.StateDegraded, "empty"},
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
			if d.GetState() != string(test.state) || !strings.Contains(d.GetReason(), test.reason) || (d.GetRemedy() != "") != remedied {
				t.Errorf("the technician is told %v", d)
			}
		})
	}
}
