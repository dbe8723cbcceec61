package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emrtd/pki"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/trust"
)

// maxChipFile bounds a saved file in bytes; a chip's largest data groups hold a few pictures.
const maxChipFile = 4 << 20

type chipVerify struct {
	Dir   string `arg:"" type:"existingdir" help:"The folder with the saved files."`
	Trust string `type:"existingdir" help:"The folder of the trust store; without it no signer is known." placeholder:"STORE"`
}

// verdictAnswer is the JSON of chip verify.
type verdictAnswer struct {
	Verdict  verify.Verdict  `json:"verdict"`
	Validity verify.Validity `json:"validity"`
	Checks   []checkAnswer   `json:"checks"`
	Fields   *mrz.Fields     `json:"fields,omitempty"`  // of DG1
	Ignored  []string        `json:"ignored,omitempty"` // what stands in the folder and is no file of a chip by its name
}

// Run implements kong's command.
func (v chipVerify) Run(c *call) error {
	files, ignored, err := savedFiles(v.Dir)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return command.WrongCall(fmt.Errorf("%s: no files of a chip%s", v.Dir, spelt(", only ", ignored)), "name them EF_SOD.bin, EF_COM.bin, DG1.bin, ... as chip read --save does")
	}
	a, err := judgeChip(c, v.Trust, verify.Evidence{Files: files, Day: c.day}, answerableFromFiles()...)
	if err != nil {
		return err
	}
	a.Ignored = ignored
	return c.answer(a, a.Verdict == verify.Genuine, a.text)
}

// maxSpelt bounds how many names are written in text.
const maxSpelt = 8

// spelt are names of a stranger's files behind an introduction, nothing where there are none.
func spelt(introduction string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	quoted := make([]string, min(len(names), maxSpelt))
	for i := range quoted {
		quoted[i] = strconv.Quote(names[i])
	}
	text := introduction + strings.Join(quoted, ", ")
	if more := len(names) - len(quoted); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// answerableFromFiles are the checks that need no chip. Whether it opens and whether it is a copy only the chip itself can
// tell.
func answerableFromFiles() []string {
	return []string{"chip.pa.", "chip.com_sod", "chip.card_access", "chip.trust_age", "cross.dg1_dsc_"}
}

// judgeChip makes the checks of chip and MRZ, and weighs those that the evidence can answer.
func judgeChip(c *call, storeFolder string, ev verify.Evidence, answerable ...string) (verdictAnswer, error) {
	policy, err := verify.DefaultPolicy()
	if err != nil {
		return verdictAnswer{}, err
	}
	var store *trust.Store
	if storeFolder != "" {
		if store, err = openStore(storeFolder); err != nil {
			return verdictAnswer{}, err
		}
	}
	checks, validity := verify.ExamineMRZ(ev)
	checks = slices.DeleteFunc(append(checks, chip.Examiner{Trust: store}.Examine(c.ctx, ev)...), func(k verify.Check) bool {
		return !slices.ContainsFunc(answerable, func(prefix string) bool { return strings.HasPrefix(k.ID, prefix) })
	})
	a := verdictAnswer{}
	if lines, err := emrtd.ParseDG1(ev.Files[emrtd.FileDG1]); err == nil {
		if zone, err := mrz.Parse(lines, c.day); err == nil {
			a.Fields = &zone.Fields
		}
		if len(ev.MRZ) == 0 {
			_, validity = verify.ExamineMRZ(verify.Evidence{MRZ: lines, Day: c.day})
		}
	}
	report := policy.Only(answerable...).Judge(checks, validity)
	a.Verdict, a.Validity, a.Checks = report.Verdict, report.Validity, checkAnswers(c.words, report.Checks)
	return a, nil
}

func openStore(dir string) (*trust.Store, error) {
	store, err := trust.OpenStore(dir)
	if err != nil {
		return nil, command.CannotRun(err, "make a new store from the master lists: doccheck trust import --store NEW FILE...")
	}
	return store, nil
}

func (a verdictAnswer) text(w io.Writer) {
	fmt.Fprintln(w, a.headline())
	fmt.Fprintln(w)
	if a.Fields != nil {
		printFields(w, *a.Fields)
		fmt.Fprintln(w)
	}
	printChecks(w, a.Checks)
	if len(a.Ignored) > 0 {
		fmt.Fprintln(w, spelt("\nleft aside, as no file of a chip has such a name: ", a.Ignored))
	}
}

func (a verdictAnswer) headline() string {
	if a.Validity == verify.ValidityUnknown {
		return string(a.Verdict)
	}
	return fmt.Sprintf("%s, %s", a.Verdict, strings.ReplaceAll(string(a.Validity), "_", " "))
}

// savedFiles reads the files of a folder whose names say which file of a chip they are, and names the others; hidden ones
// are nobody's.
func savedFiles(dir string) (files map[string][]byte, ignored []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, command.WrongCall(err, "name a folder that you may read")
	}
	files, from := map[string][]byte{}, map[string]string{}
	for _, e := range entries {
		name, known := chipFileName(e.Name())
		if !known || !e.Type().IsRegular() {
			if !strings.HasPrefix(e.Name(), ".") {
				ignored = append(ignored, e.Name())
			}
			continue
		}
		if first, twice := from[name]; twice {
			return nil, nil, command.WrongCall(
				fmt.Errorf("%s: %s stands there twice under different names: %s, %s", dir, name, first, e.Name()),
				"leave the one that belongs to this chip")
		}
		if files[name], err = readSaved(filepath.Join(dir, e.Name())); err != nil {
			return nil, nil, err
		}
		from[name] = e.Name()
	}
	return files, ignored, nil
}

// readSaved reads a saved file, which may be in hexadecimal.
func readSaved(path string) ([]byte, error) {
	data, err := readBounded(path, maxChipFile)
	if err != nil {
		return nil, err
	}
	text := pki.PlainText(data)
	file, isHex := fromHex(text)
	switch {
	case isHex:
		return file, nil
	case strings.EqualFold(filepath.Ext(path), hexEnding):
		return nil, command.WrongCall(errors.New(path+" is not hexadecimal"), "write digits in pairs and nothing else, or the file's own bytes as .bin")
	}
	if file, isBase64 := fromBase64(text); isBase64 {
		return file, nil
	}
	return data, nil
}
