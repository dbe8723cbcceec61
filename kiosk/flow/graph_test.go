package flow

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// alphabet is every event that can happen, with every value that makes a difference.
func alphabet() []Event {
	return []Event{
		Opened{}, Shut{}, TimeUp{},
		Start{}, ChooseLanguage{Tag: "de"}, AcceptPrivacy{},
		ChooseService{Service: whole}, ChooseService{Service: appointment},
		ChooseService{Service: Service{ID: "late", Steps: []Step{StepPortrait, StepDocument}}},
		ChooseService{Service: family}, AnotherPerson{}, AnotherDocument{},
		Next{}, Retry{}, Back{}, OpenHelp{}, PassOver{}, AskStaff{}, Confirm{}, Leave{}, MoreTime{}, CANTyped{CAN: "123456"}, WithoutCAN{},
		MRZRead{}, MRZRead{Card: true}, PagesTaken{}, ChipTorn{}, SeveralChips{}, Verified{}, Verified{StaffWillHelp: true},
		CANNeeded{}, CANRefused{}, CANRefused{Last: true}, ChipDone{},
		DocumentFailed{Problem: Unreadable}, DocumentFailed{Problem: DeviceMissing},
		PortraitTaken{}, PortraitFailed{Problem: NoFace}, PortraitFailed{Problem: DeviceMissing},
		Writing{}, Signed{}, SignatureFailed{Problem: NoInk}, SignatureFailed{Problem: DeviceMissing},
		Committed{Number: "A-1"}, CommitFailed{}, Acknowledged{Room: "12", Wait: Wait{5, 15}}, Acknowledged{Ahead: -1},
		TicketPrinted{}, TicketFailed{}, SomethingLies{}, NothingLies{}, TestBegins{}, TestEnds{},
		OpenTechnician{}, PINTyped{}, PINAllowed{}, PINRefused{}, PINWrong{}, PINRight{},
	}
}

// edge is one transition of the graph; to is the index of a state.
type edge struct {
	event   Event
	to      int
	effects []Effect
}

// node is a State as a map's key: everything in it, the service by its id, and as many persons and documents as are explored.
type node struct {
	texts     [8]string
	flags     [8]bool
	step      [5]int
	lengths   [2]int
	persons   [most]PersonState
	documents [most]DocumentState
}

// most is up to how many persons, and how many documents, is explored: a third adds what the second did.
const most = 2

func key(s State) node {
	k := node{
		texts:   [8]string{string(s.Screen), s.Language, s.Service.ID, string(s.Phase), string(s.Problem), string(s.Behind), s.Number, s.Room},
		flags:   [8]bool{s.Countdown, s.Closing, s.StaffWillHelp, s.Printing, s.Printed, s.Asked, s.Lying, s.Looking},
		step:    [5]int{s.Step, s.Attempt, s.Ahead, s.Wait.From, s.Wait.Until},
		lengths: [2]int{len(s.Persons), len(s.Documents)},
	}
	copy(k.persons[:], s.Persons)
	copy(k.documents[:], s.Documents)
	return k
}

// beyond tells of an event that would lead out of what is explored. That a station shuts waits for whoever is there, and is explored
// with one.
func beyond(s State, e Event) bool {
	switch e.(type) {
	case Shut:
		return len(s.Documents) == most
	case AnotherPerson:
		return s.Closing || len(s.Persons) == most || len(s.Documents) == most
	case AnotherDocument:
		return s.Closing || len(s.Documents) == most
	}
	return false
}

func TestTheExplorationTellsStatesApartByEveryField(t *testing.T) {
	if fields := reflect.TypeFor[State]().NumField(); fields != 8+8+4+2 {
		t.Errorf("State has %d fields: teach key the new ones", fields)
	}
}

// TestAStationThatShutsGreetsNobody also behind help: a whole check-in would end without a number.
func TestAStationThatShutsGreetsNobody(t *testing.T) {
	states, _ := explored()
	for _, s := range states {
		if s.Closing && (s.Screen == Greeting || s.Behind == Greeting) {
			t.Errorf("it shuts, and greets: %+v", s)
		}
	}
}

// explored is every state that can be reached, and what leads from each to which.
var explored = sync.OnceValues(func() ([]State, [][]edge) {
	states := []State{{}}
	known := map[node]int{key(State{}): 0}
	var edges [][]edge
	events := alphabet()
	for from := 0; from < len(states); from++ {
		out := make([]edge, 0, len(events))
		for _, e := range events {
			if beyond(states[from], e) {
				continue
			}
			next, effects := Apply(states[from], e)
			k := key(next)
			to, seen := known[k]
			if !seen {
				to = len(states)
				known[k] = to
				states = append(states, next)
			}
			out = append(out, edge{e, to, effects})
		}
		edges = append(edges, out)
	}
	return states, edges
})

