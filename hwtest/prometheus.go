package hwtest

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WritePrometheus writes the report in Prometheus' text format (exposition formats, 0.0.4), for its node exporter's textfile
// collector. Labels are kinds and states alone.
func (r Report) WritePrometheus(w io.Writer) error {
	var b strings.Builder
	family(&b, "foyer_test_time_seconds", "When the station was looked at, in Unix seconds.")
	fmt.Fprintf(&b, "foyer_test_time_seconds %d\n", r.At.Unix())
	family(&b, "foyer_device_well", "1 where nobody has to see to it, 0 else; by state.")
	for checks := range slices.Chunk(r.Checks, checksPerDevice) {
		worst := pair{checks[0], checks[1]}.worst()
		fmt.Fprintf(&b, "foyer_device_well{device=%q,state=%q} %d\n", worst.Device, worst.State, number(mark(worst) == "+"))
	}
	family(&b, "foyer_certificate_expiry_seconds", "When a certificate ends, in Unix seconds.")
	for checks := range slices.Chunk(r.Checks, checksPerDevice) {
		if end := checks[1].Expires; end != nil {
			name := strings.TrimPrefix(string(checks[1].Device), "certificate_")
			fmt.Fprintf(&b, "foyer_certificate_expiry_seconds{certificate=%q} %d\n", name, end.Unix())
		}
	}
	if s := r.Station; s != nil {
		for _, m := range []struct {
			name, help string
			value      int
		}{
			{"foyer_in_service", "1 where visitors can check in.", number(s.InService)},
			{"foyer_linked", "1 where the back office answered last time.", number(s.Linked)},
			{"foyer_outbox_check_ins", "Confirmed check-ins that the back office does not have yet.", s.Outbox},
			{"foyer_outbox_oldest_seconds", "How long the oldest of them has waited.", s.OutboxAge},
			{"foyer_ticket_numbers_left", "Of those leased for today.", s.NumbersLeft},
		} {
			family(&b, m.name, m.help)
			fmt.Fprintf(&b, "%s %d\n", m.name, m.value)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func family(b *strings.Builder, name, help string) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

func number(holds bool) int {
	if holds {
		return 1
	}
	return 0
}
