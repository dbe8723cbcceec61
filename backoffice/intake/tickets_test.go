package intake_test

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	"github.com/foyer-station/foyer/backoffice/intake"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

func TestNobodyIsRefusedOverANumber(t *testing.T) {
	b, station := start(t)
	other := b.Station(t, "utopia", "station-2")
	if _, _, err := other.Prepare(t.Context(), checkintest.Staff(noon)); err != nil { // leases
		t.Fatal(err)
	}
	written := func(ticket string) func(*stationv1.SubmitRequest) {
		return func(r *stationv1.SubmitRequest) { r.Ticket = ticket }
	}
	for name, c := range map[string]struct {
		change      func(*stationv1.SubmitRequest)
		discrepancy store.Discrepancy
		ticket      string // that is kept; empty for the one that was sent
	}{
		"its own number":       {func(*stationv1.SubmitRequest) {}, "", ""},
		"another's number":     {func(r *stationv1.SubmitRequest) { r.Ticket = "A-7" }, store.LeasedElsewhere, ""},
		"nobody's number":      {func(r *stationv1.SubmitRequest) { r.Ticket = "A-900" }, store.LeasedToNobody, ""},
		"the same once more":   {func(r *stationv1.SubmitRequest) { r.Ticket = "A-900" }, store.LeasedToNobody, ""},
		"another prefix":       {func(r *stationv1.SubmitRequest) { r.Ticket = "B-1" }, store.LeasedToNobody, ""},
		"beyond every lease":   {func(r *stationv1.SubmitRequest) { r.Ticket = "ABC-1000199" }, store.LeasedToNobody, ""},
		"a number with zeroes": {func(r *stationv1.SubmitRequest) { r.Ticket = "A-0007" }, store.LeasedElsewhere, "A-7"},
		"yesterday":            {func(r *stationv1.SubmitRequest) { r.Day = "2026-03-01" }, store.LeasedToNobody, ""},
		"tomorrow":             {func(r *stationv1.SubmitRequest) { r.Day = "2026-03-03" }, store.LeasedToNobody, ""},

		"zeroes before its own":       {written("A-0051"), store.Respelt, "A-51"},
		"small letters":               {written("a-52"), store.Respelt, "A-52"},
		"a blank":                     {written(" A-53\u00a0"), store.Respelt, "A-53"},
		"no hyphen":                   {written("A54"), store.Respelt, "A-54"},
		"another dash":                {written("A\u201355"), store.Respelt, "A-55"},
		"a minus sign":                {written("A\u221256"), store.Respelt, "A-56"},
		"wide characters":             {written("\uff21\uff0d\uff15\uff17"), store.Respelt, "A-57"},
		"Arabic digits":               {written("A-\u0665\u0668"), store.Respelt, "A-58"},
		"what nobody sees":            {written("A-5\u200b9\u202e"), store.Respelt, "A-59"},
		"another's, in small letters": {written("a-\u0667"), store.LeasedElsewhere, "A-7"},
		"nothing":                     {written(""), store.NoNumber, "?"},
		"no number after the hyphen":  {written("A-"), store.NoNumber, ""},
		"no prefix":                   {written("-1"), store.NoNumber, ""},
		"a number too long":           {written("A-12345678"), store.NoNumber, ""},
		"another's, with a line":      {written("A-8\n"), store.LeasedElsewhere, "A-8"},
		"a look-alike":                {written("\u0410-60"), store.NoNumber, ""},
		"a name":                      {written("Anna Maria Eriksson of Utopia"), store.NoNumber, "Anna Maria Eriksson ..."},
		"markup and control":          {written("<b>\x1b[31m"), store.NoNumber, "<b>\ufffd[31m"},
		"far too long":                {written("A-" + strings.Repeat("0", 60000) + "61"), store.NoNumber, "A-000000000000000000..."},
		"no day":                      {func(r *stationv1.SubmitRequest) { r.Day = "" }, store.Respelt, ""},
		"a day that is none":          {func(r *stationv1.SubmitRequest) { r.Day = "2026-02-30" }, store.Respelt, ""},
	} {
		request, uploads, err := station.Prepare(t.Context(), checkintest.Appointment(noon))
		if err != nil {
			t.Fatal(err)
		}
		c.change(request)
		_, err = station.Submit(t.Context(), request)
		wantCode(t, name+", asked before the upload", err, codes.FailedPrecondition)
		if _, err := station.UploadFrom(t.Context(), request.CheckInId, uploads[0], 0, len(uploads[0])); err != nil {
			t.Fatal(err)
		}
		if _, err := station.Submit(t.Context(), request); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		kept, _, err := b.Store.CheckIn(t.Context(), request.CheckInId)
		if want := cmp.Or(c.ticket, request.Ticket); err != nil || kept.Discrepancy != c.discrepancy || kept.Ticket != want {
			t.Errorf("%s: kept %q with discrepancy %q, %v; want %q with %q", name, kept.Ticket, kept.Discrepancy, err, want, c.discrepancy)
		}
	}
}

