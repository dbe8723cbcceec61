package flow

import (
	"slices"
	"testing"
	"time"
)

// atTicket brings a visitor to a ticket that is printed.
func atTicket() []Event {
	return upTo(appointment, Confirm{}, Committed{Number: "A-1"}, Acknowledged{}, TicketPrinted{})
}

func TestADocumentThatIsLeftBehindIsSaidUntilItIsGone(t *testing.T) {
	for name, c := range map[string]struct {
		events []Event
		want   State
	}{
		"the ticket is shown all the same": {join(atTicket(), SomethingLies{}), State{Screen: Ticket, Lying: true}},
		"and then that the document is to be taken, in the visitor's language": {join(atTicket(), SomethingLies{}, Next{}),
			State{Screen: TakeDocument, Language: "uk", Lying: true}},
		"also of a visitor who does not take the ticket":       {join(atTicket(), SomethingLies{}, TimeUp{}), State{Screen: TakeDocument, Language: "uk", Lying: true}},
		"and of one who gives up while the document is read":   {upTo(whole, MRZRead{}, Leave{}, SomethingLies{}), State{Screen: TakeDocument, Language: "uk", Lying: true}},
		"and of one who went away":                             {upTo(whole, TimeUp{}, TimeUp{}, SomethingLies{}), State{Screen: TakeDocument, Language: "uk", Lying: true}},
		"one that is gone before the visitor is, is not":       {join(atTicket(), SomethingLies{}, NothingLies{}, Next{}), State{Screen: Cleared, Language: "uk", Looking: true}},
		"whoever takes it is bid goodbye":                      {join(atTicket(), SomethingLies{}, Next{}, NothingLies{}), State{Screen: Cleared, Language: "uk"}},
		"and the next visitor is greeted":                      {join(atTicket(), SomethingLies{}, Next{}, NothingLies{}, TimeUp{}), State{Screen: Greeting}},
		"after a while it is said to everybody":                {join(atTicket(), SomethingLies{}, Next{}, TimeUp{}), State{Screen: TakeDocument, Lying: true}},
		"for ever":                                             {join(atTicket(), SomethingLies{}, Next{}, TimeUp{}, TimeUp{}, TimeUp{}), State{Screen: TakeDocument, Lying: true}},
		"until it is gone":                                     {join(atTicket(), SomethingLies{}, Next{}, TimeUp{}, NothingLies{}), State{Screen: Greeting}},
		"nobody begins on it":                                  {[]Event{Opened{}, SomethingLies{}, Start{}}, State{Screen: TakeDocument, Lying: true}},
		"nor behind help":                                      {[]Event{Opened{}, OpenHelp{}, SomethingLies{}, Back{}, Start{}}, State{Screen: TakeDocument, Lying: true}},
		"nor where the station opens on it":                    {[]Event{SomethingLies{}, Opened{}, Start{}}, State{Screen: TakeDocument, Lying: true}},
		"nor where it opens anew":                              {[]Event{Opened{}, SomethingLies{}, Shut{}, Opened{}, Start{}}, State{Screen: TakeDocument, Lying: true}},
		"a station that shut meanwhile stays shut":             {[]Event{Opened{}, SomethingLies{}, Shut{}, NothingLies{}}, State{Screen: OutOfService}},
		"nobody is greeted before somebody has looked":         {upTo(whole, Leave{}, TimeUp{}), State{Screen: Cleared, Language: "uk"}},
		"but nobody waits long for that":                       {upTo(whole, Leave{}, TimeUp{}, TimeUp{}), State{Screen: Greeting}},
		"and what is seen late is seen":                        {upTo(whole, Leave{}, TimeUp{}, TimeUp{}, SomethingLies{}), State{Screen: TakeDocument, Lying: true}},
		"where nobody can tell it is as if nothing lay there":  {upTo(whole, Leave{}, NothingLies{}, TimeUp{}), State{Screen: Greeting}},
		"a visitor's own document is not in the way":           {[]Event{Opened{}, Start{}, SomethingLies{}}, State{Screen: Language}},
		"nor one that is laid down again during the portrait":  {upTo(whole, join(passport, SomethingLies{})...), State{Screen: Portrait}},
		"a person can be asked for on its account":             {[]Event{Opened{}, SomethingLies{}, AskStaff{}}, State{Screen: Ticket, Lying: true}},
		"and then it is still to be taken":                     {[]Event{Opened{}, SomethingLies{}, AskStaff{}, CommitFailed{}, Next{}}, State{Screen: TakeDocument, Lying: true}},
		"a sensor that fell ill keeps nobody from checking in": {[]Event{Opened{}, SomethingLies{}, NothingLies{}, Start{}}, State{Screen: Language}},
	} {
		got, _ := play(c.events...)
		if got.Screen != c.want.Screen || got.Lying != c.want.Lying || got.Looking != c.want.Looking {
			t.Errorf("%s: %+v", name, got)
		}
		if over := got.Screen == TakeDocument || got.Screen == Cleared; over && got.Language != c.want.Language {
			t.Errorf("%s, in %q: %+v", name, c.want.Language, got)
		}
	}
}

