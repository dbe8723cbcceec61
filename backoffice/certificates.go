package backoffice

import (
	"context"
	"crypto/tls"
	"time"

	"github.com/foyer-station/foyer/proto/mutual"
)

// certificatesEvery is how often the log is told of certificates that run out.
const certificatesEvery = 24 * time.Hour

// Certificates are those that the office lives by: its own for stations and staff, the authorities of its stations, and what
// each station showed last since the start ("station NAME").
func (s *Server) Certificates() []mutual.Certificate {
	c := s.config
	files := []mutual.File{{Name: "back_office", Path: c.Stations.Certificate, Key: c.Stations.Key}, {Name: "client_ca", Path: c.Stations.ClientCA}}
	if c.Console.Certificate != "" {
		files = append(files, mutual.File{Name: "console", Path: c.Console.Certificate, Key: c.Console.Key})
	}
	all := mutual.Read(files...)
	for _, shown := range s.intake.StationCertificates() {
		shown.Name = "station " + shown.Name
		all = append(all, shown)
	}
	return all
}

// watchCertificates logs what runs out, at the start and every day, until ctx ends. TLS goes by the machine's clock, and so
// does this.
func (s *Server) watchCertificates(ctx context.Context) error {
	tick := time.NewTicker(certificatesEvery)
	defer tick.Stop()
	for {
		now := time.Now()
		for _, c := range s.Certificates() {
			level, reason, remedy := c.Judge(now)
			switch level {
			case mutual.Ill:
				s.log.Error("a certificate cannot be used, or not for much longer", "certificate", c.Name, "reason", reason.String(), "try", remedy.String())
			case mutual.Soon:
				s.log.Warn("a certificate needs attention", "certificate", c.Name, "reason", reason.String(), "try", remedy.String())
			case mutual.Well:
				s.log.Info("a certificate is well", "certificate", c.Name, "days_left", c.DaysLeft(now))
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// renewing gives a certificate that is read again for each connection, so that one that was renewed counts without a restart.
// While its files are not whole, the one of the start serves.
func renewing(certificate, key string, pair tls.Certificate) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		if renewed, err := tls.LoadX509KeyPair(certificate, key); err == nil {
			return &renewed, nil
		}
		return &pair, nil
	}
}
