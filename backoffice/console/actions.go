package console

import (
	"errors"
	"net/http"

	"github.com/foyer-station/foyer/backoffice/store"
)

func (c *Console) callNext(w http.ResponseWriter, r *http.Request, v viewer) {
	id, err := c.store.CallNext(r.Context(), v.ID, c.office.QueuesOf(v.ID), c.now())
	c.after(w, r, err, "/visitor/"+id)
}

func (c *Console) call(w http.ResponseWriter, r *http.Request, v viewer) {
	id := r.PathValue("id")
	c.after(w, r, c.store.Call(r.Context(), v.ID, id, c.now()), "/visitor/"+id)
}

func (c *Console) finish(as store.State) func(http.ResponseWriter, *http.Request, viewer) {
	return func(w http.ResponseWriter, r *http.Request, v viewer) {
		c.after(w, r, c.store.Finish(r.Context(), v.ID, r.PathValue("id"), as, c.now()), "/")
	}
}

func (c *Console) giveBack(w http.ResponseWriter, r *http.Request, v viewer) {
	c.after(w, r, c.store.Return(r.Context(), v.ID, r.PathValue("id"), c.now()), "/")
}

// after leads on to a page, or back to the queue with a word about what has come between.
func (c *Console) after(w http.ResponseWriter, r *http.Request, err error, to string) {
	switch {
	case err == nil:
	case errors.Is(err, store.ErrNobodyWaiting):
		to = "/?notice=nobody"
	case errors.Is(err, store.ErrTaken):
		to = "/?notice=taken"
	case errors.Is(err, store.ErrBusy):
		to = "/?notice=busy"
	default:
		c.fail(w, err)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
