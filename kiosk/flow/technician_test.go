package flow

import (
	"slices"
	"testing"
	"time"
)

// inside is a technician who has typed the right PIN.
var inside = []Event{Opened{}, OpenTechnician{}, PINTyped{}, PINRight{}}

func TestATechnicianGetsInByAPINAndKeepsEverybodyOut(t *testing.T) {
	for name, c := range map[string]struct {
		events []Event
		want   State
		last   []Effect
	}{
		"the gesture asks for the PIN":             {[]Event{Opened{}, OpenTechnician{}}, State{Screen: PIN, Phase: Waiting}, []Effect{AwaitPIN}},
		"at a station that is shut too":            {[]Event{OpenTechnician{}}, State{Screen: PIN, Phase: Waiting, Closing: true}, []Effect{AwaitPIN}},
		"and where a document lies there":          {[]Event{Opened{}, SomethingLies{}, OpenTechnician{}}, State{Screen: PIN, Phase: Waiting, Lying: true}, []Effect{AwaitPIN}},
		"which is still to be taken then":          {[]Event{Opened{}, SomethingLies{}, OpenTechnician{}, Back{}}, State{Screen: TakeDocument, Lying: true}, []Effect{StopPIN}},
		"and is felt meanwhile":                    {[]Event{Opened{}, OpenTechnician{}, SomethingLies{}, Back{}, Start{}}, State{Screen: TakeDocument, Lying: true}, nil},
		"a visitor is not interrupted":             {[]Event{Opened{}, Start{}, OpenTechnician{}}, State{Screen: Language}, nil},
		"nor one who looks for help":               {[]Event{Opened{}, OpenHelp{}, OpenTechnician{}}, State{Screen: Help, Behind: Greeting}, nil},
		"nor one who is told to take the document": {join(atTicket(), SomethingLies{}, Next{}, OpenTechnician{}), State{Screen: TakeDocument, Language: "uk", Lying: true}, nil},
		"nor a test":                                  {[]Event{Opened{}, TestBegins{}, OpenTechnician{}}, State{Screen: Tested}, nil},
		"a PIN is checked":                            {[]Event{Opened{}, OpenTechnician{}, PINTyped{}}, State{Screen: PIN, Phase: Working}, []Effect{CheckPIN}},
		"one at a time":                               {[]Event{Opened{}, OpenTechnician{}, PINTyped{}, PINTyped{}}, State{Screen: PIN, Phase: Working}, nil},
		"a wrong one is told":                         {[]Event{Opened{}, OpenTechnician{}, PINTyped{}, PINWrong{}}, State{Screen: PIN, Phase: Waiting, Problem: WrongPIN}, []Effect{AwaitPIN}},
		"and so is that none may be tried":            {[]Event{Opened{}, OpenTechnician{}, PINTyped{}, PINWrong{}, PINRefused{}}, State{Screen: PIN, Phase: Waiting, Problem: PINLocked}, nil},
		"none is tried then":                          {[]Event{Opened{}, OpenTechnician{}, PINRefused{}, PINTyped{}}, State{Screen: PIN, Phase: Waiting, Problem: PINLocked}, nil},
		"until it may":                                {[]Event{Opened{}, OpenTechnician{}, PINRefused{}, PINAllowed{}}, State{Screen: PIN, Phase: Waiting}, nil},
		"that it may does not hide that it was wrong": {[]Event{Opened{}, OpenTechnician{}, PINTyped{}, PINWrong{}, PINAllowed{}}, State{Screen: PIN, Phase: Waiting, Problem: WrongPIN}, nil},
		"the right one lets in":                       {inside, State{Screen: Technician, Phase: Waiting}, []Effect{StopPIN}},
		"in the language that was chosen":             {[]Event{Opened{}, OpenTechnician{}, ChooseLanguage{Tag: "en"}, PINTyped{}, PINRight{}}, State{Screen: Technician, Phase: Waiting, Language: "en"}, []Effect{StopPIN}},
		"one that comes too late does not":            {[]Event{Opened{}, OpenTechnician{}, PINTyped{}, Back{}, PINRight{}}, State{Screen: Greeting}, nil},
		"nor does one that was not typed":             {[]Event{Opened{}, OpenTechnician{}, PINRight{}}, State{Screen: PIN, Phase: Waiting}, nil},
		"nobody begins meanwhile":                     {join(inside, Start{}, OpenHelp{}, AskStaff{}, SomethingLies{}, Back{}), State{Screen: Technician, Phase: Waiting}, nil},
		"a technician leaves":                         {join(inside, Leave{}, NothingLies{}), State{Screen: Greeting}, nil},
		"after somebody has looked what lies there":   {join(inside, Leave{}, Start{}), State{Screen: Tested, Looking: true}, nil},
		"which is to be taken":                        {join(inside, Leave{}, SomethingLies{}), State{Screen: TakeDocument, Lying: true}, nil},
		"to a station that shut meanwhile":            {join(inside, Shut{}, Leave{}), State{Screen: OutOfService, Looking: true}, nil},
		"or opened":                                   {[]Event{OpenTechnician{}, PINTyped{}, PINRight{}, Opened{}, Leave{}, NothingLies{}}, State{Screen: Greeting}, nil},
		"who forgets to leave is gone after a while":  {join(inside, TimeUp{}, NothingLies{}), State{Screen: Greeting}, nil},
		"a test leaves the technician at the screen":  {join(inside, TestBegins{}), State{Screen: Technician, Phase: Working}, nil},
		"who does not run out of time meanwhile":      {join(inside, TestBegins{}, TimeUp{}), State{Screen: Technician, Phase: Working}, nil},
		"nor afterwards":                              {join(inside, TestBegins{}, TestEnds{}), State{Screen: Technician, Phase: Waiting}, nil},
		"a test that is left goes on without them":    {join(inside, TestBegins{}, Leave{}), State{Screen: Tested}, nil},
		"and then somebody is greeted":                {join(inside, TestBegins{}, Leave{}, TestEnds{}, NothingLies{}), State{Screen: Greeting}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			before, _ := play(c.events[:len(c.events)-1]...)
			got, last := Apply(before, c.events[len(c.events)-1])
			if key(got) != key(c.want) {
				t.Errorf("it comes to %+v, want %+v", got, c.want)
			}
			if !slices.Equal(last, c.last) {
				t.Errorf("the last effects are %v, want %v", last, c.last)
			}
		})
	}
}

