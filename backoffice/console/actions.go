package console

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/foyer-station/foyer/backoffice/queue"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
)

const (
	maxCommand = 100           // bytes of a command's id
	maxParked  = 8 * time.Hour // until a reminder
	minute     = time.Minute   // in which reminders are counted
)

// operations are all that can be done to the queue, beside what one must be allowed in order to do it.
func (c *Console) operations() []route {
	return []route{
		{"POST /next", staff.Receive, c.callNext},
		{"POST /visitor/{id}/call", staff.Receive, c.call}, // who may call out of turn is asked there: a parked visitor is not
		{"POST /visitor/{id}/near", staff.Receive, c.act(queue.Near, "/")},
		{"POST /visitor/{id}/recall", staff.Receive, c.act(queue.Recall, "/")},
		{"POST /visitor/{id}/skip", staff.Receive, c.act(queue.Skip, "/")},
		{"POST /visitor/{id}/return", staff.Receive, c.act(queue.Return, "/")},
		{"POST /visitor/{id}/no-show", staff.Receive, c.act(queue.Miss, "/")},
		{"POST /visitor/{id}/come-back", staff.Receive, c.act(queue.ComeBack, "/")},
		{"POST /visitor/{id}/done", staff.Receive, c.finish},
		{"POST /visitor/{id}/park", staff.Receive, c.park},
		{"POST /visitor/{id}/share", staff.Receive, c.share},
		{"POST /visitor/{id}/transfer", staff.Receive, c.transfer},
		{"GET /desk", staff.Receive, c.showDesk},
		{"POST /desk/walk-in", staff.Receive, c.walkIn},
		{"POST /desk/undo", staff.Receive, c.act(queue.Undo, "/")},
		{"POST /desk/away", staff.Receive, c.act(queue.Leave, "/desk")},
		{"POST /desk/home", staff.Receive, c.act(queue.GoHome, "/desk")},
		{"POST /desk/back", staff.Receive, c.act(queue.Resume, "/")},
		{"POST /desk/alarm", staff.Receive, c.act(queue.Alarm, "/")},
		{"POST /desk/alarm/{who}/end", staff.Receive, c.endAlarm},
		{"POST /desk/close", staff.Lead, c.service(queue.Close)},
		{"POST /desk/reopen", staff.Lead, c.service(queue.Reopen)},
	}
}

// command is what a viewer asks for with a form.
func (c *Console) command(r *http.Request, v viewer, do queue.Operation) queue.Command {
	at := c.now()
	w, _ := c.office.Caseworker(v.ID)
	command := queue.Command{Do: do, By: v.ID, Desk: w.Room, At: at, Day: c.office.Day(at), CheckIn: r.PathValue("id")}
	if id := r.PostFormValue("command"); len(id) <= maxCommand {
		command.ID = id
	}
	return command
}

// do carries a command out, and leads on to a page or back with a word about what has come between.
func (c *Console) do(w http.ResponseWriter, r *http.Request, command queue.Command, note []byte, to string) {
	answer, err := c.store.Do(r.Context(), command, c.office.Desk.Rules(), note)
	if to == "" {
		to = "/visitor/" + answer.CheckIn
	}
	if tooOften, ok := errors.AsType[queue.TooOften](err); ok { // there is one thing left, and the visitor's page offers it
		http.Redirect(w, r, "/visitor/"+tooOften.CheckIn, http.StatusSeeOther)
		return
	}
	c.after(w, r, err, to)
}

// act is an operation that needs no more than who wants it.
func (c *Console) act(do queue.Operation, to string) func(http.ResponseWriter, *http.Request, viewer) {
	return func(w http.ResponseWriter, r *http.Request, v viewer) { c.do(w, r, c.command(r, v, do), nil, to) }
}

func (c *Console) callNext(w http.ResponseWriter, r *http.Request, v viewer) {
	command := c.command(r, v, queue.Next)
	command.Queues = c.office.QueuesOf(v.ID)
	c.do(w, r, command, nil, "")
}

