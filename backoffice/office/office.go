// Package office reads the office file: one TOML file that says what the office is called, what visitors come for, who
// receives them where, and which caseworker a visitor is sent to. Example holds a whole one.
package office

import (
	"cmp"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/verify"
)

// Example is the office file of Utopia, with which a demonstration starts.
//
//go:embed example.toml
var Example []byte

// Office is an office file, read and checked.
type Office struct {
	ID   string `toml:"id"` // as in the stations' certificates: foyer://ID/STATION
	Name string `toml:"name"`
	// Lobby is where visitors wait when no room is known.
	Lobby string `toml:"lobby"`
	// TimeZone is an IANA name; the office's day, with its ticket numbers and its queue, ends at its midnight. Empty: the
	// server's own zone.
	TimeZone string `toml:"time_zone"`
	// TicketPrefix stands before the hyphen of a ticket: one to three capital letters.
	TicketPrefix string         `toml:"ticket_prefix"`
	Services     []Service      `toml:"service"`
	Caseworkers  []Caseworker   `toml:"caseworker"`
	Pools        []Pool         `toml:"pool"`
	Rooms        []Room         `toml:"room"`
	Groups       []Group        `toml:"group"`
	Routes       []routing.Rule `toml:"route"`
	// Preference is what each preference is worth; nil for an office that states none: then the shortest queue is chosen.
	Preference *routing.Weights `toml:"preference"`
	Desk       Desk             `toml:"desk"`

	location *time.Location
	routing  *routing.Table
}

// Service is what a visitor comes for.
type Service struct {
	ID           string            `toml:"id"`   // [a-z0-9-]{1,40}
	Icon         string            `toml:"icon"` // one that the station knows: permit, card, calendar
	Steps        []string          `toml:"steps"`
	Minutes      int               `toml:"minutes"` // that one visitor takes, for the estimated wait
	Names        map[string]string `toml:"name"`    // by language tag; "de" is always there
	Descriptions map[string]string `toml:"description"`
}

// Caseworker receives visitors.
type Caseworker struct {
	ID   string `toml:"id"` // also the name to sign in with
	Name string `toml:"name"`
	Room string `toml:"room"` // a room's id
	Lead bool   `toml:"lead"` // sees who was left when a day was closed, and what erasing waits for
	Duties
}

// Pool is a queue from which several caseworkers call. Its id is no caseworker's: a queue is named by either.
type Pool struct {
	ID      string   `toml:"id"`
	Name    string   `toml:"name"`
	Members []string `toml:"members"` // caseworkers
}

// Room is where a caseworker sits.
type Room struct {
	ID   string `toml:"id"`
	Name string `toml:"name"` // as it stands on the ticket: "Zimmer 204"
}

var (
	identifier = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	prefix     = regexp.MustCompile(`^[A-Z]{1,3}$`)
)

// Parse reads an office file. Unknown keys and names that lead nowhere are errors, which say on which line: an office that is misread
// sends people to the wrong room.
func Parse(text []byte) (*Office, error) {
	if len(text) > maxFile {
		return nil, fmt.Errorf("office file: more than %d bytes", maxFile)
	}
	var o Office
	if err := decode(string(text), &o); err != nil {
		return nil, misread(string(text), err)
	}
	for _, check := range []func() error{o.checkSelf, o.checkRooms, o.checkServices, o.checkGroups, o.checkDuties, o.checkRoutes, o.checkDesk} {
		if err := check(); err != nil {
			return nil, placed(text, err)
		}
	}
	return &o, nil
}

// fault is what is wrong in one of a file's tables, from 0, and at which of its keys.
func fault(table string, n int, key, format string, args ...any) error {
	return &routing.Fault{Table: table, N: n, Key: key, Text: fmt.Sprintf(format, args...)}
}

func (o *Office) checkSelf() (err error) {
	switch {
	case !identifier.MatchString(o.ID):
		return fault("", 0, "id", "id %q is not [a-z0-9-]{1,40}", o.ID)
	case o.Name == "" || o.Lobby == "":
		return fault("", 0, "name", "name or lobby is missing")
	case !prefix.MatchString(o.TicketPrefix):
		return fault("", 0, "ticket_prefix", "ticket_prefix %q is not one to three capital letters", o.TicketPrefix)
	}
	o.location, err = time.LoadLocation(cmp.Or(o.TimeZone, "Local"))
	if err != nil {
		return fault("", 0, "time_zone", "time_zone: %v", err)
	}
	return nil
}

func (o *Office) checkRooms() error {
	rooms, people := map[string]bool{}, map[string]bool{}
	for i, r := range o.Rooms {
		if !identifier.MatchString(r.ID) || rooms[r.ID] || r.Name == "" {
			return fault("room", i, "", "room %q: a bad id, a repeated one, or no name", r.ID)
		}
		rooms[r.ID] = true
	}
	for i, c := range o.Caseworkers {
		if !identifier.MatchString(c.ID) || people[c.ID] || c.Name == "" {
			return fault("caseworker", i, "", "caseworker %q: a bad id, a repeated one, or no name", c.ID)
		}
		if !rooms[c.Room] {
			return fault("caseworker", i, "room", "caseworker %q: there is no room %q", c.ID, c.Room)
		}
		people[c.ID] = true
	}
	return o.checkPools()
}

