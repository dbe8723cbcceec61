package kiosk

import (
	"sync"

	"github.com/foyer-station/foyer/kiosk/flow"
)

// message is an event on its way to the station, with what is to be kept of the visitor if it is still wanted.
type message struct {
	event flow.Event
	from  *job   // nil for touches
	keep  func() // called by the station before the event; may be nil

	answer chan<- struct{} // instead of an event: closed by the station; see Answers
	sight  *sight          // instead of an event: the station makes one of it, or none
	borrow *loan           // instead of an event: it begins once nobody is at the station
	over   *loan           // instead of an event: it has ended
}

// inbox is a queue that never makes its senders wait.
type inbox struct {
	ready chan struct{} // holds one while there may be messages

	mu       sync.Mutex
	messages []message
}

func newInbox() *inbox { return &inbox{ready: make(chan struct{}, 1)} }

func (i *inbox) put(m message) {
	i.mu.Lock()
	i.messages = append(i.messages, m)
	i.mu.Unlock()
	select {
	case i.ready <- struct{}{}:
	default:
	}
}

// take empties the inbox.
func (i *inbox) take() []message {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := i.messages
	i.messages = nil
	return all
}
