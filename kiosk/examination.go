package kiosk

import (
	"context"
	"sync"

	"github.com/foyer-station/foyer/verify"
)

// Examiner makes checks from evidence. It only reads what it is given, and returns soon after ctx ends.
type Examiner func(ctx context.Context, ev verify.Evidence) []verify.Check

// Examiners make the checks beside those of the zone itself, each once for a document, as soon as what it needs is there.
// All know the zone and the day.
type Examiners struct {
	// Pages needs the pictures of all sides. The chip may still be being read, so it is not told of it.
	Pages Examiner
	// Chip needs how the reading of the chip ended, and the files. It is not told of the pages.
	Chip Examiner
	// Both needs pictures and files.
	Both Examiner
}

// examination is what the examiners make of one document, side by side.
type examination struct {
	running           sync.WaitGroup
	chip, pages, both []verify.Check
}

// examineChip begins the checks of the chip, which has been read.
func (s *Station) examineChip(j *job, r *reading) {
	ev := verify.Evidence{
		MRZ: r.evidence.MRZ, Day: r.evidence.Day,
		Chip: r.evidence.Chip, Files: r.evidence.Files, Proofs: r.evidence.Proofs, ChipNotes: r.evidence.ChipNotes,
	}
	r.examination.running.Go(func() { r.examination.chip = s.examine(j, StageChipChecks, s.config.Examiners.Chip, ev) })
}

// examinePages begins the checks of the pages, which have all been pictured, and of pages and chip once the chip has been
// read as well.
func (s *Station) examinePages(j *job, r *reading, chip *sync.WaitGroup) {
	ev := verify.Evidence{MRZ: r.evidence.MRZ, Day: r.evidence.Day, Pages: r.evidence.Pages}
	r.examination.running.Go(func() { r.examination.pages = s.examine(j, StageOptical, s.config.Examiners.Pages, ev) })
	r.examination.running.Go(func() {
		chip.Wait()
		r.examination.both = s.examine(j, StageLikeness, s.config.Examiners.Both, r.evidence)
	})
}

func (s *Station) examine(j *job, stage Stage, examine Examiner, ev verify.Evidence) []verify.Check {
	defer s.timed(stage)()
	ctx, cancel := context.WithTimeout(j.ctx, s.config.Timings.Examination)
	defer cancel()
	return examine(ctx, ev)
}

// conclude gathers the checks, when all have been made. Until when a document is valid whose zone could not be read, its chip
// says; the checks of the zone are not performed all the same.
func (s *Station) conclude(r *reading) {
	defer s.timed(StageVerdict)()
	r.checks, r.validity = verify.ExamineMRZ(r.evidence)
	if r.inChip != nil {
		_, r.validity = verify.ExamineMRZ(verify.Evidence{MRZ: r.inChip, Day: r.evidence.Day})
	}
	for _, checks := range [][]verify.Check{r.examination.chip, r.examination.pages, r.examination.both} {
		r.checks = append(r.checks, checks...)
	}
}
