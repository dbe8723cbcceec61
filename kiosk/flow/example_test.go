package flow_test

import (
	"fmt"

	"github.com/foyer-station/foyer/kiosk/flow"
)

// A visitor who comes for something that needs a document alone: what each event leads to, and what the station has to do.
func ExampleApply() {
	service := flow.Service{ID: "collection", Steps: []flow.Step{flow.StepDocument}}
	var state flow.State
	for _, event := range []flow.Event{
		flow.NothingLies{}, // the sensors have looked
		flow.Opened{}, flow.Start{}, flow.ChooseLanguage{Tag: "uk"}, flow.AcceptPrivacy{}, flow.ChooseService{Service: service},
		flow.MRZRead{}, flow.PagesTaken{}, flow.Verified{}, flow.Confirm{}, flow.Committed{Number: "A-127"},
		flow.Acknowledged{Room: "204"}, flow.TicketPrinted{}, flow.Next{},
	} {
		var effects []flow.Effect
		state, effects = flow.Apply(state, event)
		fmt.Println(state.Screen, state.Phase, state.Number, effects)
	}
	// Output:
	// out_of_service   []
	// greeting   []
	// language   []
	// privacy   []
	// service   []
	// document waiting  [read_document]
	// document working  []
	// review working  []
	// review waiting  []
	// ticket working  [commit]
	// ticket working A-127 []
	// ticket working A-127 [print_ticket]
	// ticket done A-127 []
	// cleared   [clear]
}
