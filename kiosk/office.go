package kiosk

import (
	"github.com/foyer-station/foyer/kiosk/flow"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// officeOf is what the visitor sees of a snapshot; nil is no office.
func officeOf(o *stationv1.GetOfficeResponse) Office {
	office := Office{Name: o.GetName(), Lobby: o.GetLobby(), Retention: o.GetRetention().AsDuration()}
	for _, s := range o.GetServices() {
		service := OfficeService{
			Service:      flow.Service{ID: s.GetId(), Several: o.GetContract() > firstContract},
			Names:        s.GetNames(),
			Descriptions: s.GetDescriptions(),
			Icon:         s.GetIcon(),
		}
		for _, step := range s.GetSteps() {
			if known := stepOf(step); known != "" {
				service.Steps = append(service.Steps, known)
			}
		}
		office.Services = append(office.Services, service)
	}
	return office
}

// stepOf is empty for a step that this station does not know.
func stepOf(s stationv1.Step) flow.Step {
	switch s {
	case stationv1.Step_STEP_DOCUMENT:
		return flow.StepDocument
	case stationv1.Step_STEP_PORTRAIT:
		return flow.StepPortrait
	case stationv1.Step_STEP_SIGNATURE:
		return flow.StepSignature
	}
	return ""
}
