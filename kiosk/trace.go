package kiosk

import (
	"log/slog"
	"time"

	"github.com/foyer-station/foyer/inspection"
)

// The stages of a document beside those of its inspection.
const (
	stageKeepPages inspection.Stage = "keep-pages"
	stageKeepChip  inspection.Stage = "keep-chip"
)

// timed begins a stage; what it gives ends it.
func (s *Station) timed(stage inspection.Stage) func() {
	begin := s.config.Now()
	return func() { s.config.Trace(stage, begin, s.config.Now()) }
}

// traceTo writes stages to the log.
func traceTo(log *slog.Logger) inspection.Trace {
	return func(stage inspection.Stage, begin, end time.Time) {
		log.Debug("stage", "stage", string(stage), "took", end.Sub(begin))
	}
}
