package ui

import (
	"image"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"github.com/foyer-station/foyer/kiosk"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/technician"
)

func TestTheChoicesOfTheReviewAddSomebodyOrSomething(t *testing.T) {
	s := newStation(t, 0.5)
	s.show(named(t, "review_choices"), "de")
	for id, want := range map[string]flow.Event{"another-person": flow.AnotherPerson{}, "another-document": flow.AnotherDocument{}} {
		s.sent = nil
		walk(s.root, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
			if b, ok := o.(*button); ok && b.id == id {
				b.Tapped(nil)
			}
		})
		if !slices.Equal(s.sent, []flow.Event{want}) {
			t.Errorf("%s sends %v", id, s.sent)
		}
	}
}

func TestWhatCannotBeTakenIsNotOffered(t *testing.T) {
	for name, want := range map[string]map[string]bool{ // enabled
		"review":                 {"confirm": true},
		"review_choices":         {"confirm": true, "another-person": true, "another-document": true},
		"review_choices_working": {"confirm": false, "another-person": false, "another-document": false},
		"review_most_documents":  {"confirm": true},
	} {
		s := newStation(t, 0.5)
		s.show(named(t, name), "de")
		for _, id := range []string{"confirm", "another-person", "another-document"} {
			at := slices.IndexFunc(s.screen.Focus, func(f technician.Focus) bool { return f.ID == id })
			enabled, there := want[id]
			if there != (at >= 0) || there && s.screen.Focus[at].Enabled != enabled {
				t.Errorf("%s has the controls %+v", name, s.screen.Focus)
			}
		}
	}
}

// Of somebody before the camera nothing is left for who comes next, and whoever goes back sees their own picture again.
func TestEachPersonSeesTheirOwnPicture(t *testing.T) {
	s := newStation(t, 0.5)
	s.show(named(t, "portrait"), "de")
	first := s.camera.front
	s.Show(kiosk.View{State: adding(atReview(1, 1), flow.AnotherPerson{}), Languages: languages})
	if !blank(first) {
		t.Error("the first person's picture is left for the second")
	}
	photo := passportPhoto()
	s.Show(kiosk.View{
		State: flow.State{
			Screen: flow.Portrait, Service: several, Step: 1, Phase: flow.Done, Attempt: 1, Persons: []flow.PersonState{{HavePortrait: true}}, Documents: laid,
		},
		Languages: languages, Review: kiosk.ReviewData{Persons: []kiosk.ReviewPerson{{Portrait: photo}}},
	})
	if !slices.Contains(shownPictures(s), image.Image(photo)) {
		t.Error("whoever goes back does not see the portrait that was taken")
	}
}

// shownPictures are the pictures on the screen.
func shownPictures(s *station) (all []image.Image) {
	walk(s.root, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if shown, ok := o.(*canvas.Image); ok && shown.Image != nil {
			all = append(all, shown.Image)
		}
	})
	return all
}
