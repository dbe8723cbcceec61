package intake

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/foyer-station/foyer/proto/mutual"
)

// maxDenied bounds the deny list, in bytes.
const maxDenied = 1 << 20

// denied is the list of stations that are not served: one was stolen, or its key was. A line is a station's name, or
// "sha256:" and the fingerprint of one certificate, which keeps out the stolen key and lets the station in with a new one;
// "#" begins a comment. The file is read at every call, so that a line holds at once.
type denied struct {
	path string // empty for no list
	log  *slog.Logger

	mu     sync.Mutex
	last   map[string]bool // as it was read last
	broken bool            // it could not be read last time, and that was told
}

// openDenied reads the list for the first time: then it must be there, and right.
func openDenied(path string, log *slog.Logger) (*denied, error) {
	d := &denied{path: path, log: log}
	if path == "" {
		return d, nil
	}
	var err error
	if d.last, err = readDenied(path); err != nil {
		return nil, err
	}
	return d, nil
}

// list is who is denied. A list that cannot be read any more holds as it was read last, with what can be read of it.
func (d *denied) list() map[string]bool {
	if d.path == "" {
		return nil
	}
	list, err := readDenied(d.path)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil && !d.broken {
		d.log.Error("the list of denied stations cannot be read; what it said before still applies", "error", err)
	}
	if d.broken = err != nil; d.broken {
		maps.Copy(list, d.last)
	}
	d.last = list
	return list
}

// has tells whether a station, or this certificate of it, is denied.
func (d *denied) has(c caller) bool {
	list := d.list()
	return list[c.station] || list[fingerprint(c.certificate)]
}

// fingerprint names a certificate as the list does.
func fingerprint(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// WatchDenied notes in the store who is on the deny list, once now and then whenever it changes, until ctx ends: what came
// from such a station before is marked for staff.
func (s *Service) WatchDenied(ctx context.Context) error {
	tick := time.NewTicker(deniedEvery)
	defer tick.Stop()
	var noted []string
	known, told := false, false
	for {
		if list := slices.Sorted(maps.Keys(s.denied.list())); !known || !slices.Equal(list, noted) {
			err := s.store.SetDenied(ctx, list, s.now())
			if err != nil && !told && ctx.Err() == nil {
				s.log.Error("the list of denied stations could not be recorded, and staff do not see who is on it; it will be tried again", "error", err)
			}
			noted, known, told = list, err == nil, err != nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// readDenied gives the lines that can be read, also with an error about one that cannot.
func readDenied(path string) (map[string]bool, error) {
	list := map[string]bool{}
	f, err := os.Open(path)
	if err != nil {
		return list, fmt.Errorf("denied stations: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxDenied+1))
	if err != nil {
		return list, fmt.Errorf("denied stations: %w", err)
	}
	if len(text) > maxDenied {
		err = fmt.Errorf("denied stations: %s is longer than %d bytes", path, maxDenied)
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), byteOrderMark), "#")
		name, ok := deniedName(strings.TrimSpace(line))
		switch {
		case !ok:
			err = fmt.Errorf("denied stations: line %d of %s is neither a station's name nor sha256: and a fingerprint", n, path)
		case name != "":
			list[name] = true
		}
	}
	if lines.Err() != nil {
		err = fmt.Errorf("denied stations: %s: %w", path, lines.Err())
	}
	return list, err
}

// byteOrderMark is what some editors begin a file with.
const byteOrderMark = "\ufeff"

// deniedName writes a line in the one way that it is looked up by; a fingerprint may have colons, or stand in a line as openssl
// shows it ("sha256 Fingerprint=AB:CD...").
func deniedName(line string) (name string, ok bool) {
	kind, digits, isFingerprint := strings.Cut(line, ":")
	if before, after, shown := strings.Cut(line, " Fingerprint="); shown {
		kind, digits, isFingerprint = before, after, true
	}
	if !isFingerprint {
		return line, line == "" || mutual.IsName(line)
	}
	sum, err := hex.DecodeString(strings.ReplaceAll(digits, ":", ""))
	return "sha256:" + hex.EncodeToString(sum), strings.EqualFold(kind, "sha256") && err == nil && len(sum) == sha256.Size
}
