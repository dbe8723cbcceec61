package intake_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// reason is one with as many parameters as names, of these values each.
func reason(code string, values []string, names ...string) *stationv1.Reason {
	r := &stationv1.Reason{Code: code}
	for _, name := range names {
		r.Params = append(r.Params, &stationv1.Param{Name: name, Values: values})
	}
	return r
}

func TestOfReasonsAndMeasuresOnlyWhatKeepsToTheContractIsKept(t *testing.T) {
	b, station := start(t)
	good := reason("chip.of_tomorrow", []string{"<b>x</b>"}, "subject") // it is the page's business to escape
	many, params := slices.Repeat([]*stationv1.Reason{good}, 30), strings.Split(strings.Repeat("name ", 12), " ")[:12]
	for name, c := range map[string]struct {
		sent, kept *stationv1.Check
	}{
		"as it should be":     {&stationv1.Check{Reasons: []*stationv1.Reason{good}, Measure: &stationv1.Measure{Value: 0.5, Threshold: -1, Unit: "mm"}}, &stationv1.Check{Reasons: []*stationv1.Reason{good}, Measure: &stationv1.Measure{Value: 0.5, Threshold: -1, Unit: "mm"}}},
		"markup for a code":   {&stationv1.Check{Reasons: []*stationv1.Reason{reason("<b>", nil), good}}, &stationv1.Check{Reasons: []*stationv1.Reason{good}}},
		"no code":             {&stationv1.Check{Reasons: []*stationv1.Reason{reason("", nil)}}, &stationv1.Check{}},
		"a code too long":     {&stationv1.Check{Reasons: []*stationv1.Reason{reason(strings.Repeat("a", 61), nil)}}, &stationv1.Check{}},
		"markup for a name":   {&stationv1.Check{Reasons: []*stationv1.Reason{reason("a", []string{"x"}, "n", "<n>")}}, &stationv1.Check{Reasons: []*stationv1.Reason{reason("a", []string{"x"}, "n")}}},
		"reasons without end": {&stationv1.Check{Reasons: many}, &stationv1.Check{Reasons: many[:20]}},
		"many parameters":     {&stationv1.Check{Reasons: []*stationv1.Reason{reason("a", []string{"x"}, params...)}}, &stationv1.Check{Reasons: []*stationv1.Reason{reason("a", []string{"x"}, params[:8]...)}}},
		"many values":         {&stationv1.Check{Reasons: []*stationv1.Reason{reason("a", slices.Repeat([]string{"x"}, 500), "n")}}, &stationv1.Check{Reasons: []*stationv1.Reason{reason("a", slices.Repeat([]string{"x"}, 20), "n")}}},
		"a value that turns":  {&stationv1.Check{Reasons: []*stationv1.Reason{reason("a", []string{"x\u202ey"}, "n")}}, &stationv1.Check{Reasons: []*stationv1.Reason{reason("a", []string{"x\ufffdy"}, "n")}}},
		"no number":           {&stationv1.Check{Measure: &stationv1.Measure{Value: math.NaN()}}, &stationv1.Check{}},
		"no threshold":        {&stationv1.Check{Measure: &stationv1.Measure{Threshold: math.Inf(1)}}, &stationv1.Check{}},
		"markup for a unit":   {&stationv1.Check{Measure: &stationv1.Measure{Unit: "<b>"}}, &stationv1.Check{}},
	} {
		visitor := checkintest.Genuine(noon)
		sendWith(t, station, visitor, func(r *stationv1.CheckInRecord) {
			first := r.Documents[0].Checks[0]
			first.Reason, first.Reasons, first.Measure = "", c.sent.Reasons, c.sent.Measure
		})
		_, record := open(t, b, visitor.ID)
		first := record.GetDocuments()[0].GetChecks()[0]
		kept := &stationv1.Check{Reasons: first.GetReasons(), Measure: first.GetMeasure()}
		if !proto.Equal(kept, c.kept) {
			t.Errorf("%s: kept %v, want %v", name, kept, c.kept)
		}
		if told := len(record.GetDropped()) > 0; told == proto.Equal(c.sent, c.kept) {
			t.Errorf("%s: staff are told of %v", name, record.GetDropped())
		}
	}
}

// TestWhateverACheckSaysItsBoundedReasonsKeepToTheContract: nothing is cut off that a station sends.
func TestWhateverACheckSaysItsBoundedReasonsKeepToTheContract(t *testing.T) {
	b, station := start(t)
	r := verify.Because("chip.sod.signed")
	for n := range 20 {
		r = r.With(strings.Repeat("n", n+1), slices.Repeat([]string{"\u202e\xff", strings.Repeat("x", 30<<n%10)}, 15)...)
	}
	visitor := checkintest.Genuine(noon)
	sendWith(t, station, visitor, func(record *stationv1.CheckInRecord) {
		for _, bounded := range verify.Bounded(slices.Repeat([]verify.Reason{r, verify.Because("mrz.expired")}, 50)) {
			sent := &stationv1.Reason{Code: string(bounded.Code)}
			for _, p := range bounded.Params {
				sent.Params = append(sent.Params, &stationv1.Param{Name: p.Name, Values: p.Values})
			}
			record.Documents[0].Checks[0].Reasons = append(record.Documents[0].Checks[0].Reasons, sent)
		}
	})
	if _, record := open(t, b, visitor.ID); len(record.GetDropped()) > 0 || len(record.GetDocuments()[0].GetChecks()[0].GetReasons()) == 0 {
		t.Error(fmt.Sprint(record.GetDropped()))
	}
}
