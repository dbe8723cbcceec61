package main

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/verify/picture"
)

type mrzRead struct {
	Images []string `arg:"" help:"Pictures or scans of pages, turned any way: PNG, JPEG, TIFF, BMP, WebP, GIF; - is standard input."`
}

// readAnswer is the JSON of mrz read, one for each picture. Lines and columns count from 1, as those of mrz parse do.
type readAnswer struct {
	File        string           `json:"file"` // what of its name is not UTF-8 is replaced by U+FFFD
	Found       bool             `json:"found"`
	Reason      ocr.Reason       `json:"reason"` // why nothing was found, or was not for sure
	Format      mrz.Format       `json:"format"`
	Lines       []string         `json:"lines"`
	Sure        bool             `json:"sure"`
	Confidence  float64          `json:"confidence"`
	Characters  [][]float64      `json:"characters"` // the confidence of each
	Corrections []readCorrection `json:"corrections"`
	Quad        [][2]int         `json:"quad"` // empty where nothing like an MRZ was seen
	Fields      mrz.Fields       `json:"fields"`
	Checks      []mrz.Check      `json:"checks"`
	Millis      float64          `json:"ms"` // without opening the file

	Results    mrz.Results     `json:"results"` // of the fields, one by one
	Errors     []mrz.Fault     `json:"errors"`
	Deviations []mrz.Deviation `json:"deviations,omitempty"`
	Letter     float64         `json:"letter_height"`    // of a capital, in pixels; 0 where nothing like a line was found
	Others     []readAnswer    `json:"others,omitempty"` // other documents' MRZs in the picture, read or not, without file and ms of their own
	Error      string          `json:"error,omitempty"`  // why the picture could not be opened
}

// readCorrection is a character that the picture alone would have given otherwise.
type readCorrection struct {
	Line         int               `json:"line"`
	Column       int               `json:"column"`
	Seen         string            `json:"seen"`
	Taken        string            `json:"taken"`
	Reason       string            `json:"reason"` // "alphabet", "check_digit", "text"
	Alternatives []readAlternative `json:"alternatives"`
}

// readAlternative is another character that may stand there, and its probability.
type readAlternative struct {
	Character  string  `json:"character"`
	Confidence float64 `json:"confidence"`
}

// Run implements kong's command. A picture that cannot be opened does not keep the others from being read.
func (m mrzRead) Run(c *call) (err error) {
	reader, err := ocr.New()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	var unread []error
	good := true
	for _, file := range m.Images {
		answer, err := read(c, reader, file)
		if c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		if err != nil {
			unread = append(unread, err)
			answer = emptyAnswer(file)
			answer.Error = err.Error()
		}
		err = c.answer(answer, answer.good(), answer.text)
		if err != nil && !errors.Is(err, command.ErrNotGood) {
			return err
		}
		good = good && err == nil
	}
	switch {
	case len(unread) == 1:
		return unread[0] // which says what to do about it
	case len(unread) > 0:
		return command.WrongCall(errors.Join(unread...), "name files that are there, and "+nextPicture)
	case !good:
		return command.ErrNotGood
	}
	return nil
}

// emptyAnswer has no null in its JSON.
func emptyAnswer(file string) readAnswer {
	return readAnswer{
		File: file, Lines: []string{}, Characters: [][]float64{}, Corrections: []readCorrection{}, Quad: [][2]int{},
		Checks: []mrz.Check{}, Errors: []mrz.Fault{},
	}
}

func read(c *call, reader *ocr.Reader, file string) (readAnswer, error) {
	page, err := readPictureOrInput(c, file)
	if err != nil {
		return readAnswer{}, err
	}
	start := time.Now()
	readings, err := reader.ReadAll(c.ctx, page, c.day)
	if err != nil {
		return readAnswer{}, command.WrongCall(fmt.Errorf("%s: %w", file, err), nextPicture)
	}
	took := millis(time.Since(start))
	var all []readAnswer
	for _, r := range readings {
		a, err := zoneAnswer(r, c.day)
		if err != nil {
			return readAnswer{}, err
		}
		all = append(all, a)
	}
	a := all[0]
	a.File, a.Millis, a.Others = file, took, all[1:]
	return a, nil
}

// zoneAnswer tells one reading, without the file and the time.
func zoneAnswer(r ocr.Reading, day time.Time) (readAnswer, error) {
	a := emptyAnswer("")
	a.Found, a.Reason, a.Format, a.Sure, a.Confidence = r.Found, r.Reason, r.Format, r.Sure, rounded(r.Confidence)
	a.Lines, a.Letter = orEmpty(r.Lines), math.Round(10*r.Letter)/10
	if r.Quad != ([4]image.Point{}) {
		for _, corner := range r.Quad {
			a.Quad = append(a.Quad, [2]int{corner.X, corner.Y})
		}
	}
	if !r.Found {
		return a, nil
	}
	return a, a.fill(r, day)
}

// readPictureOrInput reads a file, or standard input for "-".
func readPictureOrInput(c *call, file string) (*image.Gray, error) {
	if file != "-" {
		return readPicture(c.ctx, file, picture.GreyPage)
	}
	return decodePicture(c.ctx, c.stdin, "standard input", picture.GreyPage)
}

// good tells that each zone of the picture may be used unseen, and that no check digit is wrong on the document.
func (a readAnswer) good() bool {
	wrong := slices.ContainsFunc(a.Checks, func(k mrz.Check) bool { return k.Result == mrz.Failed })
	return a.Sure && !wrong && !slices.ContainsFunc(a.Others, func(o readAnswer) bool { return !o.good() })
}

