package kiosk

import (
	"slices"
	"strings"
	"unicode"

	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/emrtd"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// Bounds of what a record repeats of a chip's details: characters of a text, and entries of what there may be several of.
const (
	maxDetail  = stationv1.MaxText - len("...")
	maxEntries = 10
)

// cutOff stands in the place of entries that are too many, as it does at the end of a text that is too long.
const cutOff = "..."

// personalDetails are those in DG11 and DG16 among a chip's signed data groups ([chip.SignedDataGroups]); nil where there are none.
// What cannot be taken apart tells nothing, and stays in its file.
func personalDetails(signed map[string][]byte) *stationv1.PersonalDetails {
	d := &stationv1.PersonalDetails{}
	if p, err := emrtd.ParseDG11(signed[emrtd.FileDG11]); err == nil {
		d = &stationv1.PersonalDetails{
			FullName: inWords(p.FullName), OtherNames: entries(p.OtherNames), PersonalNumber: inWords(p.PersonalNumber),
			BirthDate: fullDate(p.BirthDate), PlaceOfBirth: inWords(p.PlaceOfBirth), Address: inWords(p.Address),
			Telephone: inWords(p.Telephone), Profession: inWords(p.Profession), Title: inWords(p.Title),
			Summary: inWords(p.Summary), OtherDocuments: inWords(p.OtherDocuments), Custody: inWords(p.Custody),
		}
	}
	if persons, err := emrtd.ParseDG16(signed[emrtd.FileDG16]); err == nil {
		d.PersonsToNotify = personsToNotify(persons)
	}
	return unlessEmpty(d)
}

// documentDetails are those in DG12, as personalDetails are.
func documentDetails(signed map[string][]byte) *stationv1.DocumentDetails {
	d, err := emrtd.ParseDG12(signed[emrtd.FileDG12])
	if err != nil {
		return nil
	}
	return unlessEmpty(&stationv1.DocumentDetails{
		Authority: inWords(d.Authority), IssueDate: fullDate(d.Date), OtherPersons: entries(d.OtherPersons),
		Endorsements: inWords(d.Endorsements), TaxOrExit: inWords(d.TaxOrExit), Personalized: moment(d.Personalized),
		PersonalizedBy: inWords(d.PersonalizedBy),
	})
}

func personsToNotify(persons []emrtd.PersonToNotify) (all []*stationv1.PersonToNotify) {
	for _, p := range persons[:min(len(persons), maxEntries)] {
		one := unlessEmpty(&stationv1.PersonToNotify{
			Name: inWords(p.Name), Telephone: inWords(p.Telephone), Address: inWords(p.Address), Recorded: fullDate(p.Recorded),
		})
		if one != nil {
			all = append(all, one)
		}
	}
	if len(persons) > maxEntries {
		all = append(all, &stationv1.PersonToNotify{Name: cutOff})
	}
	return all
}

// unlessEmpty gives a message that says anything.
func unlessEmpty[M proto.Message](m M) (none M) {
	if proto.Size(m) == 0 {
		return none
	}
	return m
}

// withoutUnsigned leaves out the pictures from data groups that nobody signed.
func withoutUnsigned(files []*stationv1.File, signed map[string][]byte) []*stationv1.File {
	return slices.DeleteFunc(slices.Clone(files), func(f *stationv1.File) bool {
		return f.GetKind() == stationv1.KindChipSignature && signed[emrtd.FileDG7] == nil
	})
}

// dropDetails leaves the details out of a record that is too long: of all that it holds they are the least, and the files that they
// are taken from are kept.
func dropDetails(r *stationv1.CheckInRecord) {
	if proto.Size(r) <= stationv1.MaxRecord-maxName { // with room to say so
		return
	}
	dropped := false
	for _, p := range r.GetPersons() {
		dropped = dropped || p.GetDetails() != nil
		p.Details = nil
	}
	for _, d := range r.GetDocuments() {
		dropped = dropped || d.GetDetails() != nil
		d.Details = nil
	}
	if dropped {
		r.Dropped = append(r.Dropped, &stationv1.Dropped{Name: "details", How: stationv1.DroppedLeftOut})
	}
}

// inWords writes a text of a data group for people to read: "<<" parts its components there, '<' its words (ICAO Doc 9303-10, 4.7.11).
func inWords(text string) string {
	var components []string
	for component := range strings.SplitSeq(text, "<<") {
		words := strings.FieldsFunc(component, func(r rune) bool { return r == '<' || unicode.IsSpace(r) })
		if len(words) > 0 {
			components = append(components, strings.Join(words, " "))
		}
	}
	return verify.Quote(strings.Join(components, ", "), maxDetail)
}

// entries are texts that say anything, the first of them where there are too many.
func entries(texts []string) (all []string) {
	for _, text := range texts {
		if len(all) == maxEntries {
			return append(all, cutOff)
		}
		if text = inWords(text); text != "" {
			all = append(all, text)
		}
	}
	return all
}

// fullDate writes YYYYMMDD as YYYY-MM-DD with unknown parts, which are zeros or no digits, as ??; empty where it is no date.
func fullDate(text string) string {
	if len(text) != len("YYYYMMDD") {
		return ""
	}
	year, month, day := text[:4], text[4:6], text[6:]
	if !allDigits(year) {
		return ""
	}
	return year + "-" + partOfDate(month, 12) + "-" + partOfDate(day, 31)
}

// partOfDate is a month or a day from 1 to most, or ??.
func partOfDate(text string, most int) string {
	if !allDigits(text) {
		return "??"
	}
	if n := int(text[0]-'0')*10 + int(text[1]-'0'); n < 1 || n > most {
		return "??"
	}
	return text
}

// moment writes YYYYMMDDhhmmss as YYYY-MM-DD hh:mm:ss, and a date alone as one; empty where it is neither.
func moment(text string) string {
	if len(text) != len("YYYYMMDDhhmmss") {
		return fullDate(text)
	}
	day, clock := fullDate(text[:8]), text[8:]
	if day == "" || !allDigits(clock) {
		return day
	}
	return day + " " + clock[:2] + ":" + clock[2:4] + ":" + clock[4:]
}

func allDigits(text string) bool {
	return strings.Trim(text, "0123456789") == ""
}
