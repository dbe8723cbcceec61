package command

import (
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func TestEveryCommandSaysWhichVersionItIsAndDoesNothingElse(t *testing.T) {
	var said, wrong strings.Builder
	var cli struct {
		Needed string `arg:""`
	}
	status := Run("kiosk", &cli, []string{"--version"}, &said, &wrong, func(*kong.Context) error {
		t.Error("it runs")
		return nil
	})
	if form := regexp.MustCompile(`^kiosk.*, go1\.\d+.*\n$`); status != StatusGood || !form.MatchString(said.String()) || wrong.Len() > 0 {
		t.Errorf("status %d, %q, %q", status, said.String(), wrong.String())
	}
}

func TestAVersionIsWhatIsKnownOfTheBuild(t *testing.T) {
	commit := []debug.BuildSetting{{Key: "vcs.revision", Value: "88b9fbf2d31c0000000000000000000000000000"}, {Key: "vcs.time", Value: "2026-11-30T07:02:28Z"}}
	for want, built := range map[string]*debug.BuildInfo{
		"kiosk v1.2.0 (2026-11-30T07:02:28Z, 88b9fbf2d31c), go1.26.11": {GoVersion: "go1.26.11", Main: debug.Module{Version: "v1.2.0"}, Settings: commit},
		"kiosk (2026-11-30T07:02:28Z, 88b9fbf2d31c, changed), go1.26.11": {
			GoVersion: "go1.26.11", Main: debug.Module{Version: "(devel)"}, Settings: append(commit, debug.BuildSetting{Key: "vcs.modified", Value: "true"}),
		},
		"kiosk, of an unknown version, go1.26.11": {GoVersion: "go1.26.11"},
		"kiosk, of an unknown version":            nil,
	} {
		if got := version("kiosk", built); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
