package backoffice_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"google.golang.org/protobuf/proto"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/backup"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
	"github.com/foyer-station/foyer/backoffice/vault"
	"github.com/foyer-station/foyer/proto/foyer/station/v1"
)

// separate puts the keys into a folder of their own, as docs/operations.md has it.
func (w *world) separate() *world {
	w.config.Keys = filepath.Join(w.dir, "keys", "keys.db")
	return w
}

func (w *world) backup(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "backup")
	if _, err := backup.Take(t.Context(), w.config, to, w.Now()); err != nil {
		t.Fatal(err)
	}
	return to
}

// everything reads all files below a folder.
func everything(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		all[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (w *world) vault(t *testing.T, dir string) *vault.Vault {
	t.Helper()
	text, err := os.ReadFile(w.config.Identity)
	if err != nil {
		t.Fatal(err)
	}
	identities, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), filepath.Join(dir, "files"), w.config.Keys, identities)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestABackupOpensNobodyWhoWasErased(t *testing.T) {
	w := build(t, t.TempDir(), morning).separate()
	w.serve(t)
	station := w.station(t)
	erased, kept := checkintest.Genuine(w.Now()), checkintest.Genuine(w.Now())
	for _, c := range []*checkintest.CheckIn{erased, kept} {
		send(t, station, c)
	}
	underWay := checkintest.Genuine(w.Now())
	_, uploads, err := station.UploadAll(t.Context(), underWay)
	if err != nil {
		t.Fatal(err)
	}
	w.signIn(t, "brandt")
	taken := w.backup(t) // while it serves

	secrets := map[string][]byte{"a key": []byte("AGE-SECRET-KEY-"), "a name": []byte("Eriksson"), "a document number": []byte("L898902C3"), "an upload": uploads[0]}
	for name, picture := range erased.Contents {
		secrets[name] = picture
	}
	for path, b := range everything(t, taken) {
		for what, secret := range secrets {
			if bytes.Contains(b, secret) {
				t.Errorf("%s holds %s", path, what)
			}
		}
		if strings.Contains(path, "spool") || strings.Contains(path, "keys") || strings.Contains(path, underWay.ID) {
			t.Errorf("%s is in the backup", path)
		}
	}
	w.stop()
	v := w.vault(t, w.config.Data)
	if err := v.Erase(t.Context(), erased.ID); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	// Whoever has the backup, the keys of today and the office's identity opens whom the office keeps, and nobody else.
	v = w.vault(t, taken)
	defer v.Close()
	for id, want := range map[string]bool{erased.ID: false, kept.ID: true} {
		opened := 0
		for n, f := range kept.Record.Files {
			f = erasedOr(kept, erased, id).Record.Files[n]
			if _, err := v.ReadFile(t.Context(), id, n, f.Size, [32]byte(f.Sha256)); err == nil {
				opened++
			}
			sealed, err := os.ReadFile(filepath.Join(taken, "files", id, "0"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := v.Unseal(bytes.NewReader(sealed), 1<<24); !errors.Is(err, vault.ErrNotSealed) {
				t.Errorf("a file in the backup opens with the office's identity: %v", err)
			}
		}
		if all := opened == len(kept.Record.Files); all != want || !want && opened > 0 {
			t.Errorf("%d files of %s open, erased: %v", opened, id, !want)
		}
	}
}

func erasedOr(kept, erased *checkintest.CheckIn, id string) *checkintest.CheckIn {
	if id == erased.ID {
		return erased
	}
	return kept
}

func TestARestoredOfficeShowsItsQueueAndSaysWhoseDataCannotBeRead(t *testing.T) {
	w := build(t, t.TempDir(), morning).separate()
	w.serve(t)
	station := w.station(t)
	lost, kept := checkintest.Genuine(w.Now()), checkintest.Genuine(w.Now())
	for _, c := range []*checkintest.CheckIn{lost, kept} {
		send(t, station, c)
	}
	before := w.signIn(t, "brandt")
	taken := w.backup(t)
	w.stop()
	v := w.vault(t, w.config.Data)
	if err := errors.Join(v.Erase(t.Context(), lost.ID), v.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(w.config.Data, w.config.Data+".before"); err != nil {
		t.Fatal(err)
	}
	if n, err := backup.Restore(t.Context(), w.config, taken, "", w.Now()); err != nil || n.CheckIns != 2 {
		t.Fatalf("restored %+v, %v", n, err)
	}
	w.serve(t)
	before.url = w.server.ConsoleURL()
	if r, _ := before.do(http.MethodGet, "/", nil); r.StatusCode == http.StatusOK {
		t.Errorf("a session of before the restore is still open: %s", r.Status)
	}
	b := w.signIn(t, "brandt")
	page := b.page()
	if strings.Count(page, "Daten nicht mehr lesbar") != 1 || strings.Count(page, "call-") < 2 {
		t.Errorf("the queue does not show both visitors, one of them as unreadable:\n%s", page)
	}
	if _, body := b.do(http.MethodGet, "/visitor/"+lost.ID, nil); !strings.Contains(body, "aus einer Sicherung wiederhergestellt") || !strings.Contains(body, "call-"+lost.ID) {
		t.Error("the visitor whose data cannot be read is not announced as such, or cannot be called")
	}
	if r, body := b.do(http.MethodGet, "/visitor/"+kept.ID+"/file/0", nil); r.StatusCode != http.StatusOK || body != string(kept.Contents[kept.Record.Files[0].Name]) {
		t.Errorf("the picture of the other: %s", r.Status)
	}
}

func TestNothingLiveIsOverwrittenByARestore(t *testing.T) {
	w := build(t, t.TempDir(), morning).separate()
	w.serve(t)
	w.fill(t, 1)
	taken := w.backup(t)
	if _, err := backup.Restore(t.Context(), w.config, taken, "", w.Now()); !errors.Is(err, durable.ErrLocked) {
		t.Errorf("under a running server: %v", err)
	}
	if err := os.Rename(w.config.Data, w.config.Data+".before"); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), w.config, taken, "", w.Now()); !errors.Is(err, durable.ErrLocked) {
		t.Errorf("under a running server whose data was moved away: %v", err)
	}
	if err := os.Rename(w.config.Data+".before", w.config.Data); err != nil {
		t.Fatal(err)
	}
	w.fill(t, 1)
	w.stop()
	if _, err := backup.Restore(t.Context(), w.config, taken, "", w.Now()); !errors.Is(err, backup.ErrLive) {
		t.Errorf("over live data: %v", err)
	}
	if rows, _ := w.kept(t); len(rows) != 2 {
		t.Errorf("%d check-ins are left of the live office", len(rows))
	}
	for name, to := range map[string]string{"into the data": filepath.Join(w.config.Data, "backup"), "into the data by another name": filepath.Join(w.config.Data, "..backup"), "over a backup": taken} {
		if _, err := backup.Take(t.Context(), w.config, to, w.Now()); !errors.Is(err, backup.ErrTarget) {
			t.Errorf("a backup %s: %v", name, err)
		}
	}
}

func TestADamagedBackupIsToldAndNothingOfItIsTaken(t *testing.T) {
	w := build(t, t.TempDir(), morning).separate()
	w.serve(t)
	w.fill(t, 1)
	send(t, w.station(t), checkintest.Genuine(w.Now()))
	w.stop()
	change := func(name string, do func([]byte) []byte) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			found, err := filepath.Glob(filepath.Join(dir, name))
			if err != nil || len(found) == 0 {
				t.Fatal(name, err)
			}
			b, err := os.ReadFile(found[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(found[0], do(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		damage func(t *testing.T, dir string)
		want   error
	}{
		"a bit of the database":  {change("backoffice.db", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }), backup.ErrDamaged},
		"a bit of a picture":     {change("files/*/0", func(b []byte) []byte { b[200] ^= 1; return b }), backup.ErrDamaged},
		"a shorter picture":      {change("files/*/0", func(b []byte) []byte { return b[:100] }), backup.ErrDamaged},
		"a manifest of nothing":  {change("manifest.json", func([]byte) []byte { return []byte(`{"format":1}`) }), backup.ErrDamaged},
		"half a manifest":        {change("manifest.json", func(b []byte) []byte { return b[:len(b)/2] }), backup.ErrDamaged},
		"another format":         {change("manifest.json", func(b []byte) []byte { return bytes.Replace(b, []byte(`"format":1`), []byte(`"format":2`), 1) }), backup.ErrNone},
		"a name that leads out":  {change("manifest.json", func(b []byte) []byte { return bytes.Replace(b, []byte("office.toml"), []byte("../../office"), 1) }), backup.ErrDamaged},
		"a key":                  {change("manifest.json", func(b []byte) []byte { return bytes.Replace(b, []byte("office.toml"), []byte("office.key"), 1) }), backup.ErrDamaged},
		"broken off":             {func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "manifest.json")) }, backup.ErrNone},
		"a picture that is gone": {func(t *testing.T, dir string) { os.RemoveAll(filepath.Join(dir, "files")) }, backup.ErrDamaged},
		"a link for the office file": {func(t *testing.T, dir string) {
			os.Remove(filepath.Join(dir, "office.toml"))
			os.Symlink(w.config.Office, filepath.Join(dir, "office.toml"))
		}, backup.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			taken := w.backup(t)
			c.damage(t, taken)
			into := w.config
			into.Data = filepath.Join(t.TempDir(), "data")
			if _, err := backup.Restore(t.Context(), into, taken, "", w.Now()); !errors.Is(err, c.want) {
				t.Errorf("restored: %v, want %v", err, c.want)
			}
			if _, err := os.Stat(filepath.Join(into.Data, "backoffice.db")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a database took its place: %v", err)
			}
			// Half of it does not keep a good one out.
			if _, err := backup.Restore(t.Context(), into, w.backup(t), "", w.Now()); err != nil {
				t.Errorf("a good backup afterwards: %v", err)
			}
		})
	}
}

