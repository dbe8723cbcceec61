package flow

// tested begins and ends a test of the devices by a technician. It waits for visitors, and for whoever is told to take a document along:
// one that lies there when nobody is asked for it in a language of theirs may be what the test needs, and lies there afterwards until
// somebody has looked. A station that is shut stays so.
func tested(s State, e Event) State {
	_, begins := e.(TestBegins)
	switch {
	case !begins && s.Screen == Tested:
		return idle(s)
	case begins && (s.Screen == Greeting || s.Screen == OutOfService || s.Screen == TakeDocument && s.Language == ""):
		return State{Screen: Tested, Closing: s.Closing || s.Screen == OutOfService, Lying: s.Lying}
	}
	return s
}
