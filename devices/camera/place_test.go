package camera

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/foyer-station/foyer/devices"
)

// machine is a /dev and a /sys with one camera, as udev and the kernel make them.
type machine struct {
	t    *testing.T
	root string
}

func (m machine) write(path, text string) {
	m.t.Helper()
	path = filepath.Join(m.root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

func (m machine) link(path, to string) {
	m.t.Helper()
	path = filepath.Join(m.root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	os.Remove(path)
	if err := os.Symlink(to, path); err != nil {
		m.t.Fatal(err)
	}
}

const (
	byID   = "dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920_8A5B-video-index0"
	byPath = "dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0"
)

// plug plugs the camera in at a USB port, and the kernel gives it a node.
func (m machine) plug(port, node string) {
	usb := "sys/devices/pci0000:00/usb1/" + port
	m.write(usb+"/idVendor", "046d\n")
	m.write(usb+"/product", "HD Pro Webcam C920\n")
	m.write(usb+"/manufacturer", "Logitech\n")
	m.write(usb+"/serial", "8A5B\x01\n")
	m.write(usb+"/"+port+":1.0/bInterfaceNumber", "00\n")
	m.write("sys/class/video4linux/"+node+"/name", "HD Pro Webcam C920\n")
	m.link("sys/class/video4linux/"+node+"/device", "../../../devices/pci0000:00/usb1/"+port+"/"+port+":1.0")
	m.write("dev/"+node, "")
	m.link(byID, "../../"+node)
	m.link(byPath, "../../"+node)
}

func TestACameraThatComesBackAsAnotherNodeIsFoundByItsName(t *testing.T) {
	m := machine{t, t.TempDir()}
	source := filepath.Join(m.root, byID)
	for _, back := range []struct{ port, node string }{{"1-1", "video0"}, {"1-4", "video2"}} {
		m.plug(back.port, back.node)
		node := nodeOf(source)
		if want := filepath.Join(m.root, "dev", back.node); node != want {
			t.Fatalf("it is %s, want %s", node, want)
		}
		want := devices.Info{Kind: devices.KindCamera, Model: "Logitech HD Pro Webcam C920", Serial: "8A5B", Path: source}
		if got := identify(m.root, source, node); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

func TestACameraThatIsConfiguredByItsNumberIsNamedByWhatItIs(t *testing.T) {
	m := machine{t, t.TempDir()}
	m.plug("1-1", "video0")
	source := filepath.Join(m.root, "dev/video0")
	if got := identify(m.root, source, nodeOf(source)).Path; got != filepath.Join(m.root, byID) {
		t.Errorf("it is at %s", got)
	}
	if err := os.Remove(filepath.Join(m.root, byID)); err != nil {
		t.Fatal(err)
	}
	if got := identify(m.root, source, nodeOf(source)).Path; got != filepath.Join(m.root, byPath) {
		t.Errorf("without a name of its own it is at %s", got)
	}
}

func TestACameraThatIsNotOnAUSBBusHasTheDriversName(t *testing.T) {
	m := machine{t, t.TempDir()}
	m.write("sys/class/video4linux/video0/name", "vivid-000-vid-cap\n")
	m.link("sys/class/video4linux/video0/device", "../../../devices/platform/vivid.0")
	m.write("sys/devices/platform/vivid.0/uevent", "")
	want := devices.Info{Kind: devices.KindCamera, Model: "vivid-000-vid-cap", Path: "/dev/video0"}
	if got := identify(m.root, "/dev/video0", "/dev/video0"); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
