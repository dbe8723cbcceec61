package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"html/template"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
)

const (
	// most is how many of the viewer's own visitors the page lists; the others are on the full list.
	most = 50
	// few is with how many visitors in the queues of others these are listed, too. With more each is a line with a count, and is
	// opened on demand.
	few = 40
)

// minutes stands in a fragment where the page says how long somebody has waited, so that a fragment lasts as long as what
// it says of the visitor. It is a character that no text has.
const minutes = "\uE000"

// The kinds of fragments.
const (
	waitingRow = "row"
	askingRow  = "asking"
)

// fragmentKey says what a fragment is made for. Whoever sees it may not matter else.
type fragmentKey struct {
	kind, language string
	calling        bool // the viewer may call out of turn
	id             string
}

// fragment is one row of a list as HTML.
type fragment struct {
	key    string // of the element: its id
	in     store.CheckIn
	erased bool
	away   bool     // the visitor does not want to be called yet
	day    string   // today's, YYYY-MM-DD
	html   [][]byte // between the places where the minutes stand
	format string   // of the minutes
}

// write writes the row as it is at a time.
func (f *fragment) write(to *bytes.Buffer, at time.Time) {
	for i, text := range f.html {
		if i > 0 {
			fmt.Fprintf(to, f.format, max(0, int(at.Sub(f.in.ConfirmedAt)/time.Minute)))
		}
		to.Write(text)
	}
}

// piece is a part of the live page that is sent anew when it has changed: some HTML, or the rows of a list, of which only
// the changed ones are sent.
type piece struct {
	id   string
	html []byte
	list bool
	rows []*fragment
}

// viewKey is all that a view depends on besides the board.
type viewKey struct {
	caseworker, language string
	lead, calling        bool
}

// view is the live part of one viewer's page.
type view struct {
	key   viewKey
	at    time.Time // by the office's clock
	whole bool      // the queues of others are listed
	desks []desk
	parts []piece

	formerly *view // to which update leads from there
	update   []byte
}

// partKey is what a part that viewers share depends on besides the board.
type partKey struct {
	id, language string
	whole        bool
}

// desk is the queue of somebody else, as the page shows it.
type desk struct {
	ID, Name, Room string
	Waiting        int
	Mark           string // differs when anything in the queue has changed
	Whole          bool
}

// fragment gives one row of a list, made anew where it says something else than before.
func (c *Console) fragment(b *board, key fragmentKey, in store.CheckIn) (*fragment, error) {
	if f := b.fragments[key]; f != nil {
		return f, nil
	}
	erased, away, day := b.erased(in), in.AwayUntil.After(b.at), c.office.Day(b.at)
	if f := b.former[key]; f != nil && f.erased == erased && f.away == away && f.day == day && reflect.DeepEqual(f.in, in) {
		b.fragments[key] = f
		return f, nil
	}
	f := &fragment{key: key.kind + "-" + in.ID, in: in, erased: erased, away: away, day: day, format: c.pages.texts[key.language]["queue.minutes"]}
	page := queuePage{frame: c.frameFor("/", viewer{Language: key.language}), Calling: key.calling}
	shown := c.row(page.Viewer, in)
	shown.Erased, shown.Elapsed = erased, minutes
	html, err := c.pages.execute("queue-"+key.kind, pair(page, shown))
	if err != nil {
		return nil, err
	}
	f.html = bytes.Split(bytes.TrimSpace(html), []byte(minutes))
	b.fragments[key] = f
	return f, nil
}

// rows gives the rows of a list.
func (c *Console) rows(b *board, kind string, key viewKey, indices []int) (rows []*fragment, err error) {
	for _, i := range indices {
		in := b.queue[i]
		f, err := c.fragment(b, fragmentKey{kind, key.language, key.calling, in.ID}, in)
		if err != nil {
			return nil, err
		}
		rows = append(rows, f)
	}
	return rows, nil
}

// view is the live part of a viewer's page on a board.
func (c *Console) view(ctx context.Context, b *board, v viewer) (*view, error) {
	key := viewKey{v.ID, v.Language, c.may(v, staff.Lead), c.may(v, staff.OutOfOrder)}
	c.boards.making.Lock()
	defer c.boards.making.Unlock()
	if made := b.views[key]; made != nil {
		return made, nil
	}
	m := &maker{Console: c, board: b, viewer: v, view: &view{key: key, at: b.at}}
	m.page = queuePage{frame: c.frameFor("/", v), Calling: key.calling, Waiting: b.waiting}
	for _, add := range []func(context.Context) error{m.lead, m.alarms, m.asking, m.own, m.ended, m.others} {
		if err := add(ctx); err != nil {
			return nil, err
		}
	}
	b.views[key] = m.view
	return m.view, nil
}

