package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/grpc"

	"github.com/foyer-station/foyer/backoffice/ca"
	"github.com/foyer-station/foyer/emulate/pcsc"
	"github.com/foyer-station/foyer/kiosk/technician"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hwtest": main})
}

// TestTheManual runs testdata: what a technician calls, and what he gets.
func TestTheManual(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PCSCLITE_CSOCK_NAME", filepath.Join(e.WorkDir, "no-pcscd"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "pcscd": pcscd, "serve": serve, "leave-socket": leaveSocket, "hang": hang, "certify": certify, "stranger": stranger,
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
// "service" and the state "open" it is in service.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	status := &technicianv1.GetStatusResponse{}
	for _, arg := range args[1:] {
		kind, state, _ := strings.Cut(arg, "=")
		if kind == "service" {
			status.InService = state == "open"
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
	go func() {
		ended <- technician.Serve(ctx, path, technician.NewBoard(), func(context.Context) *technicianv1.GetStatusResponse { return status })
	}()
	ts.Defer(func() { stop(); ts.Check(<-ended) })
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
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
