package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/store"
)

func fileEntries() []promise {
	return []promise{
		{"a file keeps what was added, in order, and who did it", kept},
		{"an entry that comes twice is one", addedTwice},
		{"of decisions made at once on one document one is kept", twoAtOnce},
		{"a decision outruns none on another document, and no correction", apart},
		{"a file that is forgotten takes its entries along", takenAlong},
		{"a file has no end of entries", full},
		{"help is wanted until somebody comes", helped},
		{"an entry is told to whoever watches", toldEntry},
	}
}

// decided is an entry about the first document of a check-in.
func decided(id, checkIn string, kind store.EntryKind) store.FileEntry {
	return store.FileEntry{ID: id, CheckIn: checkIn, Document: 1, Kind: kind, Reason: "in_order", Name: "brandt", At: noon}
}

func kept(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	other := arrive(t, s, 2, "brandt")
	note := store.FileEntry{ID: "b", CheckIn: id, Kind: store.Noted, Name: "yilmaz", At: noon.Add(time.Second), Sealed: []byte("sealed")}
	must(t, s.AddToFile(t.Context(), decided("a", id, store.AskedAgain), ""))
	must(t, s.AddToFile(t.Context(), note, ""))
	must(t, s.AddToFile(t.Context(), decided("c", id, store.Accepted), "a"))
	all, err := s.FileEntries(t.Context(), id)
	want := []store.FileEntry{decided("a", id, store.AskedAgain), note, decided("c", id, store.Accepted)}
	if err != nil || fmt.Sprint(all) != fmt.Sprint(want) {
		t.Errorf("kept %+v, %v; want %+v", all, err, want)
	}
	if all, err := s.FileEntries(t.Context(), other); err != nil || len(all) != 0 {
		t.Errorf("another file has %+v, %v", all, err)
	}
	trail, err := s.AuditTrail(t.Context(), id)
	if err != nil || len(trail) != 3 || trail[1] != (store.Entry{At: noon.Add(time.Second), Name: "yilmaz", Action: "noted", CheckIn: id}) {
		t.Errorf("the audit trail is %+v, %v", trail, err)
	}
	if err := s.AddToFile(t.Context(), decided("d", numbered(9), store.Accepted), ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an entry of nobody: %v", err)
	}
}

func addedTwice(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	for range 2 {
		must(t, s.AddToFile(t.Context(), decided("a", id, store.Rejected), ""))
	}
	if all, err := s.FileEntries(t.Context(), id); err != nil || len(all) != 1 {
		t.Errorf("%d entries, %v", len(all), err)
	}
	if trail, err := s.AuditTrail(t.Context(), id); err != nil || len(trail) != 1 {
		t.Errorf("%d in the audit trail, %v", len(trail), err)
	}
	other := arrive(t, s, 2, "brandt")
	if err := s.AddToFile(t.Context(), decided("a", other, store.Rejected), ""); err == nil {
		t.Error("two files have an entry of one id")
	}
}

func twoAtOnce(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	const people = 8
	errs := make([]error, people)
	var all sync.WaitGroup
	for n := range people {
		all.Go(func() { errs[n] = s.AddToFile(t.Context(), decided(fmt.Sprint(n), id, store.Accepted), "") })
	}
	all.Wait()
	first := 0
	for _, err := range errs {
		switch {
		case err == nil:
			first++
		case !errors.Is(err, store.ErrOutrun):
			t.Error(err)
		}
	}
	if first != 1 {
		t.Errorf("%d of %d were first", first, people)
	}
}

func apart(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	must(t, s.AddToFile(t.Context(), decided("a", id, store.Accepted), ""))
	second := decided("b", id, store.Accepted)
	second.Document = 2
	must(t, s.AddToFile(t.Context(), second, ""))
	must(t, s.AddToFile(t.Context(), decided("c", id, store.Corrected), ""))
	must(t, s.AddToFile(t.Context(), decided("d", id, store.Rejected), "a"))
	if err := s.AddToFile(t.Context(), decided("e", id, store.Accepted), "a"); !errors.Is(err, store.ErrOutrun) {
		t.Errorf("a decision that has not seen the last one: %v", err)
	}
	if err := s.AddToFile(t.Context(), decided("f", id, store.Corrected), ""); !errors.Is(err, store.ErrOutrun) {
		t.Errorf("a correction that has not seen the last one: %v", err)
	}
}

func takenAlong(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	must(t, s.AddToFile(t.Context(), decided("a", id, store.Accepted), ""))
	must(t, s.Forget(t.Context(), id))
	if all, err := s.FileEntries(t.Context(), id); err != nil || len(all) != 0 {
		t.Errorf("%+v are left, %v", all, err)
	}
}

func full(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	note := store.FileEntry{CheckIn: id, Kind: store.Noted, Name: "brandt", At: noon}
	for n := range store.MaxFileEntries {
		note.ID = fmt.Sprint(n)
		must(t, s.AddToFile(t.Context(), note, ""))
	}
	note.ID = "one more"
	if err := s.AddToFile(t.Context(), note, ""); !errors.Is(err, store.ErrFileFull) {
		t.Errorf("one more: %v", err)
	}
}

func helped(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	wanted := func() (ids []string) {
		t.Helper()
		all, err := s.WantedHelp(t.Context())
		must(t, err)
		for _, e := range all {
			ids = append(ids, e.ID)
		}
		return ids
	}
	must(t, s.AddToFile(t.Context(), decided("a", id, store.HelpWanted), ""))
	must(t, s.AddToFile(t.Context(), decided("b", arrive(t, s, 2, "brandt"), store.HelpWanted), ""))
	if got := wanted(); fmt.Sprint(got) != "[a b]" {
		t.Errorf("wanted: %v", got)
	}
	must(t, s.AddToFile(t.Context(), decided("c", id, store.HelpComing), ""))
	if got := wanted(); fmt.Sprint(got) != "[b]" {
		t.Errorf("after somebody went: %v", got)
	}
	must(t, s.AddToFile(t.Context(), decided("d", id, store.HelpWanted), ""))
	if got := wanted(); fmt.Sprint(got) != "[b d]" {
		t.Errorf("called again: %v", got)
	}
	_, err := s.CloseDay(t.Context(), today, tomorrow, noon)
	must(t, err)
	if got := wanted(); len(got) != 0 {
		t.Errorf("on the next day: %v", got)
	}
}

func toldEntry(t *testing.T, s Store) {
	id := arrive(t, s, 1, "brandt")
	changed := s.Changed()
	must(t, s.AddToFile(t.Context(), decided("a", id, store.Accepted), ""))
	select {
	case <-changed:
	case <-time.After(patience):
		t.Error("nobody was told")
	}
}
