package devicestest

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/foyer-station/foyer/devices"
)

// preload is the library that puts emulated USB devices in the place of the machine's own.
const preload = "libumockdev-preload.so.0"

// RunPreloaded runs a package's tests with libumockdev's preload library, which the loader takes only when a process
// starts: the test binary starts itself again. Call it from TestMain. Programs that a test starts do not inherit the
// library.
func RunPreloaded(m *testing.M) {
	if !strings.Contains(os.Getenv("LD_PRELOAD"), preload) {
		os.Setenv("LD_PRELOAD", preload)
		if err := syscall.Exec("/proc/self/exe", os.Args, os.Environ()); err != nil {
			panic(err)
		}
	}
	os.Unsetenv("LD_PRELOAD")
	os.Exit(m.Run())
}

// NothingLeftBehind fails the test if there are more goroutines or open files after work than before it.
func NothingLeftBehind(t *testing.T, work func()) {
	t.Helper()
	runtime.GC()
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	work()
	runtime.GC()
	for end := time.Now().Add(soon); ; time.Sleep(10 * time.Millisecond) {
		nowGoroutines, nowFiles := runtime.NumGoroutine(), openFiles(t)
		if nowGoroutines <= goroutines && nowFiles <= files {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d goroutines and %d files became %d and %d", goroutines, files, nowGoroutines, nowFiles)
		}
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func mustBeReady(t *testing.T, unit Unit) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if err := unit.Ready(ctx); err != nil {
		t.Fatalf("the driver never waited for a person: %v", err)
	}
}

// mustClose closes the device, and does not wait for ever.
func mustClose(t *testing.T, device devices.Device) {
	t.Helper()
	result := make(chan error, 1)
	go func() { result <- device.Close() }()
	if err := mustEnd(t, result); err != nil {
		t.Errorf("Close = %v", err)
	}
}

// mustEnd waits for a result.
func mustEnd(t *testing.T, result <-chan error) error {
	t.Helper()
	select {
	case err := <-result:
		return err
	case <-time.After(4 * soon):
		t.Fatal("the call does not end")
		return nil
	}
}

func wantError(t *testing.T, result <-chan error, want error) {
	t.Helper()
	began := time.Now()
	err := mustEnd(t, result)
	if !errors.Is(err, want) {
		t.Errorf("it ended with %v, want %v", err, want)
	}
	if took := time.Since(began); took > soon {
		t.Errorf("it ended after %v", took)
	}
	if err != nil {
		typed(t, err)
	}
}

// typed wants the error to say which device failed at what.
func typed(t *testing.T, err error) {
	t.Helper()
	var e *devices.Error
	if !errors.As(err, &e) || e.Kind == "" || e.Op == "" {
		t.Errorf("error %q names no device and operation", err)
	}
}

func wantState(t *testing.T, device devices.Device, want devices.State) {
	t.Helper()
	if h := device.Health(t.Context()); h.State != want || want != devices.StateOnline && h.Remedy.IsZero() {
		t.Errorf("Health = %+v, want %s, and a remedy if it is not well", h, want)
	}
}
