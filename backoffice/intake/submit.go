package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

var (
	languageTag = regexp.MustCompile(`^[A-Za-z0-9-]{0,35}$`)
	serviceID   = regexp.MustCompile(`^[a-z0-9-]{0,40}$`)
)

// admitTime bounds an admission, which takes some seconds for the largest check-in: a store or a disk that does not answer must not
// keep the station's turn.
const admitTime = time.Minute

// Submit admits a confirmed check-in: its files are opened, checked and sealed again under a key of their own, a
// caseworker is chosen, and the visitor stands in the queue when it returns. record_sha256 is empty when the visitor
// gave no data. Where the record cannot be read, the visitor, who holds a ticket, is admitted without data as
// [store.Unreadable]: refused, the station could only send the same again until it has to wipe it. A file that cannot be read,
// or what a record has too much of, is told, and takes nothing else with it but a verdict that is no alarm.
func (s *Service) Submit(ctx context.Context, r *stationv1.SubmitRequest) (*stationv1.SubmitResponse, error) {
	if err := s.checkRequest(r); err != nil {
		return nil, err
	}
	done, err := s.submitting.take(ctx, stationOf(ctx))
	if err != nil {
		return nil, err
	}
	defer done()
	unlock, err := s.store.LockAdmission(ctx, r.CheckInId) // two submissions of the same check-in cannot meet
	if err != nil {
		return nil, err
	}
	defer unlock()
	before, err := s.store.Submitted(ctx, r.CheckInId)
	if errors.Is(err, store.ErrNotFound) {
		return s.admit(ctx, r)
	}
	if err != nil {
		return nil, err
	}
	var earlier stationv1.SubmitRequest
	if err := proto.Unmarshal(before.Request, &earlier); err != nil {
		return nil, fmt.Errorf("read earlier request: %w", err)
	}
	if before.Station != stationOf(ctx) || !proto.Equal(&earlier, r) {
		return nil, status.Error(codes.AlreadyExists, "another check-in was submitted under this id")
	}
	return s.answer(r, before.Ahead, before.Wait, before.Told), s.spool.drop(stationOf(ctx), r.CheckInId)
}

// answer is what the visitor is told, which says nothing of the verdict: the room where every visitor for the service is
// received, if there is one such, who came before for the same, and the range of waiting, if anybody knows one.
func (s *Service) answer(r *stationv1.SubmitRequest, ahead int, wait time.Duration, told store.Told) *stationv1.SubmitResponse {
	answer := &stationv1.SubmitResponse{Room: s.office.RoomFor(r.ServiceId), Ahead: int32(ahead), EstimatedWait: durationpb.New(wait)}
	if told.WaitUntil > 0 {
		answer.WaitFrom, answer.WaitUntil = durationpb.New(told.WaitFrom), durationpb.New(told.WaitUntil)
	}
	return answer
}

func (s *Service) checkRequest(r *stationv1.SubmitRequest) error {
	if err := checkID(r.CheckInId); err != nil {
		return err
	}
	for _, sum := range hashes(r) {
		if err := checkSum(sum); err != nil {
			return err
		}
	}
	switch {
	case len(r.RecordSha256) == 0 && len(r.FileSha256) > 0:
		return status.Error(codes.InvalidArgument, "files without a record")
	case len(r.FileSha256) >= stationv1.MaxFiles:
		return status.Errorf(codes.InvalidArgument, "more than %d files", stationv1.MaxFiles-1)
	case !serviceID.MatchString(r.ServiceId): // one that the office has given up since is somebody's all the same
		return status.Error(codes.InvalidArgument, "service_id is not [a-z0-9-]{0,40}")
	case !languageTag.MatchString(r.Language):
		return status.Error(codes.InvalidArgument, "language is not a language tag")
	case r.ConfirmedAt.CheckValid() != nil:
		return status.Error(codes.InvalidArgument, "confirmed_at is missing or invalid")
	}
	return nil
}

func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// hashes lists the uploads that a check-in consists of, its record first; none when the visitor gave no data.
func hashes(r *stationv1.SubmitRequest) [][]byte {
	if len(r.RecordSha256) == 0 {
		return nil
	}
	return append([][]byte{r.RecordSha256}, r.FileSha256...)
}

