package flow

import "testing"

func TestATestWaitsForVisitorsAndKeepsNewOnesFromBeginning(t *testing.T) {
	for name, c := range map[string]struct {
		events []Event
		want   State
	}{
		"it begins where nobody is": {[]Event{Opened{}, TestBegins{}}, State{Screen: Tested}},
		"nobody begins meanwhile":   {[]Event{Opened{}, TestBegins{}, Start{}, OpenHelp{}, AskStaff{}, TimeUp{}}, State{Screen: Tested}},
		"nobody is greeted before somebody has looked what the test left": {[]Event{Opened{}, TestBegins{}, TestEnds{}, Start{}}, State{Screen: Tested, Looking: true}},
		"somebody is greeted where nothing lies":                          {[]Event{Opened{}, TestBegins{}, TestEnds{}, NothingLies{}}, State{Screen: Greeting}},
		"or where nobody can tell in time":                                {[]Event{Opened{}, TestBegins{}, TestEnds{}, TimeUp{}}, State{Screen: Greeting}},
		"what lay there before it, or was left by it, is to be taken": {[]Event{Opened{}, SomethingLies{}, TestBegins{}, TestEnds{}, SomethingLies{}},
			State{Screen: TakeDocument, Lying: true}},
		"what lay there before it does so until somebody has looked": {[]Event{Opened{}, SomethingLies{}, TestBegins{}, TestEnds{}, TimeUp{}}, State{Screen: TakeDocument, Lying: true}},
		"a station that is shut is tested too, and stays so":         {[]Event{TestBegins{}, TestEnds{}}, State{Screen: OutOfService, Looking: true}},
		"until somebody has looked when it opens":                    {[]Event{TestBegins{}, TestEnds{}, Opened{}, Start{}}, State{Screen: Tested, Looking: true}},
		"unless it opens meanwhile":                                  {[]Event{TestBegins{}, Opened{}, TestEnds{}, NothingLies{}}, State{Screen: Greeting}},
		"or shuts":                                                   {[]Event{Opened{}, TestBegins{}, Shut{}, TestEnds{}}, State{Screen: OutOfService, Looking: true}},
		"it does not begin on a visitor":                             {[]Event{Opened{}, Start{}, TestBegins{}}, State{Screen: Language}},
		"nor on one who looks for help":                              {[]Event{Opened{}, OpenHelp{}, TestBegins{}}, State{Screen: Help, Behind: Greeting}},
		"nor before one is gone":                                     {join(atTicket(), Next{}, TestBegins{}), State{Screen: Cleared, Language: "uk", Looking: true}},
		"nor while one is told to take the document": {join(atTicket(), SomethingLies{}, Next{}, TestBegins{}),
			State{Screen: TakeDocument, Language: "uk", Lying: true}},
		"what lies there although nobody is told so may be for the test": {[]Event{Opened{}, SomethingLies{}, TestBegins{}}, State{Screen: Tested, Lying: true}},
		"and is not looked at while it lasts":                            {[]Event{Opened{}, TestBegins{}, SomethingLies{}}, State{Screen: Tested}},
		"an end without a beginning means nothing":                       {[]Event{Opened{}, Start{}, TestEnds{}}, State{Screen: Language}},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := play(c.events...)
			if key(s) != key(c.want) {
				t.Errorf("it comes to %+v, want %+v", s, c.want)
			}
		})
	}
	if Patience(State{Screen: Tested}) != 0 {
		t.Error("a test runs out of the visitor's patience")
	}
}
