package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/ca"
	"github.com/foyer-station/foyer/backoffice/demo"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// childVariable makes this process the command itself, with these arguments, until it is killed.
const childVariable = "FOYER_BACKOFFICE_CHILD"

func TestMain(m *testing.M) {
	if args := os.Getenv(childVariable); args != "" {
		os.Exit(run(context.Background(), strings.Split(args, " "), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// building is an office whose server is a process of its own, that can be killed and restored.
type building struct {
	dir, address string
	config       backoffice.Config
	child        *exec.Cmd
}

func newBuilding(t *testing.T) *building {
	t.Helper()
	b := &building{dir: t.TempDir(), address: freeAddress(t)}
	config := filepath.Join(b.dir, "backoffice.toml")
	if _, _, err := demo.Prepare(t.Context(), b.dir, time.Now()); err != nil {
		t.Fatal(err)
	}
	b.edit(t, "backoffice.toml", `keys = "data/keys.db"`, `keys = "keys/keys.db"`) // where no backup looks
	b.edit(t, "backoffice.toml", "127.0.0.1:7443", b.address)
	b.edit(t, "backoffice.toml", "127.0.0.1:8080", "127.0.0.1:0")
	if err := os.Mkdir(filepath.Join(b.dir, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	var err error
	if b.config, err = backoffice.ReadConfig(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.kill)
	return b
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (b *building) edit(t *testing.T, name, before, after string) {
	t.Helper()
	path := filepath.Join(b.dir, name)
	text, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(text, []byte(before)) {
		t.Fatalf("%s has no %q, %v", name, before, err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte(before), []byte(after), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (b *building) open(t *testing.T) {
	t.Helper()
	b.child = exec.Command(os.Args[0])
	b.child.Env = append(os.Environ(), childVariable+"=serve --config "+filepath.Join(b.dir, "backoffice.toml"))
	b.child.Stderr = t.Output()
	if err := b.child.Start(); err != nil {
		t.Fatal(err)
	}
	wait(t, "the back office", func() bool {
		conn, err := net.Dial("tcp", b.address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

// kill ends the server without a warning.
func (b *building) kill() {
	if b.child != nil {
		b.child.Process.Kill()
		b.child.Wait() // it was killed, and says so
		b.child = nil
	}
}

func wait(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// door is one station with its journal and link.
type door struct {
	*link.Link
	journal *journal.Journal
	stop    func()
}

func (b *building) door(t *testing.T, name string) *door {
	t.Helper()
	authority, err := ca.OpenAuthority(filepath.Join(b.dir, "pki"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := authority.Station("utopia", name); err != nil {
		t.Fatal(err)
	}
	of := func(file string) string { return filepath.Join(b.dir, "pki", file) }
	tls, err := link.TLS(of(name+".pem"), of(name+".key"), of("ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := link.Dial(b.address, tls)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{}
	if d.journal, err = journal.Open(t.Context(), filepath.Join(b.dir, name+".db")); err != nil {
		t.Fatal(err)
	}
	d.Link, err = link.New(t.Context(), conn, d.journal, link.Options{Interval: 20 * time.Millisecond, MinPause: 5 * time.Millisecond,
		MaxPause: 50 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { d.Run(ctx) })
	d.stop = sync.OnceFunc(func() { stop(); running.Wait(); conn.Close(); d.journal.Close() })
	t.Cleanup(d.stop)
	return d
}

// numbers is how many the station has left today.
func (d *door) numbers(t *testing.T) int {
	t.Helper()
	counts, err := d.journal.Count(t.Context(), d.Now().Format(time.DateOnly))
	if err != nil {
		t.Fatal(err)
	}
	return counts.Numbers
}

// confirm lets a visitor of some name check in, and gives the ticket that was shown.
func (d *door) confirm(t *testing.T, surname string) (id, ticket string) {
	t.Helper()
	id = uuid.Must(uuid.NewV7()).String()
	record, err := proto.Marshal(&stationv1.CheckInRecord{Persons: []*stationv1.Person{{Surname: surname}}})
	if err != nil {
		t.Fatal(err)
	}
	ticket, err = d.journal.Commit(t.Context(), journal.CheckIn{ID: id, ConfirmedAt: d.Now(), ServiceID: "appointment", Language: "de",
		Recipient: d.Office().GetRecipient(), Record: record})
	if err != nil {
		t.Fatal(err)
	}
	d.Wake()
	return id, ticket
}

func (d *door) waiting(t *testing.T) int {
	t.Helper()
	all, err := d.journal.Outbox(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// visitor is what one of them knows: the name, and the number that was shown.
type visitor struct{ surname, ticket, station string }

func TestAfterARestoreEveryConfirmedVisitorIsAdmittedOnceAndNobodyIsSomebodyElse(t *testing.T) {
	b := newBuilding(t)
	b.open(t)
	b.kill()
	data, backup := b.config.Data, filepath.Join(b.dir, "yesterday")
	if err := os.CopyFS(backup, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	b.open(t)
	doors := map[string]*door{}
	for n := range 4 {
		name := fmt.Sprint("station-", n+1)
		doors[name] = b.door(t, name)
		wait(t, "numbers", func() bool { return doors[name].numbers(t) == 100 })
	}
	b.kill()
	known := map[string]visitor{}
	checkIn := func(n int) {
		for name, d := range doors {
			for i := range n {
				surname := fmt.Sprintf("%s-%d-%d", name, len(known), i)
				id, ticket := d.confirm(t, surname)
				known[id] = visitor{surname, ticket, name}
			}
		}
	}
	checkIn(24) // of numbers that the office forgets

	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(data, os.DirFS(backup)); err != nil {
		t.Fatal(err)
	}
	old := len(known)
	for kills := range 6 { // while they are sent
		b.open(t)
		if kills == 3 {
			for _, d := range doors {
				wait(t, "other numbers", func() bool { return d.numbers(t) == 100 })
			}
			checkIn(3)
			b.kill()
			b.edit(t, "office.toml", `ticket_prefix = "A"`, `ticket_prefix = "B"`)
			continue
		}
		time.Sleep(rand.N(60 * time.Millisecond)) // any moment will do
		b.kill()
	}
	b.open(t)
	checkIn(3)
	for name, d := range doors {
		wait(t, "the outbox of "+name, func() bool { return d.waiting(t) == 0 })
	}
	b.kill()
	if len(known) != 120 {
		t.Fatalf("%d visitors", len(known))
	}
	b.wantEverybodyOnce(t, known, old)
}

func TestAStationWhoseJournalIsCopiedBackLosesNobody(t *testing.T) {
	b := newBuilding(t)
	b.open(t)
	d := b.door(t, "station-1")
	wait(t, "numbers", func() bool { return d.numbers(t) == 100 })
	b.kill()
	first, ticket := d.confirm(t, "first")
	d.stop()
	path := filepath.Join(b.dir, "station-1.db")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d = b.door(t, "station-1")
	second, shown := d.confirm(t, "second")
	b.open(t)
	wait(t, "the outbox", func() bool { return d.waiting(t) == 0 })
	d.stop()
	if err := os.WriteFile(path, before, 0o600); err != nil {
		t.Fatal(err)
	}
	d = b.door(t, "station-1") // sends the first again, and gives the second's number to another
	third, again := d.confirm(t, "third")
	wait(t, "the outbox", func() bool { return d.waiting(t) == 0 })
	b.kill()
	s, err := backoffice.OpenStore(t.Context(), b.config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	queue, err := s.Queue(t.Context())
	if err != nil || len(queue) != 3 {
		t.Fatalf("%d wait, %v", len(queue), err)
	}
	want := map[string]string{first: ticket, second: shown, third: again}
	for _, c := range queue {
		if want[c.ID] != c.Ticket || c.Twin != (c.Ticket == shown && shown == again) {
			t.Errorf("%s with %s, twin %v", c.ID, c.Ticket, c.Twin)
		}
	}
	if shown != again {
		t.Errorf("%s and %s: this test shows nothing", shown, again)
	}
}

func TestAStationOnTheOfficesListOfDeniedOnesIsOutWithoutARestart(t *testing.T) {
	b := newBuilding(t)
	b.edit(t, "backoffice.toml", "client_ca", "denied = \"denied.txt\"\nclient_ca")
	list := filepath.Join(b.dir, "denied.txt")
	deny := func(lines string) {
		t.Helper()
		if err := os.WriteFile(list, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	deny("")
	b.open(t)
	stolen, honest := b.door(t, "stolen"), b.door(t, "station-1")
	wait(t, "the link", func() bool { return stolen.Linked() && honest.Linked() })
	deny("stolen\n")
	wait(t, "being denied", func() bool { return stolen.State() == link.Denied })
	if !honest.Linked() {
		t.Error("another station is denied too")
	}
	deny("")
	wait(t, "being served again", stolen.Linked)
}

// wantEverybodyOnce proves that exactly these visitors wait, each with their own name, number and station, and that the first of
// them are marked.
func (b *building) wantEverybodyOnce(t *testing.T, known map[string]visitor, marked int) {
	t.Helper()
	s, err := backoffice.OpenStore(t.Context(), b.config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v, err := vault.Open(t.Context(), filepath.Join(b.config.Data, "files"), b.config.Keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	queue, err := s.Queue(t.Context())
	if err != nil || len(queue) != len(known) {
		t.Errorf("%d wait, %v; want %d", len(queue), err, len(known))
	}
	tickets := map[string]string{}
	for _, c := range queue {
		_, sealed, err := s.CheckIn(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := v.Open(t.Context(), c.ID, sealed)
		if err != nil {
			t.Fatalf("%s: %v", c.Ticket, err)
		}
		var record stationv1.CheckInRecord
		if err := proto.Unmarshal(text, &record); err != nil {
			t.Fatal(err)
		}
		if got := (visitor{record.Persons[0].Surname, c.Ticket, c.Station}); got != known[c.ID] {
			t.Errorf("%+v would be called as %+v", known[c.ID], got)
		}
		if other, twice := tickets[c.Ticket]; twice {
			t.Errorf("%s was given to %s and %s", c.Ticket, other, c.ID)
		}
		tickets[c.Ticket] = c.ID
		if c.Discrepancy == store.LeasedToNobody {
			marked--
		} else if c.Discrepancy != "" || c.Twin {
			t.Errorf("%s: discrepancy %q, twin %v", c.Ticket, c.Discrepancy, c.Twin)
		}
	}
	if marked != 0 {
		t.Errorf("%d visitors with numbers of before the restore are not marked", marked)
	}
}
