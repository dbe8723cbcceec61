package kiosk

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"gocv.io/x/gocv"

	"github.com/foyer-station/foyer/emrtd"
	"github.com/foyer-station/foyer/emulate/specimen/lds"
	"github.com/foyer-station/foyer/kiosk/flow"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// jpeg2000Chip has a portrait in JPEG 2000, as most chips do.
func jpeg2000Chip(t *testing.T, picture *image.RGBA) chipAnswer {
	t.Helper()
	mat, err := gocv.ImageToMatRGB(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer mat.Close()
	text, err := gocv.IMEncode(".jp2", mat)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	dg2, err := lds.DG2(lds.Portrait{JPEG: bytes.Clone(text.GetBytes()), Width: picture.Rect.Dx(), Height: picture.Rect.Dy()})
	if err != nil {
		t.Fatal(err)
	}
	return chipAnswer{files: map[string][]byte{"DG2": dg2}}
}

// TestAPortraitThatNoBrowserShowsIsKeptAsOneThatAllDo, with each of its pixels; DG2 stays as it is.
func TestAPortraitThatNoBrowserShowsIsKeptAsOneThatAllDo(t *testing.T) {
	b := newBed(t, nil)
	b.begin(flow.StepDocument)
	b.layDown(passport)
	b.field.answers <- jpeg2000Chip(t, noise(60, 80))
	b.finish()
	r := b.office.received(t, 0)
	got, err := png.Decode(bytes.NewReader(r.files["chip-portrait"]))
	if err != nil || got.Bounds() != image.Rect(0, 0, 60, 80) || r.files["chip-DG2"] == nil {
		t.Errorf("the portrait is no PNG of its size: %v; files %v", err, r.record.GetFiles())
	}
	for _, f := range r.record.GetFiles() {
		if f.GetKind() == stationv1.KindChipPortrait && f.GetMediaType() != "image/png" {
			t.Errorf("it is called %s", f.GetMediaType())
		}
	}
}

// TestAPortraitAsLargeAsADecoderTakesLeavesRoomForWhatProvesTheChip: as PNG it would have four times the room of the whole chip.
func TestAPortraitAsLargeAsADecoderTakesLeavesRoomForWhatProvesTheChip(t *testing.T) {
	large := noise(2048, 4096)
	var s Station
	r, kept := &reading{}, 0
	portrait := &verify.Portrait{Image: large, File: emrtd.Face{Image: []byte{1}, MediaType: emrtd.MediaJPEG2000}}
	s.keepChipPortrait(&job{ctx: t.Context()}, r, portrait, chipShare/2, func(file *stationv1.File, plain []byte) {
		if kept = len(plain); file.GetMediaType() != "image/jpeg" || stationv1.SealedSize(int64(kept)) > chipShare/2 {
			t.Errorf("%s of %d bytes", file.GetMediaType(), kept)
		}
	})
	if kept == 0 || len(r.dropped) != 1 || r.dropped[0].GetHow() != stationv1.DroppedReduced {
		t.Errorf("%d bytes are kept, and staff are told %v", kept, r.dropped)
	}
}
