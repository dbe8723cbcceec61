package hwtest

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// WriteJSON writes the report as one JSON object on one line.
func (r Report) WriteJSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// WriteText writes the report for a person: a line a device, what is wrong and what to do below it.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, level %s, asked of the %s\n", r.At.Format(time.DateTime), r.Level, r.Source)
	if r.Station != nil {
		fmt.Fprintln(&b, r.Station)
	}
	fmt.Fprintln(&b)
	ill := 0
	for pair := range slices.Chunk(r.Checks, checksPerDevice) {
		present, state := pair[0], pair[1]
		worst := state
		if present.Result != Passed {
			worst = present
		}
		line := fmt.Sprintf("  %s %-16s %-11s %s %s", mark(worst), present.Device, worst.State, present.Model, present.Path)
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
		if worst.Reason != "" {
			ill++
			fmt.Fprintf(&b, "      %s\n", worst.Reason)
		}
		if worst.Remedy != "" {
			fmt.Fprintf(&b, "      -> %s\n", worst.Remedy)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", summary(len(r.Checks)/checksPerDevice, ill))
	_, err := io.WriteString(w, b.String())
	return err
}

// String is one line: "in service, linked to the back office, 0 check-ins to send, 87 numbers left".
func (s Station) String() string {
	service, link := "out of service", "cut off from the back office"
	if s.InService {
		service = "in service"
	}
	switch {
	case s.Linked:
		link = "linked to the back office"
	case s.Link == "ill":
		link = "the back office is ill"
	case s.Link == "full":
		link = "the back office is full"
	case s.Link == "denied":
		link = "denied by the back office"
	}
	waiting := fmt.Sprintf("%d check-ins to send", s.Outbox)
	if s.OutboxAge >= 60 {
		waiting += fmt.Sprintf(" (the oldest waits for %s and is wiped in %s)", minutes(s.OutboxAge), minutes(s.OutboxLeft))
	}
	return fmt.Sprintf("%s, %s, %s, %d numbers left", service, link, waiting, s.NumbersLeft)
}

// minutes is so many seconds, as "5h20m".
func minutes(seconds int) string { return fmt.Sprintf("%dh%02dm", seconds/3600, seconds/60%60) }

// mark is a shape, not a colour: terminals of technicians are not all the same.
func mark(c Check) string {
	switch {
	case c.Result != Passed:
		return "x"
	case c.Reason != "":
		return "!"
	}
	return "+"
}

func summary(devices, ill int) string {
	if ill == 0 {
		return fmt.Sprintf("all %d devices are well", devices)
	}
	return fmt.Sprintf("%d of %d devices want attention", ill, devices)
}
