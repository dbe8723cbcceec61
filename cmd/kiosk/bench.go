package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/foyer-station/foyer/kiosk/bench"
	"github.com/foyer-station/foyer/kiosk/config"
	"github.com/foyer-station/foyer/ui"
)

// newBench is where a technician tests the devices: by the program that the configuration names, else by the one beside this.
func newBench(settings config.Config, file string, screen *ui.UI, log *slog.Logger) (*bench.Bench, error) {
	program := settings.Technician.HWTest
	if program == "" {
		own, err := os.Executable()
		if err != nil {
			return nil, err
		}
		program = filepath.Join(filepath.Dir(own), "hwtest")
	}
	return bench.New(bench.Options{
		Program: program, Args: []string{"--config", file}, Show: screen.Test, Log: log, Patience: time.Duration(settings.Timings.Technician),
	}), nil
}

// comesOrGoes is what the bench is told of a technician.
func comesOrGoes(present bool) bench.Command {
	if present {
		return bench.Enter{}
	}
	return bench.Quit{}
}