// maker makes a view.
type maker struct {
	*Console
	board  *board
	viewer viewer
	view   *view
	page   queuePage
}

func (m *maker) add(id, name string, data any) error {
	html, err := m.pages.execute(name, data)
	m.view.parts = append(m.view.parts, piece{id: id, html: bytes.TrimSpace(html)})
	return err
}

func (m *maker) list(id, kind string, indices []int) error {
	rows, err := m.rows(m.board, kind, m.view.key, indices)
	m.view.parts = append(m.view.parts, piece{id: id, list: true, rows: rows})
	return err
}

// shared adds a part that is the same for all viewers of a language.
func (m *maker) shared(id, name string, data func() any) error {
	key := partKey{id, m.viewer.Language, m.view.whole}
	html, made := m.board.parts[key]
	if !made {
		var err error
		if html, err = m.pages.execute(name, data()); err != nil {
			return err
		}
		html = bytes.TrimSpace(html)
		m.board.parts[key] = html
	}
	m.view.parts = append(m.view.parts, piece{id: id, html: html})
	return nil
}

func (m *maker) lead(ctx context.Context) error {
	if !m.view.key.lead {
		return nil
	}
	told, err := m.leadFacts(ctx, m.board)
	if err != nil {
		return err
	}
	return m.shared("lead", "queue-lead", func() any {
		m.page.Lead = m.Console.lead(m.viewer, m.board, told)
		return m.page
	})
}

// alarms are the desks that need help at once.
func (m *maker) alarms(context.Context) error {
	return m.shared("alarms", "alarms", func() any {
		m.page.Alarms = m.Console.alarms(m.board.office)
		return m.page
	})
}

func (m *maker) asking(context.Context) error {
	return m.list("asking", askingRow, m.board.asking)
}

// own is the visitor at the viewer's desk, and who waits for the viewer.
func (m *maker) own(context.Context) error {
	b := m.board
	if i, ok := b.called[m.viewer.ID]; ok {
		current := m.row(m.viewer, b.queue[i])
		current.Erased = b.erased(b.queue[i])
		m.page.Current = &current
	}
	mine := b.waitingIn(m.office.QueuesOf(m.viewer.ID)...)
	m.page.Mine, m.page.More = len(mine), max(0, len(mine)-most)
	if len(mine) > 0 {
		first := m.row(m.viewer, b.queue[mine[0]])
		m.page.First = &first
	}
	if err := m.add("current", "queue-current", m.page); err != nil {
		return err
	}
	if err := m.add("heading", "queue-heading", m.page); err != nil {
		return err
	}
	if err := m.list("mine", waitingRow, mine[:min(len(mine), most)]); err != nil {
		return err
	}
	return m.add("more", "queue-more", m.page)
}

// waitingIn are the indices of those who wait in some queues and are not parked, first come first.
func (b *board) waitingIn(queues ...string) (indices []int) {
	for _, queue := range queues {
		for _, i := range b.queues[queue] {
			if in := b.queue[i]; in.State == store.Waiting && in.Parked.By == "" {
				indices = append(indices, i)
			}
		}
	}
	slices.Sort(indices)
	return indices
}

func (m *maker) ended(ctx context.Context) error {
	list, err := m.endedBy(ctx, m.board, m.viewer.ID)
	if err != nil {
		return err
	}
	for _, in := range list {
		m.page.Ended = append(m.page.Ended, m.row(m.viewer, in))
	}
	return m.add("ended", "queue-ended", m.page)
}

func (m *maker) others(context.Context) error {
	b, mine := m.board, m.office.QueuesOf(m.viewer.ID)
	listed := 0
	for queue, indices := range b.queues {
		if !slices.Contains(mine, queue) {
			listed += len(indices)
		}
	}
	m.view.whole = listed <= few
	if err := m.shared("office", "queue-office", func() any { return m.page }); err != nil {
		return err
	}
	for _, d := range m.desks() {
		if slices.Contains(mine, d.ID) {
			continue
		}
		d.Whole = m.view.whole
		m.view.desks = append(m.view.desks, d)
		if err := m.shared("desk-"+d.ID, "queue-desk", func() any { return pair(m.page, m.board.count(d)) }); err != nil {
			return err
		}
		if !d.Whole {
			continue
		}
		if err := m.list("rows-"+d.ID, waitingRow, b.butOf(m.viewer.ID, d.ID)); err != nil {
			return err
		}
	}
	return nil
}

