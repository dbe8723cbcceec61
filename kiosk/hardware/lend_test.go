package hardware_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/emulate/world"
	"github.com/foyer-station/foyer/kiosk/flow"
	"github.com/foyer-station/foyer/kiosk/hardware"
	"github.com/foyer-station/foyer/kiosk/technician"
	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// borrows is the variable that makes this program one that borrows the devices of the station at a socket, and says so.
const borrows = "FOYER_BORROWS_FROM"

// borrowIfTold borrows until it is killed, where the variable says so.
func borrowIfTold() {
	socket := os.Getenv(borrows)
	if socket == "" {
		return
	}
	conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err == nil {
		var stream grpc.ServerStreamingClient[technicianv1.LendResponse]
		stream, err = technicianv1.NewTechnicianServiceClient(conn).Lend(context.Background(), &technicianv1.LendRequest{}, grpc.WaitForReady(true))
		for err == nil {
			var said *technicianv1.LendResponse
			if said, err = stream.Recv(); err == nil {
				fmt.Println("lent:", said.GetLent())
			}
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

// TestABorrowerHasTheDevicesUntilItIsKilled with the drivers of a station over the emulated hardware.
func TestABorrowerHasTheDevicesUntilItIsKilled(t *testing.T) {
	l := newLobby(t)
	socket := filepath.Join(t.TempDir(), "technician.sock")
	l.run(func(ctx context.Context) error {
		return errors.Join(technician.Serve(ctx, socket, technician.NewBoard(), l.station.Status, l.station.Lend), ctx.Err())
	})
	l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })

	borrower := exec.Command("/proc/self/exe")
	borrower.Env = append(os.Environ(), borrows+"="+socket, "LD_PRELOAD=")
	out, err := borrower.StdoutPipe()
	l.must(err)
	l.must(borrower.Start())
	t.Cleanup(func() { borrower.Process.Kill(); borrower.Wait() })
	said, err := bufio.NewReader(out).ReadString('\n')
	if l.must(err); said != "lent: true\n" {
		t.Fatalf("the borrower says %q", said)
	}
	l.shows("that it is tested", func(s flow.State) bool { return s.Screen == flow.Tested })
	if l.world.Bus.Held(world.PadPort) || l.world.Bus.Held(world.ReaderPort) {
		t.Error("the station holds its devices still")
	}
	pad, err := hardware.New(l.devices()).SignaturePad(t.Context())
	l.must(err)
	l.must(pad.Clear(t.Context()))
	l.must(pad.Close())
	if h := l.slots.SignaturePad.Health(t.Context()); h.State != devices.StateBusy || !h.Remedy.IsZero() {
		t.Errorf("of the pad a technician is told %+v", h)
	}

	killed := time.Now()
	l.must(borrower.Process.Kill())
	l.shows("the greeting", func(s flow.State) bool { return s.Screen == flow.Greeting })
	t.Logf("somebody is greeted %v after the borrower was killed", time.Since(killed).Round(time.Millisecond))
	if _, err := l.slots.SignaturePad.Get(); err != nil {
		t.Errorf("somebody is greeted, and of the pad is said: %v", err)
	}
	l.begin()
}
