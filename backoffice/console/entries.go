package console

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// maxNote is how many characters a note, at the end of a visit too, or what is said with a decision, may have.
const maxNote = 1000

// decision is one that a caseworker can make, and the reasons that it can be made for.
type decision struct {
	Kind    store.EntryKind
	Reasons []string // codes; the texts stand behind "decision." with the kind before them
}

// Choices are all that can be decided on a document.
func (visitorPage) Choices() []decision {
	return []decision{
		{store.Accepted, []string{"in_order", "examined_by_hand", "known_person", "expired_suffices"}},
		{store.AskedAgain, []string{"read_again", "bring_original", "bring_other", "bring_translation"}},
		{store.Rejected, []string{"suspected_forgery", "other_holder", "expired", "damaged", "not_sufficient"}},
	}
}

// helps are the reasons for which somebody is called to a desk.
func helps() []string { return []string{"second_pair_of_eyes", "security"} }

// NewEntry is the id of the entry that a form of the page adds: a form that is sent twice adds one.
func (visitorPage) NewEntry() string { return rand.Text() }

// historyRow is one entry of a file as it is read.
type historyRow struct {
	store.FileEntry
	By, When string
	Text     string // the note, opened; empty where there is none
}

// Said is the key of the reason of a decision or a call; empty where the entry has none.
func (h historyRow) Said() string {
	if h.Reason == "" {
		return ""
	}
	return string(h.Kind) + "." + h.Reason
}

