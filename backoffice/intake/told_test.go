package intake_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// judged is a visitor for a service whose document came to a verdict; without one there was no document.
func judged(service string, verdict verify.Verdict, at time.Time) *checkintest.CheckIn {
	c := checkintest.Genuine(at)
	c.Service = service
	if verdict == "" {
		c.Record.Persons, c.Record.Documents = nil, nil
	} else {
		c.Record.Documents[0].Verdict = string(verdict)
	}
	return c
}

var verdicts = []verify.Verdict{verify.Genuine, verify.Doubtful, verify.Unverified, ""}

// TestWhatAVisitorIsToldDoesNotDependOnTheVerdict plays a forger who comes three times, and then a companion whose passport
// is genuine and who counts who stands where.
func TestWhatAVisitorIsToldDoesNotDependOnTheVerdict(t *testing.T) {
	for _, service := range []string{"residence-permit", "appointment", ""} {
		t.Run("service "+service, func(t *testing.T) {
			var told [][]*stationv1.SubmitResponse
			for _, verdict := range verdicts {
				_, station := start(t)
				var answers []*stationv1.SubmitResponse
				come := func(v verify.Verdict, minute int) {
					request, answer, err := station.Send(t.Context(), judged(service, v, noon.Add(time.Duration(minute-20)*time.Minute)))
					if err != nil {
						t.Fatal(err)
					}
					again, err := station.Submit(t.Context(), request)
					if err != nil || !proto.Equal(answer, again) {
						t.Errorf("asked again, the office says %v, %v; it said %v", again, err, answer)
					}
					answers = append(answers, answer)
				}
				for i := range 3 {
					come(verdict, i)
				}
				come(verify.Genuine, 10)
				come(verify.Genuine, 11)
				told = append(told, answers)
			}
			for i, verdict := range verdicts {
				if diff := cmp.Diff(told[0], told[i], protocmp.Transform()); diff != "" {
					t.Errorf("%q is told otherwise than genuine: %s", verdict, diff)
				}
			}
		})
	}
}

func TestARoomIsToldWhereEveryVisitorForAServiceIsReceivedInIt(t *testing.T) {
	b, _ := start(t)
	for service, want := range map[string]string{"appointment": "Empfang", "": "Empfang", "residence-permit": "", "collect-card": "", "given-up-since": ""} {
		if got := b.Office.RoomFor(service); got != want {
			t.Errorf("for %q is told %q, want %q", service, got, want)
		}
	}
}
