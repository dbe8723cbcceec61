package console

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// group is the passed checks of one category.
type group struct {
	Category string
	Checks   []*stationv1.Check
}

type documentView struct {
	*stationv1.Document
	Number int // in the check-in, from 1
	// What speaks against the document: checks that failed and count for the verdict. Those that failed and do not are for information.
	Failed, Informing []*stationv1.Check
	Shared            []shared           // for which reason several were not decided
	Open              []*stationv1.Check // what was not decided for a reason of its own, the weightiest first
	Passed            []group            // by category
	NotSupported      []*stationv1.Check // what this document does not have, each for a reason of its own
	Count, Possible   int                // how many passed, of how many that the document can pass

	NowMRZ      []string // as somebody corrected it last; none where nobody did
	Corrections []*correction
	Compared    *comparison
	Decided     *historyRow // the last decision; nil where there is none
	// LastDecision and LastCorrection are the ids of the last ones that the page shows; empty for none.
	LastDecision, LastCorrection string
}

// Unsure says whether the station was not sure of the MRZ, and nobody has corrected it yet.
func (d documentView) Unsure() bool { return len(d.NowMRZ) == 0 && unsure(d.Document) }

type visitorPage struct {
	frame
	Closing closing // how the visit ended
	standing
	Row       row
	Why       why
	NoData    string // key of a text that says why there is no record; empty where there is one
	Fault     string // key of a text that says why what was sent is not kept; empty for none
	Dropped   []*stationv1.Dropped
	Persons   []*stationv1.Person
	Documents []documentView
	Parts     []part
	History   []historyRow
	Unwritten draft // what was sent and is not kept
}

// draft is what somebody wrote into a form that was not taken.
type draft struct {
	Document  int
	Decision  string
	Note, MRZ string
}

// Alarming says that something arrived and could not be read, or contradicts itself: a person must look.
func (p visitorPage) Alarming() bool { return p.Row.Verdict == store.Unreadable }

// Many says that a check-in has more than one part, which are then told apart.
func (p visitorPage) Many() bool { return len(p.Parts) > 1 }

// isPart says whether an area lies in its picture.
func isPart(a *stationv1.Area) bool {
	const whole = 10_000
	return a != nil && 0 <= a.Left && a.Left < a.Right && a.Right <= whole && 0 <= a.Top && a.Top < a.Bottom && a.Bottom <= whole
}

// Margin is how far from its threshold a measurement of a check lay, from -1 to +1 with two decimals; empty where nothing was measured,
// or what a station says of it is no margin.
func (visitorPage) Margin(c *stationv1.Check) string {
	if c.Margin == nil || !(math.Abs(c.GetMargin()) <= 1) { // nor is NaN
		return ""
	}
	return strconv.FormatFloat(c.GetMargin(), 'f', 2, 64)
}

// record opens the sealed record of a check-in, in the form of today's contract whatever it was written by; nil when the visitor gave
// no data.
func (c *Console) record(ctx context.Context, id string) (store.CheckIn, *stationv1.CheckInRecord, error) {
	in, sealed, err := c.store.CheckIn(ctx, id)
	if err != nil || sealed == nil {
		return in, nil, err
	}
	text, err := c.vault.Open(ctx, id, sealed)
	if err != nil {
		return in, nil, err
	}
	var record stationv1.CheckInRecord
	if err := proto.Unmarshal(text, &record); err != nil {
		return in, nil, fmt.Errorf("read record: %w", err)
	}
	stationv1.Upgrade(&record)
	return in, &record, nil
}

func (c *Console) showVisitor(w http.ResponseWriter, r *http.Request, v viewer) {
	c.showFile(w, r, v, http.StatusOK, "")
}

// showFault shows a file again, says why what was sent is not kept, and keeps it in the form.
func (c *Console) showFault(w http.ResponseWriter, r *http.Request, v viewer, fault string) {
	status := http.StatusUnprocessableEntity
	if fault == "fault.outrun" {
		status = http.StatusConflict
	}
	c.showFile(w, r, v, status, fault)
}

