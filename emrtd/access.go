package emrtd

import (
	"context"
	"errors"
	"fmt"
)

// offersPACE reads EF.CardAccess, in clear, and gives the variant of PACE to open the chip by, if there is one. A chip
// without PACE refuses the file in many ways, or has nonsense in it; only a link that breaks is an error.
func (c *channel) offersPACE(ctx context.Context, o Options) (v paceVariant, offered bool, err error) {
	err = c.fetch(ctx, cardAccess(), o)
	var refusal *StatusError
	if errors.As(err, &refusal) || errors.Is(err, errFile) {
		return v, false, nil
	}
	if err != nil {
		return v, false, err
	}
	if infos, malformed := ParseSecurityInfos(c.reading.Files[FileCardAccess]); malformed == nil {
		v, offered = infos.bestPACE()
	}
	return v, offered, nil
}

// readAfterPACE opens the chip by PACE and reads the files. EF.CardSecurity, due after chip authentication mapping, lies
// in the master file, which is left when the application is selected.
func (c *channel) readAfterPACE(ctx context.Context, s paceSession, o Options) error {
	if err := c.reading.timed(o.Now, "access", func() error { return s.open(ctx) }); err != nil {
		return err
	}
	c.reading.Access = s.String()
	var refusals error
	if c.reading.Mapping != nil {
		var err error
		if refusals, err = c.readFiles(ctx, o, cardSecurity()); err != nil {
			return err
		}
	}
	if err := c.timedSelect(ctx, o); err != nil {
		return errors.Join(refusals, err)
	}
	more, err := c.readFiles(ctx, o, wanted()...)
	return errors.Join(refusals, more, err)
}

// readAfterBAC opens the chip by Basic Access Control and reads the files.
func (c *channel) readAfterBAC(ctx context.Context, p password, o Options) error {
	if p.reference != referenceMRZ {
		return fmt.Errorf("%w: a card access number, and the chip offers no PACE that is known here", ErrKey)
	}
	if err := c.timedSelect(ctx, o); err != nil {
		return err
	}
	err := c.reading.timed(o.Now, "access", func() error { return c.basicAccess(ctx, p.seed(), o.random()) })
	if err != nil {
		return err
	}
	c.reading.Access = "BAC"
	refusals, err := c.readFiles(ctx, o, wanted()...)
	return errors.Join(refusals, err)
}

func (c *channel) timedSelect(ctx context.Context, o Options) error {
	return c.reading.timed(o.Now, "select", func() error { return c.selectApplication(ctx) })
}

// readFiles reads files into the reading. What the chip refuses under secure messaging it goes past, and gives the
// refusals.
func (c *channel) readFiles(ctx context.Context, o Options, files ...file) (refusals, err error) {
	for _, f := range files {
		err := c.fetch(ctx, f, o)
		var refusal *StatusError
		if errors.As(err, &refusal) && refusal.Err == nil {
			refusals = errors.Join(refusals, err)
		} else if err != nil {
			return nil, errors.Join(refusals, err)
		}
	}
	return refusals, nil
}

// fetch reads one file into the reading.
func (c *channel) fetch(ctx context.Context, f file, o Options) error {
	progress := func(read, total int) {
		if o.Progress != nil {
			o.Progress(f.name, read, total)
		}
	}
	return c.reading.timed(o.Now, f.name, func() error {
		data, err := c.readFile(ctx, f, progress)
		if err == nil {
			c.reading.Files[f.name] = data
		}
		return err
	})
}
