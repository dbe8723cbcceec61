package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestASecondDemonstrationLeavesTheFirstWhereItIsFound(t *testing.T) {
	dir := t.TempDir()
	demo := []string{"demo", "--dir", dir, "--grpc", "127.0.0.1:0", "--console", "127.0.0.1:0"}
	ctx, stop := context.WithCancel(t.Context())
	ready, said := make(chan struct{}), new(bytes.Buffer)
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, demo, nil, &listener{ready: func() { close(ready) }}, said) }()
	<-ready
	before, err := os.ReadFile(filepath.Join(dir, "addresses.json"))
	if err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t, "", demo...); code != 3 {
		t.Errorf("the second ended with %d: %s", code, stderr)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "addresses.json")); err != nil || !bytes.Equal(after, before) {
		t.Errorf("where the first is, now stands as %q, %v", after, err)
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("the first ended with %d: %s", code, said)
	}
}
