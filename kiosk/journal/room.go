package journal

import (
	"path/filepath"

	"github.com/foyer-station/foyer/disk"
	stationv1 "github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// reserve is how much of the disk check-ins leave free, in bytes, or an eighth of a small disk. Wiping needs room itself:
// what is overwritten stands in the write-ahead log first, as long as it is. Without the reserve a disk that check-ins have
// filled could never be emptied again.
const reserve = 2 * stationv1.MaxCheckIn

// ballast is what is kept of the disk for a start when others have taken the last byte, in bytes, or a 64th of a small disk: twice a
// write-ahead log. It is much less than the reserve, so that nothing is confirmed in it.
const ballast = 8 << 20

func ballastFor(journal string) (disk.Ballast, error) {
	dir := filepath.Dir(journal)
	size, _, err := disk.Room(dir)
	return disk.Ballast{Path: filepath.Join(dir, "ballast"), Size: min(ballast, size/64)}, err
}

// Room is what check-ins may take of the journal's volume, in bytes; none when it is not above 0.
func (j *Journal) Room() (int64, error) {
	size, free, err := disk.Room(filepath.Dir(j.path))
	return free - min(reserve, size/8), err
}

// room is ErrFull when so many bytes, written to the log and from there to the database, would eat into the reserve.
func (j *Journal) room(size int) error {
	left, err := j.Room()
	if err == nil && left < 2*int64(size) {
		err = ErrFull
	}
	return err
}
