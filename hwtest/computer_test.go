package hwtest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/machine"
)

func TestAKioskThatFellIsToldOfForADayWithWhyAndWhen(t *testing.T) {
	fell := time.Date(2026, 11, 30, 6, 12, 0, 0, time.Local)
	says := func(_ context.Context, name string, _ ...string) ([]byte, error) {
		if name == "journalctl" {
			return fmt.Appendf(nil, `{"UNIT_RESULT":"watchdog","__REALTIME_TIMESTAMP":"%d"}`, fell.UnixMicro()), nil
		}
		return []byte("LoadState=loaded\nActiveState=active\nNRestarts=1\nResult=success\nExecMainStartTimestamp=@1764486000\n"), nil
	}
	for after, want := range map[time.Duration]devices.State{time.Hour: devices.StateDegraded, 25 * time.Hour: devices.StateOnline} {
		c := hwtest.Computer{Machine: machine.Of(machine.Sources{Run: says}), Unit: "foyer-kiosk.service", Now: func() time.Time { return fell.Add(after) }}
		for _, s := range c.Subjects() {
			if s.Kind != hwtest.KindRestart {
				continue
			}
			check := hwtest.Run(t.Context(), []hwtest.Subject{s}, time.Minute, nil)[0]
			if check.State != want || check.Measure.Value != 1 {
				t.Errorf("after %s: %+v", after, check)
			}
			if said := english(t).Say(check.Reason); want == devices.StateDegraded && said != "the kiosk failed at 06:12 (it hung) and was started again" {
				t.Errorf("%q", said)
			}
		}
	}
}

func TestWhatIsNearALimitIsOnTheRightSideOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		check hwtest.Check
		want  devices.State
	}{
		"a clock two minutes ahead":            {hwtest.ClockOffset(2*time.Minute, 0), devices.StateOnline},
		"a clock more than two minutes behind": {hwtest.ClockOffset(-2*time.Minute-time.Second, 0), devices.StateDegraded},
		"check-ins of less than six hours":     {hwtest.Outbox(6*time.Hour-time.Second, 3), devices.StateOnline},
		"check-ins of six hours":               {hwtest.Outbox(6*time.Hour, 3), devices.StateDegraded},
		"none":                                 {hwtest.Outbox(0, 0), devices.StateOnline},
	} {
		if c.check.State != c.want || c.check.Result != hwtest.Passed || c.check.Remedy.IsZero() != (c.want == devices.StateOnline) {
			t.Errorf("%s: %+v", name, c.check)
		}
	}
}