func (c *Console) call(w http.ResponseWriter, r *http.Request, v viewer) {
	in, _, err := c.store.CheckIn(r.Context(), r.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) {
		err = store.ErrTaken
	}
	if err != nil {
		c.after(w, r, err, "/")
		return
	}
	may, err := c.mayCall(r, v, in)
	if err != nil {
		c.fail(w, err)
		return
	}
	if !may {
		http.Error(w, "not allowed", http.StatusForbidden)
		return
	}
	c.do(w, r, c.command(r, v, queue.Call), nil, "")
}

// mayCall says whether a viewer may call one visitor: out of turn is a permission of its own, but whom one has parked, or who is
// shared, has had a turn, whoever asked for help is everybody's, and those of a caseworker on a break wait for anybody.
func (c *Console) mayCall(r *http.Request, v viewer, in store.CheckIn) (bool, error) {
	if c.may(v, staff.OutOfOrder) || in.Parked.By == v.ID || in.Parked.Shared || in.Service == "" {
		return true, nil
	}
	o, err := c.store.Office(r.Context())
	return o.Away[in.Queue], err
}

// finish ends a visit with an outcome from the office's list and a note. The note is about a person: it is sealed under the
// check-in's own key before anybody keeps it.
func (c *Console) finish(w http.ResponseWriter, r *http.Request, v viewer) {
	command := c.command(r, v, queue.Finish)
	if outcome := r.PostFormValue("outcome"); outcome != "" {
		if _, known := c.office.Desk.Outcome(outcome); !known {
			http.Error(w, "there is no such outcome", http.StatusBadRequest)
			return
		}
		command.Outcome = outcome
	}
	text := r.PostFormValue("note")
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxNote {
		http.Error(w, "the note is too long", http.StatusBadRequest)
		return
	}
	var note []byte
	if text != "" {
		var err error
		if note, err = c.vault.Seal(r.Context(), command.CheckIn, []byte(text)); err != nil {
			c.fail(w, err)
			return
		}
	}
	c.do(w, r, command, note, "/")
}

// park has the visitor wait for something else than a turn.
func (c *Console) park(w http.ResponseWriter, r *http.Request, v viewer) {
	command := c.command(r, v, queue.Park)
	command.Shared = r.PostFormValue("shared") != ""
	if text := r.PostFormValue("minutes"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > int(maxParked/minute) {
			http.Error(w, "no number of minutes", http.StatusBadRequest)
			return
		}
		command.Until = command.At.Add(time.Duration(n) * minute).Truncate(time.Millisecond)
	}
	c.do(w, r, command, nil, "/")
}

// share lets others take over a parked visitor: whoever parked the visitor may, and the lead.
func (c *Console) share(w http.ResponseWriter, r *http.Request, v viewer) {
	in, _, err := c.store.CheckIn(r.Context(), r.PathValue("id"))
	if err == nil && in.Parked.By != v.ID && !c.may(v, staff.Lead) {
		http.Error(w, "not allowed", http.StatusForbidden)
		return
	}
	if errors.Is(err, store.ErrNotFound) {
		err = store.ErrTaken
	}
	if err != nil {
		c.after(w, r, err, "/")
		return
	}
	c.do(w, r, c.command(r, v, queue.Share), nil, "/desk")
}

// transfer puts the visitor into another queue, for another service if one is named.
func (c *Console) transfer(w http.ResponseWriter, r *http.Request, v viewer) {
	command := c.command(r, v, queue.Transfer)
	command.Queue, command.Service = r.PostFormValue("to"), r.PostFormValue("service")
	_, person := c.office.Caseworker(command.Queue)
	_, pool := c.office.Pool(command.Queue)
	_, service := c.office.Service(command.Service)
	if !person && !pool || command.Service != "" && !service {
		http.Error(w, "there is no such queue or service", http.StatusBadRequest)
		return
	}
	command.Room = c.office.RoomOf(command.Queue)
	c.do(w, r, command, nil, "/")
}

func (c *Console) endAlarm(w http.ResponseWriter, r *http.Request, v viewer) {
	command := c.command(r, v, queue.EndAlarm)
	command.Queue = r.PathValue("who")
	c.do(w, r, command, nil, "/")
}

// service closes a service, or the office, to those who have not come yet, or opens it again.
func (c *Console) service(do queue.Operation) func(http.ResponseWriter, *http.Request, viewer) {
	return func(w http.ResponseWriter, r *http.Request, v viewer) {
		command := c.command(r, v, do)
		command.Service = r.PostFormValue("service")
		if _, known := c.office.Service(command.Service); !known && command.Service != "" {
			http.Error(w, "there is no such service", http.StatusBadRequest)
			return
		}
		c.do(w, r, command, nil, "/desk")
	}
}

