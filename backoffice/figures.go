package backoffice

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/foyer-station/foyer/backoffice/metrics"
)

// figuresTime bounds the look at the database: it waits for whoever writes.
const figuresTime = 10 * time.Second

// figures are how the office is. With an error they lack what could not be found out.
func (s *Server) figures(ctx context.Context) (metrics.Figures, error) {
	ctx, cancel := context.WithTimeout(ctx, figuresTime)
	defer cancel()
	f := metrics.Figures{
		At: time.Now(), Certificates: s.Certificates(), Stations: s.intake.Stations(),
		RefusedSubmissions: s.intake.RefusedSubmissions(), RefusedConnections: s.intake.RefusedConnections(),
	}
	var disk, uploads, visitors, erasing error
	f.Disk, disk = s.room()
	f.Uploads, uploads = s.uploads()
	f.Visitors, visitors = found(s.store.CountVisitors(ctx))
	f.Erasing, erasing = found(s.store.Erasing(ctx))
	return f, errors.Join(disk, uploads, visitors, erasing)
}

// ready returns nil while check-ins can be taken.
func (s *Server) ready(ctx context.Context) error {
	if err := s.store.Answers(ctx); err != nil {
		return errors.New("the store does not answer")
	}
	disk, err := s.room()
	switch {
	case err != nil:
		return errors.New("the disk does not answer")
	case disk.Free <= disk.Reserve:
		return errors.New("the disk is full")
	}
	return nil
}

// found is nil with an error.
func found[T any](value T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return &value, nil
}

func (s *Server) uploads() (*metrics.Uploads, error) {
	n, bytes, err := s.intake.Spooled()
	return found(metrics.Uploads{CheckIns: n, Bytes: bytes}, err)
}

func (s *Server) room() (*metrics.Disk, error) {
	free, reserve, err := s.intake.Room()
	if err != nil {
		return nil, err
	}
	_, err = os.Stat(s.ballast().Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return &metrics.Disk{Free: free, Reserve: reserve, Ballast: err == nil}, nil
}
