package inspection

import (
	"context"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
)

// Needs are what an examiner waits for. All know the MRZ, if there is one, and the day.
type Needs uint8

// What there is to be waited for.
const (
	NeedsPages     Needs = 1 << iota // the pictures of all sides
	NeedsChip                        // how the reading of the chip ended, and the files
	NeedsPortraits                   // both portraits, with the one picture and the one file that they come from: sooner there than all
)

// Examiner makes some of the checks, once for a document, as soon as what it needs is there, whatever came of that: it says itself
// of each of its checks that it could not be made.
type Examiner struct {
	Stage Stage // what it is called in a trace
	Needs Needs
	// Examine is given what the examiner needs, and nothing that may still be being read. It only reads that, and returns soon after
	// ctx ends.
	Examine func(ctx context.Context, ev verify.Evidence) []verify.Check
}

// startExaminers lets all examiners wait for what they need.
func (r *run) startExaminers(ctx context.Context) {
	r.checks = make([][]verify.Check, len(r.config.Examiners))
	for n, e := range r.config.Examiners {
		r.examining.Go(func() {
			if e.Needs&NeedsChip != 0 {
				<-r.chipKnown
			}
			if e.Needs&NeedsPages != 0 {
				<-r.pagesKnown
			}
			if e.Needs&NeedsPortraits != 0 {
				<-r.portraits.printedKnown
				<-r.portraits.storedKnown
			}
			r.checks[n] = r.examine(ctx, e)
		})
	}
}

func (r *run) examine(ctx context.Context, e Examiner) []verify.Check {
	defer r.timed(e.Stage)()
	ctx, cancel := context.WithTimeout(ctx, r.config.Timings.Examination)
	defer cancel()
	return e.Examine(ctx, r.evidence(e.Needs))
}

// evidence is the part of all evidence that is needed, and there.
func (r *run) evidence(needs Needs) verify.Evidence {
	all := &r.document.Evidence
	ev := verify.Evidence{MRZ: all.MRZ, Seen: all.Seen, Day: all.Day}
	if needs&NeedsPortraits != 0 {
		ev.Portraits = all.Portraits
		if ev.Portraits.Printed != nil {
			ev.Pages = []verify.Page{r.portraits.frontOfPrinted}
		}
		if ev.Portraits.Stored != nil {
			ev.Files = map[string][]byte{emrtd.FileDG2: all.Files[emrtd.FileDG2]}
		}
	}
	if needs&NeedsPages != 0 {
		ev.Pages = all.Pages
	}
	if needs&NeedsChip != 0 {
		ev.Chip, ev.Files, ev.Proofs, ev.ChipNotes = all.Chip, all.Files, all.Proofs, all.ChipNotes
	}
	return ev
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
	for _, checks := range r.checks {
		d.Checks = append(d.Checks, checks...)
	}
}
