package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
)

// A scan is a call of govulncheck.
type scan struct {
	scanner, tags string
	packages      []string
}

// finding is one vulnerability in one module, in the fields of govulncheck's JSON.
type finding struct {
	OSV     string
	Fixed   string `json:"fixed_version"`
	Summary string `json:"-"`
	// Trace begins where the vulnerability is. A finding without a function says that it is not called, as far as is known.
	Trace []struct{ Module, Version, Package, Function string }
}

func (f finding) called() bool { return f.Trace[0].Function != "" }
func (f finding) ofGo() bool   { return f.Trace[0].Module == "stdlib" }

// String is a line for people, with what to do.
func (f finding) String() string {
	at, calls := f.Trace[0], "not called"
	if f.called() {
		calls = "called: " + at.Package + "." + at.Function
	}
	do := "take " + cmp.Or(f.Fixed, "another module: this one is not mended")
	if f.ofGo() {
		do = "raise go.mod's toolchain line to " + cmp.Or(f.Fixed, "the Go that mends it, once there is one")
	}
	return fmt.Sprintf("%s in %s %s: %s; %s; %s", f.OSV, at.Module, at.Version, cmp.Or(f.Summary, "known"), calls, do)
}

// findings gives each vulnerability once, those that are called first.
func (s scan) findings(ctx context.Context, db string) ([]finding, error) {
	var said bytes.Buffer
	command := exec.CommandContext(ctx, s.scanner, append([]string{"-db", db, "-format", "json", "-tags", s.tags}, s.packages...)...)
	command.Stderr = &said
	answer, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", s.scanner, err, said.Bytes())
	}
	return parse(answer)
}

// parse reads govulncheck's stream of JSON messages. Of several findings of one vulnerability the one that knows most is kept: the
// first that names a function.
func parse(stream []byte) ([]finding, error) {
	worst := map[[2]string]finding{}
	summaries := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(stream)); ; {
		var message struct {
			OSV     *struct{ ID, Summary string }
			Finding *finding
		}
		err := d.Decode(&message)
		switch {
		case errors.Is(err, io.EOF):
			return sorted(worst, summaries), nil
		case err != nil:
			return nil, fmt.Errorf("answer of govulncheck: %w", err)
		case message.OSV != nil:
			summaries[message.OSV.ID] = message.OSV.Summary
		case message.Finding != nil && len(message.Finding.Trace) > 0:
			f := *message.Finding
			which := [2]string{f.OSV, f.Trace[0].Module}
			if known, there := worst[which]; !there || f.called() && !known.called() {
				worst[which] = f
			}
		}
	}
}

func sorted(worst map[[2]string]finding, summaries map[string]string) (found []finding) {
	for _, f := range worst {
		f.Summary = summaries[f.OSV]
		found = append(found, f)
	}
	slices.SortFunc(found, func(a, b finding) int {
		if a.called() != b.called() {
			return cmp.Compare(b.Trace[0].Function, a.Trace[0].Function)
		}
		return cmp.Or(cmp.Compare(a.Trace[0].Module, b.Trace[0].Module), cmp.Compare(a.OSV, b.OSV))
	})
	return found
}
