package appointments

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

// Of events that repeat only so many are followed, and each for so many times.
const (
	maxRepeating = 200
	maxTimes     = 1000
)

func isCalendar(text string) bool {
	return strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), "BEGIN:VCALENDAR")
}

// readCalendar reads the events of a calendar. The number of an appointment is the event's UID, its name that of the only person
// invited, else the event's summary; its service is the first category.
func readCalendar(text string, o Options) ([]Appointment, []Fault, error) {
	calendar, err := ical.NewDecoder(strings.NewReader(strings.TrimSpace(text) + "\r\n")).Decode()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	events := calendar.Events()
	if len(events) > MaxRows {
		return nil, nil, ErrTooLarge
	}
	var f found
	repeating := 0
	for i, e := range events {
		if status, _ := e.Status(); status == ical.EventCancelled {
			continue
		}
		if e.Props.Get(ical.PropRecurrenceRule) != nil {
			repeating++
		}
		starts, code := startsOf(e, o)
		if repeating > maxRepeating {
			code = OddRepeats
		}
		if code != "" {
			f.fault(i+1, code)
			continue
		}
		for _, start := range starts {
			f.add(i+1, Appointment{Number: value(e, ical.PropUID), Start: start, Service: category(e), Name: person(e)})
		}
		if len(f.all) > MaxRows {
			return nil, nil, ErrTooLarge
		}
	}
	inOrder(f.all)
	return f.all, f.faults, nil
}

// startsOf are the times at which an event begins, within a year of the day, or the code of a fault.
func startsOf(e ical.Event, o Options) (starts []time.Time, code string) {
	for _, name := range []string{ical.PropDateTimeStart, ical.PropExceptionDates, ical.PropRecurrenceDates} {
		for i := range e.Props[name] {
			if !knownZone(&e.Props[name][i]) {
				return nil, OddZone
			}
		}
	}
	first, err := e.DateTimeStart(o.Day.Location())
	if err != nil || first.IsZero() {
		return nil, NoTime
	}
	from, until := o.Day.AddDate(-1, 0, 0), o.Day.AddDate(1, 0, 0)
	rule, err := e.Props.RecurrenceRule()
	switch {
	case err != nil || rule != nil && !simple(rule):
		return nil, OddRepeats
	case rule == nil:
		starts = []time.Time{first}
	default:
		set, err := e.RecurrenceSet(o.Day.Location())
		if err != nil {
			return nil, OddRepeats
		}
		next := set.Iterator()
		for range maxTimes {
			start, more := next()
			if !more || start.After(until) {
				break
			}
			starts = append(starts, start)
		}
	}
	return slices.DeleteFunc(starts, func(t time.Time) bool { return t.Before(from) || t.After(until) }), ""
}

// simple says whether a rule comes true soon, again and again: others can be searched for years in vain.
func simple(r *rrule.ROption) bool {
	often := r.Freq == rrule.DAILY || r.Freq == rrule.WEEKLY || r.Freq == rrule.MONTHLY || r.Freq == rrule.YEARLY
	return often && len(r.Bysetpos)+len(r.Bymonth)+len(r.Bymonthday)+len(r.Byyearday)+len(r.Byweekno)+len(r.Byhour)+len(r.Byminute)+
		len(r.Bysecond)+len(r.Byeaster) == 0
}

// windowsZones are names of time zones as Outlook writes them, with what IANA calls them (Unicode CLDR, windowsZones.xml, territory
// 001): those of Europe and UTC.
var windowsZones = map[string]string{
	"W. Europe Standard Time": "Europe/Berlin", "Central Europe Standard Time": "Europe/Budapest", "Central European Standard Time": "Europe/Warsaw",
	"Romance Standard Time": "Europe/Paris", "GMT Standard Time": "Europe/London", "Greenwich Standard Time": "Atlantic/Reykjavik",
	"E. Europe Standard Time": "Europe/Chisinau", "FLE Standard Time": "Europe/Kiev", "GTB Standard Time": "Europe/Bucharest",
	"Turkey Standard Time": "Europe/Istanbul", "Russian Standard Time": "Europe/Moscow", "UTC": "Etc/UTC",
}

// knownZone makes the zone of a time one that can be loaded, and says whether there is such.
func knownZone(p *ical.Prop) bool {
	zone := strings.Trim(p.Params.Get(ical.PropTimezoneID), `"`)
	if zone == "" {
		return true
	}
	if iana, ok := windowsZones[zone]; ok {
		zone = iana
	}
	p.Params.Set(ical.PropTimezoneID, zone)
	_, err := time.LoadLocation(zone)
	return err == nil
}

func value(e ical.Event, name string) string {
	p := e.Props.Get(name)
	if p == nil {
		return ""
	}
	text, err := p.Text()
	if err != nil {
		text = p.Value
	}
	return strings.TrimSpace(text)
}

func category(e ical.Event) string {
	if p := e.Props.Get(ical.PropCategories); p != nil {
		if all, err := p.TextList(); err == nil && len(all) > 0 {
			return strings.TrimSpace(all[0])
		}
	}
	return ""
}

func person(e ical.Event) string {
	if invited := e.Props[ical.PropAttendee]; len(invited) == 1 {
		if name := strings.Trim(invited[0].Params.Get(ical.ParamCommonName), `" `); name != "" {
			return name
		}
	}
	return value(e, ical.PropSummary)
}