// TestNobodyIsGreetedWhileADocumentLiesThere in any state that can be reached.
func TestNobodyIsGreetedWhileADocumentLiesThere(t *testing.T) {
	states, edges := explored()
	for i, s := range states {
		if s.Lying && (s.Screen == Greeting || !s.Watches() && !testers(s)) {
			t.Errorf("a document lies there, and the visitor sees %+v", s)
		}
		for _, e := range edges[i] {
			next := states[e.to]
			if s.Lying && visiting(next) && !visiting(s) && !next.Asked {
				t.Errorf("%T begins a visit on somebody else's document: %+v", e.event, s)
			}
			if _, looked := e.event.(NothingLies); s.Lying && !next.Lying && !looked {
				t.Errorf("%T forgets a document that nobody saw gone: %+v becomes %+v", e.event, s, next)
			}
		}
	}
}

// testers have the devices, or the whole station: nobody looks meanwhile, and what lies there is theirs.
func testers(s State) bool { return s.Screen == Tested && !s.Looking || s.Screen == Technician }

// TestNobodyIsGreetedBeforeSomebodyHasLooked at the start, after a visit and after a test, unless whoever looks is slow.
func TestNobodyIsGreetedBeforeSomebodyHasLooked(t *testing.T) {
	states, edges := explored()
	for i, s := range states {
		if s.Looking && (s.Screen == Greeting || s.Screen == TakeDocument || visiting(s) || !s.Watches()) {
			t.Errorf("nobody has looked, and the visitor sees %+v", s)
		}
		for _, e := range edges[i] {
			next := states[e.to]
			if testers(s) && !testers(next) && !next.Looking {
				t.Errorf("%T: nobody looks what a test left: %+v becomes %+v", e.event, s, next)
			}
			if !s.Looking || next.Looking || testers(next) {
				continue
			}
			switch e.event.(type) {
			case SomethingLies, NothingLies, TimeUp:
			default:
				t.Errorf("%T ends the look: %+v becomes %+v", e.event, s, next)
			}
		}
	}
	if got, _ := Apply(State{}, Opened{}); key(got) != key(State{Screen: Tested, Looking: true}) || Patience(got) != 5*time.Second {
		t.Errorf("a station that has just begun opens as %+v, for %v", got, Patience(got))
	}
}

// TestASensorNeverLocksTheStation whatever it says, a person can be asked for; and once nothing lies there, or nobody can tell, the
// station goes on by itself.
func TestASensorNeverLocksTheStation(t *testing.T) {
	states, _ := explored()
	for _, s := range states {
		if s.Screen != TakeDocument {
			continue
		}
		if asked, effects := Apply(s, AskStaff{}); asked.Screen != Ticket || !slices.Contains(effects, Commit) {
			t.Errorf("from %+v nobody comes", s)
		}
		for range 3 {
			s, _ = Apply(s, NothingLies{})
			s, _ = Apply(s, TimeUp{})
		}
		if s.Screen != Greeting && s.Screen != OutOfService {
			t.Errorf("it stays at %+v", s)
		}
	}
}
