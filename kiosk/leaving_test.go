package kiosk

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/emulate/specimen/lds"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/journal"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"github.com/foyer-station/foyer/verify"
	optical "github.com/foyer-station/foyer/verify/page"
	"github.com/foyer-station/foyer/verify/picture"
	"github.com/foyer-station/foyer/verify/picture/picturetest"
	"github.com/foyer-station/foyer/verify/portrait"
)

func TestMain(m *testing.M) {
	picture.ServeIfChild()
	os.Exit(m.Run())
}

// newBedOfLikeness is a station that compares the portraits of a genuine page, whatever the imager sees, and of the chip.
func newBedOfLikeness(t *testing.T) *bed {
	t.Helper()
	finder, err := portrait.NewFinder(portrait.DefaultCascades)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { finder.Close() })
	maker, err := specimen.NewMaker(1, today)
	if err != nil {
		t.Fatal(err)
	}
	genuine, err := maker.Make(maker.People()[0], specimen.Genuine)
	if err != nil {
		t.Fatal(err)
	}
	pages := genuine.Evidence().Pages
	examiner := optical.New(finder, optical.DefaultThresholds())
	return newBed(t, func(_ *bed, c *Config) {
		c.Inspection.Examiners[ofBoth].Examine = func(ctx context.Context, ev verify.Evidence) []verify.Check {
			ev.Pages = pages
			return examiner.ComparePortraits(ctx, ev)
		}
	})
}

// weaponChip has a picture that takes minutes to decode.
func weaponChip(t *testing.T) chipAnswer {
	t.Helper()
	dg2, err := lds.DG2(lds.Portrait{JPEG: picturetest.ManyScans(4096, 2048, 17_900), Width: 400, Height: 500})
	if err != nil {
		t.Fatal(err)
	}
	return chipAnswer{files: map[string][]byte{"DG2": dg2}}
}

// decoding tells that a decoder of this process runs, or is ready to.
func decoding() bool {
	threads, _ := os.ReadDir("/proc/self/task")
	for _, thread := range threads {
		if text, _ := os.ReadFile("/proc/self/task/" + thread.Name() + "/children"); strings.TrimSpace(string(text)) != "" {
			return true
		}
	}
	return false
}

const promptly = 3 * time.Second

// TestNobodyWaitsForAPictureOfAVisitorWhoLeft: the next one is greeted at once, and served.
func TestNobodyWaitsForAPictureOfAVisitorWhoLeft(t *testing.T) {
	b := newBedOfLikeness(t)
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- weaponChip(t)
	b.until("a decoder", decoding)
	begin := time.Now()
	b.Send(flow.Leave{})
	b.shows(flow.Greeting, "")
	if took := time.Since(begin); took > promptly || decoding() {
		t.Errorf("it took %v, and a decoder runs: %v", took, decoding())
	}
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- wholeChip
	b.finish()
}

// TestAStationEndsWhileAPictureIsDecoded as it does at any other time.
func TestAStationEndsWhileAPictureIsDecoded(t *testing.T) {
	b := newBedOfLikeness(t)
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- weaponChip(t)
	b.until("a decoder", decoding)
	begin := time.Now()
	b.stop()
	if took := time.Since(begin); took > promptly || decoding() {
		t.Errorf("it took %v, and a decoder runs: %v", took, decoding())
	}
}

// TestAPictureThatIsAWeaponCostsItsVisitorSecondsAndAccusesNobody who waits for the end of it; staff's browsers get it in DG2 alone.
func TestAPictureThatIsAWeaponCostsItsVisitorSecondsAndAccusesNobody(t *testing.T) {
	b := newBedOfLikeness(t)
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- weaponChip(t)
	b.finish()
	record := b.office.received(t, 0).record
	for _, c := range record.GetDocuments()[0].GetChecks() {
		if c.GetId() == "cross.portrait_dg2" && c.GetResult() != string(verify.Undetermined) && c.GetResult() != string(verify.Aborted) {
			t.Errorf("%v", c)
		}
	}
	named := func(name string) bool {
		return slices.ContainsFunc(record.GetFiles(), func(f *stationv1.File) bool { return f.GetName() == name })
	}
	if !named("chip-DG2") || named("chip-portrait") || !told(record, "chip-portrait", stationv1.DroppedUnreadable, 0) {
		t.Errorf("files %v, losses %v", record.GetFiles(), record.GetDropped())
	}
}

// TestAStationThatCanStartNoDecoderSaysSo, to the technician and in the record, until it can.
func TestAStationThatCanStartNoDecoderSaysSo(t *testing.T) {
	b := newBedOfLikeness(t)
	told := func() bool {
		return slices.ContainsFunc(b.Status(t.Context()).GetDevices(), func(d *technicianv1.DeviceStatus) bool {
			return d.GetKind() == "picture_decoder" && d.GetState() == "hw_error" && d.GetRemedy() != nil
		})
	}
	program := os.Args[0]
	for i, startable := range []bool{false, true} {
		os.Args[0] = program
		if !startable {
			os.Args[0] = "foyer: decode a picture" // a child, and those start none
		}
		b.begin(flow.StepDocument)
		b.layDown(passport)
		b.field.answers <- honestChip(t)
		b.finish()
		os.Args[0] = program
		kept := slices.ContainsFunc(b.office.received(t, i).record.GetFiles(), func(f *stationv1.File) bool { return f.GetName() == "chip-portrait" })
		if told() == startable || kept != startable {
			t.Errorf("a decoder starts: %v, the technician is told: %v, the portrait is kept: %v", startable, told(), kept)
		}
		b.gone()
	}
}

// honestChip has a portrait of somebody.
func honestChip(t *testing.T) chipAnswer {
	t.Helper()
	maker, err := specimen.NewMaker(1, today)
	if err != nil {
		t.Fatal(err)
	}
	genuine, err := maker.Make(maker.People()[0], specimen.Genuine)
	if err != nil {
		t.Fatal(err)
	}
	return chipAnswer{files: map[string][]byte{"DG2": genuine.Files["DG2"]}}
}

// TestASpoolThatCouldNotBeWipedIsWipedBehindTheNextVisitor, and not only at the next start, which may be months away.
func TestASpoolThatCouldNotBeWipedIsWipedBehindTheNextVisitor(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Open(t.Context(), filepath.Join(dir, "journal.db"))
	fatal(t, err)
	fatal(t, j.Close())
	db, err := sql.Open("sqlite3", filepath.Join(dir, "journal.db"))
	fatal(t, err)
	for _, statement := range []string{ // until a third visitor has come
		"CREATE TABLE came (visitor TEXT PRIMARY KEY)",
		"CREATE TRIGGER comes AFTER INSERT ON files BEGIN INSERT OR IGNORE INTO came VALUES (NEW.check_in_id); END",
		`CREATE TRIGGER keeps BEFORE DELETE ON files WHEN (SELECT count(*) FROM came) < 3
			BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
	} {
		_, err := db.ExecContext(t.Context(), statement)
		fatal(t, err)
	}
	fatal(t, db.Close())
	b := newBedOn(t, dir, ownOffice, nil)
	for range 2 {
		b.begin(flow.StepDocument)
		b.brings(passport)
		b.shows(flow.Review, flow.Waiting)
		b.Send(flow.Leave{})
		b.shows(flow.Greeting, "")
	}
	if b.spool() == 0 {
		t.Fatal("the spool could be wiped")
	}
	b.begin(flow.StepDocument)
	b.brings(passport)
	b.shows(flow.Review, flow.Waiting)
	b.Send(flow.Leave{})
	b.until("an empty spool", func() bool { return b.spool() == 0 })
}
