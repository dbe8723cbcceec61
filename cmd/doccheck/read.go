package main

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/mrz"
	"github.com/foyer-station/foyer/mrz/ocr"
)

type mrzRead struct {
	Images []string `arg:"" help:"Pictures or scans of pages, turned any way: PNG, JPEG, TIFF, BMP, WebP, GIF."`
}

// readAnswer is the JSON of mrz read, one for each picture. Lines and columns count from 1, as those of mrz parse do.
type readAnswer struct {
	File        string           `json:"file"`
	Found       bool             `json:"found"`
	Reason      ocr.Reason       `json:"reason"` // why nothing was found
	Format      mrz.Format       `json:"format"`
	Lines       []string         `json:"lines"`
	Sure        bool             `json:"sure"`
	Confidence  float64          `json:"confidence"`
	Characters  [][]float64      `json:"characters"` // the confidence of each
	Corrections []readCorrection `json:"corrections"`
	Quad        [][2]int         `json:"quad"` // empty when nothing was found
	Fields      mrz.Fields       `json:"fields"`
	Checks      []mrz.Check      `json:"checks"`
	Millis      float64          `json:"ms"` // without opening the file
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
			continue
		}
		err = c.answer(answer, answer.Sure, answer.text)
		if err != nil && !errors.Is(err, command.ErrNotGood) {
			return err
		}
		good = good && err == nil
	}
	switch {
	case len(unread) > 0:
		return command.WrongCall(errors.Join(unread...), nextPicture)
	case !good:
		return command.ErrNotGood
	}
	return nil
}

func read(c *call, reader *ocr.Reader, file string) (readAnswer, error) {
	picture, err := readPicture(file)
	if err != nil {
		return readAnswer{}, err
	}
	start := time.Now()
	r, err := reader.Read(c.ctx, picture, c.day)
	if err != nil {
		return readAnswer{}, command.WrongCall(fmt.Errorf("%s: %w", file, err), nextPicture)
	}
	a := readAnswer{
		File: file, Found: r.Found, Reason: r.Reason, Format: r.Format, Lines: orEmpty(r.Lines), Sure: r.Sure,
		Confidence: rounded(r.Confidence), Characters: [][]float64{}, Corrections: []readCorrection{}, Quad: [][2]int{},
		Checks: []mrz.Check{}, Millis: millis(time.Since(start)),
	}
	if !r.Found {
		return a, nil
	}
	return a, a.fill(r, c.day)
}

// fill adds what there is only where a zone was found.
func (a *readAnswer) fill(r ocr.Reading, day time.Time) error {
	zone, err := mrz.Parse(r.Lines, day)
	if err != nil {
		return err
	}
	a.Fields, a.Checks = zone.Fields, orEmpty(zone.Checks())
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
	for _, corner := range r.Quad {
		a.Quad = append(a.Quad, [2]int{corner.X, corner.Y})
	}
	return nil
}

// rounded keeps five digits of a probability: more are noise.
func rounded(p float64) float64 { return float64(int(p*1e5+0.5)) / 1e5 }

func (a readAnswer) text(w io.Writer) {
	if !a.Found {
		fmt.Fprintf(w, "%s: %s\n", a.File, a.Reason)
		return
	}
	fmt.Fprintf(w, "%s: %s, %s\n\n", a.File, a.Format, a.trust())
	for _, line := range a.Lines {
		fmt.Fprintln(w, " ", line)
	}
	fmt.Fprintln(w)
	printFields(w, a.Fields)
	fmt.Fprintln(w)
	printZoneChecks(w, a.Checks)
	for _, k := range a.Corrections {
		fmt.Fprintf(w, "  line %d, column %d: looks like %q, taken as %q (%s)\n", k.Line, k.Column, k.Seen, k.Taken, strings.ReplaceAll(k.Reason, "_", " "))
	}
	fmt.Fprintf(w, "  at %v, %.0f ms\n", cornerList(a.Quad), a.Millis)
}

func (a readAnswer) trust() string {
	if a.Sure {
		return fmt.Sprintf("sure (%.3f)", a.Confidence)
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
