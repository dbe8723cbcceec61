package kiosk

import (
	"github.com/foyer-station/foyer/devices"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"github.com/foyer-station/foyer/proto/mutual"
)

// What a technician is told of the station, beside its devices.
const (
	saysLoopHangs     devices.Key = "kiosk.loop_hangs"
	saysScreenHangs   devices.Key = "kiosk.screen_hangs"
	saysOutOfService  devices.Key = "kiosk.out_of_service"
	saysNoJournal     devices.Key = "kiosk.no_journal"
	saysNoOffice      devices.Key = "kiosk.no_office"
	saysNoNumbers     devices.Key = "kiosk.no_numbers"
	saysCutOff        devices.Key = "back_office.cut_off" // why follows
	saysOfficeLate    devices.Key = "back_office.late"    // count, oldest, left
	saysOfficeIll     devices.Key = "back_office.ill"
	saysOfficeFull    devices.Key = "back_office.full"
	saysOfficeDenies  devices.Key = "back_office.denies"
	saysClockDiffers  devices.Key = "clock.differs"  // value
	saysLittleRoom    devices.Key = "journal.little" // left; MB
	saysUnwritable    devices.Key = "journal.unwritable"
	saysJournalFull   devices.Key = "journal.full"
	saysDamaged       devices.Key = "journal.damaged"
	saysNumberMissing devices.Key = "journal.no_number"
	saysLost          devices.Key = "journal.lost" // count
	saysUndecoded     devices.Key = "picture_decoder.fails"
	saysTrustEmpty    devices.Key = "trust_store.empty"
	saysTrustOld      devices.Key = "trust_store.old" // days

	restartKiosk   devices.Key = "remedy.restart_kiosk"
	seeOfficeFirst devices.Key = "remedy.office_first"
	seeJournal     devices.Key = "remedy.journal_first"
	seeLog         devices.Key = "remedy.see_log"
	makeRoom       devices.Key = "remedy.make_room_for_state"
	seeDisk        devices.Key = "remedy.see_disk"
	moveJournal    devices.Key = "remedy.move_journal"
	freeForDecoder devices.Key = "remedy.free_for_decoder"
	importLists    devices.Key = "remedy.import_lists"
	visitorsAnew   devices.Key = "remedy.visitors_anew"
	seeBothLogs    devices.Key = "remedy.see_both_logs"
	seeOfficeRoom  devices.Key = "remedy.office_room"
	seeDenied      devices.Key = "remedy.see_denied"
	timeServers    devices.Key = "remedy.time_servers"
	seeLink        devices.Key = "remedy.see_link"
)

// wireOf is a message as it goes over the socket.
func wireOf(m devices.Message) *technicianv1.Message {
	if m.IsZero() {
		return nil
	}
	said := &technicianv1.Message{Key: string(m.Key)}
	for _, p := range m.Params {
		said.Params = append(said.Params, &technicianv1.Param{Name: p.Name, Value: p.Value})
	}
	return said
}

// relayed is what is said of a certificate or a handshake.
func relayed(m mutual.Message) devices.Message {
	said := devices.Say(devices.Key(m.Key))
	for _, p := range m.Params {
		said = said.With(p.Name, p.Value)
	}
	return said
}

// ill is something that wants a technician.
func ill(kind string, reason, remedy devices.Message) *technicianv1.DeviceStatus {
	return statusOf(kind, devices.Health{State: devices.StateHWError, Reason: reason, Remedy: remedy})
}

// also adds what else there is to say.
func also(d *technicianv1.DeviceStatus, more ...devices.Message) *technicianv1.DeviceStatus {
	for _, m := range more {
		d.Also = append(d.Also, wireOf(m))
	}
	return d
}
