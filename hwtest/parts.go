package hwtest

import (
	"slices"
	"strings"

	"github.com/foyer-station/foyer/devices"
)

// saysElsewhere is why nothing is known of a part: the device is ill otherwise.
const saysElsewhere devices.Key = "test.elsewhere"

// part is a part of a device that has a check of its own, so that a history can be kept of it: what the device says when it is the
// part that is ill.
type part struct {
	name string
	ill  []string // how the keys begin by which it is blamed
}

// parts are those of each kind, for the level internal: what a device's own health tells of it.
func parts(kind devices.Kind) []part {
	switch kind {
	case devices.KindPageImager:
		return []part{{"lamps", []string{"imager.lamp", "lamps.", "device.no_light"}}}
	case devices.KindTicketPrinter:
		return []part{{"paper", []string{"device.paper_out", "printer.paper_low"}}, {"cover", []string{"device.cover_open"}}}
	}
	return nil
}

func (p part) blamed(key devices.Key) bool {
	return slices.ContainsFunc(p.ill, func(begin string) bool { return strings.HasPrefix(string(key), begin) })
}

// ofParts are the checks of a device's parts, by how the device is. A part passes only where the whole device is well.
func ofParts(state Check) (all []Check) {
	for _, p := range parts(state.Device) {
		c := passed(state.Device, p.name)
		switch {
		case p.blamed(state.Reason.Key):
			c.Result, c.State, c.Reason, c.Remedy = state.Result, state.State, state.Reason, state.Remedy
		case state.Result != Passed || state.State != devices.StateOnline:
			c = c.because(NotPerformed, devices.Say(saysElsewhere), devices.Message{})
		}
		all = append(all, c)
	}
	return all
}
