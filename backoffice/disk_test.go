package backoffice_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
	"github.com/foyer-station/foyer/scrub/scrubtest"
)

func TestNothingOfAnErasedVisitorIsFoundOnTheDiskItself(t *testing.T) {
	disk := scrubtest.Mount(t, 400)
	w := build(t, filepath.Join(disk.Dir, "office"), morning)
	w.serve(t)
	station := w.station(t)
	var needles [][]byte
	pieces := func(b []byte) {
		for at := 100; at+24 < len(b); at += 400 {
			needles = append(needles, bytes.Clone(b[at:at+24]))
		}
	}
	for n := range 6 {
		c := checkintest.Genuine(morning.Add(-97 * time.Hour))
		request, uploads, err := station.Prepare(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		for _, sealed := range uploads {
			if _, err := station.UploadFrom(t.Context(), c.ID, sealed, 0, len(sealed)); err != nil {
				t.Fatal(err)
			}
			pieces(sealed) // sealed to the office, whose identity stays
		}
		if n == 0 { // one that is damaged on the way is thrown away at once
			broken, sum := append(bytes.Clone(uploads[1]), 1), sha256.Sum256(uploads[1])
			header := &stationv1.UploadHeader{CheckInId: checkintest.Staff(morning).ID, Sha256: sum[:], Size: int64(len(broken))}
			if _, err := station.UploadAs(t.Context(), header, broken); err == nil {
				t.Error("a damaged upload was taken")
			}
		}
		if _, err := station.Submit(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	w.stop()
	keys, err := sql.Open("sqlite3", "file:"+w.config.Keys+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := keys.Query("SELECT identity FROM checkin_key")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var key []byte
		if err := rows.Scan(&key); err != nil {
			t.Fatal(err)
		}
		needles = append(needles, key)
	}
	if err := keys.Close(); err != nil || len(needles) < 60 {
		t.Fatalf("%d things to look for, %v", len(needles), err)
	}
	w.serve(t)
	until(t, "everything is erased", func() bool {
		left, err := os.ReadDir(filepath.Join(w.config.Data, "files"))
		return err == nil && len(left) == 0
	})
	w.stop()
	needles = append(needles, []byte("Eriksson"), []byte("L898902C3"))
	if found := disk.Search(t, needles...); len(found) != 0 {
		t.Errorf("%d of %d pieces of keys, uploads and names are on the disk", len(found), len(needles))
	}
}