// admit does the work of a first Submit, whether or not the station still listens. After a failure in the middle the next try begins
// again, with what has to be uploaded again.
func (s *Service) admit(ctx context.Context, r *stationv1.SubmitRequest) (*stationv1.SubmitResponse, error) {
	if s.denied.has(callerIn(ctx)) { // since it began to wait
		return nil, errDenied
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), admitTime)
	defer cancel()
	share := s.share(stationOf(ctx))
	if share.TokensAt(s.now()) < 1 {
		s.log.Warn("a station tried to submit more check-ins than it may have numbers in a day", "station", stationOf(ctx), "most", s.options.NumbersADay)
		return nil, status.Error(codes.ResourceExhausted, "this station has submitted as many check-ins as it may in a day")
	}
	ticket, err := s.ticket(ctx, r)
	if err != nil {
		return nil, err
	}
	uploads, err := s.uploads(ctx, r)
	if err != nil {
		return nil, err
	}
	a, err := s.admission(ctx, r)
	if err != nil {
		return nil, err
	}
	a.Uploads, a.Ticket, a.Day, a.Discrepancy = uploads, ticket.text, ticket.day, ticket.discrepancy
	a.VisitDay = s.office.VisitDay(a.Day, a.ConfirmedAt, a.At)
	desks, err := s.forecast.desks(ctx, a.Service, a.At)
	if err != nil {
		return nil, err
	}
	var p store.Placement
	err = s.store.Admit(ctx, a, func(queue []store.Queued) store.Placement {
		p = s.place(a, queue, desks)
		return p
	})
	if err != nil {
		return nil, err
	}
	share.AllowN(a.At, 1)
	return s.answer(r, p.Ahead, p.Wait, p.Told), s.spool.drop(stationOf(ctx), r.CheckInId)
}

// admission opens and seals what a check-in consists of. Where that fails no key of it stays: it may never be tried again.
func (s *Service) admission(ctx context.Context, r *stationv1.SubmitRequest) (a store.Admission, err error) {
	err = s.take(ctx, r, &a)
	switch {
	case unreadable(err):
		s.log.Error("check-in admitted without its data, which cannot be read", "station", stationOf(ctx),
			"check_in", r.CheckInId, "error", err)
		a = store.Admission{CheckIn: store.CheckIn{Verdict: store.Unreadable, Validity: verify.ValidityUnknown}}
		err = s.vault.Erase(ctx, r.CheckInId)
	case err != nil:
		err = errors.Join(err, s.vault.Erase(ctx, r.CheckInId))
	}
	if err != nil {
		return a, err
	}
	if a.Request, err = proto.Marshal(r); err != nil {
		return a, fmt.Errorf("keep request: %w", err)
	}
	by := callerIn(ctx)
	a.CheckIn.ID, a.Station, a.Service, a.Language = r.CheckInId, by.station, r.ServiceId, r.Language
	a.At, a.Certificate = s.now(), fingerprint(by.certificate)
	a.ConfirmedAt = earlier(r.ConfirmedAt.AsTime(), a.At)
	a.Today = s.office.Day(a.At)
	return a, nil
}

// share is how many more check-ins a station may hand in: as many as it may have numbers a day, and over a day as many again, so
// that what a station kept while it was cut off is always taken, and a stolen one does not drown the queue. A station
// submits one at a time.
func (s *Service) share(station string) *rate.Limiter {
	s.sharing.Lock()
	defer s.sharing.Unlock()
	share, ok := s.shares[station]
	if !ok {
		most := s.options.NumbersADay
		share = rate.NewLimiter(rate.Every(24*time.Hour/time.Duration(most)), most)
		s.shares[station] = share
	}
	return share
}

// uploads lists the record and the files, and is FAILED_PRECONDITION while one of them has not arrived.
func (s *Service) uploads(ctx context.Context, r *stationv1.SubmitRequest) ([]store.Upload, error) {
	var uploads []store.Upload
	seen := map[string]bool{}
	for i, sum := range hashes(r) {
		n, complete, err := s.spool.have(stationOf(ctx), r.CheckInId, sum)
		if err != nil {
			return nil, err
		}
		if !complete {
			return nil, status.Errorf(codes.FailedPrecondition, "file %d has not arrived (0 is the record)", i)
		}
		if seen[string(sum)] {
			return nil, status.Errorf(codes.InvalidArgument, "file %d is repeated (0 is the record)", i)
		}
		seen[string(sum)] = true
		uploads = append(uploads, store.Upload{SHA256: sum, Size: n})
	}
	return uploads, nil
}