// copyTree copies what lies in a folder, but for names that match.
func copyTree(t *testing.T, to, from string, without *regexp.Regexp) {
	t.Helper()
	if err := os.MkdirAll(to, 0o700); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		source, target := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		switch {
		case without.MatchString(e.Name()):
		case e.IsDir():
			copyTree(t, target, source, without)
		default:
			text, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(target, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The office is set back to what it was in the morning, and the stations are not: every number that is leased after that
// is another than those of before, whether the office notices by its own lease log or from a station.
func TestNumbersAfterARestoreAreOthersThanBefore(t *testing.T) {
	for name, c := range map[string]struct {
		without string // what the backup does not hold, beside what is kept elsewhere
		told    bool   // by a station
	}{
		"the keys are not in the backup":         {`^keys\.db`, false},
		"the whole machine was set back":         {`^$`, true},
		"the keys are gone with the old machine": {`^keys\.db|.*\.leases$`, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir, backup := t.TempDir(), t.TempDir()
			at := noon
			b := checkintest.StartIn(t, dir, func() time.Time { return at }, io.Discard, intake.Options{})
			b.Stop()
			copyTree(t, backup, dir, regexp.MustCompile(c.without))

			seen := map[string]bool{}
			lease := func(b *checkintest.BackOffice, s *checkintest.Station) *stationv1.LeaseNumbersResponse {
				t.Helper()
				l, err := s.LeaseNumbers(t.Context(), &stationv1.LeaseNumbersRequest{RequestId: uuid.NewString(), Count: 100, Day: "2026-03-02"})
				if err != nil {
					t.Fatal(err)
				}
				for n := range l.Count {
					ticket := fmt.Sprint(l.Prefix, "-", l.First+n)
					if seen[ticket] {
						t.Fatalf("%s was given out twice", ticket)
					}
					seen[ticket] = true
				}
				return l
			}
			b = checkintest.StartIn(t, dir, func() time.Time { return at }, io.Discard, intake.Options{})
			known := lease(b, b.Station(t, "utopia", "station-1"))
			b.Stop()
			for range 3 { // restored from the same backup again and again
				at = at.Add(5 * time.Minute)
				if c.without == `^keys\.db` { // these stay where they are
					copyTree(t, dir, backup, regexp.MustCompile(`^$`))
					os.Remove(filepath.Join(dir, "backoffice.db-wal"))
				} else {
					dir = t.TempDir()
					copyTree(t, dir, backup, regexp.MustCompile(`^$`))
				}
				if c.told {
					at = at.Add(store.ObservedEvery)
				}
				b = checkintest.StartIn(t, dir, func() time.Time { return at }, io.Discard, intake.Options{})
				station := b.Station(t, "utopia", "station-1")
				office, err := station.GetOffice(t.Context(), &stationv1.GetOfficeRequest{Epoch: known.Epoch, Lease: known.Lease})
				if err != nil || office.Epoch == known.Epoch {
					t.Fatalf("the epoch is still %q, %v", office.GetEpoch(), err)
				}
				if l := lease(b, b.Station(t, "utopia", "station-2")); l.First != 1 || l.Epoch != office.Epoch || l.Prefix == "A" || len(l.Prefix) > 3 {
					t.Errorf("leased %v", l)
				}
				lease(b, station)
				if !c.told {
					b.Stop()
					continue
				}
				b.Stop()
				return // a second time nobody can tell from the first: the epoch that the station knows is gone
			}
		})
	}
}

func TestTheDayAfterARestoreHasThePlainPrefixAgain(t *testing.T) {
	at := noon
	b := checkintest.Start(t, func() time.Time { return at }, io.Discard)
	if err := b.Store.NewEpoch(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	station := b.Station(t, "utopia", "station-1")
	for _, c := range []struct {
		after time.Duration
		plain bool
	}{{0, false}, {11 * time.Hour, false}, {13 * time.Hour, true}} {
		at = noon.Add(c.after) // the office's midnight is at 23:00 UTC
		l, err := station.LeaseNumbers(t.Context(), &stationv1.LeaseNumbersRequest{RequestId: uuid.NewString(), Count: 10})
		if err != nil || (l.Prefix == "A") != c.plain {
			t.Errorf("after %v: %v, %v", c.after, l, err)
		}
	}
}

func TestAPrefixThatIsChangedDuringTheDayLeavesTicketsAsTheyAre(t *testing.T) {
	dir := t.TempDir()
	b := checkintest.StartIn(t, dir, func() time.Time { return noon }, io.Discard, intake.Options{})
	station := b.Station(t, "utopia", "station-1")
	before := checkintest.Staff(noon)
	request, _, err := station.Prepare(t.Context(), before)
	if err != nil {
		t.Fatal(err)
	}
	b.Office.TicketPrefix = "B" // the office file was changed
	if _, err := station.Submit(t.Context(), request); err != nil {
		t.Fatalf("refused: %v", err)
	}
	if kept, _, err := b.Store.CheckIn(t.Context(), before.ID); err != nil || kept.Discrepancy != "" || kept.Ticket != "A-1" {
		t.Errorf("kept %+v, %v", kept, err)
	}
	l, err := station.LeaseNumbers(t.Context(), &stationv1.LeaseNumbersRequest{RequestId: uuid.NewString(), Count: 10})
	if err != nil || l.Prefix != "B" || l.First != 1 {
		t.Errorf("the next numbers are %v, %v", l, err)
	}
}

func TestAStolenKeyCannotUseUpTheDay(t *testing.T) {
	b, station := start(t)
	var refused error
	got := 0
	for range 49 {
		l, err := station.LeaseNumbers(t.Context(), &stationv1.LeaseNumbersRequest{RequestId: uuid.NewString(), Count: 200})
		if err != nil {
			refused = err
			break
		}
		got += int(l.Count)
	}
	wantCode(t, "more than a station may have", refused, codes.ResourceExhausted)
	if got != 1000 {
		t.Errorf("one station got %d numbers", got)
	}
	for n := range 8 {
		if _, _, err := b.Station(t, "utopia", fmt.Sprint("honest-", n)).Send(t.Context(), checkintest.Genuine(noon)); err != nil {
			t.Errorf("another station: %v", err)
		}
	}
}

// A stolen key lies about what it knows, once an hour, so that the office begins epoch after epoch and every honest station
// gives up its numbers each time.
func TestAStationThatLiesAboutLeasesAllDayLeavesNumbersToOthers(t *testing.T) {
	at := time.Date(2026, 3, 2, 0, 30, 0, 0, time.UTC)
	b := checkintest.Start(t, func() time.Time { return at }, io.Discard)
	stolen, honest := b.Station(t, "utopia", "stolen"), b.Station(t, "utopia", "station-1")
	seen := map[string]bool{}
	for range 3 * 22 {
		office, err := stolen.GetOffice(t.Context(), &stationv1.GetOfficeRequest{})
		if err == nil {
			_, err = stolen.GetOffice(t.Context(), &stationv1.GetOfficeRequest{Epoch: office.Epoch, Lease: 1 << 60})
		}
		if err != nil {
			t.Fatal(err)
		}
		l, err := honest.LeaseNumbers(t.Context(), &stationv1.LeaseNumbersRequest{RequestId: uuid.NewString(), Count: 100})
		if err != nil {
			t.Fatalf("at %v: %v", at, err)
		}
		if ticket := fmt.Sprint(l.Prefix, "-", l.First); seen[ticket] {
			t.Errorf("%s was leased twice", ticket)
		} else {
			seen[ticket] = true
		}
		at = at.Add(20 * time.Minute)
	}
	prefixes := map[string]bool{}
	for ticket := range seen {
		prefix, _, _ := strings.Cut(ticket, "-")
		prefixes[prefix] = true
	}
	if len(prefixes) > 23 {
		t.Errorf("%d epochs in 22 hours", len(prefixes))
	}
}

func TestANumberThatIsWrittenInTwoWaysIsShownAsGivenTwice(t *testing.T) {
	b, station := start(t)
	var ids []string
	for _, written := range []string{"A-1", "a-01", "A\u2010\u0661"} {
		request, _, err := station.Prepare(t.Context(), checkintest.Staff(noon))
		if err != nil {
			t.Fatal(err)
		}
		request.Ticket = written
		if _, err := station.Submit(t.Context(), request); err != nil {
			t.Fatalf("%q: %v", written, err)
		}
		if _, err := station.Submit(t.Context(), request); err != nil {
			t.Errorf("%q, once more: %v", written, err)
		}
		ids = append(ids, request.CheckInId)
	}
	for _, id := range ids {
		if c, _, err := b.Store.CheckIn(t.Context(), id); err != nil || !c.Twin || c.Ticket != "A-1" {
			t.Errorf("kept %+v, %v", c, err)
		}
	}
}
