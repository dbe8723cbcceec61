package ui

import (
	"fyne.io/fyne/v2"

	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/ui/drawing"
)

// technicians tells of the screens that a technician sees.
func technicians(s flow.Screen) bool { return s == flow.PIN || s == flow.Technician }

// technician is the station in a technician's hands.
func (p *page) technician() fyne.CanvasObject {
	filler := space(0)
	return p.frame(nil, filler, p.heading("technician.title"), filler,
		p.control("leave", secondary, p.texts.Say("technician.leave"), drawing.Close, flow.Leave{}))
}
