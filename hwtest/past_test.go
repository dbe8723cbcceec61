package hwtest_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
)

func TestAHistoryTellsWhatChangedWhenAndHowWhatWasMeasuredWent(t *testing.T) {
	hour := func(n int) time.Time { return seven.Add(time.Duration(n) * time.Hour) }
	past := hwtest.Past{
		Since: seven.AddDate(0, 0, -28), Runs: 312,
		Changes: []hwtest.Change{
			{At: hour(-90), Check: "camera.present", Result: hwtest.Passed, State: devices.StateOnline, First: true},
			{At: hour(-40), Check: "signature_pad.present", Result: hwtest.Failed, State: devices.StateNoDevice, Reason: "device.not_found"},
			{At: hour(-39), Check: "signature_pad.present", Result: hwtest.Passed, State: devices.StateOnline, Device: "Wacom STU-530 1.04"},
			{At: hour(-2), Check: "disk.writable", Result: hwtest.NotPerformed, State: devices.StateOnline, Reason: hwtest.OtherUser},
		},
		Measured: []hwtest.Series{{Check: "camera.sharpness", Limits: sharpness(), Points: measuredDaily(2, slope(0.4, 0.28)...)}},
	}
	words, err := wording.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := past.WriteText(&b, words, seven); err != nil {
		t.Fatal(err)
	}
	const want = `History of the last 28 days: 312 runs

What changed:
x 2026-11-28 15:00 signature_pad.present: not there; the device was not found
+ 2026-11-28 16:00 signature_pad.present: well Wacom STU-530 1.04
- 2026-11-30 05:00 disk.writable: not performed; only the station's user can
                   tell

What was measured:
! camera.sharpness         ███████████▆▂▁▁▁ 0.28 cycles per pixel, at least 0.2…
    fell from 0.4 to 0.28 cycles per pixel in 14 days: 60 % of the way to its
    limit, 0.2
`
	if b.String() != want {
		t.Errorf("it says\n%s", b.String())
	}
	for line := range strings.Lines(b.String()) {
		if utf8.RuneCountInString(line) > 81 {
			t.Errorf("more than 80 columns: %s", line)
		}
	}
}
