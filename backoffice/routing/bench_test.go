package routing_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/verify"
)

// large is an office with 200 caseworkers who differ in all that they can differ in, and 50 rows, of which the last but one names all.
func large(b *testing.B) *routing.Table {
	b.Helper()
	var staff []routing.Receiver
	var all []string
	for i := range 200 {
		letter := string(rune('A' + i%20))
		staff = append(staff, routing.Receiver{
			ID: fmt.Sprintf("caseworker-%d", i), Services: []string{"collect-card", "residence-permit"}, Letters: []string{letter + "-Z"},
			Languages: []string{"de", []string{"uk", "ar", "tr", "fa"}[i%4]}, Nationalities: []string{"SYR", "UKR", "AFG"}[i%2:],
			Hours: []string{"Mon-Fri 08:00-12:00", "Thu 13:00-17:00"}, Absent: []string{"2026-12-24/2027-01-02"}, Capacity: 50,
		})
		all = append(all, staff[i].ID)
	}
	why := map[string]string{"de": "weil", "en": "because"}
	var rows []routing.Rule
	for i := range 48 {
		rows = append(rows, routing.Rule{ID: fmt.Sprintf("row-%d", i), Services: []string{"residence-permit"}, Verdicts: []verify.Verdict{verify.Doubtful}, To: all, About: why})
	}
	rows = append(rows, routing.Rule{ID: "permits", Services: []string{"residence-permit"}, To: all, About: why}, routing.Rule{ID: "everyone", To: all[:1], About: why})
	return table(b, rows, staff, routing.Weights{OwnCase: 30, Appointment: 40, Language: 15, Letters: 5, Nationality: 5, Load: 2, Wait: 1})
}

// BenchmarkDecision decides for one visitor among 200 caseworkers with 1,000 waiting, counts the queues, explains the choice, and writes
// the explanation as it is stored. The reach is one millisecond.
func BenchmarkDecision(b *testing.B) {
	made := large(b)
	queue := make([]string, 1000)
	for i := range queue {
		queue[i] = fmt.Sprintf("caseworker-%d", i*7%200)
	}
	b.ReportAllocs()
	for b.Loop() {
		loads := map[string]routing.Load{}
		for _, caseworker := range queue {
			load := loads[caseworker]
			loads[caseworker] = routing.Load{Waiting: load.Waiting + 1, Work: load.Work + 20*time.Minute}
		}
		d := made.Decide(permit(), loads)
		text, err := json.Marshal(d.Explanation)
		if err != nil || d.Rule != "permits" || len(d.Explanation.Passed) != 48 {
			b.Fatal(d, err)
		}
		b.ReportMetric(float64(len(text)), "bytes/explanation")
	}
}
