package hwtest

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// WritePrometheus writes the report in Prometheus' text format (exposition formats, 0.0.4), for its node exporter's textfile
// collector. Labels are kinds and states alone.
func (r Report) WritePrometheus(w io.Writer) error {
	var b strings.Builder
	family(&b, "foyer_test_time_seconds", "When the station was looked at, in Unix seconds.")
	fmt.Fprintf(&b, "foyer_test_time_seconds %d\n", r.At.Unix())
	family(&b, "foyer_device_well", "1 where nobody has to see to it, 0 else; by state.")
	for _, e := range r.entries() {
		worst := e.worst()
		fmt.Fprintf(&b, "foyer_device_well{device=%s,state=%s} %d\n", label(worst.Device), label(worst.State), number(!worst.wantsSomebody()))
	}
	family(&b, "foyer_certificate_expiry_seconds", "When a certificate ends, in Unix seconds.")
	r.certificates(func(name string, end time.Time, _ int) {
		fmt.Fprintf(&b, "foyer_certificate_expiry_seconds{certificate=%s} %d\n", label(name), end.Unix())
	})
	family(&b, "foyer_certificate_days_left", "Whole days until it ends; negative once it has.")
	r.certificates(func(name string, _ time.Time, days int) {
		fmt.Fprintf(&b, "foyer_certificate_days_left{certificate=%s} %d\n", label(name), days)
	})
	family(&b, "foyer_check_passed", "1 where a check passed, 0 where it did not; none for one that was not made.")
	for _, c := range r.Checks {
		if !c.skipped() {
			fmt.Fprintf(&b, "foyer_check_passed{check=%s} %d\n", label(c.ID), number(c.Result == Passed))
		}
	}
	family(&b, "foyer_check_value", "What a check measured.")
	for _, c := range r.Checks {
		if c.Measure != nil {
			fmt.Fprintf(&b, "foyer_check_value{check=%s,unit=%s} %v\n", label(c.ID), label(c.Measure.Unit), c.Measure.Value)
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

// certificate is how the kinds of certificates begin.
const certificate = "certificate_"

// certificates tells of each certificate whose end is known.
func (r Report) certificates(tell func(name string, end time.Time, days int)) {
	for _, c := range r.Checks {
		if c.Expires != nil && c.DaysLeft != nil && strings.HasSuffix(c.ID, ".state") {
			tell(strings.TrimPrefix(string(c.Device), certificate), *c.Expires, *c.DaysLeft)
		}
	}
}

// label quotes a label's value as the format has it, which knows three escapes.
func label[S ~string](value S) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(string(value)) + `"`
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