// butOf are the indices of those in a queue except who is at the viewer's own desk.
func (b *board) butOf(caseworker, queue string) []int {
	return slices.DeleteFunc(slices.Clone(b.queues[queue]), func(i int) bool { return b.queue[i].CalledBy == caseworker })
}

// count says how many wait at a desk, and marks the state of its queue.
func (b *board) count(d desk) desk {
	sum := fnv.New64a()
	for _, i := range b.queues[d.ID] {
		in := b.queue[i]
		if in.State == store.Waiting {
			d.Waiting++
		}
		io.WriteString(sum, in.ID+in.CalledBy)
	}
	d.Mark = strconv.FormatUint(sum.Sum64(), 36)
	return d
}

// desks are the queues of the office: the pools', then the caseworkers'.
func (c *Console) desks() (all []desk) {
	for _, pool := range c.office.Pools {
		all = append(all, desk{ID: pool.ID, Name: pool.Name, Room: c.office.Lobby})
	}
	for _, w := range c.office.Caseworkers {
		all = append(all, desk{ID: w.ID, Name: w.Name, Room: c.office.RoomOf(w.ID)})
	}
	return all
}

// part is one by its id, as HTML.
func (v *view) part(id string) template.HTML {
	for _, p := range v.parts {
		if p.id != id {
			continue
		}
		var b bytes.Buffer
		b.Write(p.html)
		for _, f := range p.rows {
			f.write(&b, v.at)
		}
		return template.HTML(b.String()) //nolint:gosec // made by html/template
	}
	return ""
}

// snapshot is the whole live part.
func (c *Console) snapshot(v *view) ([]byte, error) {
	page := livePage{frame: c.frameFor("/", viewer{Language: v.key.language}), Now: v.at.UnixMilli(), Desks: v.desks, view: v}
	return c.pages.execute("queue-live", page)
}

// livePage is the live part as its template takes it.
type livePage struct {
	frame
	Now   int64 // Unix milliseconds, by the office's clock
	Desks []desk
	view  *view
}

// Part is one part by its id.
func (p livePage) Part(id string) template.HTML { return p.view.part(id) }

// sameShape says whether two views have the same parts, so that an update can lead from one to the other.
func (v *view) sameShape(other *view) bool {
	return v.whole == other.whole && slices.EqualFunc(v.parts, other.parts, func(a, b piece) bool { return a.id == b.id })
}

// boardChanges are what has changed between two views, as queue.js takes it.
type boardChanges struct {
	Now   int64               `json:"now"`             // Unix milliseconds, by the office's clock
	Parts map[string]string   `json:"parts,omitempty"` // HTML by the part's id
	Lists map[string][]string `json:"lists,omitempty"` // the ids of all rows in order, by the list's id
	Rows  map[string]string   `json:"rows,omitempty"`  // HTML by the row's id: those that are new or say something else
}

// since is what leads from a former view of the same shape to this one; nil when nothing has changed. Many pages take the same step, so
// the last one is kept.
func (c *Console) since(former, v *view) ([]byte, error) {
	if former == v {
		return nil, nil
	}
	c.boards.making.Lock()
	defer c.boards.making.Unlock()
	if v.formerly == former {
		return v.update, nil
	}
	update := boardChanges{Now: v.at.UnixMilli(), Parts: map[string]string{}, Lists: map[string][]string{}, Rows: map[string]string{}}
	for i, p := range v.parts {
		before := former.parts[i]
		if !p.list {
			if !bytes.Equal(p.html, before.html) {
				update.Parts[p.id] = string(p.html)
			}
			continue
		}
		if slices.Equal(p.rows, before.rows) {
			continue
		}
		update.addList(p, before, v.at)
	}
	v.formerly, v.update = former, nil
	if len(update.Parts)+len(update.Lists) == 0 {
		return nil, nil
	}
	var err error
	v.update, err = encode(update)
	return v.update, err
}

func (u *boardChanges) addList(p, before piece, at time.Time) {
	had := map[*fragment]bool{}
	for _, f := range before.rows {
		had[f] = true
	}
	order := []string{}
	for _, f := range p.rows {
		order = append(order, f.key)
		if !had[f] {
			var b bytes.Buffer
			f.write(&b, at)
			u.Rows[f.key] = b.String()
		}
	}
	u.Lists[p.id] = order
}

// encode writes JSON on one line, with < and > as they are: no parser of HTML reads it.
func encode(value any) ([]byte, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return []byte(strings.TrimSpace(b.String())), err
}
