package verify_test

import (
	"errors"
	"testing"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
)

func TestOnlyAKeyThatWasTestedIsDenied(t *testing.T) {
	told := func(cause error) error { return &emrtd.StatusError{Op: "open", Status: 0x6982, Err: cause} }
	for name, c := range map[string]struct {
		opened bool
		err    error
		want   verify.ChipOutcome
	}{
		"nothing went wrong":               {true, nil, verify.ChipRead},
		"a file refused":                   {true, told(nil), verify.ChipRead},
		"an unusable key":                  {false, emrtd.ErrKey, verify.ChipWithoutKey},
		"the key refused":                  {false, told(emrtd.ErrAccessDenied), verify.ChipAccessDenied},
		"refused, then the key":            {false, errors.Join(told(emrtd.ErrRefused), told(emrtd.ErrAccessDenied)), verify.ChipAccessDenied},
		"refused":                          {false, told(emrtd.ErrRefused), verify.ChipRefused},
		"refused, and by BAC":              {false, errors.Join(told(emrtd.ErrNotEPassport), told(emrtd.ErrRefused)), verify.ChipRefused},
		"no application":                   {false, told(emrtd.ErrNotEPassport), verify.ChipDead},
		"no application behind the key":    {true, told(emrtd.ErrNotEPassport), verify.ChipRead},
		"an answer by no key":              {false, emrtd.ErrSecureMessaging, verify.ChipDead},
		"a session lost":                   {true, told(emrtd.ErrSecureMessaging), verify.ChipRead},
		"a session lost, and the key then": {true, errors.Join(told(emrtd.ErrSecureMessaging), told(emrtd.ErrAccessDenied)), verify.ChipRead},
		"the key refused when opened anew": {true, told(emrtd.ErrAccessDenied), verify.ChipRead},
		"no answer in time":                {false, errors.New("deadline"), verify.ChipDead},
	} {
		reading := &emrtd.Reading{}
		if c.opened {
			reading.Access = "BAC"
		}
		if got := verify.OutcomeOf(reading, c.err); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
