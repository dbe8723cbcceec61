package command

import (
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
)

// shows is the flag that all commands have.
type shows struct {
	Version kong.VersionFlag `help:"Say which version this is, and end."`
}

// version words what a program was built from: "kiosk v1.2.0 (2026-11-30T07:02:28Z, 88b9fbf2d31c, changed), go1.26.11". What is not known is left
// out: the build information has a commit where git was there, and a version where one was tagged or Go could make one of the commit.
func version(program string, built *debug.BuildInfo) string {
	if built == nil {
		return program + ", of an unknown version"
	}
	setting := func(key string) string {
		for _, s := range built.Settings {
			if s.Key == key {
				return s.Value
			}
		}
		return ""
	}
	said := program
	if v := built.Main.Version; v != "" && v != "(devel)" {
		said += " " + v
	}
	var from []string
	const short = 12 // as Go's own versions have it
	revision := setting("vcs.revision")
	for _, part := range []string{setting("vcs.time"), revision[:min(len(revision), short)]} {
		if part != "" {
			from = append(from, part)
		}
	}
	if setting("vcs.modified") == "true" {
		from = append(from, "changed")
	}
	if from != nil {
		said += " (" + strings.Join(from, ", ") + ")"
	}
	if said == program {
		said += ", of an unknown version"
	}
	return said + ", " + built.GoVersion
}