func (c *Console) showFile(w http.ResponseWriter, r *http.Request, v viewer, status int, fault string) {
	id := r.PathValue("id")
	in, record, err := c.record(r.Context(), id)
	erased := errors.Is(err, vault.ErrErased)
	if erased {
		status = http.StatusNotFound
	} else if c.missing(w, r, v, err) {
		return
	}
	err = c.store.Audit(r.Context(), store.Entry{At: c.now(), Name: v.ID, Action: store.ActionOpened, CheckIn: id})
	if err != nil {
		c.fail(w, err)
		return
	}
	p := visitorPage{frame: c.frame(r, v), Row: c.row(v, in), NoData: noData(in, record), Persons: record.GetPersons(), Dropped: record.GetDropped(),
		Fault: fault}
	p.Path = "/visitor/" + id
	if fault != "" {
		p.Unwritten = unwritten(r)
	}
	if erased {
		p.NoData, p.Row.Erased = "visitor.erased", true
	}
	if p.Closing, err = c.closing(r, v, in); err != nil {
		c.fail(w, err)
		return
	}
	if p.Why, err = c.why(r.Context(), p.frame, in); err != nil {
		c.fail(w, err)
		return
	}
	if err := c.addHistory(r.Context(), v, &p, record); err != nil {
		c.fail(w, err)
		return
	}
	p.Parts = partsOf(&p, record)
	c.render(w, status, "visitor", p)
}

// unwritten is what a request wanted to add, as far as a form may have had it.
func unwritten(r *http.Request) draft {
	n, _ := strconv.Atoi(r.PostFormValue("document")) // 0 where it is no number, of no document
	d := draft{Document: n, Decision: r.PostFormValue("decision"), Note: r.PostFormValue("note"), MRZ: r.PostFormValue("mrz")}
	if len(d.MRZ) > maxTyped {
		d.MRZ = ""
	}
	return d
}

// addHistory gives a page what staff added to the file, and the documents beside it.
func (c *Console) addHistory(ctx context.Context, v viewer, p *visitorPage, record *stationv1.CheckInRecord) (err error) {
	if p.History, err = c.history(ctx, v, p.Row.ID); err != nil {
		return err
	}
	if p.standing, err = c.standingOf(ctx, v, p.Row.ID, len(p.History)); err != nil {
		return err
	}
	day := c.office.Local(c.now())
	for i, d := range record.GetDocuments() {
		view := viewDocument(d, i+1)
		view.addEntries(p.History, day)
		chip, err := c.chipLines(ctx, p.Row.ID, record, view.Number)
		if err != nil {
			return err
		}
		view.Compared = compare(d.Mrz, view.NowMRZ, chip, day)
		p.Documents = append(p.Documents, view)
	}
	return nil
}

// addEntries gives a document what staff decided on it, and how they corrected it.
func (d *documentView) addEntries(history []historyRow, day time.Time) {
	for _, h := range history {
		switch {
		case h.Document != d.Number:
		case h.Kind.Decides():
			d.Decided, d.LastDecision = &h, h.ID
		case h.Kind == store.Corrected:
			d.LastCorrection = h.ID
			if h.Text != "" {
				d.NowMRZ = strings.Split(h.Text, "\n")
				d.Corrections = append(d.Corrections, newCorrection(d.Mrz, d.NowMRZ, h.By, h.When, day))
			}
		}
	}
}

// WithoutDocument is what is decided on where there is no document: the file as a whole.
func (p visitorPage) WithoutDocument() documentView {
	var whole documentView
	whole.addEntries(p.History, time.Time{})
	return whole
}

// Helps are the reasons for which somebody is called to a desk.
func (visitorPage) Helps() []string { return helps() }

