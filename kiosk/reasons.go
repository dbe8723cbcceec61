package kiosk

import (
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording"
)

// maxSentence is how many characters the English sentence of a check has, before the dots that tell where it was cut.
const maxSentence = stationv1.MaxText - len("...")

// wordsFor are the words that an office of a contract has to be given, which has none for codes; nil for one that has.
func (s *Station) wordsFor(contract int) *wording.Catalogue {
	if contract != firstContract {
		return nil
	}
	english, err := wording.Load("en")
	if err != nil { // a test loads it
		s.config.Log.Error("reasons were not worded", "err", err)
	}
	return english
}

// sayWhy writes a check's reasons and what it measured, or a sentence of words.
func sayWhy(to *stationv1.Check, c verify.Check, words *wording.Catalogue) {
	if words != nil {
		to.Reason = verify.Quote(words.Sentence(c.Reasons), maxSentence)
		return
	}
	for _, r := range c.Reasons { // the policy has bounded them
		reason := &stationv1.Reason{Code: string(r.Code)}
		for _, p := range r.Params {
			reason.Params = append(reason.Params, &stationv1.Param{Name: p.Name, Values: p.Values})
		}
		to.Reasons = append(to.Reasons, reason)
	}
	if m := c.Measure; m != nil {
		to.Measure = &stationv1.Measure{Value: m.Value, Threshold: m.Threshold, Unit: verify.Quote(m.Unit, maxName)}
	}
}
