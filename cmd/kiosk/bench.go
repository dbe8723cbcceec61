package main

import (
	"log/slog"
	"os"
	"path/filepath"

	"github.com/foyer-station/foyer/kiosk/bench"
	"github.com/foyer-station/foyer/ui"
)

// newBench is where a technician tests the devices: by the program that the configuration names, else by the one beside this.
func newBench(program, config string, screen *ui.UI, log *slog.Logger) (*bench.Bench, error) {
	if program == "" {
		own, err := os.Executable()
		if err != nil {
			return nil, err
		}
		program = filepath.Join(filepath.Dir(own), "hwtest")
	}
	return bench.New(bench.Options{Program: program, Args: []string{"--config", config}, Show: screen.Test, Log: log}), nil
}

// comesOrGoes is what the bench is told of a technician.
func comesOrGoes(present bool) bench.Command {
	if present {
		return bench.Enter{}
	}
	return bench.Quit{}
}
