package ui

import (
	"image"
	"sync"

	"fyne.io/fyne/v2/canvas"
)

// The part of a camera's frame that is shown, as width to height: a head and shoulders.
const (
	cameraWidth  = 4
	cameraHeight = 5
)

// camera is the live picture of the visitor, as in a mirror. Two pictures take turns: one is on the screen while the
// next frame is copied into the other, so that no frame allocates anything.
type camera struct {
	image *canvas.Image
	flip  func() // shows what was taken; on Fyne's goroutine

	mu      sync.Mutex
	front   *image.RGBA // on the screen
	back    *image.RGBA // being filled, or waiting for flip
	waiting bool        // back waits for flip
	live    bool        // frames are wanted
}

func newCamera() *camera {
	c := &camera{image: &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}}
	c.front, c.back = image.NewRGBA(image.Rectangle{}), image.NewRGBA(image.Rectangle{})
	c.flip = c.swap // bound once: a method value made for every frame would be garbage
	return c
}

// start wants frames; what the visitor sees is what comes from now on.
func (c *camera) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live = true
}

// freeze keeps the last frame.
func (c *camera) freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live = false
}

// take copies the middle of a frame, mirrored, and tells whether to flip.
func (c *camera) take(frame *image.RGBA) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	part := middle(frame.Rect)
	if !c.live || c.waiting || part.Empty() {
		return false
	}
	if c.back.Rect.Size() != part.Size() {
		c.back = image.NewRGBA(image.Rectangle{Max: part.Size()})
	}
	mirror(c.back, frame, part)
	c.waiting = true
	return true
}

// swap shows what was taken.
func (c *camera) swap() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.waiting { // wiped meanwhile
		return
	}
	c.front, c.back, c.waiting = c.back, c.front, false
	c.image.Image = c.front
	c.image.Refresh()
}

// wipe leaves nothing of the visitor.
func (c *camera) wipe() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.front.Pix)
	clear(c.back.Pix)
	c.live, c.waiting = false, false
	if c.image.Image != nil {
		c.image.Image = nil
		c.image.Refresh()
	}
}

// middle is the largest part of a frame that has the shape of the preview.
func middle(frame image.Rectangle) image.Rectangle {
	width, height := frame.Dx(), frame.Dy()
	if width*cameraHeight > height*cameraWidth {
		width = height * cameraWidth / cameraHeight
	} else {
		height = width * cameraHeight / cameraWidth
	}
	at := frame.Min.Add(image.Pt((frame.Dx()-width)/2, (frame.Dy()-height)/2))
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(width, height))}
}

// mirror copies a part of a frame into a picture of its size, left for right.
func mirror(dst, frame *image.RGBA, part image.Rectangle) {
	for y := range part.Dy() {
		from := frame.Pix[frame.PixOffset(part.Min.X, part.Min.Y+y):][:4*part.Dx()]
		to := dst.Pix[dst.PixOffset(0, y):][:4*part.Dx()]
		for i, j := 0, len(to)-4; j >= 0; i, j = i+4, j-4 {
			copy(to[j:j+4], from[i:i+4])
		}
	}
}
