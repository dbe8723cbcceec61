package discover

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/escpos"
	"github.com/foyer-station/foyer/devices/usb"
)

// cameras gives V4L2's, by the names that stay the same when plugs are moved where udev gives such names. A camera has several nodes,
// of which the first has the pictures. Which of them looks at the glass nobody can see: the first is proposed as the one that sees
// visitors, and the others as the page imager.
func (p Places) cameras() []Found {
	paths := glob(p.Dev, "v4l/by-id/*-video-index0")
	if len(paths) == 0 {
		paths = glob(p.Dev, "v4l/by-path/*-video-index0")
	}
	if len(paths) == 0 {
		paths = p.captures()
	}
	var all []Found
	for i, path := range paths {
		kind, table := devices.KindCamera, "[devices.camera]"
		if i > 0 {
			kind, table = devices.KindPageImager, "[devices.page_imager.camera]"
		}
		all = append(all, Found{
			Info:   devices.Info{Kind: kind, Model: p.says("class/video4linux", node(path), "name"), Path: path},
			Config: []string{table, setting("backend", "v4l2"), setting("source", path)},
			Open:   openCamera(path),
		})
	}
	return all
}

// captures gives the nodes of V4L2 that are the first of their device.
func (p Places) captures() []string {
	return slices.DeleteFunc(glob(p.Dev, "video[0-9]*"), func(path string) bool {
		return p.says("class/video4linux", node(path), "index") != "0"
	})
}

// printers gives those that the kernel's usblp has bound, or else those on the bus, which need no node.
func (p Places) printers(ctx context.Context, drivers []Driver) ([]Found, error) {
	found, err := onBus(ctx, drivers, devices.KindTicketPrinter)
	for _, path := range glob(p.Dev, "usb/lp[0-9]*") {
		found = append(found, Found{
			Info:   devices.Info{Kind: devices.KindTicketPrinter, Model: printerModel(p.says("class/usbmisc", node(path), "device/ieee1284_id")), Path: path},
			Config: []string{"[devices.printer]", setting("path", path)},
			Open:   openPrinter(escpos.Config{Path: path}),
		})
	}
	if err != nil || len(found) > 0 {
		return found, err
	}
	attached, err := usb.List(ctx)
	for _, a := range attached {
		if a.Printer {
			found = append(found, Found{
				Info:   devices.Info{Kind: devices.KindTicketPrinter, Path: a.Path},
				Config: []string{"[devices.printer]", setting("driver", string(escpos.USB)), setting("usb_id", fmt.Sprintf("%04x:%04x", a.Vendor, a.Product))},
				Open:   openPrinter(escpos.Config{Driver: escpos.USB, Vendor: a.Vendor, Product: a.Product}),
			})
		}
	}
	return found, err
}

// printerModel reads a printer's IEEE 1284 identity: "MFG:EPSON;MDL:TM-T88V;CLS:PRINTER;".
func printerModel(identity string) string {
	words := map[string]string{}
	for field := range strings.SplitSeq(identity, ";") {
		key, value, _ := strings.Cut(field, ":")
		switch strings.TrimSpace(key) {
		case "MFG", "MANUFACTURER":
			words["maker"] = strings.TrimSpace(value)
		case "MDL", "MODEL":
			words["model"] = strings.TrimSpace(value)
		}
	}
	return strings.TrimSpace(words["maker"] + " " + words["model"])
}

// serialLines gives USB's serial lines, with a remark for every setting that one may belong to.
func (p Places) serialLines() (all []Found) {
	for _, path := range glob(p.Dev, "serial/by-id/*") {
		model, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), "usb-"), "-if")
		all = append(all, Found{
			Info: devices.Info{Kind: KindSerialLine, Model: strings.ReplaceAll(model, "_", " "), Path: path},
			Config: []string{
				"# " + printable(path) + ", by what is on this line:",
				`# devices.document_reader: driver = "serial", path`,
				`# devices.signature_pad: driver = "stu-serial", path`,
				`# devices.printer: driver = "serial", path, baud`,
				`# devices.page_imager: lamps = "serial", lamp_line`,
			},
		})
	}
	return all
}

// printable is a text for a remark in TOML, which holds no control characters.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}

// lamps gives the LEDs that udev's rule hands over to the station, by the light that their names tell (Linux,
// Documentation/leds/leds-class.rst: "device:colour:function").
func (p Places) lamps() (all []Found) {
	lights := map[string]string{"white": "visible", "ir": "infrared", "infrared": "infrared", "uv": "ultraviolet", "ultraviolet": "ultraviolet", "violet": "ultraviolet"}
	for _, path := range glob(p.Sys, "class/leds/foyer*") {
		name := filepath.Base(path)
		f := Found{Info: devices.Info{Kind: KindLamp, Model: name, Path: path}}
		if parts := strings.Split(name, ":"); len(parts) > 1 && lights[parts[1]] != "" {
			f.Config = []string{"[devices.page_imager.leds]", setting(lights[parts[1]], name)}
		}
		all = append(all, f)
	}
	return all
}

// says reads a line of a class in /sys; empty where there is none.
func (p Places) says(elements ...string) string {
	text, _ := os.ReadFile(filepath.Join(append([]string{p.Sys}, elements...)...))
	return strings.TrimSpace(string(text))
}

// node is the name of the device node that a path leads to: "video0".
func node(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to
	}
	return filepath.Base(path)
}

// glob gives the paths below a folder, in order.
func glob(folder, pattern string) []string {
	paths, _ := filepath.Glob(filepath.Join(folder, pattern)) // the patterns are well-formed
	return paths
}
