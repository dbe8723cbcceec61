package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"

	"github.com/foyer-station/foyer/backoffice/ca"
	"github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/hwtest/discover"
	"github.com/foyer-station/foyer/hwtest/machine"
	"github.com/foyer-station/foyer/kiosk/technician"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
	"github.com/foyer-station/foyer/verify/trust"
	"github.com/foyer-station/foyer/verify/trust/trusttest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hwtest": ofComputer, "holder": holder})
}

// ofComputer is the command on the computer that $COMPUTER describes: a folder with its /dev, /sys, /proc and so on, what systemctl and
// journalctl say, and "free", the bytes that its disk has. Without one it is this computer, whose clock a server keeps.
func ofComputer() {
	kept := func(*unix.Timex) (int, error) { return 0, nil }
	root := os.Getenv("COMPUTER")
	if root == "" {
		os.Exit(begin(&cli{machine: machine.Of(machine.Sources{Time: kept}), places: discover.Linux(), now: time.Now, pick: inOrder()}))
	}
	says := func(_ context.Context, name string, _ ...string) ([]byte, error) {
		return os.ReadFile(filepath.Join(root, name))
	}
	sources := machine.Sources{Root: root, Run: says, Time: kept}
	if text, err := os.ReadFile(filepath.Join(root, "free")); err == nil {
		free, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		sources.Disk = func(string) (machine.Disk, error) { return machine.Disk{Free: free, Size: 1 << 40}, nil }
	}
	if _, err := os.Stat(filepath.Join(root, "unkept")); err == nil {
		sources.Time = func(t *unix.Timex) (int, error) { t.Status = unix.STA_UNSYNC; return unix.TIME_ERROR, nil }
	}
	places := discover.Places{Dev: filepath.Join(root, "dev"), Sys: filepath.Join(root, "sys")}
	os.Exit(begin(&cli{machine: machine.Of(sources), places: places, now: time.Now, pick: inOrder()}))
}

// inOrder picks 0, 1, 2 and so on, from 0 again where there are no more: what is left to chance comes out alike.
func inOrder() func(n int) int {
	next := -1
	return func(n int) int { next++; return next % n }
}

// TestTheManual runs testdata: what a technician calls, and what he gets.
func TestTheManual(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Condition: func(c string) (bool, error) {
			if c == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %s", c)
		},
		Setup: func(e *testscript.Env) error {
			e.Values["scene"] = &scene{lent: make(chan bool, 10)}
			e.Setenv("BIN", filepath.SplitList(e.Getenv("PATH"))[0]) // where hwtest is, and nothing else
			e.Setenv("OPENCV_LOG_LEVEL", "ERROR")
			e.Setenv("PCSCLITE_CSOCK_NAME", filepath.Join(e.WorkDir, "no-pcscd"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "pcscd": pcscd, "serve": serve, "leave-socket": leaveSocket, "hang": hang, "certify": certify, "stranger": stranger,
			"world": aWorld, "break": breaks, "says": says, "fits": fits, "hold": hold, "interrupt": interrupt, "within": within,
			"chart-is": chartIs, "visitor": aVisitor, "swipes": swipes, "hold-up": heldUp, "card": aCard, "tickets": tickets, "short-paper": shortPaper, "is-pdf": isPDF,
			"as-nobody": asNobody, "authority": authority, "office": office, "stop-office": stopOffice, "trust-store": trustStore,
			"past": past, "usbmon": busTraffic, "same": same, "talk": talk, "carries": carries, "watching": watching, "line": nextLine, "end": end,
			"socket-is": socketIs, "was-lent": wasLent, "killed": killed, "cut": cut, "close-terminal": closeTerminal, "told": told,
		},
	})
}

// exits STATUS COMMAND... runs a command that must end with that status.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	status := 0
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		status = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if want := args[0]; strconv.Itoa(status) != want {
		ts.Fatalf("exit status %d, want %s", status, want)
	}
}

// pcscd starts a private PC/SC service with a reader.
func pcscd(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	daemon, err := pcsc.Start(ctx, pcsc.Options{})
	ts.Check(err)
	ts.Defer(func() { ts.Check(daemon.Close()) })
	for _, variable := range daemon.Env() {
		name, value, _ := strings.Cut(variable, "=")
		ts.Setenv(name, value)
	}
}

