package specimen_test

import (
	"fmt"
	"log"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/verify"
)

func Example() {
	maker, err := specimen.NewMaker(1, time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC))
	if err != nil {
		log.Fatal(err)
	}
	s, err := maker.Make(maker.People()[2], specimen.AlteredMRZ)
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range s.MRZ {
		fmt.Println(line)
	}
	picture := s.Page(verify.Front, verify.Infrared)
	fmt.Println(picture.Image.Rect.Max, picture.DPI, s.Want.Verdict, s.Want.Checks["cross.dg1_mrz"])
	// Output:
	// P<UTOMARCHETTI<<SAMIR<YOUSSEF<<<<<<<<<<<<<<<
	// U9C3T74W86UTO8011288M3003161<<<<<<<<<<<<<<06
	// (1476,1039) 300 doubtful failed
}
