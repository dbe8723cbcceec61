package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Service is what systemd says of a unit.
type Service struct {
	Active   string    // "active", "inactive", "failed", "activating", ... (systemctl(1))
	Since    time.Time // when it was started; zero where it does not run
	Restarts int       // by systemd, since somebody started it
	// Failed is how it ended when it last failed, as systemd names it (systemd.exec(5), $SERVICE_RESULT): "exit-code", "signal",
	// "watchdog", "oom-kill", "timeout"; empty where it never did, or nobody may tell. FailedAt is when.
	Failed   string
	FailedAt time.Time
}

// ErrNoSystemd says that systemd does not run here, or does not answer.
var ErrNoSystemd = errors.New("systemd does not answer")

// ErrNoUnit says that systemd knows no such unit.
var ErrNoUnit = errors.New("systemd knows no such unit")

// failureMessage is the id of the entry that systemd writes when a unit has failed (sd-messages.h,
// SD_MESSAGE_UNIT_FAILURE_RESULT).
const failureMessage = "d9b373ed55a64feb8242e02dbe79a49c"

// Service asks for a unit, as "foyer-kiosk.service". Errors: ErrNoSystemd, ErrNoUnit. Why it failed stands in the system's log,
// which only members of systemd-journal or adm may read.
func (m Machine) Service(ctx context.Context, unit string) (Service, error) {
	shown, err := m.sources.Run(ctx, "systemctl", "show", "--timestamp=unix", "--property=LoadState,ActiveState,NRestarts,ExecMainStartTimestamp,Result", unit)
	if err != nil {
		return Service{}, fmt.Errorf("%w: %w", ErrNoSystemd, err)
	}
	properties := map[string]string{}
	for row := range strings.Lines(string(shown)) {
		name, value, _ := strings.Cut(strings.TrimSpace(row), "=")
		properties[name] = value
	}
	if properties["LoadState"] != "loaded" {
		return Service{}, ErrNoUnit
	}
	s := Service{Active: properties["ActiveState"], Since: unixTime(properties["ExecMainStartTimestamp"])}
	s.Restarts, _ = strconv.Atoi(properties["NRestarts"])
	if s.Active != "active" {
		s.Since = time.Time{}
	}
	if result := properties["Result"]; result != "success" {
		s.Failed = result
	}
	m.lastFailure(ctx, unit, &s)
	return s, nil
}

// unixTime reads "@1764486000".
func unixTime(text string) time.Time {
	seconds, err := strconv.ParseInt(strings.TrimPrefix(text, "@"), 10, 64)
	if err != nil || seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// lastFailure looks for the newest failure in the system's log. That it may not be read is no error: systemctl has told the rest.
func (m Machine) lastFailure(ctx context.Context, unit string, s *Service) {
	said, err := m.sources.Run(ctx, "journalctl", "--quiet", "--no-pager", "--output=json", "--lines=1", "--unit="+unit, "MESSAGE_ID="+failureMessage)
	if err != nil {
		return
	}
	var entry struct {
		Result string `json:"UNIT_RESULT"`
		Micros string `json:"__REALTIME_TIMESTAMP"`
	}
	if json.Unmarshal(said, &entry) != nil || entry.Result == "" {
		return
	}
	micros, err := strconv.ParseInt(entry.Micros, 10, 64)
	if err != nil {
		return
	}
	s.Failed, s.FailedAt = entry.Result, time.UnixMicro(micros)
}
