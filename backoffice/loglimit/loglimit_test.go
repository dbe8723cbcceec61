package loglimit_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/loglimit"
)

func TestAFloodFillsFewLinesAndTheNextOneCountsTheRest(t *testing.T) {
	var text bytes.Buffer
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	log, limit := slog.New(slog.NewTextHandler(&text, nil)), loglimit.New(10, 6*time.Second, func() time.Time { return now })
	for range 1000 {
		limit.Warn(log, "refused", "reason", "unknown")
	}
	if n := strings.Count(text.String(), "reason=unknown untold=0"); n != 10 || strings.Count(text.String(), "\n") != 10 {
		t.Fatalf("%d lines at once:\n%s", n, &text)
	}
	now = now.Add(6 * time.Second)
	for range 2 {
		limit.Warn(log, "refused")
	}
	if lines := strings.Split(strings.TrimSpace(text.String()), "\n"); len(lines) != 11 || !strings.HasSuffix(lines[10], "untold=990") {
		t.Errorf("after six seconds:\n%s", lines[10:])
	}
}
