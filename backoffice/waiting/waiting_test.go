package waiting_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/waiting"
)

func usual(service string) time.Duration {
	return map[string]time.Duration{"permit": 20 * time.Minute, "card": 8 * time.Minute}[service]
}

// same is n times a service.
func same(service string, n int) []string { return slices.Repeat([]string{service}, n) }

func TestWhoComesToAFreeDeskDoesNotWait(t *testing.T) {
	got, ok := waiting.New(usual).Range(waiting.Situation{Desks: []waiting.Desk{{For: -1}}})
	if !ok || got.High > time.Minute {
		t.Errorf("told %v, %v", got, ok)
	}
}

func TestNobodyKnowsHowLongItTakesWhereNoDeskIsOpen(t *testing.T) {
	if got, ok := waiting.New(usual).Range(waiting.Situation{Ahead: same("card", 3)}); ok {
		t.Errorf("told %v", got)
	}
}

func TestTheRangeLiesAroundWhatTheVisitsAheadTakeAndHalfOfThatWithTwoDesks(t *testing.T) {
	f := waiting.New(usual)
	for desks, around := range map[int]time.Duration{1: 200 * time.Minute, 2: 95 * time.Minute} {
		s := waiting.Situation{Ahead: same("permit", 10)}
		for range desks {
			s.Desks = append(s.Desks, waiting.Desk{For: -1})
		}
		got, ok := f.Range(s)
		if !ok || !got.Contains(around) || got.High-got.Low > around {
			t.Errorf("%d desks: told %v", desks, got)
		}
	}
}

func TestWhatWasMeasuredCountsForMoreThanTheOfficeFile(t *testing.T) {
	f := waiting.New(usual)
	for range 300 {
		f.Took("card", 30*time.Minute)
	}
	got, _ := f.Range(waiting.Situation{Ahead: same("card", 4), Desks: []waiting.Desk{{For: -1}}})
	if !got.Contains(115 * time.Minute) {
		t.Errorf("after visits of 30 minutes, four ahead: told %v", got)
	}
}

func TestAVisitThatNobodyEndedOrThatWasAMistakeIsNotLearntFrom(t *testing.T) {
	f := waiting.New(usual)
	s := waiting.Situation{Ahead: same("card", 4), Desks: []waiting.Desk{{For: -1}}}
	before, _ := f.Range(s)
	for range 300 {
		f.Took("card", 15*time.Hour)
		f.Took("card", 200*time.Millisecond)
		f.Took("card", -time.Hour)
	}
	if after, _ := f.Range(s); after != before {
		t.Errorf("told %v, then %v", before, after)
	}
}

func TestAVisitThatLastsLongerThanAnyStillEnds(t *testing.T) {
	got, ok := waiting.New(usual).Range(waiting.Situation{Desks: []waiting.Desk{{Service: "card", For: 5 * time.Hour}}})
	if !ok || got.High <= 0 || got.High > 4*time.Hour {
		t.Errorf("told %v", got)
	}
}

func TestARangeIsToldInTheNumbersThatPeopleSay(t *testing.T) {
	f := waiting.New(usual)
	for n := range 40 {
		got, _ := f.Range(waiting.Situation{Ahead: same("card", n), Desks: []waiting.Desk{{For: -1}, {Service: "card", For: time.Minute}}})
		for _, d := range []time.Duration{got.Low, got.High} {
			unit := time.Minute
			if d > 10*time.Minute {
				unit = 5 * time.Minute
			}
			if d > time.Hour {
				unit = 15 * time.Minute
			}
			if d%unit != 0 || d < 0 {
				t.Errorf("%d ahead: told %v", n, got)
			}
		}
	}
}

func TestTwentyThousandAheadTakeNoLongerToForetellThanTwoHundredAndWaitAHundredTimesAsLong(t *testing.T) {
	f := waiting.New(usual)
	few, _ := f.Range(waiting.Situation{Ahead: same("card", 200), Desks: []waiting.Desk{{For: -1}}})
	many, _ := f.Range(waiting.Situation{Ahead: same("card", 20_000), Desks: []waiting.Desk{{For: -1}}})
	if ratio := many.High.Hours() / few.High.Hours(); math.Abs(ratio-100) > 2 {
		t.Errorf("told %v and %v", few, many)
	}
}

