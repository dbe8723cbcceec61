package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"time"
)

// A source is where the data may be had.
type source struct {
	named    string        // by the user, and then no other; empty for none
	online   string        // a database as https://vuln.go.dev
	module   string        // of the Go proxy, with its version
	patience time.Duration // with the network
}

// find gives the address of the first database that can be had, and its name for people. The error says why there is none.
func (s source) find(ctx context.Context) (db, what string, err error) {
	if s.named != "" {
		return s.named, s.named, nil
	}
	modified, err := s.probe(ctx)
	if err == nil {
		return s.online, s.online + " of " + modified.Format(time.DateOnly), nil
	}
	dir, errModule := s.download(ctx)
	if errModule == nil {
		return "file://" + filepath.ToSlash(filepath.Join(dir, "data", "osv")), s.module + " (" + s.online + " cannot be reached)", nil
	}
	return "", "", errors.Join(err, errModule)
}

// probe asks the database when it was changed.
func (s source) probe(ctx context.Context) (modified time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.online+"/index/db.json", nil)
	if err != nil {
		return modified, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return modified, err
	}
	defer response.Body.Close()
	var index struct{ Modified time.Time }
	if err := json.NewDecoder(http.MaxBytesReader(nil, response.Body, 1<<10)).Decode(&index); err != nil || response.StatusCode != http.StatusOK {
		return modified, fmt.Errorf("%s: %s, no index of a database", s.online, response.Status)
	}
	return index.Modified, nil
}

// download gives the folder of the module.
func (s source) download(ctx context.Context) (dir string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*s.patience) // it has 67 MB
	defer cancel()
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", s.module)
	answer, err := command.Output()
	var module struct{ Dir, Error string }
	if json.NewDecoder(bytes.NewReader(answer)).Decode(&module) == nil && module.Dir != "" {
		return module.Dir, nil
	}
	return "", fmt.Errorf("%s: %s (%w)", s.module, module.Error, err)
}
