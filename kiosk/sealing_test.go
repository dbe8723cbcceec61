package kiosk

import (
	"slices"
	"testing"
)

// TestNobodyWaitsForTheSpoolButTheEnd: parts are sealed in their order behind whoever hands them over.
func TestNobodyWaitsForTheSpoolButTheEnd(t *testing.T) {
	s, release := startSealing(), make(chan struct{})
	var order []int
	for part := range 3 {
		s.add(func() { <-release; order = append(order, part) }) // the first one holds the others up, and not us
	}
	close(release)
	s.end()
	if !slices.Equal(order, []int{0, 1, 2}) {
		t.Errorf("sealed in the order %v", order)
	}
}
