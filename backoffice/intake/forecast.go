package intake

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/waiting"
)

const (
	learntDays   = 14   // before a start, of which the log is learnt from
	learntAtOnce = 1000 // measures
)

// forecast tells visitors how long they will wait, by what was measured in this office. It may be used by several goroutines.
type forecast struct {
	office     *office.Office
	store      Store
	forecaster *waiting.Forecaster
	since      time.Time

	learning sync.Mutex
	learnt   int64 // the last event that was learnt from
}

// newForecast makes one that has learnt from the log of the last days.
func newForecast(ctx context.Context, o *office.Office, s Store, now func() time.Time) (*forecast, error) {
	f := &forecast{office: o, store: s, forecaster: waiting.New(o.Minutes), since: now().AddDate(0, 0, -learntDays)}
	if err := f.learn(ctx); err != nil {
		return nil, fmt.Errorf("learn how long visits take: %w", err)
	}
	return f, nil
}

// learn takes what was measured since it was called last, once each.
func (f *forecast) learn(ctx context.Context) error {
	f.learning.Lock()
	defer f.learning.Unlock()
	for {
		measures, err := f.store.Measured(ctx, f.learnt, f.since, learntAtOnce)
		if err != nil {
			return err
		}
		for _, m := range measures {
			f.learnt = m.Seq
			if m.Took > 0 {
				f.forecaster.Took(m.Service, m.Took)
			} else {
				f.forecaster.Waited(waiting.Range{Low: m.WaitFrom, High: m.WaitUntil}, m.Waited)
			}
		}
		if len(measures) < learntAtOnce {
			return nil
		}
	}
}

// desks learns what is new, and gives the desks that can call a visitor for a service now.
func (f *forecast) desks(ctx context.Context, service string, at time.Time) ([]waiting.Desk, error) {
	if err := f.learn(ctx); err != nil {
		return nil, err
	}
	busy, err := f.store.AtDesks(ctx)
	if err != nil {
		return nil, err
	}
	office, err := f.store.Office(ctx)
	if err != nil {
		return nil, err
	}
	return f.present(service, at, office.Away, busy), nil
}

// present are the desks of those caseworkers to whom the rules can lead for a service, whatever the verdict, and who are there: not on
// a break, and neither absent nor out of their hours by the office file.
func (f *forecast) present(service string, at time.Time, away map[string]bool, busy []store.AtDesk) (desks []waiting.Desk) {
	for _, id := range f.office.CaseworkersFor(service) {
		if away[id] || !f.office.Routing().Present(id, f.office.Local(at)) {
			continue
		}
		d := waiting.Desk{For: -1}
		if i := slices.IndexFunc(busy, func(b store.AtDesk) bool { return b.Caseworker == id }); i >= 0 {
			d = waiting.Desk{Service: busy[i].Service, For: max(0, at.Sub(busy[i].Since))}
		}
		desks = append(desks, d)
	}
	return desks
}

// told is the range for somebody before whom so many come for the same service; none where no desk is there.
func (f *forecast) told(service string, ahead int, desks []waiting.Desk) store.Told {
	r, ok := f.forecaster.Range(waiting.Situation{Ahead: slices.Repeat([]string{service}, ahead), Desks: desks})
	if !ok {
		return store.Told{}
	}
	return store.Told{WaitFrom: r.Low, WaitUntil: r.High}
}
