package routing

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// letters is a set of the letters A to Z.
type letters uint32

func parseLetters(ranges []string) (set letters, err error) {
	for _, text := range ranges {
		from, to, isRange := strings.Cut(text, "-")
		if !isRange {
			to = from
		}
		if !isLetter(from) || !isLetter(to) || from > to {
			return 0, fmt.Errorf("%q is neither a letter from A to Z nor a range of them, as \"A-K\"", text)
		}
		for l := from[0]; l <= to[0]; l++ {
			set |= 1 << (l - 'A')
		}
	}
	return set, nil
}

func isLetter(s string) bool { return len(s) == 1 && 'A' <= s[0] && s[0] <= 'Z' }

// has says whether a letter is in the set; what is no letter is in none.
func (s letters) has(letter string) bool { return isLetter(letter) && s&(1<<(letter[0]-'A')) != 0 }

// span is a part of a week: minutes after midnight, the last one not included.
type span struct {
	day         time.Weekday
	from, until int
}

var (
	hoursForm = regexp.MustCompile(`^([A-Z][a-z]{2})(?:-([A-Z][a-z]{2}))? (\d\d:\d\d)-(\d\d:\d\d)$`)
	weekdays  = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
)

func parseHours(texts []string) (all []span, err error) {
	for _, text := range texts {
		spans, ok := parseSpans(text)
		if !ok {
			return nil, fmt.Errorf("%q is no time of the week, as \"Mon-Fri 08:00-12:00\"", text)
		}
		all = append(all, spans...)
	}
	return all, nil
}

func parseSpans(text string) (all []span, ok bool) {
	m := hoursForm.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	first, last := slices.Index(weekdays, m[1]), slices.Index(weekdays, m[2])
	if m[2] == "" {
		last = first
	}
	from, until := minuteOf(m[3]), minuteOf(m[4])
	if first < 0 || last < first || from < 0 || until <= from {
		return nil, false
	}
	for day := first; day <= last; day++ {
		all = append(all, span{time.Weekday((day + 1) % 7), from, until})
	}
	return all, true
}

// minuteOf is a time of day in minutes after midnight, with 24:00 for the end of the day; -1 for what is none.
func minuteOf(text string) int {
	if text == "24:00" {
		return 24 * 60
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return -1
	}
	return minute(t)
}

func minute(t time.Time) int { return 60*t.Hour() + t.Minute() }

// within says whether a moment, as the office's clocks show it, is in one of the spans.
func within(spans []span, local time.Time) bool {
	return slices.ContainsFunc(spans, func(s span) bool {
		return s.day == local.Weekday() && s.from <= minute(local) && minute(local) < s.until
	})
}

// days is a range of days, YYYY-MM-DD, both ends included.
type days struct{ from, until string }

func parseDays(texts []string) (all []days, err error) {
	for _, text := range texts {
		d := days{text, text}
		if from, until, isRange := strings.Cut(text, "/"); isRange {
			d = days{from, until}
		}
		if !isDay(d.from) || !isDay(d.until) || d.from > d.until {
			return nil, fmt.Errorf("%q is neither a day nor a range of days, as \"2026-12-28/2027-01-02\"", text)
		}
		all = append(all, d)
	}
	return all, nil
}

func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

func checkLanguages(tags []string) error {
	for _, tag := range tags {
		if _, err := language.Parse(tag); err != nil || len(tag) > 35 {
			return fmt.Errorf("%q is no language tag, as \"uk\" or \"pt-BR\"", tag)
		}
	}
	return nil
}

// speaks says whether one of some languages is a visitor's, or what it is a variety of.
func speaks(languages []string, visitors string) bool {
	return visitors != "" && slices.ContainsFunc(languages, func(tag string) bool {
		rest, ok := cutPrefixFold(visitors, tag)
		return ok && (rest == "" || rest[0] == '-')
	})
}

func cutPrefixFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}