func TestFromEveryStateTheStationComesBackToItsGreeting(t *testing.T) {
	states, edges := explored()
	t.Logf("%d states, %d transitions", len(states), len(states)*len(alphabet()))
	comesFrom := make([][]int, len(states))
	for from, out := range edges {
		for _, e := range out {
			comesFrom[e.to] = append(comesFrom[e.to], from)
		}
	}
	cleared := slices.IndexFunc(states, func(s State) bool { return key(s) == key(State{Screen: Cleared}) })
	reaches := make([]bool, len(states))
	reaches[cleared] = true
	for todo := []int{cleared}; len(todo) > 0; todo = todo[1:] {
		for _, from := range comesFrom[todo[0]] {
			if !reaches[from] {
				reaches[from] = true
				todo = append(todo, from)
			}
		}
	}
	for i, s := range states {
		if !reaches[i] {
			t.Errorf("stuck in %+v", s)
		}
	}
}

// TestAVisitorAloneIsNeverStuck takes away what depends on luck: from every state touches, time and the answers that the
// station owes end the check-in.
func TestAVisitorAloneIsNeverStuck(t *testing.T) {
	states, _ := explored()
	for _, begin := range states {
		s := begin
		for range 12 {
			if !visiting(s) {
				break
			}
			s, _ = Apply(s, owed(s))
		}
		if visiting(s) {
			t.Errorf("from %+v the visitor comes to %+v", begin, s)
		}
	}
}

// visiting tells that a visitor is under way, also behind help.
func visiting(s State) bool {
	switch s.Screen {
	case OutOfService, "", Greeting, Cleared, TakeDocument, Tested, PIN, Technician:
		return false
	case Help:
		return s.Behind != Greeting
	}
	return true
}

// owed is the least helpful thing that must happen next.
func owed(s State) Event {
	at := s.Screen
	if at == Help {
		at = s.Behind
	}
	switch {
	case s.Phase != Working:
		return TimeUp{}
	case at == Document, at == TurnOver:
		return DocumentFailed{Problem: DocumentMoved}
	case at == AccessNumber:
		return CANRefused{}
	case at == Signature:
		return SignatureFailed{Problem: NoInk}
	case at == Review:
		return Verified{}
	case s.Number == "":
		return CommitFailed{}
	case !s.Printing:
		return Acknowledged{Ahead: -1}
	default:
		return TicketFailed{}
	}
}

func TestWhatHoldsInEveryState(t *testing.T) {
	states, edges := explored()
	for i, s := range states {
		for _, e := range edges[i] {
			holds(t, s, e, states[e.to])
		}
	}
}

func holds(t *testing.T, s State, e edge, next State) {
	t.Helper()
	broken := func(rule string) { t.Errorf("%s: %+v after %T becomes %+v (%v)", rule, s, e.event, next, e.effects) }
	over := next.Screen == Cleared || next.Screen == TakeDocument
	clears := slices.Contains(e.effects, Clear)
	if visiting(s) && !visiting(next) && !clears {
		broken("a visit that ends is cleared")
	}
	if clears && (!over || s.Screen == Cleared || s.Screen == TakeDocument) {
		broken("Clear comes with the end of a visit, and only with it")
	}
	if over {
		empty := State{Screen: next.Screen, Language: next.Language, Closing: next.Closing, Lying: next.Lying, Looking: next.Looking}
		if key(next) != key(empty) {
			broken("nothing is left of a visit that is over")
		}
	}
	if s.StaffWillHelp && !next.StaffWillHelp && !over {
		broken("staff's help is never taken back")
	}
	if s.Number != "" && next.Number != s.Number && !over {
		broken("a number stays")
	}
	if slices.Contains(e.effects, Commit) && (next.Screen != Ticket || s.Screen == Ticket) {
		broken("a commit leads to the ticket, once")
	}
	if slices.Contains(e.effects, PrintTicket) && (s.Printing || s.Printed || s.Number == "") {
		broken("a ticket is printed once, with its number")
	}
	if s.Asked && next.Screen != Ticket && next.Behind != Ticket && !over {
		broken("who asked for a person is asked nothing more")
	}
	if _, asks := e.event.(AskStaff); asks && slices.ContainsFunc(e.effects, takes) {
		broken("nothing more is taken of who asks for a person")
	}
	if next.Attempt > tries {
		broken("two tries")
	}
	if next.Screen == Help && slices.Contains(e.effects, TakePortrait) {
		broken("nobody is photographed behind help")
	}
	if _, typed := e.event.(CANTyped); slices.Contains(e.effects, TryCAN) && !typed {
		broken("only a number that was typed is tried")
	}
	if d := next.Document(); d.AskCAN && !d.Reading {
		broken("a number is asked for only while the chip waits for it")
	}
	if next.Phase == Working && next.Screen == Review && !next.Document().Reading {
		broken("a review waits only for a document")
	}
}

