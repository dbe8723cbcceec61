package link_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link"
	"github.com/foyer-station/foyer/kiosk/link/officetest"
)

// A link fetches the office and numbers, brings a confirmed check-in to the back office and says where the visitor waits. In the
// field its connection comes from link.Dial.
func Example() {
	if err := sendOne(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// linked to Mitte
	// A-1 waits for room 12 behind 3 others
	// 0 to be sent
}

func sendOne(ctx context.Context) error {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	office, err := officetest.New(noon)
	if err != nil {
		return err
	}
	conn, end, err := office.Connect()
	if err != nil {
		return err
	}
	defer end()
	dir, err := os.MkdirTemp("", "link")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	j, err := journal.Open(ctx, filepath.Join(dir, "journal.db"))
	if err != nil {
		return err
	}
	defer j.Close()

	l, err := link.New(ctx, conn, j, link.Options{Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	defer func() { stop(); <-ended }()
	<-l.Changed() // after the first round
	fmt.Println("linked to", l.Office().GetName())

	id := uuid.Must(uuid.NewV7()).String()
	answer, forget := l.Expect(id)
	defer forget()
	ticket, err := j.Commit(ctx, journal.CheckIn{
		ID: id, ConfirmedAt: l.Now(), ServiceID: "permit", Language: "uk", Recipient: l.Office().GetRecipient(), Record: []byte("a record"),
	})
	if err != nil {
		return err
	}
	l.Wake()
	a := <-answer
	fmt.Printf("%s waits for room %s behind %d others\n", ticket, a.Room, a.Ahead)
	<-l.Changed()
	left, err := j.Count(ctx, "2026-03-02")
	if err != nil {
		return err
	}
	fmt.Println(left.Outbox, "to be sent")
	return nil
}
