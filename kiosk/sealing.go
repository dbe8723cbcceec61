package kiosk

import (
	"sync"

	"github.com/foyer-station/foyer/inspection"
)

// inspect has the document inspected in one try, and returns when what came of that is sealed.
func (v *documentVisitor) inspect(of *inspection.Inspection, last bool) (*inspection.Document, error) {
	v.sealing = startSealing()
	defer v.sealing.end()
	return of.Try(v.job.ctx, v, last)
}

// sealing seals what a document gives behind its inspection, one part after the other, so that no check waits for the spool.
type sealing struct {
	parts chan func()
	all   sync.WaitGroup
}

// startSealing begins; end waits for all of it.
func startSealing() *sealing {
	s := &sealing{parts: make(chan func(), 3)} // two sides and a chip: nobody waits to add one
	s.all.Go(func() {
		for part := range s.parts {
			part()
		}
	})
	return s
}

func (s *sealing) add(part func()) { s.parts <- part }

func (s *sealing) end() {
	close(s.parts)
	s.all.Wait()
}