// takes tells of an effect that something more is taken of the visitor for it.
func takes(e Effect) bool { return e != StopStep && e != StopDocument && e != Commit }

// TestWhoAsksForAPersonGetsATicketAtOnce holds on every screen that has such a control, and under Help.
func TestWhoAsksForAPersonGetsATicketAtOnce(t *testing.T) {
	states, _ := explored()
	for _, s := range states {
		at := s.Screen
		if at == Help {
			at = s.Behind
		}
		switch at {
		case Ticket, Cleared, OutOfService, Tested, PIN, Technician, "":
			continue
		}
		next, effects := Apply(s, AskStaff{})
		if next.Screen != Ticket || !next.Asked || !next.StaffWillHelp || !slices.Contains(effects, Commit) {
			t.Errorf("from %+v asking for a person leads to %+v (%v)", s, next, effects)
		}
		want := State{Persons: slices.Clone(s.Persons), Documents: slices.Clone(s.Documents)}
		if at == Portrait {
			want.person().HavePortrait = false
		}
		if !slices.Equal(next.Persons, want.Persons) || !slices.EqualFunc(next.Documents, want.Documents, sameHad) {
			t.Errorf("from %+v is sent %+v and %+v, want %+v", s, next.Persons, next.Documents, want)
		}
		if d := s.Document(); !d.Have && d.Reading && !slices.Contains(effects, StopDocument) {
			t.Errorf("from %+v a document that was not finished is kept (%v)", s, effects)
		}
	}
}

// sameHad compares what is sent of a document.
func sameHad(a, b DocumentState) bool { return a.Have == b.Have && a.Person == b.Person }

func TestHelpAndBackLeadToWhereTheVisitorWas(t *testing.T) {
	states, _ := explored()
	for _, s := range states {
		helped, _ := Apply(s, OpenHelp{})
		if s.Screen == Help || helped.Screen != Help {
			continue
		}
		returned, _ := Apply(helped, Back{})
		want := s
		want.Countdown = false
		if key(returned) != key(want) {
			t.Errorf("from %+v help and back lead to %+v", s, returned)
		}
	}
}

func TestAnyWalkCommitsAVisitorAtMostOnceAndClearsBeforeTheNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s State
		commits, started := 0, false
		for _, e := range rapid.SliceOfN(rapid.SampledFrom(alphabet()), 1, 200).Draw(t, "events") {
			next, effects := Apply(s, e)
			for _, effect := range effects {
				switch effect {
				case Commit:
					commits++
				case Clear:
					commits, started = 0, false
				}
			}
			if commits > 1 {
				t.Fatalf("two commits in one check-in, the second after %T", e)
			}
			if _, begins := e.(Start); begins && s.Screen == Greeting && next.Screen == Language {
				if started {
					t.Fatal("a visitor begins before the one before is cleared")
				}
				started = true
			}
			s = next
		}
	})
}

// TestTheGraphIsTheOneThatWasReviewed keeps a drawing of what leads from screen to screen, so that a change of the flow
// shows in its review as a change of the drawing.
func TestTheGraphIsTheOneThatWasReviewed(t *testing.T) {
	states, edges := explored()
	lines := map[string]bool{}
	for from, out := range edges {
		for _, e := range out {
			a, b := screenOf(states[from]), screenOf(states[e.to])
			if a != b && a != Help && b != Help {
				lines[fmt.Sprintf("%-15s %-18s %s", a, strings.TrimPrefix(fmt.Sprintf("%T", e.event), "flow."), b)] = true
			}
		}
	}
	got := strings.Join(slices.Sorted(maps.Keys(lines)), "\n") + "\n"
	golden := filepath.Join("testdata", "graph.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); difference != "" {
		t.Errorf("the graph is not %s any more; run with -update if it is meant:\n%s", golden, difference)
	}
}

func screenOf(s State) Screen {
	if s.Screen == "" {
		return OutOfService
	}
	return s.Screen
}
