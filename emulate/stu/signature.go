package stu

import (
	"math"
	"math/rand/v2"
)

// Point is one sample of a pen that touches: place as a part of the pad's width and height, and pressure as a part of
// what the pad can measure, all 0 to 1.
type Point struct{ X, Y, Pressure float64 }

// Signature draws a signature that a person might have written: a large first letter, a row of small ones, and a stroke
// below. The same seed gives the same signature. The points of a stroke are those that a pad would sample.
func Signature(seed uint64) [][]Point {
	hand := rand.New(rand.NewPCG(seed, 0))
	between := func(low, high float64) float64 { return low + (high-low)*hand.Float64() }
	w := writer{x: between(0.14, 0.18), baseline: between(0.54, 0.60), slope: between(-0.08, 0.01), slant: between(0.25, 0.45)}

	capital := w.loop(nil, between(0.30, 0.36), between(0.055, 0.075), 34)
	capital = w.loop(capital, between(0.12, 0.16), between(0.05, 0.07), 22)
	w.x += 0.02
	var word []Point
	for range 5 + hand.IntN(4) {
		height := between(0.05, 0.085)
		switch hand.IntN(5) {
		case 0:
			height = between(0.18, 0.24) // an ascender
		case 1:
			height = -between(0.10, 0.15) // a descender
		}
		word = w.loop(word, height, between(0.040, 0.060), 14+hand.IntN(4))
	}
	word = w.run(word, between(0.10, 0.15), between(-0.10, -0.04), 18)

	under := writer{x: between(0.22, 0.30), baseline: w.baseline + between(0.13, 0.16), slope: w.slope}
	return [][]Point{capital, word, under.run(nil, between(0.42, 0.5), between(-0.05, 0.03), 32)}
}

// writer is a hand that moves along a line of writing.
type writer struct {
	x, baseline  float64
	slope, slant float64 // of the line, and of the letters
}

// loop writes one letter as one turn of a cycloid: up to height (down, if negative) and forward by advance.
func (w *writer) loop(stroke []Point, height, advance float64, samples int) []Point {
	for i := range samples {
		turn := 2 * math.Pi * float64(i) / float64(samples)
		rise := height * (1 - math.Cos(turn)) / 2
		x := w.x + advance*float64(i)/float64(samples) - 0.55*advance*math.Sin(turn) + w.slant*rise*0.6
		stroke = append(stroke, Point{
			X: x, Y: w.baseline + w.slope*(x-0.15) - rise,
			Pressure: 0.45 - 0.25*math.Sin(turn)*math.Copysign(1, height), // heavier on the way down
		})
	}
	w.x += advance
	return stroke
}

// run draws a line that fades out: forward by length, bent by so much.
func (w *writer) run(stroke []Point, length, bend float64, samples int) []Point {
	for i := range samples {
		part := float64(i) / float64(samples-1)
		x := w.x + length*part
		stroke = append(stroke, Point{
			X: x, Y: w.baseline + w.slope*(x-0.15) + bend*math.Sin(math.Pi*part),
			Pressure: 0.6 - 0.45*part,
		})
	}
	w.x += length
	return stroke
}
