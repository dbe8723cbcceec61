package intake

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"

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

// has tells whether a station, or this certificate of it, is denied. A list that cannot be read any more holds as it was
// read last, with what can be read of it.
func (d *denied) has(station string, certificate *x509.Certificate) bool {
	if d.path == "" {
		return false
	}
	list, err := readDenied(d.path)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		d.last = list
	} else {
		if !d.broken {
			d.log.Error("the list of denied stations cannot be read; what it said before holds too", "error", err)
		}
		for name := range list {
			d.last[name] = true
		}
	}
	d.broken = err != nil
	sum := sha256.Sum256(certificate.Raw)
	return d.last[station] || d.last["sha256:"+hex.EncodeToString(sum[:])]
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
		line, _, _ := strings.Cut(lines.Text(), "#")
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

// deniedName writes a line in the one way that it is looked up by; a fingerprint may have colons, as openssl shows it.
func deniedName(line string) (name string, ok bool) {
	kind, digits, isPrint := strings.Cut(line, ":")
	if !isPrint {
		return line, line == "" || mutual.IsName(line)
	}
	sum, err := hex.DecodeString(strings.ReplaceAll(digits, ":", ""))
	return "sha256:" + hex.EncodeToString(sum), strings.EqualFold(kind, "sha256") && err == nil && len(sum) == sha256.Size
}
