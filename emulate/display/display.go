// Package display is a touchscreen without hardware: an X server that draws into memory (Xvfb), a finger (the XTEST
// extension) and an eye (a picture of the screen). The program under it has a real window and real input events.
package display

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// startTime bounds the start of the X server.
const startTime = 20 * time.Second

// Display is one X server and a connection to it. Its methods may be called from any goroutine.
type Display struct {
	Name string // ":99"

	mu     sync.Mutex
	conn   *xgb.Conn
	root   xproto.Window
	screen image.Rectangle
	server *exec.Cmd
	down   bool // the finger touches
}

// Start starts an X server with one screen of the given size in pixels. It runs until Close.
func Start(width, height int) (*Display, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	defer read.Close()
	// It ends with its last client: whoever started it may be killed.
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp", "-terminate")
	server.ExtraFiles = []*os.File{write}
	err = server.Start()
	write.Close()
	if err != nil {
		return nil, fmt.Errorf("start Xvfb (Debian package xvfb): %w", err)
	}
	name, err := displayName(read)
	if err == nil {
		var d *Display
		if d, err = connect(name); err == nil {
			d.server = server
			return d, nil
		}
	}
	server.Process.Kill()
	return nil, errors.Join(fmt.Errorf("start Xvfb: %w", err), ignoreExit(server.Wait()))
}

// displayName waits until the server has written its number, which it does once it accepts clients.
func displayName(from *os.File) (string, error) {
	if err := from.SetReadDeadline(time.Now().Add(startTime)); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(from).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("no display number: %w", err)
	}
	return ":" + strings.TrimSpace(line), nil
}

func connect(name string) (*Display, error) {
	xgb.Logger.SetOutput(io.Discard) // it tells of missing X authority, which a private display needs none of
	conn, err := xgb.NewConnDisplay(name)
	if err != nil {
		return nil, err
	}
	if err := xtest.Init(conn); err != nil {
		conn.Close()
		return nil, fmt.Errorf("the display has no XTEST: %w", err)
	}
	screen := xproto.Setup(conn).DefaultScreen(conn)
	size := image.Rect(0, 0, int(screen.WidthInPixels), int(screen.HeightInPixels))
	return &Display{Name: name, conn: conn, root: screen.Root, screen: size}, nil
}

// Env is what a program needs to open its window here.
func (d *Display) Env() []string { return []string{"DISPLAY=" + d.Name} }

// Tap touches the screen at a point, in pixels.
func (d *Display) Tap(x, y int) error {
	at := image.Pt(x, y)
	return errors.Join(d.Touch(at, false), d.Touch(at, true), d.Touch(at, false))
}

// Touch says where the finger is, in pixels, and whether it touches, which lasts until it is said again.
func (d *Display) Touch(at image.Point, down bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.fake(xproto.MotionNotify, 0, at); err != nil || down == d.down {
		return err
	}
	d.down = down
	if down {
		return d.fake(xproto.ButtonPress, xproto.ButtonIndex1, at)
	}
	return d.fake(xproto.ButtonRelease, xproto.ButtonIndex1, at)
}

// fake has the server take an event for one of its input devices'.
func (d *Display) fake(kind, detail byte, at image.Point) error {
	if err := xtest.FakeInputChecked(d.conn, kind, detail, xproto.TimeCurrentTime, d.root, int16(at.X), int16(at.Y), 0).Check(); err != nil {
		return fmt.Errorf("touch: %w", err)
	}
	return nil
}

// Window gives the place of the top-level window with the given title, in pixels; ok is false while there is none.
func (d *Display) Window(title string) (place image.Rectangle, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	tree, err := xproto.QueryTree(d.conn, d.root).Reply()
	if err != nil {
		return image.Rectangle{}, false
	}
	for _, w := range tree.Children {
		name, err := xproto.GetProperty(d.conn, false, w, xproto.AtomWmName, xproto.GetPropertyTypeAny, 0, 64).Reply()
		if err != nil || string(name.Value) != title {
			continue
		}
		g, err := xproto.GetGeometry(d.conn, xproto.Drawable(w)).Reply()
		if err == nil {
			return image.Rect(int(g.X), int(g.Y), int(g.X)+int(g.Width), int(g.Y)+int(g.Height)), true
		}
	}
	return image.Rectangle{}, false
}

// Screenshot gives what the area of the screen shows now.
func (d *Display) Screenshot(area image.Rectangle) (*image.RGBA, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	reply, err := xproto.GetImage(d.conn, xproto.ImageFormatZPixmap, xproto.Drawable(d.root), int16(area.Min.X), int16(area.Min.Y),
		uint16(area.Dx()), uint16(area.Dy()), 0xffffffff).Reply()
	if err != nil {
		return nil, fmt.Errorf("screenshot: %w", err)
	}
	if len(reply.Data) != 4*area.Dx()*area.Dy() {
		return nil, fmt.Errorf("screenshot: the display has not 4 bytes a pixel")
	}
	picture := image.NewRGBA(image.Rect(0, 0, area.Dx(), area.Dy()))
	for i := 0; i < len(reply.Data); i += 4 { // the server gives BGRX
		picture.Pix[i], picture.Pix[i+1], picture.Pix[i+2], picture.Pix[i+3] = reply.Data[i+2], reply.Data[i+1], reply.Data[i], 0xff
	}
	return picture, nil
}

// Still gives what the whole screen shows once it has stopped changing: two looks alike. A screen with a moving picture
// is taken as it is after two seconds.
func (d *Display) Still() (*image.RGBA, error) {
	const between, most = 100 * time.Millisecond, 20
	before, err := d.Screenshot(d.screen)
	for range most {
		if err != nil {
			return nil, err
		}
		time.Sleep(between)
		var now *image.RGBA
		if now, err = d.Screenshot(d.screen); err == nil && bytes.Equal(now.Pix, before.Pix) {
			return now, nil
		}
		before = now
	}
	return before, err
}

// Close ends the connection and the server, and waits for it.
func (d *Display) Close() error {
	d.conn.Close()
	d.server.Process.Signal(syscall.SIGTERM)
	return ignoreExit(d.server.Wait())
}

// ignoreExit takes the status of a server that was told to end for what it is: its end.
func ignoreExit(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}
