package hwtest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"google.golang.org/grpc"
)

// atSeven is a running kiosk at seven in the morning: its pad is gone, and its printer will soon be out of paper.
type atSeven struct {
	technicianv1.TechnicianServiceClient
	at time.Time
}

func (a atSeven) GetStatus(context.Context, *technicianv1.GetStatusRequest, ...grpc.CallOption) (*technicianv1.GetStatusResponse, error) {
	said := func(key string) *technicianv1.Message { return &technicianv1.Message{Key: key} }
	days := func(n int) int64 { return a.at.AddDate(0, 0, n).Add(time.Hour).Unix() }
	const maxAge = 90
	return &technicianv1.GetStatusResponse{
		InService: true, Linked: true, Link: "linked", NumbersLeft: 87, ClockAhead: 40, ClockKnown: true,
		Devices: []*technicianv1.DeviceStatus{
			{Kind: "document_reader", State: "online", Model: "Access-IS OCR reader", Path: "usb 1-3"},
			{Kind: "chip_reader", State: "online", Model: "HID Global OMNIKEY 5022", Path: "pcsc HID Global OMNIKEY 5022 00 00"},
			{Kind: "page_imager", State: "online", Model: "OpenCV v4l2", Path: "/dev/v4l/by-id/usb-IMAGER-video-index0"},
			{Kind: "camera", State: "online", Model: "OpenCV v4l2", Path: "/dev/v4l/by-id/usb-CAMERA-video-index0"},
			{Kind: "signature_pad", State: "no_device", Reason: said("device.not_found"), Remedy: said("remedy.plug_in"), Last: &technicianv1.Last{
				Model: "Wacom STU-530", Path: "usb 1-2", Until: time.Date(2026, 11, 30, 6, 41, 0, 0, time.Local).Unix()}},
			{Kind: "ticket_printer", State: "degraded", Model: "ESC/POS printer", Path: "/dev/usb/lp0", Reason: said("printer.paper_low"), Remedy: said("remedy.have_roll")},
			{Kind: "trust_store", State: "online", Measure: &technicianv1.Measure{Value: 3, Unit: "days", Max: new(float64(maxAge))}},
			{Kind: "certificate_station", State: "online", Expires: days(210)},
			{Kind: "certificate_authority", State: "online", Expires: days(1460)},
			{Kind: "certificate_back_office", State: "online", Expires: days(180)},
		},
	}, nil
}

// TestTheManualShowsAReportAsItIs holds the manual's first example to what hwtest writes.
func TestTheManualShowsAReportAsItIs(t *testing.T) {
	now := time.Date(2026, 11, 30, 7, 2, 28, 0, time.Local)
	r, err := hwtest.FromStation(t.Context(), atSeven{at: now}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	measured := func(kind devices.Kind, name string, value float64, unit hwtest.Unit) hwtest.Check {
		return hwtest.Check{ID: string(kind) + "." + name, Device: kind, Result: hwtest.Passed, State: devices.StateOnline, Measure: &hwtest.Measure{Value: value, Unit: unit}}
	}
	const gigabyte = 1 << 30
	r.Checks = append(r.Checks, measured("back_office", "reachable", 3, hwtest.Milliseconds), measured("disk", "free", 38.1*gigabyte, hwtest.Bytes),
		hwtest.Skipped("disk", "writable", devices.Say(hwtest.OtherUser)), measured("memory", "available", 4*gigabyte, hwtest.Bytes),
		measured("temperature", "highest", 48, hwtest.Celsius), measured("restart", "kiosk", 0, hwtest.Count), measured("software", "packages", 0, hwtest.Count))
	manual, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(manual), "```\n$ hwtest\n")
	shown, _, _ = strings.Cut(shown, "```\n")
	text := textOf(t, r)
	if diff := cmp.Diff(text, shown); diff != "" {
		t.Errorf("hwtest writes (-), the manual shows (+):\n%s\n%s", diff, text)
	}
	if lines := strings.Count(text, "\n"); lines > 24 {
		t.Errorf("%d lines", lines)
	}
}
