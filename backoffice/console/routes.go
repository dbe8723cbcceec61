package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/foyer-station/foyer/backoffice/staff"
)

// What the sign-in and every account may do stands beside the permissions of roles.
const (
	anybody staff.Permission = "anybody" // strangers too
	halfway staff.Permission = "halfway" // whoever has given a password; a second factor may be missing yet
	member  staff.Permission = "member"  // whoever is signed in
)

// handler serves a viewer; strangers are the zero viewer.
type handler func(http.ResponseWriter, *http.Request, viewer)

// route is one thing that the console serves, as net/http writes patterns, and what a viewer must be allowed in order to use it.
type route struct {
	pattern    string
	permission staff.Permission
	serve      handler
}

// forStrangers serves a viewer like anybody else.
func forStrangers(serve http.HandlerFunc) handler {
	return func(w http.ResponseWriter, r *http.Request, _ viewer) { serve(w, r) }
}

// register adds routes to a mux, behind their permissions. A route that does not say who may use it is an error.
func (c *Console) register(mux *http.ServeMux, routes []route, signedIn func(handler) http.HandlerFunc) error {
	for _, r := range routes {
		switch r.permission {
		case "":
			return fmt.Errorf("route %s does not say who may use it", r.pattern)
		case anybody:
			mux.HandleFunc(r.pattern, func(w http.ResponseWriter, request *http.Request) { r.serve(w, request, viewer{}) })
		case halfway:
			mux.HandleFunc(r.pattern, signedIn(r.serve))
		case member:
			mux.HandleFunc(r.pattern, signedIn(whole(r.serve)))
		default:
			mux.HandleFunc(r.pattern, signedIn(whole(c.allowed(r.permission, r.serve))))
		}
	}
	return nil
}

// whole lets only those pass from whom no second factor is missing. A page leads the others to where they show it.
func whole(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request, v viewer) {
		switch {
		case !v.partial:
			next(w, r, v)
		case !strings.Contains(r.Header.Get("Accept"), "text/html"):
			http.Error(w, "a second factor is missing", http.StatusUnauthorized)
		case r.Method == http.MethodGet && r.URL.Path != "/":
			http.Redirect(w, r, "/second-factor?"+url.Values{"to": {r.URL.Path}}.Encode(), http.StatusSeeOther)
		default:
			http.Redirect(w, r, "/second-factor", http.StatusSeeOther)
		}
	}
}

// allowed lets only those pass who have a permission.
func (c *Console) allowed(p staff.Permission, next handler) handler {
	return func(w http.ResponseWriter, r *http.Request, v viewer) {
		switch home := c.home(v); {
		case c.may(v, p):
			next(w, r, v)
		case r.Method == http.MethodGet && r.URL.Path == "/" && home != "":
			http.Redirect(w, r, home, http.StatusSeeOther)
		case strings.Contains(r.Header.Get("Accept"), "text/html"):
			c.render(w, http.StatusForbidden, "forbidden", c.frame(r, v))
		default:
			http.Error(w, "this account may not do this", http.StatusForbidden)
		}
	}
}

// link is a page that a viewer may see, from every other one.
type link struct {
	Path string
	Text string // its key
}

// links are the pages of a viewer.
func (c *Console) links(v viewer) (links []link) {
	for _, page := range []struct {
		permission staff.Permission
		link
	}{
		{staff.Receive, link{"/", "queue.title"}},
		{staff.Administer, link{"/accounts", "accounts.title"}},
		{staff.Audit, link{"/log", "log.title"}},
		{staff.Maintain, link{"/stations", "stations.title"}},
	} {
		if c.may(v, page.permission) {
			links = append(links, page.link)
		}
	}
	return links
}

// home is where a viewer is led who may not see the queue; empty where there is no page.
func (c *Console) home(v viewer) string {
	for _, l := range c.links(v) {
		return l.Path
	}
	return ""
}
