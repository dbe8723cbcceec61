package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
)

// maxChipFile bounds a saved file; a chip's largest data groups hold a few pictures.
const maxChipFile = 4 << 20

type chipVerify struct {
	Dir   string `arg:"" type:"existingdir" help:"The folder with the saved files."`
	Trust string `type:"path" help:"The folder of the trust store." placeholder:"STORE"`
}

// verdictAnswer is the JSON of chip verify.
type verdictAnswer struct {
	Verdict verify.Verdict       `json:"verdict"`
	Checks  []verify.JudgedCheck `json:"checks"`
	Fields  *mrz.Fields          `json:"fields,omitempty"`
}

// Run implements kong's command.
func (v chipVerify) Run(c *call) error {
	files, err := savedFiles(v.Dir)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return usageError(v.Dir + ": no files of a chip here: names like EF_SOD.bin, SOD.bin, DG1.bin are known")
	}
	ev := verify.Evidence{Files: files, Day: c.day}
	answer, err := judgeChip(c, v.Trust, ev, "chip.pa.", "chip.com_sod", "cross.dg1_dsc_country")
	if err != nil {
		return err
	}
	return answer.finish(c)
}

// judgeChip makes the chip's checks and weighs those that the evidence can answer.
func judgeChip(c *call, trust string, ev verify.Evidence, answerable ...string) (verdictAnswer, error) {
	policy, err := verify.DefaultPolicy()
	if err != nil {
		return verdictAnswer{}, err
	}
	store, err := chip.OpenStore(trust)
	if err != nil {
		return verdictAnswer{}, err
	}
	_, validity := verify.ExamineMRZ(ev)
	checks := slices.DeleteFunc(chip.Examiner{Trust: store}.Examine(c.ctx, ev), func(k verify.Check) bool {
		return !slices.ContainsFunc(answerable, func(prefix string) bool { return strings.HasPrefix(k.ID, prefix) })
	})
	report := policy.Only(answerable...).Judge(checks, validity)
	answer := verdictAnswer{Verdict: report.Verdict, Checks: report.Checks}
	if lines, err := emrtd.ParseDG1(ev.Files[emrtd.FileDG1]); err == nil {
		if zone, err := mrz.Parse(lines, c.day); err == nil {
			answer.Fields = &zone.Fields
		}
	}
	return answer, nil
}

func (a verdictAnswer) finish(c *call) error {
	if err := c.answer(a, a.text); err != nil {
		return err
	}
	if a.Verdict != verify.Genuine {
		return errNotGood
	}
	return nil
}

func (a verdictAnswer) text(w io.Writer) {
	fmt.Fprintln(w, a.Verdict)
	printChecks(w, a.Checks)
}

func printChecks(w io.Writer, checks []verify.JudgedCheck) {
	for _, k := range checks {
		fmt.Fprintf(w, "  %-14s %-11s %-24s %s\n", k.Result, k.Level, k.ID, k.Reason)
	}
}

// savedFiles reads the files of a folder whose names say which file of a chip they are.
func savedFiles(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		name, known := chipFileName(e.Name())
		if !known || !e.Type().IsRegular() {
			continue
		}
		if files[name] != nil {
			return nil, usageError(fmt.Sprintf("%s: %s stands there twice under different names", dir, name))
		}
		if files[name], err = readBounded(filepath.Join(dir, e.Name()), maxChipFile); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// chipFileName knows the usual spellings: EF_SOD.bin, EF.SOD, SOD.bin, DG1.bin, EF_DG1.bin, Datagroup1.bin.
func chipFileName(file string) (name string, known bool) {
	bare := strings.ToUpper(file)
	for _, ending := range []string{".BIN", ".DER", ".DAT"} {
		bare = strings.TrimSuffix(bare, ending)
	}
	bare = strings.NewReplacer("_", "", ".", "", "-", "", " ", "").Replace(bare)
	bare = strings.TrimPrefix(bare, "EF")
	bare = strings.Replace(bare, "DATAGROUP", "DG", 1)
	switch bare {
	case "SOD", "COM":
		return "EF." + bare, true
	}
	var n int
	if _, err := fmt.Sscanf(bare, "DG%d", &n); err == nil && n >= 1 && n <= 16 && bare == fmt.Sprintf("DG%d", n) {
		return bare, true
	}
	return "", false
}
