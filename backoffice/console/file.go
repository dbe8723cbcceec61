package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// evidence is one file of a check-in.
type evidence struct {
	*stationv1.File
	URL   string
	Again bool // the page shows it a second time
}

// pictured are the media types that browsers can draw; JPEG 2000 they cannot.
var pictured = []string{"image/jpeg", "image/png"}

// saved are the other media types that a station may send.
var saved = []string{"image/jp2", "application/octet-stream", "application/json"}

// Shown says whether browsers can draw it.
func (e evidence) Shown() bool { return slices.Contains(pictured, e.MediaType) }

// ID is that of the element that shows it.
func (e evidence) ID() string {
	if e.Again {
		return ""
	}
	return "file-" + e.Name
}

// Title is the key of what a file is called, or the name of a file of the chip. It is of nothing that a file of a newer contract says.
func (e evidence) Title() string {
	if e.Kind == "" {
		return e.Name
	}
	return e.EvidenceName()
}

// file finds the file that a request is for, by its number in the record. It answers itself where there is none.
func (c *Console) file(w http.ResponseWriter, r *http.Request, v viewer) (in store.CheckIn, f *stationv1.File, n int, ok bool) {
	in, record, err := c.record(r.Context(), r.PathValue("id"))
	if c.missing(w, r, v, err) {
		return in, nil, 0, false
	}
	number, err := strconv.ParseUint(r.PathValue("n"), 10, 16)
	if n = int(number); err != nil || n >= len(record.GetFiles()) {
		c.render(w, http.StatusNotFound, "missing", c.frame(r, v))
		return in, nil, 0, false
	}
	return in, record.Files[n], n, true
}

type picturePage struct {
	frame
	ID, Ticket string
	Many       bool // the check-in has several documents
	File       evidence
}

// showPicture shows one picture on a page of its own, which goes blank with the session as a mere picture would not.
func (c *Console) showPicture(w http.ResponseWriter, r *http.Request, v viewer) {
	in, f, n, ok := c.file(w, r, v)
	if !ok {
		return
	}
	c.render(w, http.StatusOK, "picture", picturePage{c.frame(r, v), in.ID, in.Ticket, in.Documents > 1, evidence{File: f, URL: fileURL(in.ID, n)}})
}

func fileURL(id string, n int) string { return fmt.Sprintf("/visitor/%s/file/%d", id, n) }

// serveFile sends one file of a check-in exactly as it was captured.
func (c *Console) serveFile(w http.ResponseWriter, r *http.Request, v viewer) {
	in, f, n, ok := c.file(w, r, v)
	if !ok {
		return
	}
	id, shown := in.ID, evidence{File: f}.Shown()
	if shown && r.Header.Get("Sec-Fetch-Dest") == "document" {
		http.Redirect(w, r, fileURL(id, n)+"/view", http.StatusSeeOther)
		return
	}
	content, err := c.vault.ReadFile(r.Context(), id, n, f.Size, [32]byte(f.Sha256))
	if err != nil {
		c.fail(w, err)
		return
	}
	err = c.store.Audit(r.Context(), store.Entry{At: c.now(), Name: v.ID, Action: store.ActionOpened, CheckIn: id, File: f.Name})
	if err != nil {
		c.fail(w, err)
		return
	}
	mediaType := f.MediaType
	if !shown && !slices.Contains(saved, mediaType) { // of a newer contract
		mediaType = "application/octet-stream"
	}
	w.Header().Set("Content-Type", mediaType)
	if !shown {
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", f.Name))
	}
	w.Write(content)
}
