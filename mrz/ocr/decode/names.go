package decode

import "math"

// The states of a name, from its first place to its last (Doc 9303-3, 4.6). Each but nameStart and nameEnd comes twice:
// the second time, letters have been seen behind a double filler, and another double filler ends the name.
const (
	nameStart  = iota
	nameNone   // a filler in place of a surname
	nameLetter // the first letter of a word
	nameWord   // a further letter
	nameOne    // a filler behind a word
	nameTwo    // two of them
	nameLetter2
	nameWord2
	nameOne2
	nameTwo2
	nameEnd // three and more fillers
	nameStates
)

// A turn is how a name goes on with a letter or with a filler: the state, and how usual that is.
type turn struct {
	to int
	p  float64
}

var nameMoves = [nameStates]struct{ letter, filler turn }{
	nameStart:   {turn{nameLetter, 1}, turn{nameNone, noSurname}},
	nameNone:    {turn{nameLetter, lateLetter}, turn{nameTwo, 1}},
	nameLetter:  {turn{nameWord, 1}, turn{nameOne, loneLetter}},
	nameWord:    {turn{nameWord, 1}, turn{nameOne, 1}},
	nameOne:     {turn{nameLetter, 1}, turn{nameTwo, 1}},
	nameTwo:     {turn{nameLetter2, 1}, turn{nameEnd, 1}},
	nameLetter2: {turn{nameWord2, 1}, turn{nameOne2, loneLetter}},
	nameWord2:   {turn{nameWord2, 1}, turn{nameOne2, 1}},
	nameOne2:    {turn{nameLetter2, 1}, turn{nameTwo2, 1}},
	nameTwo2:    {turn{nameLetter2, thirdName}, turn{nameEnd, 1}},
	nameEnd:     {turn{nameLetter2, lateLetter}, turn{nameEnd, 1}},
}

// weighName makes the characters of a name likelier that form one, by a forward-backward pass over its states; whether
// there is a letter or a filler is all that the states see. It gives the logarithm of the probability that the name is
// one.
func weighName(places []place) float64 {
	forward := make([][nameStates]float64, len(places)+1)
	forward[0][nameStart] = 1
	var log float64
	for i := range places {
		letter, filler := split(&places[i])
		var sum float64
		for s, p := range forward[i] {
			m := &nameMoves[s]
			forward[i+1][m.letter.to] += p * m.letter.p * letter
			forward[i+1][m.filler.to] += p * m.filler.p * filler
			sum += p * (m.letter.p*letter + m.filler.p*filler)
		}
		for s := range forward[i+1] {
			forward[i+1][s] /= sum
		}
		log += math.Log(sum)
	}
	after := [nameStates]float64{}
	for s := range after {
		after[s] = 1
	}
	for i := len(places) - 1; i >= 0; i-- {
		after = lean(&places[i], &forward[i], &after)
	}
	return log
}

// lean weighs the letters of one place against its filler, by the states before and after; it gives the next such states
// to the left.
func lean(at *place, before, after *[nameStates]float64) (next [nameStates]float64) {
	letter, filler := split(at)
	var asLetter, asFiller, sum float64
	for s, p := range before {
		m := &nameMoves[s]
		l, f := m.letter.p*after[m.letter.to], m.filler.p*after[m.filler.to]
		asLetter += p * l
		asFiller += p * f
		next[s] = l*letter + f*filler
		sum += next[s]
	}
	for s := range next {
		next[s] /= sum
	}
	for k := range Symbols - 1 {
		at.p[k] *= asLetter
	}
	at.p[Symbols-1] *= asFiller
	at.norm()
	return next
}

// split is the probability of any letter (or digit) at a place, and of the filler.
func split(at *place) (letter, filler float64) {
	filler = at.p[Symbols-1]
	return max(0, 1-filler), filler
}
