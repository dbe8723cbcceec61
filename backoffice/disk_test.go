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
	pieces := func(b []byte, every int) {
		for at := 100; at+24 < len(b); at += every {
			needles = append(needles, bytes.Clone(b[at:at+24]))
		}
	}
	for n := range 6 {
		c := checkintest.Genuine(morning.Add(-97 * time.Hour))
		request, uploads, err := station.UploadAll(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		pieces(uploads[0], 400) // the record: sealed to the office, whose identity stays
		for _, sealed := range uploads[1:] {
			pieces(sealed[:180], 28) // a file's header, which holds the only key to the rest as it was sealed to the office
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
	kept := checkintest.Genuine(morning)
	send(t, station, kept)
	w.stop()
	keys, err := sql.Open("sqlite3", "file:"+w.config.Keys+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := keys.Query("SELECT checkin, identity FROM checkin_key")
	if err != nil {
		t.Fatal(err)
	}
	var keptKey []byte // shows that the search finds a key that is there
	for rows.Next() {
		var id string
		var key []byte
		if err := rows.Scan(&id, &key); err != nil {
			t.Fatal(err)
		}
		if id == kept.ID {
			keptKey = key
		} else {
			needles = append(needles, key)
		}
	}
	if err := keys.Close(); err != nil || len(needles) < 60 {
		t.Fatalf("%d things to look for, %v", len(needles), err)
	}
	w.serve(t)
	until(t, "everything overdue is erased", func() bool {
		left, err := os.ReadDir(filepath.Join(w.config.Data, "files"))
		return err == nil && len(left) == 1
	})
	w.stop()
	needles = append(needles, []byte("Eriksson"), []byte("L898902C3"))
	found := disk.Search(t, append(needles, keptKey)...)
	if len(found) == 0 || !bytes.Equal(found[len(found)-1], keptKey) {
		t.Fatal("the key of the check-in that is kept was not found: this test shows nothing")
	}
	if n := len(found) - 1; n != 0 {
		t.Errorf("%d of %d pieces of keys, uploads and names are on the disk", n, len(needles))
	}
}