// history opens the entries of a file, the first one first.
func (c *Console) history(ctx context.Context, v viewer, id string) (rows []historyRow, err error) {
	entries, err := c.store.FileEntries(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		row := c.entryRow(v, e)
		if e.Sealed != nil {
			text, err := c.vault.Open(ctx, id, e.Sealed)
			if err != nil && !errors.Is(err, vault.ErrErased) {
				return nil, err
			}
			row.Text = string(text)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (c *Console) entryRow(v viewer, e store.FileEntry) historyRow {
	return historyRow{FileEntry: e, By: c.nameOf(e.Name), When: v.moment(c.office.Local(e.At))}
}

// standing is what a file's live part tells of its entries.
type standing struct {
	Decisions []historyRow // the last of each document, by documents
	Help      *historyRow  // the last call for help, or who comes; nil where nobody was called
	Newer     int          // entries that the page does not show
}

// standingOf reads what counts of the entries of a file, of which the page shows as many as seen.
func (c *Console) standingOf(ctx context.Context, v viewer, id string, seen int) (s standing, err error) {
	entries, err := c.store.FileEntries(ctx, id)
	if err != nil {
		return s, err
	}
	s.Newer = max(0, len(entries)-seen)
	for _, e := range entries {
		row := c.entryRow(v, e)
		switch {
		case e.Kind.Decides():
			s.Decisions = slices.DeleteFunc(s.Decisions, func(d historyRow) bool { return d.Document == e.Document })
			s.Decisions = append(s.Decisions, row)
		case e.Kind == store.HelpWanted, e.Kind == store.HelpComing:
			s.Help = &row
		}
	}
	slices.SortStableFunc(s.Decisions, func(a, b historyRow) int { return a.Document - b.Document })
	return s, nil
}

// entryReader takes from a form what an entry says, and the text that is to be sealed; fault is the key of what is wrong with it, or
// nothing.
type entryReader func(r *http.Request, e *store.FileEntry, record *stationv1.CheckInRecord) (text, fault string)

// adding makes the handler of a form that adds an entry.
func (c *Console) adding(read entryReader) func(http.ResponseWriter, *http.Request, viewer) {
	return func(w http.ResponseWriter, r *http.Request, v viewer) {
		id := r.PathValue("id")
		_, record, err := c.record(r.Context(), id)
		if c.missing(w, r, v, err) {
			return
		}
		e := store.FileEntry{ID: r.PostFormValue("entry"), CheckIn: id, Name: v.ID, At: c.now()}
		text, fault := read(r, &e, record)
		if !isEntryID(e.ID) {
			fault = "fault.form"
		}
		if fault == "" && text != "" {
			e.Sealed, err = c.vault.Seal(r.Context(), id, []byte(text))
		}
		if fault == "" && err == nil {
			err = c.store.AddToFile(r.Context(), e, r.PostFormValue("last"))
		}
		switch {
		case errors.Is(err, store.ErrOutrun):
			fault = "fault.outrun"
		case errors.Is(err, store.ErrFileFull):
			fault = "fault.full"
		case c.missing(w, r, v, err):
			return
		}
		if fault != "" {
			c.showFault(w, r, v, fault)
			return
		}
		to := "/visitor/" + id + "#history"
		if e.Kind == store.HelpComing {
			to = "/"
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	}
}

// isEntryID says whether an id may be one that NewEntry made.
func isEntryID(id string) bool {
	return len(id) == len(rand.Text()) && !strings.ContainsFunc(id, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '2' || r > '7') })
}

// note is a text of the form; what is longer than it may be, or no text, is a fault.
func note(r *http.Request) (text, fault string) {
	text = strings.TrimSpace(r.PostFormValue("note"))
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxNote {
		return "", "fault.note"
	}
	return text, ""
}

// aboutDocument reads which document of the record an entry is about. A file without a document is decided on as a whole.
func aboutDocument(r *http.Request, e *store.FileEntry, record *stationv1.CheckInRecord) (fault string) {
	n, err := strconv.Atoi(r.PostFormValue("document"))
	documents := len(record.GetDocuments())
	if err != nil || n < min(1, documents) || n > documents {
		return "fault.form"
	}
	e.Document = n
	return ""
}

// decide reads a decision on a document: "accepted.in_order".
func decide(r *http.Request, e *store.FileEntry, record *stationv1.CheckInRecord) (text, fault string) {
	kind, reason, _ := strings.Cut(r.PostFormValue("decision"), ".")
	e.Kind, e.Reason = store.EntryKind(kind), reason
	known := slices.ContainsFunc(visitorPage{}.Choices(), func(d decision) bool {
		return d.Kind == e.Kind && slices.Contains(d.Reasons, reason)
	})
	if !known {
		return "", "fault.decision"
	}
	if fault := aboutDocument(r, e, record); fault != "" {
		return "", fault
	}
	return note(r)
}

// correct reads an MRZ that was set right by hand. Judged is the day that centuries are resolved by.
func (c *Console) correct(r *http.Request, e *store.FileEntry, record *stationv1.CheckInRecord) (text, fault string) {
	e.Kind = store.Corrected
	if fault := aboutDocument(r, e, record); fault != "" || e.Document == 0 {
		return "", "fault.form"
	}
	lines, err := correctedLines(r.PostFormValue("mrz"), c.office.Local(e.At))
	if err != nil {
		return "", "fault.mrz"
	}
	if slices.Equal(lines, record.Documents[e.Document-1].Mrz) && r.PostFormValue("last") == "" {
		return "", "fault.unchanged"
	}
	return strings.Join(lines, "\n"), ""
}

func addNote(r *http.Request, e *store.FileEntry, _ *stationv1.CheckInRecord) (text, fault string) {
	e.Kind = store.Noted
	if text, fault = note(r); text == "" && fault == "" {
		fault = "fault.note"
	}
	return text, fault
}

func wantHelp(r *http.Request, e *store.FileEntry, _ *stationv1.CheckInRecord) (text, fault string) {
	e.Kind, e.Reason = store.HelpWanted, r.PostFormValue("help")
	if !slices.Contains(helps(), e.Reason) {
		return "", "fault.form"
	}
	return "", ""
}

func goHelp(_ *http.Request, e *store.FileEntry, _ *stationv1.CheckInRecord) (text, fault string) {
	e.Kind = store.HelpComing
	return "", ""
}

// helpRow is a call for help as the lead reads it.
type helpRow struct {
	historyRow
	Ticket, Room string
	Entry        string // the id of the entry that answers it
}

// wanted is a call for help that nobody has answered.
type wanted struct {
	call   store.FileEntry
	ticket string
}

// wantedHelp lists who calls for help, the first one first.
func (c *Console) wantedHelp(ctx context.Context) (all []wanted, err error) {
	entries, err := c.store.WantedHelp(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		in, _, err := c.store.CheckIn(ctx, e.CheckIn)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, wanted{e, in.Ticket})
	}
	return all, nil
}

// helpRows are calls for help as a lead is told of them.
func (c *Console) helpRows(v viewer, all []wanted) (rows []helpRow) {
	for _, w := range all {
		rows = append(rows, helpRow{c.entryRow(v, w.call), w.ticket, c.office.RoomOf(w.call.Name), answering(w.call.ID)})
	}
	return rows
}

// answering is the id of the entry that answers a call: the same in each snapshot, so that a page which nothing changed stays as it is.
func answering(call string) string {
	sum := hash("answer to " + call)
	return base32.StdEncoding.EncodeToString(sum[:])[:len(rand.Text())]
}