// closing is how a visit ended: the outcome's name and the note, each empty where there is none.
type closing struct{ Outcome, Note string }

// closing opens the note of a visit that has ended.
func (c *Console) closing(r *http.Request, v viewer, in store.CheckIn) (end closing, err error) {
	if end.Outcome = in.Outcome; in.Outcome != "" {
		if o, known := c.office.Desk.Outcome(in.Outcome); known {
			end.Outcome = inLanguage(o.Names, v.Language)
		}
	}
	sealed, err := c.store.ClosingNote(r.Context(), in.ID)
	if err != nil || sealed == nil {
		return end, err
	}
	text, err := c.vault.Open(r.Context(), in.ID, sealed)
	if errors.Is(err, vault.ErrErased) { // the page says so already
		return end, nil
	}
	end.Note = string(text)
	return end, err
}

// walkIn admits a visitor by hand. A service that is closed takes nobody new here either.
func (c *Console) walkIn(w http.ResponseWriter, r *http.Request, v viewer) {
	command := c.command(r, v, "")
	service, language := r.PostFormValue("service"), r.PostFormValue("language")
	_, known := c.office.Service(service)
	id, err := uuid.Parse(command.ID)
	if c.WalkIn == nil || err != nil || service != "" && !known || c.pages.texts[v.Language]["language."+language] == "" {
		http.Error(w, "there is no such service or language", http.StatusBadRequest)
		return
	}
	o, err := c.store.Office(r.Context())
	if err == nil && (o.Closed[""] || o.Closed[service]) {
		err = errClosed
	}
	if err == nil {
		err = c.WalkIn(r.Context(), id.String(), command.Desk, service, language)
	}
	c.after(w, r, err, "/visitor/"+id.String())
}

// errClosed says that a service takes nobody new.
var errClosed = errors.New("the service takes nobody new")

// notices are the refusals that a page has a word for: the key of its text after "notice.".
func notices() map[string]error {
	return map[string]error{
		"nobody": store.ErrNobodyWaiting, "taken": store.ErrTaken, "busy": store.ErrBusy, "away": queue.ErrAway, "parked": queue.ErrParked,
		"built_on": queue.ErrBuiltOn, "other": queue.ErrOtherCommand,
		"closed": errClosed, "numbers": store.ErrNoNumbersLeft, "most": store.ErrStationHasMost,
	}
}

