package stationv1_test

import (
	"strings"
	"testing"

	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

const checkIn = "0192f0a0-0000-7000-8000-000000000001"

// Stations and back offices of different releases must agree: this token is printed on paper.
func TestATicketsTokenStaysTheSame(t *testing.T) {
	if got := stationv1.TicketToken(checkIn); got != "HA3NIAMVZC4VO6BOI7PLUPWNBM" {
		t.Errorf("the token is %s", got)
	}
}

func TestATokenIsKnownByItsForm(t *testing.T) {
	if token := stationv1.TicketToken(checkIn); !stationv1.IsTicketToken(token) {
		t.Errorf("%s is none", token)
	}
	for _, text := range []string{"", "A", strings.Repeat("A", 25), strings.Repeat("A", 27), strings.Repeat("a", 26), strings.Repeat("1", 26), strings.Repeat("A", 26) + "\n"} {
		if stationv1.IsTicketToken(text) {
			t.Errorf("%q is one", text)
		}
	}
}

func TestATicketHasAnAddressOnlyWhereTheOfficeHasOne(t *testing.T) {
	token := stationv1.TicketToken(checkIn)
	for base, want := range map[string]string{
		"":                           "",
		"https://wait.example":       "https://wait.example/" + token,
		"https://wait.example/":      "https://wait.example/" + token,
		"https://wait.example/queue": "https://wait.example/queue/" + token,
		"https://wait.example/" + strings.Repeat("x", stationv1.MaxTicketURL): "",
	} {
		if got := stationv1.TicketURL(base, checkIn); got != want {
			t.Errorf("under %q: %q", base, got)
		}
	}
}
