package office

import (
	"fmt"

	"github.com/foyer-station/foyer/backoffice/queue"
)

// Desk is what an office decides about how visitors are called and how visits end.
type Desk struct {
	// MostCalls is how often a visitor is called, the first call included, before only a no-show is left; 0 for no limit.
	MostCalls int `toml:"most_calls"`
	// SkipBehind is behind how many a visitor comes who is skipped; 0 for one.
	SkipBehind int `toml:"skip_behind"`
	// ReturnsBehind says that whoever did not come, and is there after all, waits behind all others and not at the old place.
	ReturnsBehind bool      `toml:"returns_behind"`
	Outcomes      []Outcome `toml:"outcome"`
}

// Outcome is one way in which a visit ends.
type Outcome struct {
	ID    string            `toml:"id"`   // [a-z0-9-]{1,40}
	Names map[string]string `toml:"name"` // by language tag; "de" is always there
}

// Rules are the office's, for the queue.
func (d Desk) Rules() queue.Rules {
	return queue.Rules{MostCalls: d.MostCalls, SkipBehind: d.SkipBehind, ReturnsBehind: d.ReturnsBehind}
}

// Outcome finds an outcome by its id.
func (d Desk) Outcome(id string) (Outcome, bool) {
	for _, o := range d.Outcomes {
		if o.ID == id {
			return o, true
		}
	}
	return Outcome{}, false
}

// mostTimes is more than any office calls a visitor, or skips one behind.
const mostTimes = 99

func (o *Office) checkDesk() error {
	d := o.Desk
	if d.MostCalls < 0 || d.MostCalls > mostTimes || d.SkipBehind < 0 || d.SkipBehind > mostTimes {
		return fmt.Errorf("desk: most_calls and skip_behind are 0 to %d", mostTimes)
	}
	seen := map[string]bool{}
	for _, way := range d.Outcomes {
		if !identifier.MatchString(way.ID) || seen[way.ID] || way.Names["de"] == "" {
			return fmt.Errorf("outcome %q: a bad id, a repeated one, or no German name", way.ID)
		}
		seen[way.ID] = true
	}
	return nil
}
