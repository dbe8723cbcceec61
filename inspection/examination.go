package inspection

import (
	"context"
	"sync"

	"github.com/foyer-station/foyer/verify"
)

// Examiner makes checks from evidence. It only reads what it is given, and returns soon after ctx ends.
type Examiner func(ctx context.Context, ev verify.Evidence) []verify.Check

// Examiners make the checks beside those of the MRZ itself, each once for a document, as soon as what it needs is there.
// All know the MRZ and the day.
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
func (r *run) examineChip(ctx context.Context) {
	all := r.document.Evidence
	ev := verify.Evidence{MRZ: all.MRZ, Day: all.Day, Chip: all.Chip, Files: all.Files, Proofs: all.Proofs, ChipNotes: all.ChipNotes}
	r.examination.running.Go(func() { r.examination.chip = r.examine(ctx, StageChipChecks, r.config.Examiners.Chip, ev) })
}

// examinePages begins the checks of the pages, which have all been pictured, and of pages and chip once the chip has been
// read as well.
func (r *run) examinePages(ctx context.Context, chip *sync.WaitGroup) {
	all := &r.document.Evidence
	ev := verify.Evidence{MRZ: all.MRZ, Day: all.Day, Pages: all.Pages}
	r.examination.running.Go(func() { r.examination.pages = r.examine(ctx, StageOptical, r.config.Examiners.Pages, ev) })
	r.examination.running.Go(func() {
		chip.Wait()
		r.examination.both = r.examine(ctx, StageLikeness, r.config.Examiners.Both, *all)
	})
}

func (i *Inspector) examine(ctx context.Context, stage Stage, examine Examiner, ev verify.Evidence) []verify.Check {
	defer i.timed(stage)()
	ctx, cancel := context.WithTimeout(ctx, i.config.Timings.Examination)
	defer cancel()
	return examine(ctx, ev)
}

// conclude gathers the checks, when all have been made. Until when a document is valid whose MRZ could not be read, its chip says;
// the checks of the MRZ are not performed all the same.
func (r *run) conclude() {
	defer r.timed(StageVerdict)()
	d := r.document
	d.Checks, d.Validity = verify.ExamineMRZ(d.Evidence)
	if d.Evidence.MRZ == nil {
		_, d.Validity = verify.ExamineMRZ(verify.Evidence{MRZ: d.Zone.Lines(), Day: d.Evidence.Day})
	}
	for _, checks := range [][]verify.Check{r.examination.chip, r.examination.pages, r.examination.both} {
		d.Checks = append(d.Checks, checks...)
	}
}
