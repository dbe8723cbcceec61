package main

import (
	"encoding/json"
	"testing"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording"
)

func TestACheckIsAnsweredAsASentenceAndAsCodes(t *testing.T) {
	words, err := wording.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	check := verify.Check{ID: "chip.pa.signature", Category: verify.CategoryChip, Result: verify.Passed, Measure: &verify.Measure{Value: 0.5, Threshold: 0.25, Unit: "mm"},
		Reasons: []verify.Reason{verify.Because("chip.sod.signed").With("subject", "CN=DS"), verify.Deviation(pki.DeviationNoNull)}}
	got, err := json.Marshal(checkAnswers(words, []verify.JudgedCheck{{Check: check, Level: verify.Mandatory}}))
	const want = `[{"id":"chip.pa.signature","category":"chip","result":"passed",` +
		`"reason":"signed by CN=DS; deviates: the RSA signature leaves out the NULL of its hash function",` +
		`"code":"chip.sod.signed","params":{"subject":["CN=DS"]},"notes":[{"code":"deviation.pki.no_null"}],` +
		`"measure":{"value":0.5,"threshold":0.25,"unit":"mm"},"level":"mandatory"}]`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

// The trust store of an earlier version has sentences.
func TestADeviationThatTheTrustStoreTellsOfIsWordedOrStaysTheSentenceItIs(t *testing.T) {
	words, err := wording.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	c := &call{words: words}
	for told, want := range map[string]string{
		"": "", string(pki.DeviationNameless): "the signer is not named", "content_type=1.2.3": "the content type is 1.2.3, not that of a security object",
		"the signer is not named": "the signer is not named", "EF.SOD is filled up with zeros": "EF.SOD is filled up with zeros",
	} {
		if got := c.deviation(told); got != want {
			t.Errorf("%q became %q", told, got)
		}
	}
}
