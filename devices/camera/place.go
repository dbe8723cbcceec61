package camera

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/foyer-station/foyer/devices"
)

// links are where udev names cameras by what they are, and by where they are plugged in.
var links = [...]string{"dev/v4l/by-id", "dev/v4l/by-path"}

// nodeOf is the device that a source names, which may be a link: udev moves it when a camera comes back as another /dev/videoN.
func nodeOf(source string) string {
	if node, err := filepath.EvalSymlinks(source); err == nil {
		return node
	}
	return source
}

// identify says which camera is at a node, by sysfs (Linux, Documentation/ABI/testing/sysfs-bus-usb) below root. The path is the
// name by which it is found again: by what it is, or else by where it is, or else what the configuration calls it.
func identify(root, source, node string) devices.Info {
	i := devices.Info{Kind: devices.KindCamera, Path: source}
	if !strings.Contains(source, "/v4l/by-") {
		if link := linkTo(root, node); link != "" {
			i.Path = link
		}
	}
	folder := filepath.Join(root, "sys/class/video4linux", filepath.Base(node))
	i.Model = attribute(folder, "name")
	device, err := filepath.EvalSymlinks(filepath.Join(folder, "device"))
	if err != nil {
		return i
	}
	usb := filepath.Dir(device) // of an interface the device
	if attribute(usb, "idVendor") == "" {
		return i
	}
	i.Serial = attribute(usb, "serial")
	if product := attribute(usb, "product"); product != "" {
		i.Model = product
	}
	if maker := attribute(usb, "manufacturer"); maker != "" && !strings.HasPrefix(i.Model, maker) {
		i.Model = maker + " " + i.Model
	}
	return i
}

// linkTo is udev's name of a node.
func linkTo(root, node string) string {
	for _, folder := range links {
		all, _ := filepath.Glob(filepath.Join(root, folder, "*")) // the pattern is well formed
		slices.Sort(all)
		for _, link := range all {
			if to, err := filepath.EvalSymlinks(link); err == nil && to == node {
				return link
			}
		}
	}
	return ""
}

// attribute is a short text that a device said of itself, without what cannot be shown; empty if there is none.
func attribute(folder, name string) string {
	const most = 128
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return ""
	}
	shown := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, string(text[:min(most, len(text))]))
	return strings.TrimSpace(shown)
}
