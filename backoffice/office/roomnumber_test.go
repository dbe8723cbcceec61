package office_test

import (
	"testing"

	"github.com/foyer-station/foyer/backoffice/office"
)

func TestARoomsNumberIsToldInAnyLanguage(t *testing.T) {
	for name, want := range map[string]string{
		"Zimmer 204": "204", "Raum B12": "B12", "Room 2.04": "2.04", "Zi. 7": "7", "Empfang": "", "Zimmer": "", "Zimmer 204 links": "", "": "",
	} {
		if got, ok := office.RoomNumber(name); got != want || ok != (want != "") {
			t.Errorf("%q has number %q, %v", name, got, ok)
		}
	}
}
