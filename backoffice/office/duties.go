package office

import (
	"slices"

	"github.com/foyer-station/foyer/backoffice/routing"
	"github.com/foyer-station/foyer/mrz"
)

// Duties say whom a caseworker receives, and when. All of them are optional, and an empty one fits everybody; [routing.Receiver] says
// what each can hold.
type Duties struct {
	Services      []string `toml:"service"`
	Letters       []string `toml:"letters"`
	Languages     []string `toml:"language"`
	Nationalities []string `toml:"nationality"` // or ids of groups
	Hours         []string `toml:"hours"`
	Absent        []string `toml:"absent"`
	Capacity      int      `toml:"capacity"`
}

// Group is a number of nationalities under one name, for the entries of caseworkers and routes.
type Group struct {
	ID            string   `toml:"id"`
	Nationalities []string `toml:"nationality"`
}

// Routing is the office's decision table.
func (o *Office) Routing() *routing.Table { return o.routing }

func (o *Office) checkGroups() error {
	seen := map[string]bool{}
	for i, g := range o.Groups {
		if !identifier.MatchString(g.ID) || seen[g.ID] || len(g.Nationalities) == 0 {
			return fault("group", i, "", "group %q: a bad id, a repeated one, or no nationalities", g.ID)
		}
		if err := o.checkNationalities("group", i, g.Nationalities); err != nil {
			return err
		}
		seen[g.ID] = true
	}
	return nil
}

// checkNationalities takes codes as [mrz.StandardState] gives them, and but in groups the ids of such.
func (o *Office) checkNationalities(table string, n int, names []string) error {
	for _, name := range names {
		isGroup := table != "group" && slices.ContainsFunc(o.Groups, func(g Group) bool { return g.ID == name })
		standard := mrz.StandardState(name)
		switch {
		case isGroup || standard == name && name != "":
		case standard != "":
			return fault(table, n, "nationality", "nationality %q stands as %q in documents", name, standard)
		default:
			return fault(table, n, "nationality", "%q is neither a nationality, as \"UKR\", nor a group", name)
		}
	}
	return nil
}

func (o *Office) checkDuties() error {
	for i, c := range o.Caseworkers {
		if err := o.checkNationalities("caseworker", i, c.Nationalities); err != nil {
			return err
		}
		for _, id := range c.Services {
			if _, ok := o.Service(id); !ok && id != routing.NoService {
				return fault("caseworker", i, "service", "caseworker %q: there is no service %q", c.ID, id)
			}
		}
	}
	return nil
}

func (o *Office) checkRoutes() (err error) {
	for i, r := range o.Routes {
		if err := o.checkNationalities("route", i, r.Nationalities); err != nil {
			return err
		}
		for _, id := range r.Services {
			if _, ok := o.Service(id); !ok && id != routing.NoService {
				return fault("route", i, "service", "route %q: there is no service %q", r.ID, id)
			}
		}
		for _, v := range r.Verdicts {
			if !knownVerdict(v) {
				return fault("route", i, "verdict", "route %q: there is no verdict %q", r.ID, v)
			}
		}
	}
	o.routing, err = routing.New(o.rules(), o.queues(), o.weights())
	return err
}

func (o *Office) weights() routing.Weights {
	if o.Preference == nil {
		return routing.Shortest()
	}
	return *o.Preference
}

// rules are the routes with groups written out.
func (o *Office) rules() []routing.Rule {
	rules := slices.Clone(o.Routes)
	for i := range rules {
		rules[i].Nationalities = o.withoutGroups(rules[i].Nationalities)
	}
	return rules
}

// queues are all to whom a route can send.
func (o *Office) queues() (all []routing.Receiver) {
	for _, c := range o.Caseworkers {
		all = append(all, routing.Receiver{
			ID: c.ID, Services: c.Services, Letters: c.Letters, Languages: c.Languages, Nationalities: o.withoutGroups(c.Nationalities),
			Hours: c.Hours, Absent: c.Absent, Capacity: c.Capacity,
		})
	}
	for _, p := range o.Pools {
		all = append(all, routing.Receiver{ID: p.ID, Members: p.Members})
	}
	return all
}

// withoutGroups writes groups out as the nationalities in them.
func (o *Office) withoutGroups(names []string) (codes []string) {
	for _, name := range names {
		if i := slices.IndexFunc(o.Groups, func(g Group) bool { return g.ID == name }); i >= 0 {
			codes = append(codes, o.Groups[i].Nationalities...)
		} else {
			codes = append(codes, name)
		}
	}
	return codes
}
