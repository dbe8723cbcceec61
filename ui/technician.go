package ui

import "github.com/foyer-station/foyer/kiosk/flow"

// technicians tells of the screens that a technician sees.
func technicians(s flow.Screen) bool { return s == flow.PIN || s == flow.Technician }
