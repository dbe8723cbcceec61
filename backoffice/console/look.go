package console

import (
	"net/http"
	"time"
)

// lookCookies hold what a browser's user chose of how pages look and listen. They say nothing of a person.
const (
	themeCookie = "__Host-theme"
	keysCookie  = "__Host-keys"
)

// look is how pages look in a browser, and whether they listen to single letters.
type look struct {
	Theme  string // "light" or "dark"; empty for the system's
	NoKeys bool   // single letters do nothing (WCAG 2.2, 2.1.4)
}

func lookOf(r *http.Request) (l look) {
	if c, err := r.Cookie(themeCookie); err == nil && isTheme(c.Value) {
		l.Theme = c.Value
	}
	c, err := r.Cookie(keysCookie)
	l.NoKeys = err == nil && c.Value == "off"
	return l
}

func isTheme(name string) bool { return name == "light" || name == "dark" }

// Scheme is the color-scheme of pages, as the meta element of that name takes it.
func (l look) Scheme() string {
	if l.Theme == "" {
		return "light dark"
	}
	return l.Theme
}

// Themes are what can be chosen; the empty one is the system's.
func (look) Themes() []string { return []string{"", "light", "dark"} }

// chooseLook keeps a choice in the browser.
func (c *Console) chooseLook(w http.ResponseWriter, r *http.Request) {
	const year = 365 * 24 * time.Hour
	theme, keys := r.PostFormValue("theme"), r.PostFormValue("keys")
	switch {
	case keys == "on" || keys == "off":
		http.SetCookie(w, cookie(keysCookie, keys, year))
	case theme == "" || isTheme(theme):
		http.SetCookie(w, cookie(themeCookie, theme, year))
	default:
		http.Error(w, "unknown look", http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, localPath(r.PostFormValue("path")), http.StatusSeeOther)
}

// key is a letter that a page listens to while nothing is being typed, and where it leads.
type key struct {
	Key     string
	To      string // a selector: of what is pressed or gets the focus; where there is none on a page, the letter does nothing there
	Presses bool
	Text    string // its key, behind "keys."
}

// Keys are the letters that pages listen to, all without a modifier, so that none is the browser's or a screen reader's. They can be
// turned off (WCAG 2.2, 2.1.4).
func (look) Keys() []key {
	return []key{
		{"?", "[id=show-keys]", true, "list"}, {"w", "a.home", true, "home"}, {"n", "[id=next]", true, "next"},
		{"a", "[id=answer]", false, "answer"}, {"d", "[id=decide] select", false, "decide"}, {"e", "[id=evidence]", false, "evidence"},
		{"c", "[id=checks]", false, "checks"}, {"h", "[id=history]", false, "history"}, {"m", "[id=note]", false, "note"},
	}
}
