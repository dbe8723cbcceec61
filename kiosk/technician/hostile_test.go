package technician

import (
	"context"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// files are as many as this process has open.
func files(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestWhoeverKnocksWithoutEndTakesFewConnectionsOfTheStation(t *testing.T) {
	const many = 200
	client, path, _ := serve(t, NewBoard())
	if _, err := client.GetStatus(t.Context(), &technicianv1.GetStatusRequest{}, grpc.WaitForReady(true)); err != nil {
		t.Fatal(err)
	}
	before := files(t)
	var all []net.Conn
	for range many {
		conn, err := net.Dial("unix", path)
		if err != nil { // the queue before the door is full
			break
		}
		all = append(all, conn)
	}
	time.Sleep(100 * time.Millisecond)
	if taken := files(t) - before - len(all); taken > mostConnections {
		t.Errorf("of %d connections the station took %d, more than %d", len(all), taken, mostConnections)
	}
	for _, conn := range all {
		conn.Close()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := client.GetStatus(ctx, &technicianv1.GetStatusRequest{}); err != nil {
		t.Errorf("once they are gone: %v", err)
	}
}

func TestOneClientHasFewCallsAtOnce(t *testing.T) {
	board := NewBoard()
	board.Publish(Screen{Name: "greeting"})
	client, _, _ := serve(t, board)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	answered := make(chan bool, 3*mostCalls)
	for range cap(answered) {
		go func() {
			stream, err := client.WatchScreen(ctx, &technicianv1.WatchScreenRequest{}, grpc.WaitForReady(true))
			if err == nil {
				_, err = stream.Recv()
			}
			answered <- err == nil
			<-ctx.Done()
		}()
	}
	served := 0
	for range cap(answered) {
		if <-answered {
			served++
		}
	}
	if served != mostCalls {
		t.Errorf("%d calls are served at once, want %d", served, mostCalls)
	}
}

func TestTheDevicesAreAskedForFewAtOnceHoweverManyWantToKnow(t *testing.T) {
	var asking, most atomic.Int32
	client, _, _ := serveStatus(t, NewBoard(), func(context.Context) *technicianv1.GetStatusResponse {
		now := asking.Add(1)
		defer asking.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		time.Sleep(5 * time.Millisecond)
		return &technicianv1.GetStatusResponse{}
	})
	var all sync.WaitGroup
	for range 2 * mostCalls {
		all.Go(func() {
			if _, err := client.GetStatus(t.Context(), &technicianv1.GetStatusRequest{}, grpc.WaitForReady(true)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := most.Load(); n > mostAsking {
		t.Errorf("the devices were asked for %d at once", n)
	}
}

func TestARequestOfMegabytesIsNotRead(t *testing.T) {
	client, _, _ := serve(t, NewBoard())
	asked := &technicianv1.GetStatusRequest{}
	asked.ProtoReflect().SetUnknown(protowire.AppendString(protowire.AppendTag(nil, 99, protowire.BytesType), strings.Repeat("x", 1<<20)))
	if _, err := client.GetStatus(t.Context(), asked, grpc.WaitForReady(true)); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("it is answered with %v", err)
	}
}

func TestADeviceWhoseNameIsNoTextHidesNoOther(t *testing.T) {
	no := "Camera \xc3"
	said := &technicianv1.Message{Key: "device.nonsense", Params: []*technicianv1.Param{{Name: "detail", Value: no}}}
	says := &technicianv1.GetStatusResponse{Link: no, Devices: []*technicianv1.DeviceStatus{
		{Kind: "camera", Model: no, Serial: no, Path: no, Reason: said, Also: []*technicianv1.Message{said}, Last: &technicianv1.Last{Model: no}},
		{Kind: "chip_reader", Model: "Reader"},
	}}
	client, _, _ := serveStatus(t, NewBoard(), func(context.Context) *technicianv1.GetStatusResponse { return says })
	got, err := client.GetStatus(t.Context(), &technicianv1.GetStatusRequest{}, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	if d := got.GetDevices(); len(d) != 2 || d[0].GetModel() != "Camera \uFFFD" || d[0].GetReason().GetParams()[0].GetValue() != "Camera \uFFFD" || d[1].GetModel() != "Reader" {
		t.Errorf("%v", d)
	}
}
