package backoffice

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/foyer-station/foyer/backoffice/display"
	"github.com/foyer-station/foyer/backoffice/ticketview"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// DisplayConfig is where the lobby's displays connect.
type DisplayConfig struct {
	Listen string `toml:"listen"` // empty for none
	// Certificate and Key may be empty where it listens on loopback only, behind a proxy.
	Certificate string `toml:"certificate"`
	Key         string `toml:"key"`
}

func (c DisplayConfig) check() error {
	return checkListener("display", c.Listen, c.Certificate, c.Key)
}

// TicketViewConfig is where visitors follow their place.
type TicketViewConfig struct {
	Listen      string `toml:"listen"` // empty for none
	Certificate string `toml:"certificate"`
	Key         string `toml:"key"`
	// URL is under which address visitors reach it, from outside: it stands on their tickets.
	URL string `toml:"url"`
	// TrustedProxies are as for the console.
	TrustedProxies []netip.Prefix `toml:"trusted_proxies"`
}

func (c TicketViewConfig) check() error {
	if err := checkListener("ticket_view", c.Listen, c.Certificate, c.Key); err != nil {
		return err
	}
	if (c.Listen == "") != (c.URL == "") {
		return errors.New("ticket_view needs both listen and url")
	}
	if c.URL != "" {
		at, err := url.Parse(c.URL)
		switch {
		case err != nil, at.Host == "", at.User != nil, at.RawQuery != "", at.Fragment != "", strings.ContainsAny(c.URL, "?# "):
			return fmt.Errorf("ticket_view.url must be an address like https://wait.example.org, and nothing behind its path")
		case at.Scheme != "https" && !(at.Scheme == "http" && isLoopback(at.Hostname())):
			return fmt.Errorf("ticket_view.url must be https: it is read in a public network")
		case stationv1.TicketURL(c.URL, "") == "":
			return fmt.Errorf("ticket_view.url is too long for a ticket: at most %d bytes with the ticket's token", stationv1.MaxTicketURL)
		}
	}
	return checkProxies("ticket_view", c.TrustedProxies)
}

// isLoopback says whether a host is this machine whatever the network says.
func isLoopback(host string) bool {
	at, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && at.IsLoopback()
}

func checkListener(section, listen, certificate, key string) error {
	switch {
	case (certificate == "") != (key == ""):
		return fmt.Errorf("%s needs both certificate and key, or neither", section)
	case listen == "" && certificate != "":
		return fmt.Errorf("%s.listen is missing", section)
	}
	return nil
}

// door is a listener of the lobby's, and what it serves there.
type door struct {
	listener net.Listener
	tls      *tls.Config // nil for plain HTTP on loopback
}

// open listens. Without a certificate that is on loopback only.
func openDoor(section, listen, certificate, key string) (d *door, err error) {
	d = &door{}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return nil, fmt.Errorf("%s certificate: %w", section, err)
		}
		d.tls = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: renewing(certificate, key, pair)}
	}
	if d.listener, err = net.Listen("tcp", listen); err != nil {
		return nil, fmt.Errorf("listen for %s: %w", section, err)
	}
	if at, ok := d.listener.Addr().(*net.TCPAddr); d.tls == nil && (!ok || !at.IP.IsLoopback()) {
		return nil, errors.Join(fmt.Errorf("%s: without a certificate it may listen on loopback only, not on %s", section, listen), d.listener.Close())
	}
	return d, nil
}

// url is where the door is on this machine; empty where there is none.
func (d *door) url() string {
	switch {
	case d == nil:
		return ""
	case d.tls != nil:
		return "https://" + d.listener.Addr().String()
	}
	return "http://" + d.listener.Addr().String()
}

func (d *door) close() error {
	if d == nil {
		return nil
	}
	if err := d.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// lobby is what visitors see of the queue, as far as the office has it.
type lobby struct {
	displays  *display.Displays
	view      *ticketview.View
	displayAt *door // nil where there is none
	viewAt    *door // nil where there is none
}

// listenLobby opens what the configuration names.
func (s *Server) listenLobby() (err error) {
	if c := s.config.Display; c.Listen != "" {
		var speaker display.Speaker
		voice, err := display.NewVoice()
		if speaker = voice; err != nil {
			s.log.Warn("displays ring and do not speak", "error", err, "try", "apt-get install espeak-ng")
			speaker = display.Mute{}
		}
		if s.lobby.displays, err = display.New(s.office, s.store, speaker, display.Settings{}, s.clock.Now, s.log); err != nil {
			return err
		}
		if s.lobby.displayAt, err = openDoor("display", c.Listen, c.Certificate, c.Key); err != nil {
			return err
		}
	}
	c := s.config.TicketView
	if c.Listen == "" {
		return nil
	}
	settings := ticketview.Settings{TrustedProxies: trusted(c.TrustedProxies, c.Certificate), Expected: s.intake.Expected}
	if s.lobby.view, err = ticketview.New(s.office, s.store, settings, s.clock.Now, s.log); err != nil {
		return err
	}
	s.lobby.viewAt, err = openDoor("ticket_view", c.Listen, c.Certificate, c.Key)
	return err
}

// serve serves what there is, as part of a group, until ctx ends.
func (l *lobby) serve(ctx context.Context, group *errgroup.Group) {
	if l.displayAt != nil {
		group.Go(func() error { return l.displays.Serve(ctx, l.displayAt.listener, l.displayAt.tls, grace) })
	}
	if l.viewAt != nil {
		group.Go(func() error { return l.view.Serve(ctx, l.viewAt.listener, l.viewAt.tls, grace) })
	}
}

func (l *lobby) close() error { return errors.Join(l.displayAt.close(), l.viewAt.close()) }

// DisplayURL is where displays connect on this machine; empty where there are none.
func (s *Server) DisplayURL() string { return s.lobby.displayAt.url() }

// TicketViewURL is where visitors' views are on this machine; empty where there are none.
func (s *Server) TicketViewURL() string { return s.lobby.viewAt.url() }
