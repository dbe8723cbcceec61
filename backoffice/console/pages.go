package console

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/staff"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/verify/wording"
)

// pages are the templates and what they say in each language.
type pages struct {
	templates *template.Template
	texts     map[string]map[string]string  // by language tag, then by key
	words     map[string]*wording.Catalogue // of the reasons of checks, by language tag
}

func parsePages(a *assets) (*pages, error) {
	templates, err := template.New("").Funcs(template.FuncMap{"pair": pair, "order": order, "asset": a.url}).ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	p := &pages{templates: templates, texts: map[string]map[string]string{}, words: map[string]*wording.Catalogue{}}
	entries, err := files.ReadDir("text")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		texts := map[string]string{}
		if _, err := toml.DecodeFS(files, path.Join("text", e.Name()), &texts); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		language := strings.TrimSuffix(e.Name(), ".toml")
		p.texts[language] = texts
		if p.words[language], err = wording.Load(language); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// pair gives a part of a page both the page and its own piece of it.
func pair(page, row any) map[string]any { return map[string]any{"Page": page, "Row": row} }

// order gives a form what it is for, and the visitor whom it is about.
func order(do string, row any) map[string]any { return map[string]any{"Do": do, "Row": row} }

func (p *pages) speaks(tag string) bool { return p.texts[tag] != nil }

// frame is what stands on every page.
type frame struct {
	Office string
	Path   string // of the page, to come back to
	Viewer viewer
	Links  []link // the pages of the viewer, where there are several
	Factor bool   // the viewer can set up a second factor
	Idle   int    // seconds without a sign of the viewer after which the page goes blank
	look
	office *office.Office
	texts  map[string]string
	words  *wording.Catalogue
}

func (c *Console) frame(r *http.Request, v viewer) frame {
	f := c.frameFor(r.URL.Path, v)
	f.look = lookOf(r)
	return f
}

func (c *Console) frameFor(path string, v viewer) frame {
	f := frame{Office: c.office.Name, Path: path, Viewer: v, Idle: int(c.idle / time.Second), office: c.office, texts: c.pages.texts[v.Language], words: c.pages.words[v.Language]}
	f.Factor = c.sealer != nil && v.ID != "" && !v.partial
	if links := c.links(v); len(links) > 1 || v.ID != "" && !c.may(v, staff.Receive) {
		f.Links = links
	}
	return f
}

// Endings are the endings of a session that lead to the sign-in.
func (frame) Endings() []store.Ending { return endings() }

// SignInAfter is where a page leads whose session has ended.
func (f frame) SignInAfter(why store.Ending) string { return signInAfter(why, f.Path) }

// Date writes a date, YYYY-MM-DD with unknown parts as ??, as it is written in the viewer's language.
func (f frame) Date(iso string) string { return f.Viewer.date(iso) }

func (v viewer) date(iso string) string {
	parts := strings.Split(iso, "-")
	if len(parts) != 3 || v.Language != "de" {
		return iso
	}
	slices.Reverse(parts)
	return strings.Join(parts, ".")
}

// Decimal writes a number, as Go does, in the viewer's language.
func (f frame) Decimal(number string) string {
	if f.Viewer.Language != "de" {
		return number
	}
	return strings.NewReplacer(".", ",", "-", "−").Replace(number)
}

// moment writes a day and a time of day.
func (v viewer) moment(local time.Time) string {
	return v.date(local.Format(time.DateOnly)) + ", " + local.Format("15:04")
}

// T is the text of a key, with args as by fmt. A key without a text stops the page, so that a test finds it.
func (f frame) T(key string, args ...any) (string, error) {
	text, ok := f.texts[key]
	if !ok {
		return "", fmt.Errorf("no text for %q in %s", key, f.Viewer.Language)
	}
	if len(args) > 0 {
		text = fmt.Sprintf(text, args...)
	}
	return text, nil
}

// Name is the text of group.id, or the id itself where a station knows more than this console.
func (f frame) Name(group, id string) string {
	if text, ok := f.texts[group+"."+id]; ok {
		return text
	}
	return id
}

// execute makes a page, or a part of one, before anything of it is sent.
func (p *pages) execute(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	return b.Bytes(), nil
}

func (c *Console) render(w http.ResponseWriter, status int, name string, data any) {
	page, err := c.pages.execute(name, data)
	if err != nil {
		c.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(page)
}
