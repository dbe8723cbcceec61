package inspection

import (
	"time"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/verify"
)

// Stage is a part of reading a document.
type Stage string

// The stages; each picture of a page is one too ([StagePage]). StageMRZ contains the wait for the visitor, and
// StageConnect that for a chip to answer.
const (
	StageMRZ        Stage = "mrz"
	StageConnect    Stage = "chip-connect"
	StageAccess     Stage = "chip-access"
	StageFiles      Stage = "chip-files"
	StageChipChecks Stage = "chip-checks"
	StagePrinted    Stage = "portrait-printed" // looked for on the page
	StageStored     Stage = "portrait-stored"  // decoded, and the face found in it
	StageOptical    Stage = "optical"
	StageLikeness   Stage = "likeness"
	StageVerdict    Stage = "verdict"
)

// StagePage is one picture of a page, "page-visible".
func StagePage(light verify.Light) Stage { return Stage("page-" + light) }

// Trace is told of every stage when it ends. It is called by several goroutines at once. A stage
// and two times say nothing of the visitor.
type Trace func(stage Stage, begin, end time.Time)

// timed begins a stage; what it gives ends it.
func (i *Inspector) timed(stage Stage) func() {
	begin := i.config.Now()
	return func() { i.config.Trace(stage, begin, i.config.Now()) }
}

// traceChip takes a reading apart that began with the first command at begin.
func (i *Inspector) traceChip(begin time.Time, read *emrtd.Reading) {
	access := read.Stages["select"] + read.Stages["access"]
	var files time.Duration
	for _, name := range []string{emrtd.FileCOM, emrtd.FileSOD, emrtd.FileDG1, emrtd.FileDG2} {
		files += read.Stages[name]
	}
	i.config.Trace(StageAccess, begin, begin.Add(access))
	i.config.Trace(StageFiles, begin.Add(access), begin.Add(access+files))
}