func TestABackupTakenWhileVisitorsComeAndAreErasedIsWhole(t *testing.T) {
	w := build(t, t.TempDir(), morning).separate()
	w.serve(t)
	all := map[string]*checkintest.CheckIn{}
	station := w.station(t)
	for range 6 {
		c := checkintest.Genuine(w.Now())
		send(t, station, c)
		all[c.ID] = c
	}
	v := w.vault(t, w.config.Data)
	defer v.Close()
	var meanwhile sync.WaitGroup
	begun := make(chan struct{})
	meanwhile.Go(func() { // visitors come
		<-begun
		for range 6 {
			if _, _, err := station.Send(t.Context(), checkintest.Genuine(w.Now())); err != nil {
				t.Error(err)
			}
		}
	})
	meanwhile.Go(func() { // and go
		<-begun
		n := 0
		for id := range all {
			if n++; n > 3 {
				return
			}
			if err := v.Erase(t.Context(), id); err != nil {
				t.Error(err)
			}
		}
	})
	close(begun)
	var backups []string
	for range 4 {
		backups = append(backups, w.backup(t))
	}
	meanwhile.Wait()
	w.stop()
	for _, taken := range backups {
		into := w.config
		into.Data = filepath.Join(t.TempDir(), "data")
		n, err := backup.Restore(t.Context(), into, taken, "", w.Now())
		if err != nil || n.CheckIns < 6 {
			t.Fatalf("restored %+v, %v", n, err)
		}
		restored := &world{clock: w.clock, dir: w.dir, config: into}
		restored.wantWhole(t)
	}
}

