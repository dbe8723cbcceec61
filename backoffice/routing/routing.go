// Package routing decides into which queue a visitor is sent, and says why. Rules are a table in the office file. The first row that
// fits the visitor names the candidates; of those whose own conditions fit too, the one that the office's preferences score highest
// is chosen. A row none of whose candidates fits is passed over, and the last row fits everyone: nobody is left without a person to
// go to.
//
// The table is a decision table in the spirit of DMN 1.5 with hit policy "first" and without its expression language: a cell is a
// list of values, and answers yes or no with the value that it saw.
package routing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/verify"
)

// NoService is what a rule calls check-ins without a service: the visitor asked for a member of staff.
const NoService = "none"

// Rule is a row of the table: the visitors that it fits are sent to one of some queues. An empty condition fits everyone, and one
// that names something fits nobody of whom that is not known.
type Rule struct {
	ID            string           `toml:"id"`
	Services      []string         `toml:"service"` // ids, or NoService
	Verdicts      []verify.Verdict `toml:"verdict"`
	Languages     []string         `toml:"language"`    // BCP 47; "pt" fits "pt-BR" too
	Nationalities []string         `toml:"nationality"` // Doc 9303-3, part 5
	Letters       []string         `toml:"letters"`     // "A-K", "S": first letters of the primary identifier as an MRZ has it
	Persons       int              `toml:"persons"`     // at least so many come together; 0 for any
	Appointment   *bool            `toml:"appointment"` // nil for both
	OwnCase       *bool            `toml:"own_case"`    // whether it is known whose case it is; nil for both
	ValidFrom     string           `toml:"valid_from"`  // the first day on which the row counts, YYYY-MM-DD
	ValidUntil    string           `toml:"valid_until"` // the last one
	// LongestWait passes over candidates with whom the visitor would be expected to wait for more than so many minutes: whoever waits too
	// long with those in charge is sent to others by a row below. 0 for any wait.
	LongestWait int      `toml:"longest_wait" json:",omitempty"`
	To          []string `toml:"to"` // caseworkers and pools; of equal ones the first named is chosen
	// About says why, for staff, by language tag; "de" is always there.
	About map[string]string `toml:"about"`
}

// Receiver is a caseworker, or a pool of them, to whom a row can send. An empty condition fits everyone, and so does one that looks at
// what is not known: the row has already said who is in charge.
type Receiver struct {
	ID            string
	Services      []string // ids, or NoService
	Letters       []string // as a Rule's
	Languages     []string // that are spoken, BCP 47; a preference and no condition
	Nationalities []string // as a Rule's
	Hours         []string // in which visitors are sent, office time: "Mon-Fri 08:00-12:00"
	Absent        []string // days, and ranges of them, both ends included: "2026-12-24", "2026-12-28/2027-01-02"
	Capacity      int      // the most who may wait at once; 0 for any number
	// Members are a pool's, each a caseworker's id. A pool has no other conditions: it fits where one of them does, whatever the
	// capacity of that one.
	Members []string
}

// Weights are what each preference is worth, in points from 0 to MaxWeight. A point of one is a point of all others: with wait = 1 and
// language = 20 a visitor is sent to somebody who speaks the language even where the wait is up to 20 minutes longer.
type Weights struct {
	OwnCase     int `toml:"own_case"`    // won by the case's own caseworker
	Appointment int `toml:"appointment"` // won by the one with whom the appointment was made
	Language    int `toml:"language"`    // won by who speaks the visitor's
	Letters     int `toml:"letters"`     // won by whose letters name the visitor's
	Nationality int `toml:"nationality"` // won by whose nationalities name the visitor's
	Load        int `toml:"load"`        // lost for each visitor in the queue, in a pool shared among those who fit
	Wait        int `toml:"wait"`        // lost for each minute of expected wait
}

// MaxWeight is the most that one preference may be worth.
const MaxWeight = 1000

// Shortest are the weights of an office that states none: the shortest queue is chosen.
func Shortest() Weights { return Weights{Load: 1} }

