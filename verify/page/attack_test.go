package page_test

import (
	"context"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/specimen/lds"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/picture/picturetest"
	"github.com/foyer-station/foyer/verify/wording/wordingtest"
)

// attackers are what comes with their chips: a genuine page, and in DG2 a picture that costs whoever decodes it minutes or gigabytes.
func attackers(t testing.TB) map[string]verify.Evidence {
	t.Helper()
	genuine := made(t, 0, specimen.Genuine).Evidence()
	attackers := map[string]verify.Evidence{}
	for name, file := range map[string][]byte{
		"JPEG of 17,900 scans": picturetest.ManyScans(4096, 2048, 17_900),
		"JPEG 2000 of 65,535 tiles and 200 components": picturetest.Codestream{
			Width: 255, Height: 257, Tile: 1, Components: 200, Layers: 1, CodeBlock: 4}.Encode(),
	} {
		dg2, err := lds.DG2(lds.Portrait{JPEG: file, Width: 400, Height: 500})
		if err != nil {
			t.Fatal(err)
		}
		ev := genuine
		ev.Files = map[string][]byte{"DG2": dg2}
		attackers[name] = ev
	}
	return attackers
}

// TestAChipsPictureThatIsAWeaponProvesNothingAndTakesSeconds: the first took four minutes, the second all memory, of the station.
func TestAChipsPictureThatIsAWeaponProvesNothingAndTakesSeconds(t *testing.T) {
	e := examiner(t)
	for name, ev := range attackers(t) {
		begin := time.Now()
		check := e.ComparePortraits(t.Context(), ev)[0]
		took := time.Since(begin)
		if check.Result != verify.Undetermined || took > 40*time.Second {
			t.Errorf("%s: after %v %+v", name, took, check)
		}
		t.Logf("%s: %v, %s", name, took, wordingtest.English(t, check))
	}
}

// TestAnExaminationThatIsStoppedWaitsForNoDecoder, as it is when the visitor leaves.
func TestAnExaminationThatIsStoppedWaitsForNoDecoder(t *testing.T) {
	ev := attackers(t)["JPEG of 17,900 scans"]
	e := examiner(t)
	e.ComparePortraits(t.Context(), made(t, 0, specimen.Genuine).Evidence()) // what is loaded once is
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	check := e.ComparePortraits(ctx, ev)[0]
	ended, _ := ctx.Deadline()
	if late := time.Since(ended); check.Result != verify.Aborted || late > 2*time.Second {
		t.Errorf("%v after it was told to stop: %+v", late, check)
	}
}
