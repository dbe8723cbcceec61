package stu

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/foyer-station/foyer/devices/stu/protocol"
)

// Clear implements [devices.SignaturePad].
func (p *Pad) Clear(ctx context.Context) error {
	defer p.turn.Use()()
	if err := p.blank(ctx); err != nil {
		return failure("clear", err)
	}
	return nil
}

// blank makes the screen white, all of it paper, and waits until it is.
func (p *Pad) blank(ctx context.Context) error {
	p.sheet = p.white()
	if err := p.confine(ctx, p.sheet.Rect); err != nil {
		return err
	}
	return p.wipe(ctx)
}

// confine keeps the pen's ink to an area of the screen, on a pad that can.
func (p *Pad) confine(ctx context.Context, paper image.Rectangle) error {
	if paper.Empty() || paper == p.paper || !p.wire.sizes().Has(protocol.HandwritingDisplayArea) {
		return nil
	}
	p.paper = image.Rectangle{}
	if err := p.set(ctx, protocol.HandwritingDisplayArea, protocol.Area(paper)...); err != nil {
		return err
	}
	p.paper = paper
	return nil
}

// wipe takes everything off the screen.
func (p *Pad) wipe(ctx context.Context) error {
	p.shown = nil
	if err := p.set(ctx, protocol.ClearScreen, 0); err != nil {
		return err
	}
	if err := p.await(ctx); err != nil {
		return err
	}
	p.shown = p.white()
	return nil
}

func (p *Pad) white() *image.RGBA {
	w := image.NewRGBA(image.Rect(0, 0, p.capability.Width, p.capability.Height))
	draw.Draw(w, w.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	return w
}

// Show implements [devices.SignaturePad]. A picture that was cut short is not shown: the screen is white then.
func (p *Pad) Show(ctx context.Context, picture image.Image, paper image.Rectangle) error {
	defer p.turn.Use()()
	if b := picture.Bounds(); b.Dx() != p.capability.Width || b.Dy() != p.capability.Height {
		return failure("show", fmt.Errorf("picture is %dx%d, the pad's screen %dx%d", b.Dx(), b.Dy(), p.capability.Width, p.capability.Height))
	}
	paper = paper.Sub(picture.Bounds().Min).Intersect(image.Rect(0, 0, p.capability.Width, p.capability.Height))
	p.sheet = protocol.Flatten(picture)
	err := p.confine(ctx, paper)
	if err == nil {
		err = p.lay(ctx)
	}
	if err != nil {
		p.blank(context.WithoutCancel(ctx)) // the first error says more than this one's
		return failure("show", err)
	}
	return nil
}

// lay brings the sheet onto the screen, whatever is there: only what differs is sent, if that is known.
func (p *Pad) lay(ctx context.Context) error {
	if p.shown == nil {
		if err := p.wipe(ctx); err != nil {
			return err
		}
	}
	from := p.shown
	p.shown = nil
	areas, takes := protocol.Changes(from, p.sheet), p.capability.Encodings
	if len(areas) > 0 && !p.wire.sizes().Has(protocol.StartImageDataArea) {
		areas = []image.Rectangle{p.sheet.Rect}
		if protocol.Hueless(p.sheet) { // soft edges are not worth a second and a half
			takes &= protocol.Takes1Bit | protocol.TakesZlib
		}
	}
	for _, area := range areas {
		if err := p.send(ctx, area, takes); err != nil {
			p.set(context.WithoutCancel(ctx), protocol.EndImageData, protocol.Abandon)
			return err
		}
	}
	p.shown = p.sheet
	return nil
}

// send uploads an area of the sheet, and waits until the pad shows it.
func (p *Pad) send(ctx context.Context, area image.Rectangle, takes protocol.Encodings) error {
	format, data := takes.Encode(p.sheet, area)
	begin, content := protocol.StartImageData, []byte{byte(format)}
	if area != p.sheet.Rect {
		begin, content = protocol.StartImageDataArea, protocol.ImageArea(format, area)
	}
	if err := p.set(ctx, begin, content...); err != nil {
		return err
	}
	size := p.wire.sizes().BlockSize()
	for len(data) > 0 {
		n := min(len(data), size-2)
		if err := p.set(ctx, protocol.ImageDataBlock, protocol.Block(data[:n], size)...); err != nil {
			return err
		}
		data = data[n:]
	}
	if err := p.set(ctx, protocol.EndImageData, protocol.Commit); err != nil {
		return err
	}
	return p.await(ctx)
}
