package kiosk

import (
	"github.com/foyer-station/foyer/devices"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// saysSame is said of a device in all its roles but one, where that says it all.
const saysSame devices.Key = "device.same" // role

// sayOnce tells an illness once where one device has several roles, of which one tells it: a technician mends one thing.
func sayOnce(all []*technicianv1.DeviceStatus) {
	type identity struct{ model, serial, path string }
	of := func(d *technicianv1.DeviceStatus) identity { return identity{d.GetModel(), d.GetSerial(), d.GetPath()} }
	tells := map[identity]*technicianv1.DeviceStatus{}
	for _, d := range all {
		first := tells[of(d)]
		if isIll(d) && d.GetPath() != "" && (first == nil || devices.SaysOtherRole(devices.Key(first.GetReason().GetKey()))) {
			tells[of(d)] = d
		}
	}
	for _, d := range all {
		if first := tells[of(d)]; isIll(d) && first != nil && first != d {
			d.Reason, d.Remedy = wireOf(devices.Say(saysSame).With("role", first.GetKind())), nil
		}
	}
}

func isIll(d *technicianv1.DeviceStatus) bool { return d.GetState() == string(devices.StateHWError) }
