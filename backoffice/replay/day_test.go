package replay_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	fileOf "github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/replay"
	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/backoffice/store"
)

const date = "2026-03-02"

var morning = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// at is so many minutes after the office opens.
func at(minutes int) time.Time { return morning.Add(time.Duration(minutes) * time.Minute) }

const people = `
id = "utopia"
name = "Utopia"
lobby = "Lobby"
time_zone = "UTC"
ticket_prefix = "A"
[[service]]
id = "permit"
minutes = 20
name = { de = "Titel" }
[[service]]
id = "card"
minutes = 10
name = { de = "Karte" }
[[room]]
id = "1"
name = "Zimmer 1"
[[caseworker]]
id = "anna"
name = "Anna"
room = "1"
[[caseworker]]
id = "boris"
name = "Boris"
room = "1"
`

const (
	shortest = people + `
[[route]]
id = "all"
to = ["anna", "boris"]
about = { de = "weil" }
`
	byLanguage = people + `
[[route]]
id = "ukrainian"
language = ["uk"]
to = ["boris"]
about = { de = "weil" }
[[route]]
id = "all"
to = ["anna"]
about = { de = "weil" }
`
	pooled = people + `
[[pool]]
id = "both"
name = "Beide"
members = ["anna", "boris"]
[[route]]
id = "all"
to = ["both"]
about = { de = "weil" }
`
)

func office(t *testing.T, text string) *fileOf.Office {
	t.Helper()
	o, err := fileOf.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func question(t *testing.T, own, with string) replay.Question {
	t.Helper()
	return replay.Question{Day: date, Own: office(t, own), With: office(t, with), Now: morning.AddDate(0, 0, 1)}
}

func run(t *testing.T, d *day, own, with string) replay.Report {
	t.Helper()
	r, err := replay.Run(t.Context(), d, question(t, own, with))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// day is a day made by hand; it stands in for a store.
type day struct {
	events   []queue.Event
	checkIns map[string]store.CheckIn
}

func newDay() *day { return &day{checkIns: map[string]store.CheckIn{}} }

// Events implements replay.Store.
func (d *day) Events(context.Context, string) ([]queue.Event, error) { return d.events, nil }

// CheckIn implements replay.Store.
func (d *day) CheckIn(_ context.Context, id string) (store.CheckIn, []byte, error) {
	c, there := d.checkIns[id]
	if !there {
		return c, nil, store.ErrNotFound
	}
	return c, nil, nil
}

func (d *day) arrives(id string, minute int, service, language, to string) {
	d.events = append(d.events, queue.Event{At: at(minute), Day: date, Kind: queue.KindArrived, CheckIn: id, Service: service, Queue: to,
		Place: queue.PlaceOf(int64(len(d.events) + 1))})
	d.checkIns[id] = store.CheckIn{ID: id, Service: service, Language: language, Decision: routing.Decision{Caseworker: to,
		Explanation: &routing.Explanation{Facts: routing.Facts{Service: service, Language: language}}}}
}

// sentBy has all visitors be sent by rules of a hash.
func (d *day) sentBy(hash string) {
	for _, c := range d.checkIns {
		c.Decision.Explanation.Rules = hash
	}
}

func (d *day) step(kind queue.Kind, id, by string, minute int, to string) {
	d.events = append(d.events, queue.Event{At: at(minute), Day: date, Kind: kind, By: by, CheckIn: id, Queue: to, Place: queue.PlaceOf(int64(len(d.events) + 1))})
}

// look is somebody who opens a visitor's file.
func (d *day) look(id, by string, minute int) {
	d.step(queue.Kind(store.ActionOpened), id, by, minute, "")
}

// calls has a visitor be received from one minute until another.
func (d *day) calls(id, by string, from, until int) {
	d.step(queue.KindCalled, id, by, from, "")
	d.step(queue.KindDone, id, by, until, "")
}

func (d *day) office(kind queue.Kind, by string, minute int) {
	d.events = append(d.events, queue.Event{At: at(minute), Day: date, Kind: kind, By: by})
}

// twoQueues is a day of four visitors: Anna has the first, the third and the fourth, each for 20 minutes, Boris the second.
func twoQueues() *day {
	d := newDay()
	d.arrives("one", 0, "permit", "uk", "anna")
	d.step(queue.KindCalled, "one", "anna", 0, "")
	d.arrives("two", 5, "card", "de", "boris")
	d.calls("two", "boris", 5, 15)
	d.arrives("three", 10, "permit", "de", "anna")
	d.step(queue.KindDone, "one", "anna", 20, "")
	d.step(queue.KindCalled, "three", "anna", 20, "")
	d.arrives("four", 30, "permit", "uk", "anna")
	d.step(queue.KindDone, "three", "anna", 40, "")
	d.calls("four", "anna", 40, 60)
	return d
}

// lively is a day of many visitors for three services, called by two caseworkers who take a minute between two of them.
func lively(visitors int) *day {
	d := newDay()
	free := map[string]int{"anna": 0, "boris": 0}
	for n := range visitors {
		id, to := fmt.Sprint("visitor-", n), "anna"
		if free["boris"] < free["anna"] {
			to = "boris"
		}
		arrives := 7 * n
		d.arrives(id, arrives, []string{"permit", "card", ""}[n%3], strings.Fields("de uk")[n%2], to)
		from := max(arrives, free[to]) + 1
		free[to] = from + 10 + (n*7)%11
		d.calls(id, to, from, free[to])
	}
	return d
}