// serve SOCKET KIND=STATE... is a running station whose devices are in these states, until the script ends. With the kind
// "service" and the state "open" it is in service. With the kind "lends" it lends its devices: to somebody else already (busy), at once (now), or after a visitor
// (later); without it knows nothing of that, as an older one. What becomes of a loan stands in the scene.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	status, lends := &technicianv1.GetStatusResponse{}, ""
	for _, arg := range args[1:] {
		kind, state, _ := strings.Cut(arg, "=")
		switch kind {
		case "service":
			status.InService = state == "open"
			continue
		case "lends":
			lends = state
			continue
		}
		d := &technicianv1.DeviceStatus{Kind: kind, State: state, Model: "Model X"}
		if state != "online" {
			d.Reason, d.Remedy = technicianv1.Plain(kind+" is "+state), technicianv1.Plain("mend the "+kind)
		}
		status.Devices = append(status.Devices, d)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	path := ts.MkAbs(args[0])
	lend := sceneOf(ts).lender(lends)
	go func() {
		ended <- technician.Serve(ctx, path, technician.NewBoard(), func(context.Context) *technicianv1.GetStatusResponse { return status }, lend)
	}()
	ts.Defer(func() { stop(); ts.Check(<-ended) })
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		conn, err := net.Dial("unix", path)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("the station does not serve: %v", err)
		}
	}
}

// leave-socket SOCKET leaves what a killed station leaves.
func leaveSocket(ts *testscript.TestScript, _ bool, args []string) {
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: ts.MkAbs(args[0])})
	ts.Check(err)
	left.SetUnlinkOnClose(false)
	ts.Check(left.Close())
}

// hang SOCKET is a station that holds its socket and never answers, until the script ends.
func hang(ts *testscript.TestScript, _ bool, args []string) {
	held, err := net.Listen("unix", ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { held.Close() })
}

// stranger SOCKET is some other program that holds the station's socket and knows none of its calls, until the script ends.
func stranger(ts *testscript.TestScript, _ bool, args []string) {
	held, err := net.Listen("unix", ts.MkAbs(args[0]))
	ts.Check(err)
	server, ended := grpc.NewServer(), make(chan error, 1)
	go func() { ended <- server.Serve(held) }()
	ts.Defer(func() { server.Stop(); ts.Check(<-ended) })
}

// certify DAYS MODE makes ca.pem, station-1.pem and station-1.key, which end in so many days; the key's file has the mode.
func certify(ts *testscript.TestScript, _ bool, args []string) {
	days, err := strconv.Atoi(args[0])
	ts.Check(err)
	mode, err := strconv.ParseUint(args[1], 8, 32)
	ts.Check(err)
	const lasts = 365
	for _, name := range []string{"station-1.pem", "station-1.key"} {
		os.Remove(ts.MkAbs(name))
	}
	authority, err := ca.OpenAuthority(ts.MkAbs("."), time.Now().AddDate(0, 0, days-lasts).Add(time.Hour))
	ts.Check(err)
	ts.Check(authority.Station("mitte", "station-1"))
	ts.Check(os.Chmod(ts.MkAbs("station-1.key"), os.FileMode(mode)))
}

// trust-store DIR DAYS is a trust store whose newest certificate was imported so long ago.
func trustStore(ts *testscript.TestScript, _ bool, args []string) {
	days, err := strconv.Atoi(args[1])
	ts.Check(err)
	store, err := trust.OpenStore(ts.MkAbs(args[0]))
	ts.Check(err)
	maker, err := specimen.NewMaker(1, time.Now().AddDate(-1, 0, 0))
	ts.Check(err)
	_, err = trusttest.Import(store, maker.CSCA(), "csca.der", time.Now().AddDate(0, 0, -days))
	ts.Check(err)
}

// authority DIR makes another authority: DIR/ca.pem.
func authority(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.MkdirAll(ts.MkAbs(args[0]), 0o755))
	_, err := ca.OpenAuthority(ts.MkAbs(args[0]), time.Now())
	ts.Check(err)
}
