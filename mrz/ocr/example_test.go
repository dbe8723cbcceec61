package ocr_test

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"log"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/mrz/ocr"
	"github.com/foyer-station/foyer/verify"
)

// Two passports lie on a glass, one of them partly beside it.
func ExampleReader_ReadAll() {
	day := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	maker, err := specimen.NewMaker(1, day)
	if err != nil {
		log.Fatal(err)
	}
	glass := image.NewRGBA(image.Rect(0, 0, 1700, 2170))
	for i, person := range maker.People()[:2] {
		document, err := maker.Make(person, specimen.Genuine)
		if err != nil {
			log.Fatal(err)
		}
		page := document.Page(verify.Front, verify.Visible).Image
		draw.Draw(glass, page.Rect.Add(image.Pt(80, 60+1200*i)), page, image.Point{}, draw.Src)
	}
	reader, err := ocr.New()
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Close()
	readings, err := reader.ReadAll(context.Background(), glass, day)
	if err != nil {
		log.Fatal(err)
	}
	for _, reading := range readings {
		if !reading.Found {
			fmt.Println(reading.Reason)
			continue
		}
		fmt.Println(reading.Format, "sure:", reading.Sure)
		for _, line := range reading.Lines {
			fmt.Println(line)
		}
	}
	// Output:
	// TD3 sure: true
	// P<UTOOKORO<LINDQVIST<<AMARA<ELIN<<<<<<<<<<<<
	// U7K4P29X19UTO9202173F2712273<<<<<<<<<<<<<<00
	// a line of the machine-readable zone is cut off by the edge of the picture
}

// What a person should do follows from the reason.
func ExampleReason() {
	reader, err := ocr.New()
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Close()
	reading, err := reader.Read(context.Background(), image.NewGray(image.Rect(0, 0, 900, 700)), time.Now())
	if err != nil {
		log.Fatal(err)
	}
	switch reading.Reason {
	case ocr.CutOff:
		fmt.Println("lay the whole document on the glass")
	case ocr.Hidden:
		fmt.Println("take away what covers the lines")
	case ocr.Unclear:
		fmt.Printf("come nearer: letters are %.0f pixels high, and %d read well\n", reading.Letter, ocr.WellRead)
	case ocr.NothingFound, ocr.OtherText:
		fmt.Println("lay the document with its lines of <<< facing down")
	}
	// Output: lay the document with its lines of <<< facing down
}
