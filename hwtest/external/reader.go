package external

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/bits"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/hwtest"
)

const (
	saysNoCard   devices.Key = "antenna.no_card"    // nothing contactless lies there
	saysSlowCard devices.Key = "antenna.slow"       // value, max
	saysOddCard  devices.Key = "antenna.garbled"    // an answer has no status word
	layCard      devices.Key = "remedy.lay_card"    // any contactless one
	nearerCard   devices.Key = "remedy.nearer_card" // or another card, or metal is near
)

// Limits of chip readers.
const (
	cardTime = 5 * time.Second // to wait for a card
	// mostAnswer is how long a card may take to answer a SELECT. Cards may ask for more time (ISO/IEC 14443-4, 7.3), and need a
	// tenth of this.
	mostAnswer = 500 * time.Millisecond
	readerTime = 30 * time.Second
)

// resetAnswerer is a chip of which the reader tells its answer to reset.
type resetAnswerer interface {
	ATR(ctx context.Context) ([]byte, error)
}

// ChipReader uses the antenna: it waits for any contactless card, and asks it for the application of a passport (ICAO Doc 9303 part 10,
// 3.6.1). Whether the card has one does not matter.
func ChipReader(open func(context.Context) (devices.ChipReader, error)) hwtest.Subject {
	return hwtest.Act[devices.ChipReader]{
		Kind: devices.KindChipReader, Open: open, Checks: []string{"antenna"}, Limit: readerTime, Do: askCard,
	}.Subject()
}

func askCard(ctx context.Context, r devices.ChipReader, tell func(hwtest.Check)) {
	kind := devices.KindChipReader
	waiting, cancel := context.WithTimeout(ctx, cardTime)
	defer cancel()
	began := time.Now()
	chip, err := r.Connect(waiting)
	switch {
	case ctx.Err() != nil:
		return
	case errors.Is(err, devices.ErrNoChip):
		tell(hwtest.Wanting(kind, "antenna", devices.Say(saysNoCard), devices.Say(layCard)).Took(time.Since(began)))
		return
	case err != nil:
		tell(hwtest.Failing(kind, "antenna", err).Took(time.Since(began)))
		return
	}
	defer chip.Close()
	tell(selectApplication(ctx, chip))
}

func selectApplication(ctx context.Context, chip devices.Chip) hwtest.Check {
	kind := devices.KindChipReader
	command := []byte{0x00, 0xA4, 0x04, 0x0C, 0x07, 0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01}
	began := time.Now()
	answer, err := chip.Transmit(ctx, command)
	took := time.Since(began)
	switch {
	case err != nil:
		return hwtest.Failing(kind, "antenna", err).Took(took)
	case len(answer) < 2:
		return hwtest.Faulty(kind, "antenna", devices.Say(saysOddCard), devices.Say(nearerCard)).Took(took)
	}
	m := hwtest.AtMost(float64(took.Microseconds())/1000, hwtest.Milliseconds, float64(mostAnswer.Milliseconds()))
	c := hwtest.Judged(kind, "antenna", m, saysSlowCard, nearerCard).Took(took)
	c.Facts = []hwtest.Fact{{Name: "status_word", Value: fmt.Sprintf("%X", answer[len(answer)-2:])}}
	if tells, can := chip.(resetAnswerer); can {
		if atr, err := tells.ATR(ctx); err == nil {
			c.Facts = append(c.Facts, hwtest.Fact{Name: "atr", Value: fmt.Sprintf("%X", kindOf(atr))})
		}
	}
	return c
}

// kindOf is what an answer to reset says of the kind of a card: all of it where its historical bytes are those of PC/SC for memory cards
// (part 3, 3.1.3.2.3.2), else what is before them: a travel card has its own number there (ISO/IEC 7816-3, 8.2).
func kindOf(atr []byte) []byte {
	const present = 0xf0 // that TA, TB, TC and TD follow, from the lowest of these bits on
	at := 1
	if len(atr) <= at {
		return nil
	}
	count := int(atr[at] & 0x0f)
	for said := atr[at]; at < len(atr) && said&present != 0; {
		at += bits.OnesCount8(said & present)
		if said&0x80 == 0 || at >= len(atr) {
			break
		}
		said = atr[at]
	}
	at = min(at+1, len(atr))
	if historical := atr[at:min(at+count, len(atr))]; bytes.HasPrefix(historical, []byte{0x80, 0x4f}) {
		return atr
	}
	return atr[:at]
}
