// Package linktest holds what a station and its back office promise each other, as behaviour: a link, with its journal, is played
// against an office, over connections that break.
package linktest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/kiosk/journal"
	"github.com/foyer-station/foyer/kiosk/link"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// Office is a back office that nobody has been to yet, with numbers to lease.
type Office struct {
	Conn grpc.ClientConnInterface // a station of the office has connected; it is closed after the test
	Now  time.Time                // what its clock shows, and the station's
	// Taken opens the check-ins that the office has taken, in the order in which it took them.
	Taken func(t testing.TB) []CheckIn
}

// CheckIn is one as an office has it.
type CheckIn struct {
	ID, Ticket, Day   string
	Service, Language string
	Record            *stationv1.CheckInRecord
	Files             [][]byte // opened, in the order of Record.Files
}

// Exercise plays every promise, each as a test of its own against an office of its own.
func Exercise(t *testing.T, open func(t *testing.T) Office) {
	for name, play := range map[string]func(t *testing.T, o Office){
		"a station knows the office and has numbers for its day":                    knowsOffice,
		"a confirmed check-in reaches the office whole and is wiped at the station": arrivesWhole,
		"a visitor without data is taken too":                                       arrivesEmpty,
		"who waits is told where":                                                   isAnswered,
		"each says which contract it speaks":                                        speaksContract,
		"an upload that breaks off goes on where it broke":                          goesOn,
		"a submission whose answer is lost is repeated and taken once":              takenOnce,
		"a station that is cut off keeps its numbers and sends later":               sendsLater,
		"what waits is sent after a restart":                                        sendsAfterRestart,
		"the same request for numbers gets the same numbers, another one others":    leasesOnce,
		"the same submission gets the same answer, another under its id none":       answersAgain,
		"a check-in of which a file is missing is not taken":                        wantsAllFiles,
	} {
		t.Run(name, func(t *testing.T) { play(t, open(t)) })
	}
}

// patience is how long a test waits for what must come.
const patience = time.Minute

// station is a link that runs, with its journal.
type station struct {
	*link.Link
	t       *testing.T
	journal *journal.Journal
	conn    *conn
	path    string // of the journal
	log     *log
	stop    func()
}

// start starts a station whose journal lies at path.
func start(t *testing.T, o Office, path string) *station {
	t.Helper()
	j, err := journal.Open(t.Context(), path)
	must(t, err)
	s := &station{t: t, journal: j, conn: &conn{ClientConnInterface: o.Conn}, path: path, log: &log{}}
	s.Link, err = link.New(t.Context(), s.conn, j, link.Options{
		Now: func() time.Time { return o.Now }, Log: slog.New(slog.NewTextHandler(s.log, nil)),
		Interval: 20 * time.Millisecond, MinPause: time.Millisecond, MaxPause: 20 * time.Millisecond, Timeout: patience,
	})
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	s.stop = sync.OnceFunc(func() { cancel(); <-ended; j.Close() })
	t.Cleanup(s.stop)
	return s
}

func newStation(t *testing.T, o Office) *station {
	t.Helper()
	return start(t, o, filepath.Join(t.TempDir(), "journal.db"))
}

// until waits for a condition, and says which one never came.
func (s *station) until(what string, holds func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("waited in vain: %s; the log says\n%s", what, s.log)
		}
	}
}

// day is the office's day, by the station.
func (s *station) day() string { return s.Now().Format(time.DateOnly) }

func (s *station) counts() journal.Counts {
	s.t.Helper()
	c, err := s.journal.Count(s.t.Context(), s.day())
	must(s.t, err)
	return c
}

// ready waits for an office and numbers.
func (s *station) ready() {
	s.t.Helper()
	s.until("the office and numbers", func() bool { return s.Office() != nil && s.counts().Numbers > 0 })
}

// confirm commits a check-in of a visitor with a portrait of so many bytes, and without data for none, and gives its id and ticket.
func (s *station) confirm(size int) (id, ticket string) {
	s.t.Helper()
	s.ready()
	id = uuid.Must(uuid.NewV7()).String()
	c := journal.CheckIn{ID: id, ConfirmedAt: s.Now(), ServiceID: "permit", Language: "uk", Recipient: s.Office().GetRecipient()}
	record := &stationv1.CheckInRecord{Contract: stationv1.Contract}
	if size > 0 {
		content := picture(size)
		sum := sha256.Sum256(content)
		record.Persons = []*stationv1.Person{{Surname: "ERIKSSON", GivenNames: "ANNA MARIA", Nationality: "UTO"}}
		record.Files = []*stationv1.File{{
			Name: "person-1-portrait", MediaType: "image/jpeg", Sha256: sum[:], Size: int64(size), Kind: stationv1.KindPortrait, Person: 1,
		}}
		must(s.t, s.journal.Keep(s.t.Context(), id, c.Recipient, "person-1-portrait", content))
		c.Files = []string{"person-1-portrait"}
	}
	text, err := proto.Marshal(record)
	must(s.t, err)
	c.Record = text
	ticket, err = s.journal.Commit(s.t.Context(), c)
	must(s.t, err)
	s.Wake()
	return id, ticket
}

