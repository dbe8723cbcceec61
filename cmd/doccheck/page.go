package main

import (
	"fmt"
	"io"
	"time"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/page"
	"github.com/foyer-station/foyer/verify/picture"
)

// minDPI and maxDPI are those of verify.Page.
const minDPI, maxDPI = 150, 1200

type pageCheck struct {
	Vis   string      `required:"" help:"The page in visible light: PNG or JPEG." placeholder:"F"`
	IR    string      `name:"ir" help:"In infrared, B900." placeholder:"F"`
	UV    string      `name:"uv" help:"In ultraviolet, 365 nm." placeholder:"F"`
	Side  verify.Side `default:"front" enum:"front,back" help:"The side: front (also a passport's data page) or back, where a card has its MRZ."`
	DPI   int         `name:"dpi" default:"300" help:"The pictures' resolution, 150 to 1200."`
	Model string      `help:"Compare with a learned model (not yet)." placeholder:"ID"`
}

// pageAnswer is the JSON of page.
type pageAnswer struct {
	Verdict verify.Verdict `json:"verdict"`
	Checks  []checkAnswer  `json:"checks"`
	Model   string         `json:"model"`
	Millis  float64        `json:"ms"`
}

// Run implements kong's command. A page without a model is never genuine, so the answer is never good news.
func (p pageCheck) Run(c *call) error {
	if p.Model != "" {
		return command.ErrNotYet(program)
	}
	ev, err := p.evidence(c)
	if err != nil {
		return err
	}
	policy, err := verify.DefaultPolicy()
	if err != nil {
		return err
	}
	start := time.Now()
	checks := page.New(nil, page.DefaultThresholds()).ExaminePages(c.ctx, ev)
	if err := c.ctx.Err(); err != nil {
		return err
	}
	report := policy.Only("optical.").Judge(checks, verify.ValidityUnknown)
	a := pageAnswer{Verdict: report.Verdict, Checks: checkAnswers(c.words, report.Checks), Millis: millis(time.Since(start))}
	return c.answer(a, a.Verdict == verify.Genuine, a.text)
}

func (a pageAnswer) text(w io.Writer) {
	fmt.Fprintln(w, a.Verdict)
	if a.Verdict == verify.Unverified {
		fmt.Fprintln(w, "nothing speaks against the page; without its chip or a model nothing proves it")
	}
	fmt.Fprintln(w)
	printChecks(w, a.Checks)
}

// evidence reads the pictures that were given.
func (p pageCheck) evidence(c *call) (verify.Evidence, error) {
	ev := verify.Evidence{Day: c.day}
	if p.DPI < minDPI || p.DPI > maxDPI {
		return ev, command.WrongCall(fmt.Errorf("--dpi is %d", p.DPI), fmt.Sprintf("give what the pictures were taken with, %d to %d", minDPI, maxDPI))
	}
	for _, given := range []struct {
		file  string
		light verify.Light
	}{{p.Vis, verify.Visible}, {p.IR, verify.Infrared}, {p.UV, verify.Ultraviolet}} {
		if given.file == "" {
			continue
		}
		rgba, err := readPicture(c.ctx, given.file, picture.Page)
		if err != nil {
			return ev, err
		}
		ev.Pages = append(ev.Pages, verify.Page{Image: rgba, DPI: p.DPI, Light: given.light, Side: p.Side})
	}
	return ev, nil
}