// noData is the key of the text that says why a check-in has no record. Only where one came and could not be read does a
// check-in without a record have a verdict.
func noData(in store.CheckIn, record *stationv1.CheckInRecord) string {
	switch {
	case record != nil:
		return ""
	case in.Verdict != "":
		return "visitor.unreadable"
	case in.Service == "":
		return "visitor.asked"
	}
	return "visitor.nodata"
}

// missing answers for a check-in that is not there, or not any more.
func (c *Console) missing(w http.ResponseWriter, r *http.Request, v viewer, err error) bool {
	switch {
	case err == nil:
		return false
	case errors.Is(err, store.ErrNotFound), errors.Is(err, vault.ErrErased):
		c.render(w, http.StatusNotFound, "missing", c.frame(r, v))
	default:
		c.fail(w, err)
	}
	return true
}

func viewDocument(d *stationv1.Document, number int) documentView {
	view := documentView{Document: d, Number: number}
	var alone []*stationv1.Check
	view.Shared, alone = shareReasons(d.Checks)
	slices.SortStableFunc(alone, func(a, b *stationv1.Check) int { return concern(a) - concern(b) })
	passed := map[string]*group{}
	for _, check := range alone {
		switch result := verify.Result(check.Result); {
		case result == verify.Failed && verify.Level(check.Level) == verify.Evaluatory:
			view.Informing = append(view.Informing, check)
		case result == verify.Failed:
			view.Failed = append(view.Failed, check)
		case result == verify.NotSupported:
			view.NotSupported = append(view.NotSupported, check)
		case result == verify.Passed:
			if passed[check.Category] == nil {
				passed[check.Category] = &group{Category: check.Category}
			}
			passed[check.Category].Checks = append(passed[check.Category].Checks, check)
		default:
			view.Open = append(view.Open, check)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(passed)) {
		view.Passed = append(view.Passed, *passed[name])
	}
	for _, check := range d.Checks {
		if verify.Result(check.Result) != verify.NotSupported {
			view.Possible++
		}
		if verify.Result(check.Result) == verify.Passed {
			view.Count++
		}
	}
	return view
}

// Lacks is how many checks are of something that the document does not have.
func (d documentView) Lacks() (n int) {
	for _, s := range d.Shared {
		if verify.Result(s.Result) == verify.NotSupported {
			n += len(s.Checks)
		}
	}
	return n + len(d.NotSupported)
}

// Undecided is how many checks could not be decided.
func (d documentView) Undecided() (n int) {
	for _, s := range d.Shared {
		if verify.Result(s.Result) != verify.NotSupported {
			n += len(s.Checks)
		}
	}
	return n + len(d.Open)
}

// concern orders checks by how soon a caseworker should see them: the least first.
func concern(c *stationv1.Check) int {
	order := []verify.Result{
		verify.Failed, verify.Aborted, verify.Undetermined, verify.NotPerformed, verify.NotSupported, verify.Passed,
	}
	weight := map[verify.Level]int{verify.Mandatory: 0, verify.Optional: 1, verify.Evaluatory: 2}
	return 3*slices.Index(order, verify.Result(c.Result)) + weight[verify.Level(c.Level)]
}

func (c *Console) streamVisitor(w http.ResponseWriter, r *http.Request, v viewer) {
	seen, err := strconv.ParseUint(r.URL.Query().Get("seen"), 10, 16)
	if err != nil {
		seen = store.MaxFileEntries // a page that does not say how much it shows is told of nothing newer
	}
	c.stream(w, r, v, func() ([]byte, error) {
		in, _, err := c.store.CheckIn(r.Context(), r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		now, err := c.standingOf(r.Context(), v, in.ID, int(seen))
		if err != nil {
			return nil, err
		}
		p := visitorPage{frame: c.frame(r, v), standing: now, Row: c.row(v, in)}
		p.Path = "/visitor/" + in.ID
		return c.pages.execute("visitor-live", p)
	})
}
