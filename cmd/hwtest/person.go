package main

import (
	"context"

	"github.com/foyer-station/foyer/cmd/internal/command"
	"github.com/foyer-station/foyer/hwtest"
	"github.com/foyer-station/foyer/hwtest/wording"
	"github.com/foyer-station/foyer/kiosk/config"
)

func (c *cli) interactive(context.Context, config.Config, *wording.Catalogue) ([]hwtest.Check, error) {
	return nil, command.ErrNotYet(program)
}
