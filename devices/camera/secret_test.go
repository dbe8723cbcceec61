package camera_test

import (
	"testing"

	"github.com/foyer-station/foyer/devices/camera"
)

func TestNobodyIsToldThePasswordToACamera(t *testing.T) {
	for source, want := range map[string]string{
		"rtspsrc location=rtsp://foyer:s3cr3t@10.0.0.7/live ! appsink":      "rtspsrc location=rtsp://foyer:***@10.0.0.7/live ! appsink",
		`rtspsrc location="rtsp://foyer:a@b:c@10.0.0.7/live" ! appsink`:     `rtspsrc location="rtsp://foyer:***@10.0.0.7/live" ! appsink`,
		`rtspsrc location=rtsp://c/1 user-id=foyer user-pw="two words" ! x`: `rtspsrc location=rtsp://c/1 user-id=foyer user-pw=*** ! x`,
		"souphttpsrc location=http://c/1 user-pw = s3cr3t ! x":              "souphttpsrc location=http://c/1 user-pw=*** ! x",
		"srtsrc uri=srt://c:7001 passphrase=0123456789 ! tsdemux ! appsink": "srtsrc uri=srt://c:7001 passphrase=*** ! tsdemux ! appsink",
		"tcpclientsrc host=127.0.0.1 port=37155 timeout=10 ! appsink":       "tcpclientsrc host=127.0.0.1 port=37155 timeout=10 ! appsink",
		"/dev/v4l/by-id/usb-CAMERA-video-index0":                            "/dev/v4l/by-id/usb-CAMERA-video-index0",
	} {
		if got := camera.WithoutSecrets(source); got != want {
			t.Errorf("%s is told as\n%s, want\n%s", source, got, want)
		}
	}
}
