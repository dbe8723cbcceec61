package office

import (
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// steps are what a service can ask for, by the names that the office file uses.
var steps = map[string]stationv1.Step{
	"document":  stationv1.Step_STEP_DOCUMENT,
	"portrait":  stationv1.Step_STEP_PORTRAIT,
	"signature": stationv1.Step_STEP_SIGNATURE,
}

func knownVerdict(v verify.Verdict) bool {
	return v == verify.Genuine || v == verify.Doubtful || v == verify.Unverified
}

// Snapshot is what a station caches of the office, still without revision, recipient and retention.
func (o *Office) Snapshot() *stationv1.GetOfficeResponse {
	r := &stationv1.GetOfficeResponse{OfficeId: o.ID, Name: o.Name, Lobby: o.Lobby, TimeZone: o.TimeZone}
	for _, s := range o.Services {
		service := &stationv1.Service{Id: s.ID, Names: s.Names, Descriptions: s.Descriptions, Icon: s.Icon}
		for _, step := range s.Steps {
			service.Steps = append(service.Steps, steps[step])
		}
		r.Services = append(r.Services, service)
	}
	return r
}