// fill adds what there is only where an MRZ was found.
func (a *readAnswer) fill(r ocr.Reading, day time.Time) error {
	zone, err := mrz.Parse(r.Lines, day)
	if err != nil {
		return err
	}
	a.Fields, a.Checks = zone.Fields, orEmpty(zone.Checks())
	a.Results, a.Errors, a.Deviations = zone.Results(), orEmpty(zone.Faults()), zone.Deviations()
	for _, line := range r.Characters {
		var confidences []float64
		for _, character := range line {
			confidences = append(confidences, rounded(character.Confidence))
		}
		a.Characters = append(a.Characters, confidences)
	}
	for _, k := range r.Corrections {
		correction := readCorrection{
			Line: k.Line + 1, Column: k.Column + 1, Seen: string(k.Seen), Taken: string(k.Taken), Reason: string(k.Reason),
			Alternatives: []readAlternative{},
		}
		for _, other := range k.Alternatives {
			correction.Alternatives = append(correction.Alternatives, readAlternative{string(other.Symbol), rounded(other.Confidence)})
		}
		a.Corrections = append(a.Corrections, correction)
	}
	return nil
}

// rounded keeps five digits of a probability: more are noise.
func rounded(p float64) float64 { return float64(int(p*1e5+0.5)) / 1e5 }

func (a readAnswer) text(w io.Writer) {
	if a.Error != "" {
		fmt.Fprintf(w, "not opened: %s\n", a.Error)
		return
	}
	a.zoneText(w)
	for _, other := range a.Others {
		fmt.Fprintln(w)
		other.File, other.Millis = a.File, a.Millis
		other.zoneText(w)
	}
}

// letters tells the height of letters where it may be why they are not read.
func (a readAnswer) letters() string {
	if a.Reason != ocr.Unclear {
		return ""
	}
	return fmt.Sprintf(" (its capital letters are %.0f pixels high; %d or more read well, fewer than %d rarely)",
		a.Letter, ocr.WellRead, ocr.RarelyRead)
}

// zoneText tells of one zone what it says, or why it could not be read.
func (a readAnswer) zoneText(w io.Writer) {
	if !a.Found {
		fmt.Fprintf(w, "%s: %s%s\n", a.File, a.Reason, a.letters())
		if len(a.Quad) > 0 {
			fmt.Fprintf(w, "  at %v\n", cornerList(a.Quad))
		}
		return
	}
	fmt.Fprintf(w, "%s: %s, %s\n\n", a.File, a.Format, a.trust())
	for _, line := range a.Lines {
		fmt.Fprintln(w, " ", line)
	}
	fmt.Fprintln(w)
	printFields(w, a.Fields)
	fmt.Fprintln(w)
	printFieldResults(w, a.Results, a.Fields)
	printZoneChecks(w, a.Checks)
	printZoneFaults(w, a.Errors, a.Deviations)
	for _, k := range a.Corrections {
		fmt.Fprintf(w, "  line %d, column %d: looks like %q, taken as %q (%s)\n", k.Line, k.Column, k.Seen, k.Taken, strings.ReplaceAll(k.Reason, "_", " "))
	}
	fmt.Fprintf(w, "  at %v, %.0f ms\n", cornerList(a.Quad), a.Millis)
}

// printFieldResults prints those of the fields that did not pass, and why where nothing else tells; the JSON has all.
func printFieldResults(w io.Writer, r mrz.Results, f mrz.Fields) {
	century := ""
	if f.CenturyUnknown() {
		century = "its century cannot be told"
	}
	for _, field := range []struct {
		name   string
		result mrz.Result
		why    string
	}{
		{"document code", r.DocumentCode, ""}, {"issuing state", r.IssuingState, unknownState(f.IssuingState)},
		{"surname", r.Surname, ""}, {"given names", r.GivenNames, ""}, {"number", r.DocumentNumber, ""},
		{"nationality", r.Nationality, unknownState(f.Nationality)}, {"birth date", r.BirthDate, ""}, {"sex", r.Sex, ""},
		{"expiry date", r.ExpiryDate, century}, {"optional data", r.OptionalData, ""},
	} {
		if field.result == mrz.Failed || field.result == mrz.Undetermined {
			fmt.Fprintln(w, strings.TrimSuffix(fmt.Sprintf("  %-14s field: %s, %s", field.result, field.name, field.why), ", "))
		}
	}
}

// unknownState tells that the code of a State is in no list; empty where it is in one.
func unknownState(code string) string {
	switch _, known := mrz.StateName(code); {
	case known:
		return ""
	case code == "":
		return "no code stands there"
	}
	return fmt.Sprintf("%q is no code of Doc 9303-3, section 5, nor one that is known to be printed", code)
}

func (a readAnswer) trust() string {
	if a.Sure {
		return fmt.Sprintf("sure (%.3f)", a.Confidence)
	}
	if a.Reason != "" {
		return fmt.Sprintf("NOT SURE (%.3f), %s%s: compare it with the document", a.Confidence, a.Reason, a.letters())
	}
	return fmt.Sprintf("NOT SURE (%.3f): compare it with the document", a.Confidence)
}

func cornerList(quad [][2]int) string {
	var corners []string
	for _, c := range quad {
		corners = append(corners, image.Pt(c[0], c[1]).String())
	}
	return cmp.Or(strings.Join(corners, " "), "-")
}
