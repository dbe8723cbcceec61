package main

import (
	"image"

	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/wording"
)

// checkAnswer is the JSON of a check. What it says stands there as an English sentence, and by codes with parameters for programs.
type checkAnswer struct {
	ID             string              `json:"id"`
	Category       verify.Category     `json:"category"`
	Result         verify.Result       `json:"result"`
	Reason         string              `json:"reason,omitempty"` // all of it
	Code           verify.Code         `json:"code,omitempty"`   // of the first reason, why it ended so
	Params         map[string][]string `json:"params,omitempty"` // of the first reason
	Notes          []noteAnswer        `json:"notes,omitempty"`  // the other reasons
	Margin         *float64            `json:"margin,omitempty"`
	Measure        *verify.Measure     `json:"measure,omitempty"`
	Area           *image.Rectangle    `json:"area,omitempty"`
	Evidence       []string            `json:"evidence,omitempty"`
	Level          verify.Level        `json:"level"`
	WhereSupported bool                `json:"where_supported,omitempty"`
}

// noteAnswer is the JSON of a reason that is not the first.
type noteAnswer struct {
	Code   verify.Code         `json:"code"`
	Params map[string][]string `json:"params,omitempty"`
}

// checkAnswers words the checks.
func checkAnswers(words *wording.Catalogue, checks []verify.JudgedCheck) []checkAnswer {
	answers := make([]checkAnswer, 0, len(checks))
	for _, k := range checks {
		a := checkAnswer{
			ID: k.ID, Category: k.Category, Result: k.Result, Reason: words.Sentence(k.Reasons), Margin: k.Margin, Measure: k.Measure,
			Area: k.Area, Evidence: k.Evidence, Level: k.Level, WhereSupported: k.WhereSupported,
		}
		for i, r := range k.Reasons {
			if i == 0 {
				a.Code, a.Params = r.Code, paramsOf(r)
			} else {
				a.Notes = append(a.Notes, noteAnswer{r.Code, paramsOf(r)})
			}
		}
		answers = append(answers, a)
	}
	return answers
}

func paramsOf(r verify.Reason) map[string][]string {
	params := map[string][]string{}
	for _, p := range r.Params {
		params[p.Name] = p.Values
	}
	return params
}

// deviation words a deviation that the trust store tells of; what an earlier version has written there stands as it is.
func (c *call) deviation(told string) string {
	if text, known := c.words.Reason(verify.Deviation(pki.Deviation(told))); known && told != "" {
		return text
	}
	return told
}