func TestTheLossIsLeastForTheQuantileThatWasForetold(t *testing.T) {
	loss := func(foretold time.Duration) (sum time.Duration) {
		for i := range 100 {
			sum += waiting.Pinball(0.9, foretold, time.Duration(i)*time.Minute)
		}
		return sum
	}
	for _, other := range []time.Duration{50 * time.Minute, 80 * time.Minute, 97 * time.Minute} {
		if loss(90*time.Minute) >= loss(other) {
			t.Errorf("it costs less to foretell %v", other)
		}
	}
}

// day is an office's day: visitors come at random, more of them in the morning, and desks call them in order.
type day struct {
	chance *rand.Rand
	desks  int
	slower float64 // than the office file says
	spread float64
}

// play runs a day, and counts who waited as long as was told.
func (d day) play(f *waiting.Forecaster) (inside, all int) {
	type visitor struct {
		service string
		came    time.Duration
		told    waiting.Range
	}
	type desk struct {
		busy          bool
		service       string
		since, freeAt time.Duration
	}
	desks := make([]desk, d.desks)
	var queue []visitor
	next := time.Duration(0)
	come := func(now time.Duration) {
		every := 2.4
		if now > 4*time.Hour {
			every = 4.5
		}
		next = now + time.Duration(d.chance.ExpFloat64()*every*float64(time.Minute))
	}
	come(0)
	for now := time.Duration(0); now < 10*time.Hour; now += 5 * time.Second {
		for i := range desks {
			if at := &desks[i]; at.busy && now >= at.freeAt {
				f.Took(at.service, now-at.since)
				at.busy = false
			}
			if at := &desks[i]; !at.busy && len(queue) > 0 {
				v := queue[0]
				queue = queue[1:]
				wait := now - v.came
				f.Waited(v.told, wait)
				if all++; v.told.Contains(wait) {
					inside++
				}
				takes := float64(usual(v.service)) * d.slower * math.Exp(d.spread*d.chance.NormFloat64())
				*at = desk{true, v.service, now, now + time.Duration(takes)}
			}
		}
		if now >= next && now < 8*time.Hour {
			come(now)
			v := visitor{service: "permit", came: now}
			if d.chance.IntN(3) == 0 {
				v.service = "card"
			}
			var s waiting.Situation
			for _, w := range queue {
				s.Ahead = append(s.Ahead, w.service)
			}
			for _, at := range desks {
				if at.busy {
					s.Desks = append(s.Desks, waiting.Desk{Service: at.service, For: now - at.since})
				} else {
					s.Desks = append(s.Desks, waiting.Desk{For: -1})
				}
			}
			v.told, _ = f.Range(s)
			queue = append(queue, v)
		}
	}
	return inside, all
}

func TestAboutEightInTenWaitAsLongAsTheyWereToldInOfficesThatDifferFromTheirFile(t *testing.T) {
	for name, office := range map[string]day{
		"as its file says":          {desks: 5, slower: 1, spread: 0.5},
		"slower by half":            {desks: 8, slower: 1.5, spread: 0.5},
		"quicker, and more various": {desks: 4, slower: 0.7, spread: 0.8},
	} {
		t.Run(name, func(t *testing.T) {
			f := waiting.New(usual)
			inside, all := 0, 0
			for n := range 12 {
				office.chance = rand.New(rand.NewPCG(7, uint64(n)))
				in, of := office.play(f)
				if n > 0 { // the first day is for learning
					inside, all = inside+in, all+of
				}
			}
			if share := float64(inside) / float64(all); share < 0.75 || share > 0.85 {
				t.Errorf("%.1f %% of %d waited as long as they were told", 100*share, all)
			}
		})
	}
}

func BenchmarkRange(b *testing.B) {
	for _, n := range []int{3, 30, 300} {
		b.Run(fmt.Sprintf("%d ahead", n), func(b *testing.B) {
			f := waiting.New(usual)
			s := waiting.Situation{Ahead: same("permit", n), Desks: slices.Repeat([]waiting.Desk{{Service: "card", For: time.Minute}}, 12)}
			for b.Loop() {
				f.Range(s)
			}
		})
	}
}
