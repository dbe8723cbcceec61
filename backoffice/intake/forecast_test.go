package intake

import (
	"context"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/store"
)

// logged is a store whose log tells of measures.
type logged struct {
	Store
	measures []store.Measure
}

func (l *logged) Measured(_ context.Context, after int64, _ time.Time, limit int) (found []store.Measure, err error) {
	for _, m := range l.measures {
		if m.Seq > after && len(found) < limit {
			found = append(found, m)
		}
	}
	return found, nil
}

func (l *logged) AtDesks(context.Context) ([]store.AtDesk, error)    { return nil, nil }
func (l *logged) Office(context.Context) (o store.Office, err error) { return o, nil }

// add has n visits for a residence permit end that took so long.
func (l *logged) add(n int, took time.Duration) {
	for range n {
		l.measures = append(l.measures, store.Measure{Seq: int64(len(l.measures) + 1), Service: "residence-permit", Took: took})
	}
}

func TestRangesAreLearntFromTheLogBeforeTheStartAndSince(t *testing.T) {
	o, err := office.Parse(office.Example)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	told := func(f *forecast) store.Told {
		desks, err := f.desks(t.Context(), "residence-permit", at)
		if err != nil || len(desks) == 0 {
			t.Fatalf("%d desks, %v", len(desks), err)
		}
		return f.told("residence-permit", 6, desks)
	}
	start := func(l *logged) *forecast {
		f, err := newForecast(t.Context(), o, l, func() time.Time { return at })
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	log := &logged{}
	f := start(log)
	byOfficeFile := told(f)
	log.add(2*learntAtOnce+5, 50*time.Minute)
	since := told(f)
	if since.WaitFrom <= byOfficeFile.WaitFrom || since.WaitUntil <= byOfficeFile.WaitUntil {
		t.Errorf("visits take longer than the office file says, and %v is told after %v", since, byOfficeFile)
	}
	if before := told(start(log)); before != since {
		t.Errorf("started again the office tells %v; it told %v", before, since)
	}
	for range 300 { // nobody waits as long as was told
		log.measures = append(log.measures, store.Measure{Seq: int64(len(log.measures) + 1), Told: since})
	}
	if wider := told(f); wider.WaitFrom != 0 {
		t.Errorf("after 300 who did not wait at all, and were told %v, the office still tells %v", since, wider)
	}
}

func TestNoRangeIsToldWhereEverybodyIsOnABreak(t *testing.T) {
	o, err := office.Parse(office.Example)
	if err != nil {
		t.Fatal(err)
	}
	f := &forecast{office: o}
	away := map[string]bool{}
	for _, id := range o.CaseworkersFor("residence-permit") {
		away[id] = true
	}
	if desks := f.present("residence-permit", time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), away, nil); len(desks) != 0 {
		t.Errorf("%d desks", len(desks))
	}
}
