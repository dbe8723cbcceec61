package stu_test

import (
	"context"
	"image"
	"image/draw"
	"slices"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu"
	emulated "github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

// most is what at most a part of durations is below, in milliseconds.
func most(part float64, took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[int(part*float64(len(took)-1))]) / 1e6
}

// BenchmarkSample is the way of one sample from the pen to whoever captures, over the emulated bus or along a pseudo terminal: 5 ms
// is what it may take.
func BenchmarkSample(b *testing.B) {
	for name, c := range map[string]struct {
		model  emulated.Model
		wanted stu.Encryption
	}{
		"STU-530 encrypted": {emulated.STU530(), stu.Required}, "STU-530 in clear": {emulated.STU530(), stu.Off},
	} {
		b.Run(name, func(b *testing.B) {
			u := plugger(usbtest.NewBed(b), c.model)(b)
			pad, err := stu.New(stu.Config{Encryption: c.wanted}).Open(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			defer pad.Close()
			sampled(b, pad, u, u.Tablet)
		})
	}
	b.Run("STU-430V encrypted, along a line", func(b *testing.B) {
		var ports lines
		w := ports.plug(b)
		pad, err := stu.New(stu.Config{}).OpenLine(b.Context(), w.Path(), stu.Baud)
		if err != nil {
			b.Fatal(err)
		}
		defer pad.Close()
		sampled(b, pad, w, w.Tablet)
	})
}

func sampled(b *testing.B, pad *stu.Pad, person interface{ Ready(context.Context) error }, pen *emulated.Tablet) {
	ctx, cancel := context.WithCancel(b.Context())
	samples, ended := make(chan devices.Sample, 1), make(chan error, 1)
	go func() { ended <- pad.Capture(ctx, func(s devices.Sample) { samples <- s }) }()
	if err := person.Ready(ctx); err != nil {
		b.Fatal(err)
	}
	pen.Put(emulated.Point{}, false)
	<-samples
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		pen.Put(emulated.Point{X: 0.5, Y: 0.5, Pressure: 0.5}, true)
		<-samples
		took = append(took, time.Since(began))
	}
	cancel()
	if err := <-ended; err != nil {
		b.Error(err)
	}
	b.ReportMetric(most(0.5, took), "p50-ms")
	b.ReportMetric(most(0.95, took), "p95-ms")
}

// BenchmarkPicture is how long a pad takes to show what it does not show yet, over the emulated bus: a sheet with two buttons in black
// and white, as the kiosk's are; one with two grey areas; and a photograph in all its colours. 0.5 s is what it may take where the pad
// can; of the last the bus allows that to no pad with many colours.
func BenchmarkPicture(b *testing.B) {
	for _, model := range models() {
		u := plugger(usbtest.NewBed(b), model)(b)
		pad, err := stu.New(stu.Config{}).Open(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		size := pad.Size()
		for name, picture := range map[string]image.Image{
			"sheet": asShown(sheet(size), emulated.STU430()), "grey": sheet(size), "photograph": colours(size.Width, size.Height),
		} {
			b.Run(model.Name+" "+name, func(b *testing.B) {
				white := image.NewGray(image.Rect(0, 0, size.Width, size.Height))
				draw.Draw(white, white.Rect, image.White, image.Point{}, draw.Src)
				before := u.Sent()
				for b.Loop() {
					if err := pad.Show(b.Context(), picture, image.Rectangle{}); err != nil {
						b.Fatal(err)
					}
					b.StopTimer()
					if err := pad.Show(b.Context(), white, image.Rectangle{}); err != nil { // so that all of it is sent again
						b.Fatal(err)
					}
					b.StartTimer()
				}
				b.ReportMetric(float64(u.Sent()-before)/float64(b.N)/1000, "kB/op")
			})
		}
		pad.Close()
		u.Unplug()
	}
}
