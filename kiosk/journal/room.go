package journal

import (
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// reserve is how much of the disk check-ins leave free, in bytes, or an eighth of a small disk. Wiping needs room itself:
// what is overwritten stands in the write-ahead log first, as long as it is. Without the reserve a disk that check-ins have
// filled could never be emptied again.
const reserve = 2 * stationv1.MaxCheckIn

// Room is what check-ins may take of the journal's volume, in bytes; none when it is not above 0.
func (j *Journal) Room() (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(j.path), &s); err != nil {
		return 0, fmt.Errorf("look for room on the disk: %w", err)
	}
	disk, free := int64(s.Blocks)*s.Bsize, int64(s.Bavail)*s.Bsize
	return free - min(reserve, disk/8), nil
}

// room is ErrFull when so many bytes, written to the log and from there to the database, would eat into the reserve.
func (j *Journal) room(size int) error {
	left, err := j.Room()
	if err == nil && left < 2*int64(size) {
		err = ErrFull
	}
	return err
}
