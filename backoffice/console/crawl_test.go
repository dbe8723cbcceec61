package console_test

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"golang.org/x/net/html"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/emrtd"
	emulated "github.com/foyer-station/foyer/emulate/chip"
	"github.com/foyer-station/foyer/emulate/specimen"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
	"github.com/foyer-station/foyer/verify/chip"
	"github.com/foyer-station/foyer/verify/trust"
)

// texts are all that is worded in a language: of pages, by their keys, and of reasons.
type texts struct {
	pages   map[string]string
	Unknown string
	Reasons map[string]string
	Words   map[string]map[string]string
}

func readTexts(t *testing.T, language string) texts {
	t.Helper()
	var all texts
	if _, err := toml.DecodeFile("text/"+language+".toml", &all.pages); err != nil {
		t.Fatal(err)
	}
	if _, err := toml.DecodeFile("../../verify/wording/"+language+".toml", &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// opening is what a text leaves open.
var opening = regexp.MustCompile(`\{[a-z_:]+\}|%[sd]`)

// pieces are the words between what texts leave open, as spoken gives them.
func (a texts) pieces() map[string]bool {
	all := map[string]bool{}
	add := func(values map[string]string) {
		for _, text := range values {
			for _, piece := range opening.Split(text, -1) {
				all[spoken(piece)] = true
			}
		}
	}
	add(a.pages)
	add(a.Reasons)
	for _, words := range a.Words {
		add(words)
	}
	delete(all, "  ")
	return all
}

var notSpoken = regexp.MustCompile(`[^\p{L}\p{N}'’-]+`)

// neutral is what stands in every language as it is: an encoding, a standard, a distinguished name.
var neutral = regexp.MustCompile(`\bDER\b|Doc 9303-\d+|CN=.*?,C=[A-Z]{2}`)

// unworded is a name of ours that stands there in place of words: of a check, a result, a reason, a field, a category.
var unworded = regexp.MustCompile(`\b(mrz|chip|cross|optical|person|page|deviation|note)\.[a-z0-9_.]*[a-z]|\b[a-z]+_[a-z_]+`)

// spoken are the words of a text in small letters, each between spaces.
func spoken(text string) string {
	text = strings.ToLower(neutral.ReplaceAllString(text, "9"))
	return " " + strings.TrimSpace(notSpoken.ReplaceAllString(text, " ")) + " "
}

// small are words that no sentence of a language does without, and that the other language does not have.
var small = map[string][]string{
	"en": {"the", "of", "and", "with", "which", "from", "does", "that", "this", "are", "by", "for", "not", "has", "have", "or", "its", "cannot"},
	"de": {"der", "die", "das", "und", "mit", "nicht", "ist", "sind", "wurde", "für", "von", "kein", "keine", "einer", "oder", "dem", "den"},
}

// foreign are the words of a language that must not stand on a page of another.
func foreign(t *testing.T, language, page string) (words []string) {
	t.Helper()
	own := readTexts(t, page).pieces()
	for piece := range readTexts(t, language).pieces() {
		if !own[piece] && len(piece) > len(" x of ") {
			words = append(words, piece)
		}
	}
	for _, word := range small[language] {
		words = append(words, " "+word+" ")
	}
	return words
}

// said are the texts of a page that are in its language: what has another, names, and what is written as on a document is left out.
func saidOn(t *testing.T, body string) (all []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	collect(root, "", &all)
	return all
}

func collect(n *html.Node, language string, all *[]string) {
	attributes := map[string]string{}
	for _, a := range n.Attr {
		attributes[a.Key] = a.Val
	}
	own := attributes["lang"]
	switch {
	case n.Type == html.TextNode && strings.TrimSpace(n.Data) != "":
		*all = append(*all, n.Data)
	case n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style"):
		return
	case own != "" && language != "" && own != language, attributes["dir"] == "auto", attributes["class"] == "mrz", attributes["class"] == "code",
		attributes["class"] == "office", attributes["class"] == "person":
		return
	}
	for _, name := range []string{"title", "alt", "aria-label", "placeholder"} {
		if attributes[name] != "" && attributes["lang"] == "" {
			*all = append(*all, attributes[name])
		}
	}
	if own == "" {
		own = language
	}
	for child := range n.ChildNodes() {
		collect(child, own, all)
	}
}

// judged is a specimen as a station would send it: its checks are the real ones, as far as they need no picture.
func judged(t *testing.T, store *trust.Store, s *specimen.Specimen) *stationv1.Document {
	t.Helper()
	policy, err := verify.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	ev := verify.Evidence{MRZ: s.MRZ, Chip: s.Chip, Day: crawlDay}
	if s.Chip == verify.ChipRead {
		reading := readChip(t, s)
		ev.Files, ev.Proofs, ev.ChipNotes = reading.Files, reading.Proofs, reading.Notes
	}
	checks, validity := verify.ExamineMRZ(ev)
	report := policy.Judge(append(checks, chip.Examiner{Trust: store}.Examine(t.Context(), ev)...), validity)
	d := &stationv1.Document{DocumentCode: "P", IssuingState: "UTO", Mrz: s.MRZ, Verdict: string(report.Verdict), Validity: string(report.Validity)}
	for _, c := range report.Checks {
		check := &stationv1.Check{Id: c.ID, Category: string(c.Category), Result: string(c.Result), Level: string(c.Level)}
		for _, r := range c.Reasons {
			reason := &stationv1.Reason{Code: string(r.Code)}
			for _, p := range r.Params {
				reason.Params = append(reason.Params, &stationv1.Param{Name: p.Name, Values: p.Values})
			}
			check.Reasons = append(check.Reasons, reason)
		}
		d.Checks = append(d.Checks, check)
	}
	return d
}

// inField is an emulated chip as the reader wants one.
type inField struct{ *emulated.Chip }

func (f inField) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	return f.Chip.Transmit(ctx, command), nil
}

// readChip is what is read of a specimen's chip, by the key that its MRZ gives.
func readChip(t *testing.T, s *specimen.Specimen) *emrtd.Reading {
	t.Helper()
	passport, err := s.NewChip()
	if err != nil {
		t.Fatal(err)
	}
	key := emrtd.Key{DocumentNumber: s.Person.DocumentNumber, BirthDate: strings.ReplaceAll(s.Person.BirthDate[2:], "-", ""),
		ExpiryDate: s.Person.Expiry.Format("060102")}
	reading, err := emrtd.Read(t.Context(), inField{passport}, key, emrtd.Options{})
	if err != nil && s.Variant != specimen.StrippedClone { // which keeps back what EF.SOD lists
		t.Fatal(err)
	}
	return reading
}

var crawlDay = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// withDocument is a visitor with that document; its pictures are those of any.
func withDocument(d *stationv1.Document) *checkintest.CheckIn {
	c := checkintest.Genuine(noon)
	c.Record.Documents[0].Checks = d.Checks
	c.Record.Documents[0].Verdict, c.Record.Documents[0].Validity = d.Verdict, d.Validity
	return c
}

// visitors are of all kinds: each specimen of Utopia, each way in which a chip is not read, who has no document or asked for help, and
// one whose checks have every reason that there is. Of specimens only those that are named are made, or all.
func visitors(t *testing.T, only ...specimen.Variant) map[string]*checkintest.CheckIn {
	t.Helper()
	maker, err := specimen.NewMaker(1, crawlDay)
	if err != nil {
		t.Fatal(err)
	}
	store, err := trust.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files := []trust.ImportFile{{Name: "utopia.der", Data: maker.CSCA()}, {Name: "utopia.crl", Data: maker.CRL()}}
	if _, err := store.ImportFiles(files, trust.Terms{Now: crawlDay}); err != nil {
		t.Fatal(err)
	}
	all := map[string]*checkintest.CheckIn{"asked for help": checkintest.Staff(noon), "an appointment": checkintest.Appointment(noon)}
	for _, variant := range specimen.Variants() {
		if len(only) > 0 && !slices.Contains(only, variant) {
			continue
		}
		s, err := maker.Make(maker.People()[0], variant)
		if err != nil {
			t.Fatal(err)
		}
		all[string(variant)] = withDocument(judged(t, store, s))
		if variant != specimen.Genuine || len(only) > 0 {
			continue
		}
		for _, outcome := range []verify.ChipOutcome{verify.ChipTorn, verify.ChipRefused, verify.ChipAccessDenied, verify.ChipWithoutKey, verify.ChipUnavailable} {
			closed := *s
			closed.Chip = outcome
			all["a chip "+string(outcome)] = withDocument(judged(t, store, &closed))
		}
	}
	nothing := checkintest.Appointment(noon)
	nothing.Service = "residence-permit"
	all["no document"] = nothing
	all["the first contract"] = checkintest.Doubtful(noon)
	all["every reason"] = everyReason(t)
	incomplete["what there was no room for"].change(all["every reason"])
	return all
}

// everyReason is a visitor whose checks have every reason that there are words for, with every word that may stand in it.
func everyReason(t *testing.T) *checkintest.CheckIn {
	t.Helper()
	english := readTexts(t, "en")
	ids := slices.Sorted(maps.Keys(english.pages))
	ids = slices.DeleteFunc(ids, func(key string) bool { return !strings.HasPrefix(key, "check.") })
	results := []string{"failed", "undetermined", "aborted", "not_performed", "not_supported", "passed"}
	d := &stationv1.Document{Verdict: "doubtful", Validity: "not_yet_valid"}
	for n, code := range slices.Sorted(maps.Keys(english.Reasons)) {
		id := strings.TrimPrefix(ids[n%len(ids)], "check.")
		category, _, _ := strings.Cut(id, ".")
		reason := &stationv1.Reason{Code: code, Params: []*stationv1.Param{{Name: verify.Detail, Values: []string{"the technical words"}}}}
		for _, open := range opening.FindAllString(english.Reasons[code], -1) {
			name, as, _ := strings.Cut(strings.Trim(open, "{}"), ":")
			values := []string{"X1"}
			switch as {
			case "date":
				values = []string{"2026-03-01"}
			case "decimal":
				values = []string{"0.50"}
			case "":
			default:
				values = slices.Sorted(maps.Keys(english.Words[as]))
			}
			reason.Params = append(reason.Params, &stationv1.Param{Name: name, Values: values})
		}
		// What another language says besides, as the file where English says the detail.
		for _, name := range []string{"file", "cause", "subject"} {
			if !slices.ContainsFunc(reason.Params, func(p *stationv1.Param) bool { return p.Name == name }) {
				reason.Params = append(reason.Params, &stationv1.Param{Name: name, Values: []string{map[string]string{"cause": "other"}[name]}})
			}
		}
		margin := 0.5
		d.Checks = append(d.Checks, &stationv1.Check{Id: id, Category: category, Result: results[n%len(results)], Level: []string{"mandatory", "optional", "evaluatory"}[n%3],
			Reasons: []*stationv1.Reason{reason}, Margin: &margin, Measure: &stationv1.Measure{Value: 0.5, Threshold: 0.25}, Evidence: []string{"EF.SOD", "page-1-visible"}})
	}
	return withDocument(d)
}

// TestNoPageHasAWordOfAnotherLanguage crawls every page in each language.
func TestNoPageHasAWordOfAnotherLanguage(t *testing.T) {
	t.Parallel()
	s := open(t, atNoon)
	pages := []string{"/", "/visitor/0199b1f0-0000-7000-8000-000000000000"}
	names := map[string]string{}
	for name, visitor := range visitors(t) {
		if name == "genuine" {
			for n := range visitor.Record.Files[:4] {
				pages = append(pages, fmt.Sprintf("/visitor/%s/file/%d/view", visitor.ID, n))
			}
		}
		page := "/visitor/" + s.send(t, visitor)
		pages, names[page] = append(pages, page), name
	}
	lead := s.signedIn(t, "brandt")
	for language, other := range map[string]string{"de": "en", "en": "de"} {
		words, unknown, looked := foreign(t, other, language), readTexts(t, language).Unknown, map[string]bool{}
		visitor := s.browser(t)
		visitor.post("/language", url.Values{"language": {language}, "path": {"/sign-in"}})
		bodies := map[string]string{"the sign-in": visitor.get("/sign-in").body}
		lead.post("/language", url.Values{"language": {language}, "path": {"/"}})
		for _, page := range pages {
			bodies[page+" "+names[page]] = lead.get(page).body
		}
		for page, body := range bodies {
			if !strings.Contains(body, `<html lang="`+language+`">`) {
				t.Errorf("%s is not in %q", page, language)
			}
			if strings.Contains(body, unknown) {
				t.Errorf("%s in %q has a reason without words", page, language)
			}
			for _, text := range saidOn(t, body) {
				if looked[text] { // most pages say the same
					continue
				}
				looked[text] = true
				if code := unworded.FindString(text); code != "" {
					t.Errorf("%s in %q has no words for %q", page, language, code)
				}
				said := spoken(text)
				for _, word := range words {
					if strings.Contains(said, word) {
						t.Errorf("%s in %q says%sin %q", page, language, word, text)
					}
				}
			}
		}
	}
}
