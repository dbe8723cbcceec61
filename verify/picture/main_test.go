package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Children that are not what they should be, by what they are called.
const (
	hangs    = "foyer test: hangs"
	floods   = "foyer test: floods"
	trickles = "foyer test: trickles"
	crashes  = "foyer test: crashes"
	leaves   = "foyer test: leaves"
	lies     = "foyer test: lies"
	lingers  = "foyer test: answers and stays"
	escapes  = "foyer test: tries to get out"
	dies     = "foyer test: a parent that is killed"
)

const onePixel = magic + "\x00\x00\x00\x00\x01\x00\x00\x00\x01abcd"

func TestMain(m *testing.M) {
	ServeIfChild()
	switch os.Args[0] {
	case hangs:
		if confine(portraitTask) != nil {
			os.Exit(statusNotConfined)
		}
		fmt.Fprint(os.Stdout, "confined\n")
		time.Sleep(time.Hour)
	case floods:
		for {
			os.Stdout.Write(bytes.Repeat([]byte(magic), 1<<16))
		}
	case trickles:
		for ; ; time.Sleep(10 * time.Millisecond) {
			fmt.Fprint(os.Stdout, magic[:1])
		}
	case crashes:
		syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		time.Sleep(time.Hour)
	case leaves:
	case lies:
		fmt.Fprint(os.Stdout, magic+"\x00\xff\xff\xff\xff\xff\xff\xff\xff")
		time.Sleep(time.Hour)
	case lingers:
		fmt.Fprint(os.Stdout, onePixel)
		os.Stdout.Close()
		time.Sleep(time.Hour)
	case escapes:
		writeAnswer(os.Stdout, nil, escape())
	case dies:
		beParent()
	default:
		os.Exit(m.Run())
	}
}

// escape tells what a confined process can do that it should not.
func escape() error {
	if err := confine(portraitTask); err != nil {
		return err
	}
	var could []string
	for what, err := range map[string]error{
		"read a file":     open("/etc/passwd", os.O_RDONLY),
		"write a file":    open("/tmp/foyer-escaped", os.O_WRONLY|os.O_CREATE),
		"look at itself":  open("/proc/self/maps", os.O_RDONLY),
		"start a program": exec.Command("/bin/true").Run(),
		"reach a network": dial("tcp", "127.0.0.1:1"),
		"reach a socket":  dial("unix", "/run/none"),
		"end its parent":  syscall.Kill(os.Getppid(), syscall.SIGTERM),
		"signal a thread": syscall.Tgkill(os.Getppid(), os.Getppid(), 0),
		"look in memory":  trace(os.Getppid()),
		"raise a limit":   syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 1 << 50, Max: 1 << 50}),
	} {
		if !errors.Is(err, syscall.EPERM) {
			could = append(could, fmt.Sprint(what, ": ", err))
		}
	}
	if inherited := os.Getenv("FOYER_SECRET"); inherited != "" {
		could = append(could, inherited)
	}
	return fmt.Errorf("%w: [%s]", refusals[0], strings.Join(could, ", "))
}

func open(file string, flag int) error {
	f, err := os.OpenFile(file, flag, 0o600)
	if err == nil {
		f.Close()
	}
	return err
}

func dial(network, address string) error {
	conn, err := net.Dial(network, address)
	if err == nil {
		conn.Close()
	}
	return err
}

func trace(pid int) error {
	_, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, syscall.PTRACE_ATTACH, uintptr(pid), 0, 0, 0, 0)
	return errno
}

// beParent starts a child that hangs, and tells its process.
func beParent() {
	runtime.LockOSThread()
	child, err := portraitTask.start(context.Background(), hangs)
	if err != nil {
		fmt.Println(err)
		return
	}
	io.ReadFull(child.out, make([]byte, len("confined")))
	fmt.Println(child.Process.Pid)
	time.Sleep(time.Hour)
}
