package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/proto/mutual"
)

// collector tells the figures of one moment.
type collector struct {
	figures  Figures
	complete bool
}

// Describe implements [prometheus.Collector]: which families there are depends on the figures.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (c collector) Collect(to chan<- prometheus.Metric) {
	f := c.figures
	w := writer{to}
	w.gauge("foyer_metrics_complete", "1 where everything could be found out; else the log says what could not.", number(c.complete))
	w.certificates(f.Certificates, f.At)
	w.stations(f)
	if d := f.Disk; d != nil {
		w.gauge("foyer_disk_free_bytes", "Free on the volume of the data folder.", float64(d.Free))
		w.gauge("foyer_disk_reserve_bytes", "That uploads leave free.", float64(d.Reserve))
		w.gauge("foyer_disk_takes_uploads", "1 where more is free than uploads leave.", number(d.Free > d.Reserve))
		w.gauge("foyer_disk_ballast_held", "1 where the room that starting and erasing need is held.", number(d.Ballast))
	}
	if u := f.Uploads; u != nil {
		w.gauge("foyer_spool_check_ins", "Check-ins of which files have come and that are not submitted.", float64(u.CheckIns))
		w.gauge("foyer_spool_bytes", "Of those files.", float64(u.Bytes))
	}
	if v := f.Visitors; v != nil {
		w.gauge("foyer_waiting_check_ins", "Visitors who wait to be called today.", float64(v.Waiting))
		w.gauge("foyer_called_check_ins", "Visitors who are at a desk.", float64(v.Called))
		w.gauge("foyer_left_check_ins", "Visitors who were left when their day ended, until somebody has seen to it.", float64(v.Left))
	}
	if e := f.Erasing; e != nil {
		w.erasing(*e)
	}
}

// writer sends metrics on.
type writer struct{ to chan<- prometheus.Metric }

func (w writer) gauge(name, help string, value float64, labels ...string) {
	w.send(prometheus.GaugeValue, name, help, value, labels)
}

// send takes labels as names and values in turn.
func (w writer) send(kind prometheus.ValueType, name, help string, value float64, labels []string) {
	var names, values []string
	for i := 0; i < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, labels[i+1])
	}
	w.to <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, names, nil), kind, value, values...)
}

func (w writer) certificates(all []mutual.Certificate, at time.Time) {
	for _, c := range all {
		level, _, _ := c.Judge(at)
		w.gauge("foyer_certificate_well", "1 where nobody has to see to it.", number(level == mutual.Well), "certificate", c.Name)
		if c.NotAfter.IsZero() { // it could not be read
			continue
		}
		w.gauge("foyer_certificate_expiry_seconds", "When it ends, in Unix seconds.", float64(c.NotAfter.Unix()), "certificate", c.Name)
		w.gauge("foyer_certificate_days_left", "Whole days until it ends; negative once it has.", float64(c.DaysLeft(at)), "certificate", c.Name)
	}
}

func (w writer) stations(f Figures) {
	for _, s := range f.Stations {
		w.gauge("foyer_station_connections", "Connections of a station that are open.", float64(s.Connections), "station", s.Name)
		if !s.LastCall.IsZero() {
			w.gauge("foyer_station_last_call_seconds", "When a station called last, in Unix seconds.", float64(s.LastCall.Unix()), "station", s.Name)
		}
	}
	for contract, n := range byContract(f.Stations) {
		w.gauge("foyer_stations", "Stations that asked for the office since the start, by the contract that they speak.", float64(n),
			"contract", contract)
	}
	for reason, n := range f.RefusedSubmissions {
		w.send(prometheus.CounterValue, "foyer_submissions_refused_total", "Check-ins that were refused since the start; a station tries again.",
			float64(n), []string{"reason", reason})
	}
	w.send(prometheus.CounterValue, "foyer_connections_refused_total", "Handshakes that failed since the start for a reason that is TLS's.",
		float64(f.RefusedConnections), nil)
}

// byContract counts stations by the contract that they speak: one that the office understands, or "newer".
func byContract(stations []intake.Station) map[string]int {
	counts := map[string]int{"newer": 0}
	for known := range int32(stationv1.Contract) {
		counts[strconv.Itoa(int(known)+1)] = 0
	}
	for _, s := range stations {
		switch {
		case s.Contract > stationv1.Contract:
			counts["newer"]++
		case s.Contract > 0:
			counts[strconv.Itoa(int(s.Contract))]++
		}
	}
	return counts
}

func (w writer) erasing(e store.Erasing) {
	for _, reason := range []store.Hold{store.HoldClock, store.HoldMany} {
		held := 0
		if e.Reason == reason {
			held = e.Held
		}
		w.gauge("foyer_erasing_held_check_ins", "Check-ins that are not erased until the lead confirms it, and why.", float64(held),
			"reason", string(reason))
	}
	w.gauge("foyer_day_held_check_ins", "Visitors who wait and whose day is not closed until the lead confirms it.", float64(e.DayHeld))
	w.gauge("foyer_erasing_failed_check_ins", "Check-ins that could not be erased.", float64(e.Failed))
}

func number(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}