// sent waits until nothing waits at the station any more.
func (s *station) sent() {
	s.t.Helper()
	s.until("an empty outbox", func() bool { return s.counts().Outbox == 0 })
}

// picture is so many bytes that seem like those of a picture.
func picture(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i * i >> 3)
	}
	return b
}

// client speaks with the office without a link.
func (o Office) client() stationv1.StationServiceClient {
	return stationv1.NewStationServiceClient(o.Conn)
}

// taken is the check-in that the office has taken alone.
func (o Office) taken(t *testing.T) CheckIn {
	t.Helper()
	all := o.Taken(t)
	if len(all) != 1 {
		t.Fatalf("the office has taken %d check-ins", len(all))
	}
	return all[0]
}

// conn is a station's connection, which breaks as it is told.
type conn struct {
	grpc.ClientConnInterface

	mu       sync.Mutex
	down     bool
	lose     bool // the answer to the next submission
	breakAt  int  // the chunk of an upload before which it breaks, once; 0 for none
	uploaded []*stationv1.UploadHeader
	sent     []*stationv1.SubmitRequest
	asked    *stationv1.GetOfficeRequest   // last
	broken   func(*stationv1.UploadHeader) // is called before an upload breaks
}

var errBroken = status.Error(codes.Unavailable, "the connection broke")

func (c *conn) do(what func(c *conn)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what(c)
}

// Invoke implements [grpc.ClientConnInterface].
func (c *conn) Invoke(ctx context.Context, method string, request, reply any, o ...grpc.CallOption) error {
	var down, lose bool
	c.do(func(c *conn) {
		down = c.down
		if r, ok := request.(*stationv1.GetOfficeRequest); ok {
			c.asked = r
		}
		if r, ok := request.(*stationv1.SubmitRequest); ok && !down {
			lose, c.lose = c.lose, false
			c.sent = append(c.sent, r)
		}
	})
	if down {
		return errBroken
	}
	err := c.ClientConnInterface.Invoke(ctx, method, request, reply, o...)
	if lose && err == nil {
		return errBroken
	}
	return err
}

// NewStream implements [grpc.ClientConnInterface].
func (c *conn) NewStream(ctx context.Context, d *grpc.StreamDesc, method string, o ...grpc.CallOption) (grpc.ClientStream, error) {
	var down bool
	c.do(func(c *conn) { down = c.down })
	if down {
		return nil, errBroken
	}
	ctx, cut := context.WithCancel(ctx)
	s, err := c.ClientConnInterface.NewStream(ctx, d, method, o...)
	return &stream{s, c, cut, nil, 0}, err
}

// stream is an upload over a conn.
type stream struct {
	grpc.ClientStream
	conn   *conn
	cut    func()
	header *stationv1.UploadHeader
	chunks int
}

// SendMsg implements [grpc.ClientStream].
func (s *stream) SendMsg(m any) error {
	if part, ok := m.(*stationv1.UploadRequest); ok {
		var broken func(*stationv1.UploadHeader)
		s.conn.do(func(c *conn) {
			if h := part.GetHeader(); h != nil {
				s.header = h
				c.uploaded = append(c.uploaded, h)
			} else if s.chunks++; s.chunks == c.breakAt {
				c.breakAt, broken = 0, c.broken
			}
		})
		if broken != nil {
			broken(s.header)
			s.cut()
			return errBroken
		}
	}
	return s.ClientStream.SendMsg(m)
}

// RecvMsg implements [grpc.ClientStream]. An upload has one answer, with which it ends.
func (s *stream) RecvMsg(m any) error {
	defer s.cut()
	return s.ClientStream.RecvMsg(m)
}

// log is a bytes.Buffer for several goroutines.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is all that was written.
func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same says whether a check-in is the one that a station confirmed.
func same(got CheckIn, id, ticket, day string, size int) bool {
	files := len(got.Files) == 0
	if size > 0 {
		files = len(got.Files) == 1 && bytes.Equal(got.Files[0], picture(size)) && len(got.Record.GetPersons()) == 1 &&
			got.Record.GetPersons()[0].GetSurname() == "ERIKSSON"
	}
	return files && got.ID == id && got.Ticket == ticket && got.Day == day && got.Service == "permit" && got.Language == "uk"
}

func ids(all []CheckIn) (ids []string) {
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return ids
}
