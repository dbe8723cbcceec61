package technician

import (
	"context"
	"image"
	"net"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	technicianv1 "github.com/foyer-station/foyer/proto/foyer/technician/v1"
)

// serve runs the socket until the test ends and gives a client that is connected to it.
func serve(t *testing.T, board *Board) (technicianv1.TechnicianServiceClient, string, func()) {
	t.Helper()
	says := &technicianv1.GetStatusResponse{Linked: true, NumbersLeft: 7}
	return serveStatus(t, board, func(context.Context) *technicianv1.GetStatusResponse { return says })
}

// serveStatus is serve, of a station with that status.
func serveStatus(t *testing.T, board *Board, status Status) (technicianv1.TechnicianServiceClient, string, func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "technician.sock")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, path, board, status, nil) }()
	conn, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	stop := func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
		done <- nil
	}
	t.Cleanup(func() { conn.Close(); stop() })
	return technicianv1.NewTechnicianServiceClient(conn), path, stop
}

func TestATechnicianReadsTheStatusOverASocketForTheGroupOnly(t *testing.T) {
	client, path, stop := serve(t, NewBoard())
	got, err := client.GetStatus(t.Context(), &technicianv1.GetStatusRequest{}, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	if !got.GetLinked() || got.GetNumbersLeft() != 7 {
		t.Errorf("status is %v", got)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o660 {
		t.Errorf("socket has mode %v, want 0660", info.Mode().Perm())
	}
	stop()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is still there after the stop: %v", err)
	}
}

func TestAWatcherSeesEveryNewScreenWithItsControls(t *testing.T) {
	board := NewBoard()
	client, _, _ := serve(t, board)
	board.Publish(Screen{Name: "greeting"})
	stream, err := client.WatchScreen(t.Context(), &technicianv1.WatchScreenRequest{}, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	first, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if first.GetScreen() != "greeting" || first.GetRevision() != 1 {
		t.Errorf("first message is %v", first)
	}
	board.Publish(Screen{Name: "portrait", Language: "uk", Attempt: 2, Focus: []Focus{
		{ID: "next", Role: "button", Enabled: true, Area: image.Rect(10, 20, 110, 80)},
	}})
	second, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if second.GetScreen() != "portrait" || second.GetLanguage() != "uk" || second.GetAttempt() != 2 || second.GetRevision() != 2 {
		t.Errorf("second message is %v", second)
	}
	f := second.GetFocus()[0]
	if f.GetId() != "next" || f.GetX() != 10 || f.GetY() != 20 || f.GetWidth() != 100 || f.GetHeight() != 60 || !f.GetEnabled() {
		t.Errorf("control is %v", f)
	}
}

func TestAWatcherDoesNotHoldUpTheStop(t *testing.T) {
	board := NewBoard()
	client, _, stop := serve(t, board)
	board.Publish(Screen{Name: "greeting"})
	stream, err := client.WatchScreen(t.Context(), &technicianv1.WatchScreenRequest{}, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	stop()
	if _, err := stream.Recv(); err == nil {
		t.Error("the stream goes on after the stop")
	}
}

func TestASocketLeftByAKilledStationIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "technician.sock")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	left.Close()
	listener, err := listen(path)
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	listener.Close()
}

func TestASocketThatAnswersOrAnotherFileIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "technician.sock")
	running, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	if _, err := listen(path); err == nil {
		t.Error("took the socket of a running station")
	}
	file := filepath.Join(t.TempDir(), "notes")
	if err := os.WriteFile(file, []byte("keep"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listen(file); err == nil {
		t.Error("replaced a file that is no socket")
	}
}
