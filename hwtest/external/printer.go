package external

import (
	"context"
	"image"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
)

const (
	saysSlowPrinter devices.Key = "printer.slow"       // value, max
	seePrinter      devices.Key = "remedy.see_printer" // cable, jammed paper
)

// Limits of ticket printers.
const (
	mostTicket  = 10 * time.Second // visitors wait for it
	printerTime = time.Minute
)

// TicketPrinter prints the ticket that draw gives for a paper so many dots wide. It says nothing of anybody.
func TicketPrinter(open func(context.Context) (devices.TicketPrinter, error), draw func(width int) (*image.Gray, error)) hwtest.Subject {
	return hwtest.Act[devices.TicketPrinter]{
		Kind: devices.KindTicketPrinter, Open: open, Checks: []string{"test_ticket"}, Limit: printerTime,
		Do: func(ctx context.Context, p devices.TicketPrinter, tell func(hwtest.Check)) {
			ticket, err := draw(p.Width())
			began := time.Now()
			if err == nil {
				err = p.Print(ctx, ticket)
			}
			took := time.Since(began)
			if err != nil {
				tell(unprinted(ctx, p, err).Took(took))
				return
			}
			m := hwtest.AtMost(took.Seconds(), hwtest.Seconds, mostTicket.Seconds())
			tell(hwtest.Judged(devices.KindTicketPrinter, "test_ticket", m, saysSlowPrinter, seePrinter).Took(took))
		},
	}.Subject()
}

// unprinted is the check of a ticket that was not printed. The printer itself knows best what there is to do about it.
func unprinted(ctx context.Context, p devices.TicketPrinter, err error) hwtest.Check {
	c := hwtest.Failing(devices.KindTicketPrinter, "test_ticket", err)
	if h := p.Health(ctx); !h.Remedy.IsZero() {
		c.State, c.Reason, c.Remedy = h.State, h.Reason, h.Remedy
	}
	return c
}