func (o *Office) checkPools() error {
	seen := map[string]bool{}
	for i, p := range o.Pools {
		if _, taken := o.Caseworker(p.ID); !identifier.MatchString(p.ID) || taken || seen[p.ID] || p.Name == "" || len(p.Members) == 0 {
			return fault("pool", i, "", "pool %q: a bad id, a repeated one, a caseworker's, no name, or no members", p.ID)
		}
		for _, m := range p.Members {
			if _, ok := o.Caseworker(m); !ok {
				return fault("pool", i, "members", "pool %q: there is no caseworker %q", p.ID, m)
			}
		}
		seen[p.ID] = true
	}
	return nil
}

func (o *Office) checkServices() error {
	if len(o.Services) == 0 {
		return fault("", 0, "", "no services")
	}
	seen := map[string]bool{routing.NoService: true}
	for i, s := range o.Services {
		switch {
		case !identifier.MatchString(s.ID) || seen[s.ID]:
			return fault("service", i, "id", "service %q: a bad id, or a repeated one", s.ID)
		case s.Names["de"] == "":
			return fault("service", i, "name", "service %q: no German name", s.ID)
		case s.Minutes < 1:
			return fault("service", i, "minutes", "service %q: minutes must be at least 1", s.ID)
		}
		seen[s.ID] = true
		for _, step := range s.Steps {
			if _, ok := steps[step]; !ok {
				return fault("service", i, "steps", "service %q: there is no step %q", s.ID, step)
			}
		}
	}
	return nil
}

// Service finds a service by its id.
func (o *Office) Service(id string) (Service, bool) {
	for _, s := range o.Services {
		if s.ID == id {
			return s, true
		}
	}
	return Service{}, false
}

// Caseworker finds a caseworker by id.
func (o *Office) Caseworker(id string) (Caseworker, bool) {
	for _, c := range o.Caseworkers {
		if c.ID == id {
			return c, true
		}
	}
	return Caseworker{}, false
}

// Pool finds a pool by id.
func (o *Office) Pool(id string) (Pool, bool) {
	for _, p := range o.Pools {
		if p.ID == id {
			return p, true
		}
	}
	return Pool{}, false
}

// QueuesOf are the queues from which a caseworker calls: the caseworker's own, and those of the pools.
func (o *Office) QueuesOf(caseworker string) []string {
	queues := []string{caseworker}
	for _, p := range o.Pools {
		if slices.Contains(p.Members, caseworker) {
			queues = append(queues, p.ID)
		}
	}
	return queues
}

// RoomOf is the name of a caseworker's room; the lobby's when there is no such caseworker.
func (o *Office) RoomOf(caseworker string) string {
	c, _ := o.Caseworker(caseworker)
	for _, r := range o.Rooms {
		if r.ID == c.Room {
			return r.Name
		}
	}
	return o.Lobby
}

// RoomFor is the name of the room that a visitor for a service, empty for one who asked for a member of staff, is told before
// being called: the only one that the rules can lead to, whatever the verdict is, whoever the visitor is, on whatever day and whoever
// else waits. It is empty where there are several: who is told one of them learns what became of the document.
func (o *Office) RoomFor(service string) string {
	var room string
	for _, caseworker := range o.CaseworkersFor(service) {
		if name := o.RoomOf(caseworker); room == "" {
			room = name
		} else if name != room {
			return ""
		}
	}
	return room
}

// CaseworkersFor are those to whom the rules can lead a visitor for a service, empty for one who asked for a member of staff: by id,
// in order, whatever the verdict is, whoever the visitor is, on whatever day and whoever else waits.
func (o *Office) CaseworkersFor(service string) (ids []string) {
	verdicts := []verify.Verdict{""}
	if s, ok := o.Service(service); !ok || slices.Contains(s.Steps, "document") {
		verdicts = append(verdicts, verify.Genuine, verify.Doubtful, verify.Unverified)
	}
	for _, queue := range o.routing.Reach(service, verdicts) {
		ids = append(ids, o.receivers(queue)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// receivers are the caseworkers who call from a queue that a rule names.
func (o *Office) receivers(queue string) []string {
	if p, ok := o.Pool(queue); ok {
		return p.Members
	}
	return []string{queue}
}

// Local is a moment as the office's clocks show it.
func (o *Office) Local(t time.Time) time.Time { return t.In(o.location) }

// Day is the office's own day at a moment, YYYY-MM-DD.
func (o *Office) Day(t time.Time) string { return o.Local(t).Format(time.DateOnly) }

// VisitDay is the office's day on which a visitor came: the later of the ticket's day and the day on which the visitor
// confirmed, and at most the day it is now. Only who came earlier by both is not of today: a station in another time zone
// writes another day on its tickets.
func (o *Office) VisitDay(ticketDay string, confirmed, now time.Time) string {
	day := o.Day(confirmed)
	if _, err := time.Parse(time.DateOnly, ticketDay); err == nil {
		day = max(day, ticketDay)
	}
	return min(day, o.Day(now))
}

// Leads says whether a caseworker is told what the lead must know: everybody is where the office file names no lead.
func (o *Office) Leads(id string) bool {
	none := true
	for _, c := range o.Caseworkers {
		if c.Lead && c.ID == id {
			return true
		}
		none = none && !c.Lead
	}
	return none
}

// Minutes is how long one visitor for a service takes; one without a known service takes as long as the shortest.
func (o *Office) Minutes(service string) time.Duration {
	if s, ok := o.Service(service); ok {
		return time.Duration(s.Minutes) * time.Minute
	}
	shortest := o.Services[0].Minutes
	for _, s := range o.Services {
		shortest = min(shortest, s.Minutes)
	}
	return time.Duration(shortest) * time.Minute
}
