package chart

import (
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// A4 lying, in millimetres.
const sheetWidth, sheetHeight = 297, 210

// printed is the date in the file: the same charts are the same bytes.
var printed = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// WritePDF writes the charts, a sheet of A4 for each, at their true size, with a ruler to tell whether the printer kept to it.
func WritePDF(w io.Writer, charts ...Chart) error {
	f := fpdf.New("L", "mm", "A4", "")
	f.SetCreationDate(printed)
	f.SetModificationDate(printed)
	f.SetCatalogSort(true)
	f.SetTitle("Foyer: charts for hwtest", false)
	f.SetAutoPageBreak(false, 0)
	f.SetMargins(0, 0, 0)
	for _, c := range charts {
		f.AddPage()
		c.print(f)
	}
	if err := f.Output(w); err != nil {
		return fmt.Errorf("write the charts: %w", err)
	}
	return nil
}

// print puts the chart in the middle of the sheet, with its writing below.
func (c Chart) print(f *fpdf.Fpdf) {
	width, height := c.Size()
	left, top := (sheetWidth-width)/2, (sheetHeight-height)/2-4
	for _, s := range c.Shapes() {
		outline := make([]fpdf.PointType, len(s.Outline))
		for i, p := range s.Outline {
			outline[i] = fpdf.PointType{X: left + p.X, Y: top + p.Y}
		}
		grey := int(s.Grey)
		f.SetFillColor(grey, grey, grey)
		f.Polygon(outline, "F")
	}
	f.SetDrawColor(150, 150, 150)
	f.SetLineWidth(0.1)
	f.Rect(left, top, width, height, "D")
	f.SetTextColor(0, 0, 0)
	f.SetFont("Helvetica", "", 5*c.scale)
	f.Text(left+45*c.scale, top+69*c.scale, fmt.Sprintf("Foyer hwtest: %s chart, %g x %g mm", c.Name, width, height))
	c.ruler(f, top+height+4)
}

// ruler is 100 mm long.
func (c Chart) ruler(f *fpdf.Fpdf, top float64) {
	const length, tick = 100.0, 2.0
	left := (sheetWidth - length) / 2
	f.SetDrawColor(0, 0, 0)
	f.SetLineWidth(0.2)
	f.Line(left, top, left+length, top)
	for x := 0.0; x <= length; x += 10 {
		f.Line(left+x, top, left+x, top+tick)
	}
	f.SetFont("Helvetica", "", 7)
	f.Text(left, top+tick+3, "100 mm. Print at 100 % on matt white paper; if this line is not 100 mm long, measurements are wrong.")
}