var errRecord = errors.New("bad record")

// unreadable says whether what a station sent will not open however often it is tried.
func unreadable(err error) bool {
	return errors.Is(err, vault.ErrNotSealed) || errors.Is(err, vault.ErrMismatch) || errors.Is(err, errRecord)
}

// take opens the record, seals it again and has every file of it kept under the check-in's own key.
func (s *Service) take(ctx context.Context, r *stationv1.SubmitRequest, a *store.Admission) error {
	if len(r.RecordSha256) == 0 {
		return nil
	}
	clear, err := s.unsealRecord(ctx, r)
	if err != nil {
		return err
	}
	record, cut, err := parseRecord(clear, len(r.FileSha256))
	if err != nil {
		return fmt.Errorf("%w: %w", errRecord, err)
	}
	a.Persons, a.Documents, a.Newer = len(record.Persons), len(record.Documents), isNewer(record)
	a.Verdict, a.Validity = worst(record)
	a.Facts = factsOf(record, r.ConfirmedAt.AsTime())
	a.Facts.Appointment = s.booked(ctx, r, record)
	tellContradictions(record)
	lost, err := s.takeFiles(ctx, r, record, a.Newer)
	if err != nil {
		return err
	}
	if (cut || lost) && alarm(a.Verdict) < alarm(store.Unreadable) {
		a.Verdict = store.Unreadable
	}
	if a.Newer {
		s.stations.sentNewer(stationOf(ctx))
	}
	if clear, err = proto.Marshal(record); err != nil {
		return fmt.Errorf("keep record: %w", err)
	}
	a.Record, err = s.vault.Seal(ctx, r.CheckInId, clear)
	return err
}

// takeFiles has the files kept, and strikes those from the record that cannot be read, for staff to be told of.
func (s *Service) takeFiles(ctx context.Context, r *stationv1.SubmitRequest, record *stationv1.CheckInRecord, newer bool) (lost bool, err error) {
	refused, err := s.keepFiles(ctx, r, record, newer)
	if err != nil {
		return false, err
	}
	all := record.Files
	record.Files = nil
	for i, f := range all {
		if refused[i] == nil {
			record.Files = append(record.Files, f)
			continue
		}
		s.log.Error("a file of a check-in cannot be read", "station", stationOf(ctx), "check_in", r.CheckInId, "file", i+1, "error", refused[i])
		record.Dropped = append(record.Dropped, &stationv1.Dropped{Name: f.Name, How: stationv1.DroppedUnreadable})
		lost = true
	}
	return lost, nil
}

// keepFiles has those files kept that can be, in their order, and says why the others cannot.
func (s *Service) keepFiles(ctx context.Context, r *stationv1.SubmitRequest, record *stationv1.CheckInRecord, newer bool) (refused []error, err error) {
	refused = make([]error, len(record.Files))
	var good []*stationv1.File
	var files []vault.Incoming
	var which []int // of all files each of these is
	for i, f := range record.Files {
		if refused[i] = checkFile(f, record, good, newer); refused[i] != nil {
			continue
		}
		path := s.spool.path(stationOf(ctx), r.CheckInId, r.FileSha256[i])
		s.spool.doubt(path)
		files = append(files, vault.Incoming{Path: path, Size: f.Size, SHA256: [32]byte(f.Sha256)})
		good, which = append(good, f), append(which, i)
	}
	if len(files) == 0 {
		return refused, nil
	}
	answers, err := s.vault.Keep(ctx, r.CheckInId, files)
	for n, answer := range answers {
		refused[which[n]] = answer
	}
	return refused, err
}

func (s *Service) unsealRecord(ctx context.Context, r *stationv1.SubmitRequest) ([]byte, error) {
	f, err := os.Open(s.spool.path(stationOf(ctx), r.CheckInId, r.RecordSha256))
	if err != nil {
		return nil, fmt.Errorf("open upload: %w", err)
	}
	defer f.Close()
	return s.vault.Unseal(f, stationv1.MaxFile)
}

// earlier guards the retention against a station whose clock runs ahead.
func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
