package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/history"
)

// past FILE CHECK BEFORE NOW is a history of three weeks, in which a check measured one value until a week ago, and another since. Both
// have the limit that the check had in a run before.
func past(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	h, err := history.Open(ctx, ts.MkAbs(args[0]), history.Usual())
	ts.Check(err)
	defer h.Close()
	kind, _, _ := strings.Cut(args[1], ".")
	for ago := 21; ago > 0; ago-- {
		text := args[2]
		if ago < 7 {
			text = args[3]
		}
		value, err := strconv.ParseFloat(text, 64)
		ts.Check(err)
		ts.Check(h.Add(ctx, hwtest.Report{At: time.Now().AddDate(0, 0, -ago), Level: hwtest.Internal, Source: hwtest.FromDevices, Checks: []hwtest.Check{{
			ID: args[1], Device: devices.Kind(kind), Result: hwtest.Passed, State: devices.StateOnline, Measure: &hwtest.Measure{Value: value, Unit: hwtest.Bytes},
		}}}))
	}
}
