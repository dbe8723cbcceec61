package kiosk

import (
	"log/slog"
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
)

// Stage is a part of reading a document.
type Stage string

// The stages; each picture of a page is one too ([StagePage]). StageZone contains the wait for the visitor, and
// StageConnect that for a chip to answer.
const (
	StageZone       Stage = "zone"
	StageConnect    Stage = "chip-connect"
	StageAccess     Stage = "chip-access"
	StageFiles      Stage = "chip-files"
	StageChipChecks Stage = "chip-checks"
	StageOptical    Stage = "optical"
	StageLikeness   Stage = "likeness"
	StageKeepPages  Stage = "keep-pages"
	StageKeepChip   Stage = "keep-chip"
	StageVerdict    Stage = "verdict"
)

// StagePage is one picture of a page, "page-visible".
func StagePage(light verify.Light) Stage { return Stage("page-" + light) }

// Trace is told of every stage when it ends, by the station's clock. It is called by several goroutines at once. A stage
// and two times say nothing of the visitor.
type Trace func(stage Stage, begin, end time.Time)

// timed begins a stage; what it gives ends it.
func (s *Station) timed(stage Stage) func() {
	begin := s.config.Now()
	return func() { s.config.Trace(stage, begin, s.config.Now()) }
}

// traceChip takes a reading apart that began with the first command at begin.
func (s *Station) traceChip(begin time.Time, read *emrtd.Reading) {
	access := read.Stages["select"] + read.Stages["access"]
	var files time.Duration
	for _, name := range []string{emrtd.FileCOM, emrtd.FileSOD, emrtd.FileDG1, emrtd.FileDG2} {
		files += read.Stages[name]
	}
	s.config.Trace(StageAccess, begin, begin.Add(access))
	s.config.Trace(StageFiles, begin.Add(access), begin.Add(access+files))
}

// traceTo writes stages to the log.
func traceTo(log *slog.Logger) Trace {
	return func(stage Stage, begin, end time.Time) {
		log.Debug("stage", "stage", string(stage), "took", end.Sub(begin))
	}
}
