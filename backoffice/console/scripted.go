package console

import "net/http"

// byScript is the header by which forms.js says that it sends a form, and not the browser itself.
const byScript = "Foyer-Form"

// redirected is the header by which forms.js hears where to go on.
const redirected = "Foyer-Location"

// scripted lets a form that is sent by a script lead on like one that the browser sends. A script cannot see where a redirect leads,
// and the browser would load the page twice, so that a visitor's file would be opened twice.
func scripted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.Header.Get(byScript) != "" {
			w = &leadOn{ResponseWriter: w}
		}
		next.ServeHTTP(w, r)
	})
}

// leadOn turns a redirect into an answer without content that says where to.
type leadOn struct{ http.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (l *leadOn) WriteHeader(status int) {
	if h := l.Header(); status == http.StatusSeeOther {
		h.Set(redirected, h.Get("Location"))
		h.Del("Location")
		status = http.StatusNoContent
	}
	l.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController the writer below.
func (l *leadOn) Unwrap() http.ResponseWriter { return l.ResponseWriter }
