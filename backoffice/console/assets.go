package console

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// assets are the files that pages load, each under a name that says what is in it, so that a browser never asks twice for one.
type assets struct {
	files fs.FS
	sums  map[string]string // by the file's name: hex, the beginning of SHA-256
}

func readAssets() (*assets, error) {
	sub, err := fs.Sub(files, "assets")
	if err != nil {
		return nil, err
	}
	a := &assets{sub, map[string]string{}}
	err = fs.WalkDir(sub, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(sub, name)
		sum := sha256.Sum256(content)
		a.sums[name] = hex.EncodeToString(sum[:8])
		return err
	})
	return a, err
}

// url is where a page loads a file from.
func (a *assets) url(name string) (string, error) {
	sum, ok := a.sums[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return "/assets/" + sum + "/" + name, nil
}

// ServeHTTP serves files by their plain names, of which a browser asks whether they have changed (RFC 9110, 13.1.2), and by those of
// url, which it may keep for a year (RFC 8246). A name with the sum of another version is not found: what an old page wants and a new
// server has would not fit each other.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, keep := path.Clean(strings.TrimPrefix(r.URL.Path, "/assets/")), "no-cache"
	if sum, rest, ok := strings.Cut(name, "/"); ok && a.sums[rest] == sum {
		name, keep = rest, "public, max-age=31536000, immutable"
	}
	if a.sums[name] == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", keep)
	w.Header().Set("ETag", `W/"`+a.sums[name]+`"`) // weak: compressed or not it is the same
	http.ServeFileFS(w, r, a.files, name)
}

// compressed compresses pages and assets. Events are not: each is small, and would have to wait for the next. Pictures are already.
//
// BREACH needs a secret beside something that a stranger chooses, in answers that the stranger can have made. The session's cookie is
// SameSite=Strict and stands in no page, and no page repeats what is in its address but the path. Lengths are blurred besides.
func compressed(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.ContentTypes([]string{"text/html", "text/css", "text/javascript", "image/svg+xml", "application/json"}),
		gzhttp.MinSize(1<<10), gzhttp.CompressionLevel(5), gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		return nil, err
	}
	return wrap(next), nil
}
