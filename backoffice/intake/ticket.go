package intake

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/verify"
)

// maxTicket is how many characters of a ticket are looked at, and shown where it is none.
const maxTicket = 20

var ticketForm = regexp.MustCompile(`^([A-Z]{1,3})-?0*([0-9]{1,7})$`)

// ticket is a visitor's number as it is leased and called, with what is odd about it. Its visitor holds it and is not
// refused: the office may have been restored since it leased the number, or a station may lie or be broken, and then a person
// looks.
type ticket struct {
	text, day   string
	discrepancy store.Discrepancy
}

// ticket reads the number of a request. Written otherwise than it was leased it is the same number all the same, and would
// else be called beside its twin unnoticed.
func (s *Service) ticket(ctx context.Context, r *stationv1.SubmitRequest) (ticket, error) {
	t := ticket{text: verify.Quote(strings.TrimSpace(r.Ticket), maxTicket), day: r.Day}
	if !isDay(t.day) {
		t.day, t.discrepancy = s.office.Day(s.now()), store.Respelt
	}
	parts := ticketForm.FindStringSubmatch(plainTicket(r.Ticket))
	if parts == nil {
		s.log.Warn("a ticket does not have a valid number; its visitor is admitted", "station", stationOf(ctx), "check_in", r.CheckInId)
		t.text, t.discrepancy = cmp.Or(t.text, "?"), store.NoNumber
		return t, nil
	}
	number, err := strconv.Atoi(parts[2])
	if err != nil {
		return t, fmt.Errorf("number of a ticket: %w", err)
	}
	if t.text = fmt.Sprintf("%s-%d", parts[1], number); t.text != r.Ticket {
		t.discrepancy = store.Respelt
	}
	holder, err := s.store.Holder(ctx, t.day, parts[1], number)
	switch {
	case err != nil || holder == stationOf(ctx):
		return t, err
	case holder == "":
		t.discrepancy = store.LeasedToNobody
	default:
		t.discrepancy = store.LeasedElsewhere
	}
	s.log.Warn("a ticket was leased to another station, or to nobody that this office knows of; its visitor is admitted",
		"station", stationOf(ctx), "holder", holder, "ticket", t.text, "day", t.day)
	return t, nil
}

// plainTicket writes letters, digits and dashes of any kind as leases do, and leaves out what takes no room on paper.
func plainTicket(text string) string {
	if cut := []rune(text); len(cut) > maxTicket {
		return ""
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
			return -1
		case unicode.Is(unicode.Pd, r), r == '\u2212': // MINUS SIGN
			return '-'
		case unicode.IsDigit(r):
			return digit(r)
		}
		return unicode.ToUpper(r)
	}, norm.NFKC.String(text))
}

// digit is the ASCII digit of a decimal digit of any script: Unicode has each script's in a row, from zero on.
func digit(r rune) rune {
	for _, in := range unicode.Nd.R16 {
		if rune(in.Lo) <= r && r <= rune(in.Hi) {
			return '0' + (r-rune(in.Lo))%10
		}
	}
	for _, in := range unicode.Nd.R32 {
		if rune(in.Lo) <= r && r <= rune(in.Hi) {
			return '0' + (r-rune(in.Lo))%10
		}
	}
	return r
}
