package console

import (
	"net/http"

	"github.com/foyer-station/foyer/backoffice/staff"
)

// Patterns are those of all that a console serves.
func (c *Console) Patterns() (patterns []string) {
	pages, streams := c.tables(&assets{})
	for _, r := range append(pages, streams...) {
		patterns = append(patterns, r.pattern)
	}
	return patterns
}

// RegisterFor registers a route that asks for a permission.
func (c *Console) RegisterFor(p staff.Permission) error {
	serve := func(http.ResponseWriter, *http.Request, viewer) {}
	return c.register(http.NewServeMux(), []route{{"GET /new", p, serve}}, c.working)
}