// after leads on to a page, or back to the queue with a word about what has come between. What is so already is as it was wanted.
func (c *Console) after(w http.ResponseWriter, r *http.Request, err error, to string) {
	if err != nil && !errors.Is(err, queue.ErrAlready) {
		to = ""
		for notice, known := range notices() {
			if errors.Is(err, known) {
				to = "/?notice=" + notice
			}
		}
	}
	if to == "" {
		c.fail(w, err)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// choice is one of a list in a form.
type choice struct{ ID, Name string }

// Outcomes are the ways in which a visit ends here.
func (f frame) Outcomes() (all []choice) {
	for _, o := range f.office.Desk.Outcomes {
		all = append(all, choice{o.ID, inLanguage(o.Names, f.Viewer.Language)})
	}
	return all
}

// QueuesBut are the queues to which a visitor can be transferred from one.
func (f frame) QueuesBut(from string) (all []choice) {
	for _, p := range f.office.Pools {
		all = append(all, choice{p.ID, p.Name})
	}
	for _, w := range f.office.Caseworkers {
		all = append(all, choice{w.ID, w.Name})
	}
	return slices.DeleteFunc(all, func(c choice) bool { return c.ID == from })
}

// Services are what visitors come for.
func (f frame) Services() (all []choice) {
	for _, s := range f.office.Services {
		all = append(all, choice{s.ID, inLanguage(s.Names, f.Viewer.Language)})
	}
	return all
}

// Languages are those that a visitor may speak, by their names in the viewer's language.
func (f frame) Languages() (all []choice) {
	for key, name := range f.texts {
		if tag, is := strings.CutPrefix(key, "language."); is {
			all = append(all, choice{tag, name})
		}
	}
	slices.SortFunc(all, func(a, b choice) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Spent says whether a visitor may not be called once more.
func (f frame) Spent(in store.CheckIn) bool {
	most := f.office.Desk.MostCalls
	return most > 0 && in.Calls >= most
}

// parkedRow is a parked visitor.
type parkedRow struct {
	row
	By   string // name of who parked
	Due  bool   // the reminder's time has come
	Time string // of the reminder, office time, HH:MM; empty for none
	Mine bool   // the viewer may call this one
}

// serviceRow is a service, or the whole office, and whether it takes anybody new.
type serviceRow struct {
	choice
	Closed  bool
	Waiting int // who are served yet
}

type deskPage struct {
	frame
	Fresh  string       // an id for one more visitor; empty where nobody is admitted here
	Away   bool         // the viewer is on a break
	Absent []choice     // others who are, with the queue that waits for others
	Alarms []alarmRow   // who calls for help
	Parked []parkedRow  // of the viewer, shared, and for the lead all
	Rows   []serviceRow // the office and its services
	Lead   bool
}

// alarmRow is somebody who calls for help.
type alarmRow struct{ Who, Name, Room string }

// alarms are those who call for help.
func (c *Console) alarms(o store.Office) (rows []alarmRow) {
	for who, desk := range o.Alarms {
		name := desk
		for _, room := range c.office.Rooms {
			if room.ID == desk {
				name = room.Name
			}
		}
		rows = append(rows, alarmRow{who, c.nameOf(who), name})
	}
	slices.SortFunc(rows, func(a, b alarmRow) int { return cmp.Compare(a.Who, b.Who) })
	return rows
}

func (c *Console) showDesk(w http.ResponseWriter, r *http.Request, v viewer) {
	p, err := c.desk(r, v)
	if err != nil {
		c.fail(w, err)
		return
	}
	if c.WalkIn != nil {
		fresh, err := uuid.NewV7()
		if err != nil {
			c.fail(w, err)
			return
		}
		p.Fresh = fresh.String()
	}
	c.render(w, http.StatusOK, "desk", p)
}

func (c *Console) streamDesk(w http.ResponseWriter, r *http.Request, v viewer) {
	c.stream(w, r, v, func() ([]byte, error) {
		p, err := c.desk(r, v)
		if err != nil {
			return nil, err
		}
		return c.pages.execute("desk-live", p)
	})
}

// desk reads what is true of the viewer's desk and of the office.
func (c *Console) desk(r *http.Request, v viewer) (deskPage, error) {
	o, err := c.store.Office(r.Context())
	if err != nil {
		return deskPage{}, err
	}
	all, err := c.store.Queue(r.Context())
	if err != nil {
		return deskPage{}, err
	}
	p := deskPage{frame: c.frame(r, v), Away: o.Away[v.ID], Alarms: c.alarms(o), Lead: c.may(v, staff.Lead)}
	for _, w := range c.office.Caseworkers {
		if o.Away[w.ID] && w.ID != v.ID {
			p.Absent = append(p.Absent, choice{w.ID, w.Name})
		}
	}
	waiting := map[string]int{}
	for _, in := range all {
		if in.State == store.Waiting {
			waiting[in.Service]++
		}
		if in.Parked.By != "" {
			p.Parked = append(p.Parked, c.parked(v, in))
		}
	}
	p.Parked = slices.DeleteFunc(p.Parked, func(row parkedRow) bool { return !row.Mine && !p.Lead })
	p.Rows = append(p.Rows, serviceRow{choice{"", c.office.Name}, o.Closed[""], len(all)})
	for _, s := range p.Services() {
		p.Rows = append(p.Rows, serviceRow{s, o.Closed[s.ID], waiting[s.ID]})
	}
	return p, nil
}

func (c *Console) parked(v viewer, in store.CheckIn) parkedRow {
	p := parkedRow{row: c.row(v, in), By: c.nameOf(in.Parked.By), Mine: in.Parked.By == v.ID || in.Parked.Shared}
	if !in.Parked.Until.IsZero() {
		p.Due, p.Time = !in.Parked.Until.After(c.now()), c.office.Local(in.Parked.Until).Format("15:04")
	}
	return p
}
