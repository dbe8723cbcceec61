package hwtest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
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
		Detail    string      `json:"detail,omitempty"` // the system's own words
		Remedy    string      `json:"remedy,omitempty"`
		RemedyKey devices.Key `json:"remedy_key,omitempty"`
	}
	worded := struct {
		Report
		Checks []check `json:"checks"`
	}{Report: r, Checks: []check{}}
	for _, c := range r.Checks {
		worded.Checks = append(worded.Checks, check{c, c.why(words), c.Reason.Key, c.detail(), words.Say(c.Remedy), c.Remedy.Key})
	}
	return json.NewEncoder(w).Encode(worded)
}

// why is all that there is to say of why a check ended as it did.
func (c Check) why(words *wording.Catalogue) string {
	var said []string
	for _, m := range append([]devices.Message{c.Reason}, c.Also...) {
		if text := words.Say(c.brief(m)); text != "" {
			said = append(said, text)
		}
	}
	return strings.Join(said, "; ")
}

// brief leaves out of a message's detail, which is an error's own words, what the sentence around it says already: which device, what it was
// asked for, and that it does not keep to its protocol or cannot do what it is to do.
func (c Check) brief(m devices.Message) devices.Message {
	m.Params = slices.Clone(m.Params)
	for i, p := range m.Params {
		if p.Name != devices.Detail {
			continue
		}
		kind, _, _ := strings.Cut(string(c.Device), ".")
		text := p.Value
		if rest, is := strings.CutPrefix(text, kind+": "); is {
			_, text, _ = strings.Cut(rest, ": ")
		}
		for _, said := range []error{devices.ErrProtocol, devices.ErrUnsupported} {
			text = strings.TrimPrefix(text, said.Error()+": ")
		}
		m.Params[i].Value = text
	}
	return m
}

// detail is what the system itself said of it, in English.
func (c Check) detail() string {
	for _, p := range c.Reason.Params {
		if p.Name == devices.Detail {
			return p.Value
		}
	}
	return ""
}

// WriteTAP writes the report in the Test Anything Protocol, version 14: what wants somebody is not ok, and what was not looked at is
// skipped.
func (r Report) WriteTAP(w io.Writer, words *wording.Catalogue) error {
	var b strings.Builder
	fmt.Fprintf(&b, "TAP version 14\n1..%d\n", len(r.Checks))
	for i, c := range r.Checks {
		ok := "ok"
		if c.wantsSomebody() {
			ok = "not ok"
		}
		fmt.Fprintf(&b, "%s %d - %s", ok, i+1, printable(c.ID))
		if c.skipped() {
			fmt.Fprintf(&b, " # SKIP %s", tapText(c.why(words)))
		}
		b.WriteString("\n")
		if c.wantsSomebody() || c.Measure != nil {
			c.writeYAML(&b, words)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// skipped tells whether nothing was found out: the check was not made, or somebody interrupted it.
func (c Check) skipped() bool {
	return c.Result == NotPerformed || c.Result == NotSupported || c.Result == Aborted && c.Reason.Is(saysInterrupted)
}

// tapText keeps a text from being a directive (TAP 14, Escaping).
func tapText(text string) string {
	return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(printable(text))
}

// writeYAML writes a check's YAML diagnostic block. JSON's strings are YAML's.
func (c Check) writeYAML(b *strings.Builder, words *wording.Catalogue) {
	b.WriteString("  ---\n")
	for _, line := range []struct{ key, value string }{
		{"result", string(c.Result)}, {"state", string(c.State)}, {"reason", c.why(words)}, {"remedy", words.Say(c.Remedy)}, {"path", c.Path},
	} {
		if line.value != "" {
			fmt.Fprintf(b, "  %s: %s\n", line.key, quoted(printable(line.value)))
		}
	}
	if m := c.Measure; m != nil {
		fmt.Fprintf(b, "  value: %v\n  unit: %s\n", m.Value, m.Unit)
		if m.Min != nil {
			fmt.Fprintf(b, "  min: %v\n", *m.Min)
		}
		if m.Max != nil {
			fmt.Fprintf(b, "  max: %v\n", *m.Max)
		}
	}
	fmt.Fprintf(b, "  duration_ms: %g\n  ...\n", c.Millis)
}

func quoted(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil { // a string is always JSON
		return `""`
	}
	return strings.TrimSpace(b.String())
}

// junit is the XML that JUnit's runners write and most build servers read (Jenkins' xUnit plugin, junit-10.xsd).
type junit struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suites  junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Time      string      `xml:"time,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Cases     []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string     `xml:"name,attr"`
	Class   string     `xml:"classname,attr"`
	Time    string     `xml:"time,attr"`
	Skipped *junitSaid `xml:"skipped"`
	Error   *junitSaid `xml:"error"`
	Failure *junitSaid `xml:"failure"`
}

type junitSaid struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the report as JUnit's XML: what failed or works badly is a failure, what did not come to an end an error.
func (r Report) WriteJUnit(w io.Writer, words *wording.Catalogue) error {
	suite := junitSuite{Name: "hwtest " + string(r.Level), Tests: len(r.Checks), Timestamp: r.At.UTC().Format("2006-01-02T15:04:05")}
	took := 0.0 // they are made side by side
	for _, c := range r.Checks {
		one := junitCase{Name: printable(c.ID), Class: "hwtest." + printable(string(c.Device)), Time: fmt.Sprintf("%.3f", c.Millis/1000)}
		took = max(took, c.Millis)
		said := &junitSaid{Message: printable(c.why(words)), Text: printable(words.Say(c.Remedy))}
		switch {
		case c.skipped():
			one.Skipped, suite.Skipped = &junitSaid{Message: said.Message}, suite.Skipped+1
		case c.Result == Aborted:
			said.Type = string(c.Result)
			one.Error, suite.Errors = said, suite.Errors+1
		case c.wantsSomebody():
			said.Type = string(c.State)
			one.Failure, suite.Failures = said, suite.Failures+1
		}
		suite.Cases = append(suite.Cases, one)
	}
	suite.Time = fmt.Sprintf("%.3f", took/1000)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(junit{Suites: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
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
