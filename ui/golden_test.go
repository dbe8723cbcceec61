package ui

import (
	"flag"
	"path/filepath"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/ui/goldentest"
)

var update = flag.Bool("update", false, "write the golden pictures instead of comparing with them")

// golden is what is kept as pictures: every kind of screen in a left-to-right and a right-to-left language, and in the
// others those whose texts are longest. The overflow test covers the rest.
var golden = map[string][]string{
	"de": {
		"out_of_service", "tested", "greeting", "language", "privacy", "service", "service_many", "document", "document_unreadable", "document_no_mrz", "document_cut_off",
		"document_working", "document_staff", "turn_over", "access_number", "access_number_wrong", "portrait", "portrait_done", "portrait_staff", "signature", "review",
		"review_long", "review_choices", "review_documents", "review_family", "review_most", "document_person", "ticket_room", "ticket_lobby", "ticket_asked", "ticket_not_printed", "ticket_not_saved", "ticket_lying", "take_document", "take_document_found", "cleared", "help_document",
		"countdown", "pin", "pin_typed", "pin_working", "pin_wrong", "pin_locked",
	},
	"ar": {
		"tested", "greeting", "language", "privacy", "service", "document_unreadable", "document_no_mrz", "document_cut_off", "document_staff", "turn_over", "access_number_typed", "portrait", "portrait_staff", "signature", "signature_staff", "review",
		"review_choices", "review_family",
		"ticket_room", "ticket_wait", "ticket_asked", "ticket_not_printed", "take_document", "take_document_found", "help_document", "countdown",
	},
	"en": {"pin_typed", "pin_wrong", "pin_locked", "privacy", "document", "ticket_lobby", "ticket_asked", "take_document"},
	"uk": {"privacy", "access_number_wrong", "portrait", "signature", "review", "review_choices", "ticket_wait", "ticket_asked", "ticket_not_printed", "ticket_lying", "take_document", "help_document"},
}

// Pictures are at half scale, which is what a developer's window shows.
func TestScreensLookAsTheyDid(t *testing.T) {
	s := newStation(t, 0.5)
	for _, sample := range samples {
		for _, language := range languages {
			if !slices.Contains(golden[language], sample.name) {
				continue
			}
			s.show(sample, language)
			goldentest.Compare(t, *update, filepath.Join("testdata", "golden", sample.name+"."+language+".png"), s.Window().Canvas().Capture())
		}
	}
}

func TestAScreenIsDrawnTheSameEveryTime(t *testing.T) {
	first, second := newStation(t, 0.5), newStation(t, 0.5)
	for _, s := range []*station{first, second} {
		s.show(named(t, "review"), "ar")
	}
	if n := goldentest.Differing(first.Window().Canvas().Capture(), second.Window().Canvas().Capture()); n > 0 {
		t.Errorf("two windows show the same screen differently, in %d pixels", n)
	}
}

func named(t *testing.T, name string) sample {
	t.Helper()
	for _, s := range samples {
		if s.name == name {
			return s
		}
	}
	t.Fatalf("no sample %s", name)
	return sample{}
}
