package routing_test

import (
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
)

func TestSomebodyIsPresentInTheirHoursAndOnNoDayOfAbsence(t *testing.T) {
	table, err := routing.New([]routing.Rule{{ID: "all", To: []string{"brandt", "desk"}, About: map[string]string{"de": "Alle"}}}, []routing.Receiver{
		{ID: "brandt", Hours: []string{"Mon-Fri 08:00-12:00"}, Services: []string{"card"}, Capacity: 1},
		{ID: "okafor", Absent: []string{"2026-12-01"}},
		{ID: "desk", Members: []string{"brandt", "okafor"}},
	}, routing.Shortest())
	if err != nil {
		t.Fatal(err)
	}
	tuesday := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		id   string
		at   time.Time
		want bool
	}{
		{"brandt", tuesday, true},
		{"brandt", tuesday.Add(5 * time.Hour), false},
		{"okafor", tuesday, false},
		{"okafor", tuesday.Add(24 * time.Hour), true},
		{"desk", tuesday, true},
		{"desk", tuesday.Add(5 * time.Hour), false},
		{"nobody", tuesday, false},
	} {
		if got := table.Present(c.id, c.at); got != c.want {
			t.Errorf("%s at %v: present %v", c.id, c.at, got)
		}
	}
}
