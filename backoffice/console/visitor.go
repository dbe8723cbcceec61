package console

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// evidence is one file of a check-in.
type evidence struct {
	*stationv1.File
	URL string
}

// Shown says whether browsers can draw it; JPEG 2000 they cannot.
func (e evidence) Shown() bool { return e.MediaType == "image/jpeg" || e.MediaType == "image/png" }

// pageView is one side of a document in the lights that it was pictured in.
type pageView struct {
	Number string
	Side   string
	Lights []light
}

type light struct {
	Light string
	evidence
	Marks []mark
}

// mark is a check that did not pass for something in a part of a picture.
type mark struct{ *stationv1.Check }

// Width is that of the part, in ten-thousandths.
func (m mark) Width() int32 { return m.Area.Right - m.Area.Left }

// Height is that of the part, in ten-thousandths.
func (m mark) Height() int32 { return m.Area.Bottom - m.Area.Top }

// group is the checks of one category, the worst first, but for those that share their reason with others.
type group struct {
	Category string
	Checks   []*stationv1.Check
	Passed   int
	Possible int // to be passed: without those of what the document does not have
}

type documentView struct {
	*stationv1.Document
	Shared []shared
	Groups []group
	Failed []*stationv1.Check
}

type visitorPage struct {
	frame
	Row       row
	Queues    []string // how long the queues were when the rule chose: "Jana Brandt 2"
	NoData    string   // key of a text that says why there is no record; empty where there is one
	Dropped   []*stationv1.Dropped
	Persons   []*stationv1.Person
	Documents []documentView
	Pages     []pageView
	Portrait  *evidence
	Chip      *evidence // the portrait from the chip
	Signature *evidence
	Downloads []evidence
	files     map[string]bool // by name
}

// Alarming says that something arrived and could not be read, or contradicts itself: a person must look.
func (p visitorPage) Alarming() bool { return p.Row.Verdict == store.Unreadable }

// Anchor leads from the name of a check's evidence to where the page shows it; empty where it does not.
func (p visitorPage) Anchor(name string) string {
	for _, name := range []string{name, "chip-" + name} {
		if p.files[name] {
			return "#file-" + name
		}
	}
	return ""
}

// marks are those of a picture.
func (p visitorPage) marks(name string) (all []mark) {
	for _, d := range p.Documents {
		for _, c := range d.Checks {
			if isPart(c.GetArea()) && verify.Result(c.Result) != verify.Passed && slices.Contains(c.Evidence, name) {
				all = append(all, mark{c})
			}
		}
	}
	return all
}

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

var pageName = regexp.MustCompile(`^page-([0-9]{1,2})-(visible|infrared|ultraviolet)$`)

// record opens the sealed record of a check-in; nil when the visitor gave no data.
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
	for _, name := range slices.Sorted(maps.Keys(in.Decision.Waiting)) {
		p.Queues = append(p.Queues, fmt.Sprintf("%s %d", c.nameOf(name), in.Decision.Waiting[name]))
	}
	for _, d := range record.GetDocuments() {
		p.Documents = append(p.Documents, viewDocument(d))
	}
	p.place(id, record.GetFiles())
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

func viewDocument(d *stationv1.Document) documentView {
	view := documentView{Document: d}
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

// place puts each file where the page shows it; what it does not show can be downloaded.
func (p *visitorPage) place(id string, files []*stationv1.File) {
	p.files = map[string]bool{}
	pages := map[string]*pageView{}
	for n, f := range files {
		e := evidence{f, fileURL(id, n)}
		p.files[f.Name] = true
		m := pageName.FindStringSubmatch(f.Name)
		switch {
		case m != nil:
			if pages[m[1]] == nil {
				pages[m[1]] = &pageView{Number: m[1], Side: f.Side}
			}
			pages[m[1]].Lights = append(pages[m[1]].Lights, light{m[2], e, p.marks(f.Name)})
		case f.Name == "portrait":
			p.Portrait = &e
		case f.Name == "chip-portrait":
			p.Chip = &e
		case f.Name == "signature":
			p.Signature = &e
		default:
			p.Downloads = append(p.Downloads, e)
		}
	}
	for _, number := range slices.Sorted(maps.Keys(pages)) {
		p.Pages = append(p.Pages, *pages[number])
	}
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

// file finds the file that a request is for, by its number in the record. It answers itself where there is none.
func (c *Console) file(w http.ResponseWriter, r *http.Request, v viewer) (in store.CheckIn, f *stationv1.File, n int, ok bool) {
	in, record, err := c.record(r.Context(), r.PathValue("id"))
	if c.missing(w, r, v, err) {
		return in, nil, 0, false
	}
	number, err := strconv.ParseUint(r.PathValue("n"), 10, 16)
	if n = int(number); err != nil || n >= len(record.GetFiles()) {
		c.render(w, http.StatusNotFound, "missing", c.frame(r, v))
		return in, nil, 0, false
	}
	return in, record.Files[n], n, true
}

type picturePage struct {
	frame
	ID, Ticket string
	File       evidence
}

// showPicture shows one picture on a page of its own, which goes blank with the session as a mere picture would not.
func (c *Console) showPicture(w http.ResponseWriter, r *http.Request, v viewer) {
	in, f, n, ok := c.file(w, r, v)
	if !ok {
		return
	}
	c.render(w, http.StatusOK, "picture", picturePage{c.frame(r, v), in.ID, in.Ticket, evidence{f, fileURL(in.ID, n)}})
}

func fileURL(id string, n int) string { return fmt.Sprintf("/visitor/%s/file/%d", id, n) }

// serveFile sends one file of a check-in exactly as it was captured.
func (c *Console) serveFile(w http.ResponseWriter, r *http.Request, v viewer) {
	in, f, n, ok := c.file(w, r, v)
	if !ok {
		return
	}
	id, shown := in.ID, evidence{File: f}.Shown()
	if shown && r.Header.Get("Sec-Fetch-Dest") == "document" {
		http.Redirect(w, r, fileURL(id, n)+"/view", http.StatusSeeOther)
		return
	}
	content, err := c.vault.ReadFile(r.Context(), id, n, f.Size, [32]byte(f.Sha256))
	if err != nil {
		c.fail(w, err)
		return
	}
	err = c.store.Audit(r.Context(), store.Entry{At: c.now(), Name: v.ID, Action: store.ActionOpened, CheckIn: id, File: f.Name})
	if err != nil {
		c.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", f.MediaType)
	if !shown {
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", f.Name))
	}
	w.Write(content)
}