// wantWhole reads every file of every check-in that has a key.
func (w *world) wantWhole(t *testing.T) {
	t.Helper()
	s, v := w.open(t), w.vault(t, w.config.Data)
	defer s.Close()
	defer v.Close()
	queue, err := s.Queue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range queue {
		_, sealed, err := s.CheckIn(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := v.Open(t.Context(), c.ID, sealed)
		if errors.Is(err, vault.ErrErased) {
			continue
		}
		var record stationv1.CheckInRecord
		if err := errors.Join(err, proto.Unmarshal(text, &record)); err != nil {
			t.Fatal(err)
		}
		for n, f := range record.Files {
			if _, err := v.ReadFile(t.Context(), c.ID, n, f.Size, [32]byte(f.Sha256)); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	}
}

func TestARestoreThatWasKilledIsCalledAgain(t *testing.T) {
	w := build(t, t.TempDir(), morning).separate()
	w.serve(t)
	send(t, w.station(t), checkintest.Genuine(w.Now()))
	w.stop()
	taken := w.backup(t)
	into := w.config
	into.Data = filepath.Join(t.TempDir(), "data")
	// As a kill between the two renames leaves it.
	for _, dir := range []string{".restore", "files/half"} {
		if err := os.MkdirAll(filepath.Join(into.Data, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := backoffice.New(t.Context(), into, slog.New(slog.DiscardHandler)); !errors.Is(err, backoffice.ErrHalfRestored) {
		t.Errorf("an office begins where one is half restored: %v", err)
		s.Close()
	}
	if n, err := backup.Restore(t.Context(), into, taken, "", w.Now()); err != nil || n.CheckIns != 1 {
		t.Fatalf("restored %+v, %v", n, err)
	}
	if _, err := os.Stat(filepath.Join(into.Data, "files", "half")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("what was half restored is left")
	}
	text, err := os.ReadFile(filepath.Join(taken, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		MadeAt time.Time `json:"made_at"`
	}
	if err := json.Unmarshal(text, &m); err != nil || m.MadeAt.Sub(morning).Abs() > time.Hour {
		t.Errorf("the manifest says it was made at %v, %v", m.MadeAt, err)
	}
}
