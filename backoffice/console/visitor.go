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

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// group is the checks of one category, the worst first, but for those that share their reason with others.
type group struct {
	Category string
	Checks   []*stationv1.Check
	Passed   int
	Possible int // to be passed: without those of what the document does not have
}

type documentView struct {
	*stationv1.Document
	Number int // in the check-in, from 1
	Shared []shared
	Groups []group
	Failed []*stationv1.Check
}

type visitorPage struct {
	frame
	Closing   closing // how the visit ended
	Row       row
	Why       why
	NoData    string // key of a text that says why there is no record; empty where there is one
	Dropped   []*stationv1.Dropped
	Persons   []*stationv1.Person
	Documents []documentView
	Parts     []part
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
	id := r.PathValue("id")
	in, record, err := c.record(r.Context(), id)
	status := http.StatusOK
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
	p := visitorPage{frame: c.frame(r, v), Row: c.row(v, in), NoData: noData(in, record), Persons: record.GetPersons(), Dropped: record.GetDropped()}
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
	for i, d := range record.GetDocuments() {
		p.Documents = append(p.Documents, viewDocument(d, i+1))
	}
	p.Parts = partsOf(&p, record)
	c.render(w, status, "visitor", p)
}

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
	byCategory := map[string]*group{}
	var alone []*stationv1.Check
	view.Shared, alone = shareReasons(d.Checks)
	for _, check := range d.Checks {
		g := byCategory[check.Category]
		if g == nil {
			g = &group{Category: check.Category}
			byCategory[check.Category] = g
		}
		if slices.Contains(alone, check) {
			g.Checks = append(g.Checks, check)
		}
		if verify.Result(check.Result) != verify.NotSupported {
			g.Possible++
		}
		switch verify.Result(check.Result) {
		case verify.Passed:
			g.Passed++
		case verify.Failed:
			view.Failed = append(view.Failed, check)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byCategory)) {
		g := byCategory[name]
		slices.SortStableFunc(g.Checks, func(a, b *stationv1.Check) int { return concern(a) - concern(b) })
		view.Groups = append(view.Groups, *g)
	}
	slices.SortStableFunc(view.Groups, func(a, b group) int { return a.concern() - b.concern() })
	return view
}

// concern is that of the worst check; a group of which all checks share their reasons with others comes last.
func (g group) concern() int {
	if len(g.Checks) == 0 {
		return math.MaxInt
	}
	return concern(g.Checks[0])
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
	c.stream(w, r, v, func() ([]byte, error) {
		in, _, err := c.store.CheckIn(r.Context(), r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return c.pages.execute("visitor-live", visitorPage{frame: c.frame(r, v), Row: c.row(v, in)})
	})
}