// Facts is all that a table looks at of a visitor. It names nobody, and what is not known is empty.
type Facts struct {
	At       time.Time      `json:"at"`                // of the decision, as the office's clocks show it
	Service  string         `json:"service,omitempty"` // id; empty when the visitor asked for a member of staff
	Verdict  verify.Verdict `json:"verdict,omitempty"` // of the worst document; doubtful also where it could not be read
	Language string         `json:"language,omitempty"`
	// Nationality is the first person's, as Doc 9303-3 has it, and Letter the first of that person's primary identifier in the MRZ,
	// A to Z.
	Nationality string `json:"nationality,omitempty"`
	Letter      string `json:"letter,omitempty"`
	Persons     int    `json:"persons,omitempty"` // who come together and are in the record
	Appointment bool   `json:"appointment,omitempty"`
	With        string `json:"with,omitempty"`     // with whom the appointment was made, a caseworker's id
	OwnCase     string `json:"own_case,omitempty"` // whose case it is, a caseworker's id
}

// Load is who waits in a queue, and how long one person would need for them.
type Load struct {
	Waiting int
	Work    time.Duration
}

// Fault is what is wrong in one entry of an office file, and where.
type Fault struct {
	Table string // "route", "caseworker", "pool", "preference"; empty for what stands above all tables
	N     int    // which of the tables of that name, from 0
	Key   string // empty for the table as a whole
	Text  string // what is wrong, in English
}

// Error implements error.
func (f *Fault) Error() string { return f.Text }

// Table is a checked decision table.
type Table struct {
	rows        []row
	receivers   map[string]*receiver
	preferences []Points // those that count
	hash        string
}

// New checks a table and makes it ready. What is wrong is a *Fault: an id that is empty or repeated, nobody to send to or somebody
// unknown, no German reason, a value that a condition cannot have, a last row that does not fit everyone. Which services, verdicts
// and nationalities there are is for the caller to check.
func New(rules []Rule, receivers []Receiver, weights Weights) (*Table, error) {
	t := &Table{receivers: map[string]*receiver{}}
	if err := t.addReceivers(receivers); err != nil {
		return nil, err
	}
	if err := t.addRows(rules); err != nil {
		return nil, err
	}
	for _, p := range weights.all() {
		if p.Points < 0 || p.Points > MaxWeight {
			return nil, &Fault{Table: "preference", Key: string(p.Preference), Text: fmt.Sprintf("preference %s is not from 0 to %d", p.Preference, MaxWeight)}
		}
		if p.Points > 0 {
			t.preferences = append(t.preferences, p)
		}
	}
	canonical, err := json.Marshal(struct {
		Rules     []Rule
		Receivers []Receiver
		Weights   Weights
	}{rules, receivers, weights})
	if err != nil {
		return nil, fmt.Errorf("routing: %w", err)
	}
	sum := sha256.Sum256(canonical)
	t.hash = hex.EncodeToString(sum[:])
	return t, nil
}

// Hash is the SHA-256, in hexadecimal, of all that a decision depends on but the visitor and the queues: rows, receivers and weights
// in their order, as JSON with the keys of maps sorted.
func (t *Table) Hash() string { return t.hash }

func (t *Table) addReceivers(receivers []Receiver) error {
	people, pools := 0, 0
	for _, r := range receivers {
		f := &Fault{Table: "caseworker", N: people}
		if len(r.Members) > 0 {
			f = &Fault{Table: "pool", N: pools}
			pools++
		} else {
			people++
		}
		made, key, err := newReceiver(r)
		if err != nil {
			f.Key, f.Text = key, fmt.Sprintf("%s %q: %s: %v", f.Table, r.ID, key, err)
			return f
		}
		t.receivers[r.ID] = made
	}
	for _, one := range receivers {
		r := t.receivers[one.ID]
		for _, m := range r.Members {
			if member := t.receivers[m]; member != nil {
				r.members, member.pools = append(r.members, member), append(member.pools, r)
			}
		}
	}
	return nil
}

func (t *Table) addRows(rules []Rule) error {
	if len(rules) == 0 {
		return &Fault{Table: "route", Text: "no routes: each is a [[route]] table"}
	}
	seen := map[string]bool{}
	for i, r := range rules {
		made, key, err := t.newRow(r)
		if err == nil && seen[r.ID] {
			key, err = "id", fmt.Errorf("is repeated")
		}
		if err != nil {
			return &Fault{Table: "route", N: i, Key: key, Text: fmt.Sprintf("route %q: %s: %v", r.ID, key, err)}
		}
		seen[r.ID] = true
		t.rows = append(t.rows, made)
	}
	if last := len(rules) - 1; t.rows[last].conditional() {
		return &Fault{Table: "route", N: last, Text: fmt.Sprintf("the last route, %q, does not fit everyone", rules[last].ID)}
	}
	return nil
}