func TestATechnicianHasTimeAndNotForEver(t *testing.T) {
	for state, want := range map[Phase][2]time.Duration{Waiting: {30 * time.Second, 10 * time.Minute}, Working: {30 * time.Second, 0}} {
		got := [2]time.Duration{Patience(State{Screen: PIN, Phase: state}), Patience(State{Screen: Technician, Phase: state})}
		if got != want {
			t.Errorf("%s, the PIN and the technician have %v, want %v", state, got, want)
		}
	}
}

// TestNobodyGetsInWithoutThePIN by any way that there is.
func TestNobodyGetsInWithoutThePIN(t *testing.T) {
	states, edges := explored()
	for i, s := range states {
		for _, e := range edges[i] {
			if next := states[e.to]; next.Screen == Technician && s.Screen != Technician {
				if _, right := e.event.(PINRight); !right || s.Screen != PIN || s.Phase != Working {
					t.Errorf("%T leads from %+v to %+v", e.event, s, next)
				}
			}
			if visiting(s) && (states[e.to].Screen == PIN || states[e.to].Screen == Technician) {
				t.Errorf("%T takes the station from a visitor: %+v", e.event, s)
			}
		}
	}
}

// TestATechnicianNeverLocksTheStation what they do or leave undone: time and the end of a test lead to its visitors.
func TestATechnicianNeverLocksTheStation(t *testing.T) {
	states, _ := explored()
	for _, s := range states {
		if s.Screen != PIN && s.Screen != Technician {
			continue
		}
		begin := s
		s, _ = Apply(s, TestEnds{})
		s, _ = Apply(s, TimeUp{})
		if s.Looking {
			s, _ = Apply(s, TimeUp{})
		}
		if !s.free() {
			t.Errorf("from %+v it comes to %+v", begin, s)
		}
	}
}
