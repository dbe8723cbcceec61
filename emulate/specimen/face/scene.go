package face

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// SceneWidth and SceneHeight are the size of a camera's picture in pixels.
const (
	SceneWidth  = 1280
	SceneHeight = 720
)

// Scene is n pictures of the person before a grey wall, as a camera sees somebody 80 cm away: standing almost still,
// blinking once where there are four pictures or more.
func (l Look) Scene(n int) []*image.RGBA {
	wall := image.NewRGBA(image.Rect(0, 0, SceneWidth, SceneHeight))
	backdrop(wall, color.RGBA{176, 178, 180, 255})
	const width, height = 800, 660
	v := view{x: width / 2, y: 240, scale: 150}
	open := l.paint(width, height, v)
	v.blink = 1
	shut := open
	if n >= 4 {
		shut = l.paint(width, height, v)
	}
	frames := make([]*image.RGBA, n)
	for i := range frames {
		person := open
		if i == 3 {
			person = shut
		}
		frames[i] = image.NewRGBA(wall.Rect)
		copy(frames[i].Pix, wall.Pix)
		phase := 2 * math.Pi * float64(i) / float64(max(n, 1))
		at := image.Pt((SceneWidth-width)/2+int(math.Round(5*math.Sin(phase))), SceneHeight-height+12+int(math.Round(2*math.Sin(2*phase))))
		draw.Draw(frames[i], person.Rect.Add(at), person, image.Point{}, draw.Over)
	}
	return frames
}
