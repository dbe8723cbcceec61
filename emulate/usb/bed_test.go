package usb_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/gousb"
	"pgregory.net/rapid"

	"github.com/foyer-station/foyer/devices/devicestest"
	"github.com/foyer-station/foyer/emulate/stu"
	"github.com/foyer-station/foyer/emulate/usb"
	"github.com/foyer-station/foyer/emulate/usb/usbtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		child()
		return
	}
	devicestest.RunPreloaded(m)
}

// childVariable tells the test binary to be the program that [child] is.
const childVariable = "FOYER_USB_CHILD"

// child is a program that finds the pad, says its name, and holds it until its input ends.
func child() {
	bus := gousb.NewContext()
	device, err := bus.OpenDeviceWithVIDPID(padVendor, padProduct)
	if err != nil || device == nil {
		fmt.Println("no pad:", err)
		return
	}
	product, err := device.Product()
	fmt.Println(product, err)
	io.Copy(io.Discard, os.Stdin)
}

const padVendor, padProduct = 0x056a, 0x00a5

// newLibusb starts libusb; it ends before the bed does.
func newLibusb(t *testing.T) *gousb.Context {
	t.Helper()
	bus := gousb.NewContext()
	t.Cleanup(func() {
		if err := bus.Close(); err != nil {
			t.Error(err)
		}
	})
	return bus
}

// await opens the pad as soon as a running libusb knows of it.
func await(t *testing.T, bus *gousb.Context) *gousb.Device {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if device, err := bus.OpenDeviceWithVIDPID(padVendor, padProduct); device != nil && err == nil {
			return device
		}
	}
	t.Fatal("libusb never saw the device")
	return nil
}

func plug(t *testing.T, bed *usb.Bed, port string) *usb.Pad {
	t.Helper()
	pad := usb.NewPad("serial")
	if err := bed.Plug(port, pad.Device); err != nil {
		t.Fatal(err)
	}
	return pad
}

func TestLibusbReadsWhatADeviceSaysOfItself(t *testing.T) {
	bed := usbtest.NewBed(t)
	plug(t, bed, "2")
	device := await(t, newLibusb(t))
	defer device.Close()
	maker, _ := device.Manufacturer()
	product, _ := device.Product()
	serial, _ := device.SerialNumber()
	if maker != "Wacom Co.,Ltd." || product != "STU-530" || serial != "serial" {
		t.Errorf("strings %q, %q, %q", maker, product, serial)
	}
	if !reflect.DeepEqual(device.Desc.Path, []int{2}) || device.Desc.Speed != gousb.SpeedFull {
		t.Errorf("path %v, speed %v, want 2 at full speed", device.Desc.Path, device.Desc.Speed)
	}
}

func TestAKernelDriverMustStepBackFirst(t *testing.T) {
	bed := usbtest.NewBed(t)
	plug(t, bed, "1")
	device := await(t, newLibusb(t))
	defer device.Close()
	if _, _, err := device.DefaultInterface(); err == nil || !strings.Contains(err.Error(), gousb.ErrorBusy.Error()) {
		t.Fatalf("claiming = %v, want busy: the kernel's driver has it", err)
	}
	if err := device.SetAutoDetach(true); err != nil {
		t.Fatal(err)
	}
	config, err := device.Config(1)
	if err != nil {
		t.Fatal(err)
	}
	defer config.Close()
	held, err := config.Interface(0, 0)
	if err != nil {
		t.Fatalf("claiming with the driver detached = %v", err)
	}
	held.Close()
}

func TestDevicesComeAndGoHundredsOfTimesUnderOneRunningProgram(t *testing.T) {
	bed := usbtest.NewBed(t)
	bus := newLibusb(t)
	cycle := func() {
		plug(t, bed, "1")
		device := await(t, bus)
		if _, err := device.Control(0xa1, 1, 0x0309, 0, make([]byte, 17)); err != nil {
			t.Fatalf("capability = %v", err)
		}
		bed.Unplug("1")
		if _, err := device.Control(0xa1, 1, 0x0309, 0, make([]byte, 17)); !errors.Is(err, gousb.ErrorNoDevice) {
			t.Fatalf("capability of a device that is gone = %v, want no device", err)
		}
		device.Close()
	}
	cycle()
	devicestest.NothingLeftBehind(t, func() {
		for range 300 { // device numbers go round more than twice
			cycle()
		}
	})
}

