package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryDriverWithATableIsLookedForOnANewComputer keeps a new driver from being forgotten.
func TestEveryDriverWithATableIsLookedForOnANewComputer(t *testing.T) {
	files, err := filepath.Glob("../../devices/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc IDs() ") {
			tables++
		}
	}
	if tables != len(drivers()) {
		t.Errorf("%d drivers have a table of USB ids, and %d are looked for", tables, len(drivers()))
	}
}
