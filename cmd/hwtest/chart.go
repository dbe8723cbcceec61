package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/hwtest/chart"
)

// chart writes the charts. A terminal gets none: it would show bytes.
func (c *cli) chart(stdout io.Writer) error {
	if c.Chart.File == "-" {
		if isTerminal(stdout) {
			return command.WrongCall(errors.New("a PDF is nothing for a terminal"), "hwtest chart chart.pdf")
		}
		return unwritten(chart.WritePDF(stdout, chart.ForGlass(), chart.ForCamera()))
	}
	file, err := os.Create(c.Chart.File)
	if err != nil {
		return command.CannotRun(err, "hwtest chart, with a file that can be written")
	}
	return unwritten(errors.Join(chart.WritePDF(file, chart.ForGlass(), chart.ForCamera()), file.Close()))
}

func unwritten(err error) error {
	if err != nil {
		return command.CannotRun(fmt.Errorf("write the charts: %w", err), "check where the output goes: a full disk, a closed pipe")
	}
	return nil
}