func TestAProgramStartedWithTheBedsEnvironmentSeesItsDevices(t *testing.T) {
	bed, err := usb.NewBed()
	if err != nil {
		t.Fatal(err)
	}
	plug(t, bed, "1")
	program := exec.Command("/proc/self/exe")
	program.Env = append(append(os.Environ(), childVariable+"=1"), bed.Env()...)
	input, _ := program.StdinPipe()
	output, _ := program.StdoutPipe()
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "STU-530 <nil>\n" {
		t.Errorf("the program saw %q, %v", line, err)
	}
	if err := bed.Close(); err != nil { // must not wait for a program that does not let go
		t.Errorf("Close = %v", err)
	}
	input.Close()
	program.Wait() // the preload may have ended it
}

func TestAProgramThatOpensADevicesFileAsSoonAsItIsThereIsAnswered(t *testing.T) {
	bed, err := usb.NewBed()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bed.Close() })
	const last = 61
	// The preload ends a program that finds nobody to answer for the file.
	program := exec.Command("sh", "-c", fmt.Sprintf(`for n in $(seq -f %%03g 2 %d); do
		while ! [ -e /dev/bus/usb/001/$n ]; do :; done
		true < /dev/bus/usb/001/$n && echo $n
	done`, last))
	program.Env = append(os.Environ(), bed.Env()...)
	program.Stderr = os.Stderr
	output, _ := program.StdoutPipe()
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	opened := bufio.NewScanner(output)
	for n := 2; n <= last; n++ {
		plug(t, bed, "1")
		if !opened.Scan() || opened.Text() != fmt.Sprintf("%03d", n) {
			t.Errorf("the program opened %q, want device %d", opened.Text(), n)
			break
		}
		bed.Unplug("1")
	}
	program.Process.Kill()
	program.Wait()
}

func TestAProgramHoweverLateFindsSomebodyWhoSaysThatItsDeviceIsGone(t *testing.T) {
	bed := usbtest.NewBed(t)
	for range 60 {
		plug(t, bed, "1")
		bed.Unplug("1")
	}
	socket, err := net.Dial("unix", os.Getenv("UMOCKDEV_DIR")+"/ioctl/dev/bus/usb/001/002")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	const ioctl, capabilities, done, failed = 1, 0x8004551a, 3, ^uint64(0)
	if err := binary.Write(socket, binary.NativeEndian, []uint64{ioctl, capabilities, 0}); err != nil {
		t.Fatal(err)
	}
	answer := make([]uint64, 3)
	if err := binary.Read(socket, binary.NativeEndian, answer); err != nil {
		t.Fatal(err)
	}
	if want := []uint64{done, failed, uint64(syscall.ENODEV)}; !slices.Equal(answer, want) {
		t.Errorf("the answer is %v, want %v", answer, want)
	}
}

func TestABedRefusesWhatCannotBe(t *testing.T) {
	bed := usbtest.NewBed(t)
	plug(t, bed, "1")
	if err := bed.Plug("1", usb.NewPad("other").Device); err == nil {
		t.Error("two devices in one port")
	}
	bed.Unplug("2") // nothing there
	for range 2 {
		if err := bed.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
	if err := bed.Plug("2", usb.NewPad("late").Device); err == nil {
		t.Error("a device in a bed that is closed")
	}
}

func TestAPersonWaitsForThePadNoLongerThanTold(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	pad := usb.NewPad("serial")
	if err := pad.Ready(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Ready = %v", err)
	}
	if err := pad.Sign(ctx, stu.Signature(1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Sign = %v", err)
	}
}

func TestASignatureLiesOnThePadAndIsTheSameForTheSameSeed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		strokes := stu.Signature(seed)
		if !reflect.DeepEqual(strokes, stu.Signature(seed)) {
			t.Fatal("two signatures of one seed differ")
		}
		for _, stroke := range strokes {
			for _, p := range stroke {
				if min(p.X, p.Y, p.Pressure) < 0 || max(p.X, p.Y, p.Pressure) > 1 || p.Pressure == 0 {
					t.Fatalf("point %+v", p)
				}
			}
		}
	})
}
