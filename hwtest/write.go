package hwtest

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest/wording"
)

// WriteJSON writes the report as one JSON object on one line, with reasons and remedies in the language of words, and their keys.
func (r Report) WriteJSON(w io.Writer, words *wording.Catalogue) error {
	type check struct {
		Check
		Reason    string      `json:"reason,omitempty"`
		ReasonKey devices.Key `json:"reason_key,omitempty"`
		Remedy    string      `json:"remedy,omitempty"`
		RemedyKey devices.Key `json:"remedy_key,omitempty"`
	}
	worded := struct {
		Report
		Checks []check `json:"checks"`
	}{Report: r}
	for _, c := range r.Checks {
		worded.Checks = append(worded.Checks, check{c, words.Say(c.Reason), c.Reason.Key, words.Say(c.Remedy), c.Remedy.Key})
	}
	return json.NewEncoder(w).Encode(worded)
}

// WriteText writes the report for a person, in the language of words: a line a device, what is wrong and what to do below it.
func (r Report) WriteText(w io.Writer, words *wording.Catalogue) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, level %s, asked of the %s\n", r.At.Format(time.DateTime), r.Level, r.Source)
	if r.Station != nil {
		fmt.Fprintln(&b, r.Station)
	}
	var found [2][]pair // devices, and what else there is of the station
	for checks := range slices.Chunk(r.Checks, checksPerDevice) {
		p := pair{checks[0], checks[1]}
		if p.present.isDevice() {
			found[0] = append(found[0], p)
		} else {
			found[1] = append(found[1], p)
		}
	}
	ill := writePairs(&b, words, found[0], 16)
	others := writePairs(&b, words, found[1], 24)
	fmt.Fprintln(&b)
	if len(found[0]) > 0 {
		fmt.Fprintln(&b, summary(len(found[0]), len(ill)))
	}
	if len(others) > 0 {
		fmt.Fprintf(&b, "the station wants attention: %s\n", strings.Join(others, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// pair is both checks of one device.
type pair struct{ present, state Check }

// worst is the check that tells.
func (p pair) worst() Check {
	if p.present.Result != Passed {
		return p.present
	}
	return p.state
}

// isDevice tells devices, and what has always stood among them, from the kiosk itself, its journal, decoder and certificates.
func (c Check) isDevice() bool {
	return c.Device != KindKiosk && c.Device != "journal" && c.Device != "picture_decoder" && !strings.HasPrefix(string(c.Device), "certificate_")
}

// writePairs writes a line for each, and gives the names of those that want somebody.
func writePairs(b *strings.Builder, words *wording.Catalogue, all []pair, width int) (ill []string) {
	if len(all) > 0 {
		fmt.Fprintln(b)
	}
	for _, p := range all {
		worst := p.worst()
		model, path := printable(p.present.Model), printable(p.present.Path)
		if worst.DaysLeft != nil {
			model = fmt.Sprintf("%d days left", *worst.DaysLeft)
		}
		line := fmt.Sprintf("  %s %-*s %-11s %s %s", mark(worst), width, printable(string(p.present.Device)), printable(string(worst.State)), model, path)
		fmt.Fprintln(b, strings.TrimRight(line, " "))
		if worst.wantsSomebody() {
			ill = append(ill, string(p.present.Device))
		}
		if reason := words.Say(worst.Reason); reason != "" {
			fmt.Fprintf(b, "      %s\n", printable(reason))
		}
		if remedy := words.Say(worst.Remedy); remedy != "" {
			fmt.Fprintf(b, "      -> %s\n", printable(remedy))
		}
	}
	return ill
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
		waiting += fmt.Sprintf(" (the oldest waits for %s and is wiped in %s)", hoursAndMinutes(s.OutboxAge), hoursAndMinutes(s.OutboxLeft))
	}
	return fmt.Sprintf("%s, %s, %s, %d numbers left", service, link, waiting, s.NumbersLeft)
}

// hoursAndMinutes writes seconds as "5h20m".
func hoursAndMinutes(seconds int) string { return fmt.Sprintf("%dh%02dm", seconds/3600, seconds/60%60) }

// mark is a shape, not a colour: terminals of technicians are not all the same.
func mark(c Check) string {
	switch {
	case c.Result != Passed:
		return "x"
	case c.wantsSomebody():
		return "!"
	}
	return "+"
}

// longest is as much of a text as is printed, in characters.
const longest = 500

// printable is a text as a terminal may have it: what a device says of itself may hold anything, and would else move the cursor,
// or look like a line of the report.
func printable(text string) string {
	clean := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, strings.ReplaceAll(text, "\n", "; "))) // several errors have a line each
	if len(clean) > longest {
		clean = append(clean[:longest], '…')
	}
	return string(clean)
}

func summary(devices, ill int) string {
	if ill == 0 {
		return fmt.Sprintf("all %d devices are well", devices)
	}
	return fmt.Sprintf("%d of %d devices want attention", ill, devices)
}
