package appointments_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/foyer-station/foyer/backoffice/appointments"
	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
)

// kept are the appointments of an office with a real store and vault in a folder.
func kept(t *testing.T, dir string) appointments.Kept {
	t.Helper()
	office, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), filepath.Join(dir, "office.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	v, err := vault.Open(t.Context(), filepath.Join(dir, "files"), filepath.Join(dir, "keys.db"), []age.Identity{office})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return appointments.Kept{Store: s, Vault: v, Day: func(at time.Time) string { return at.In(berlin(t)).Format(time.DateOnly) }}
}

func TestAppointmentsAreKeptSealedUntilTheirDayIsOver(t *testing.T) {
	dir := t.TempDir()
	k := kept(t, dir)
	today := appointments.Appointment{Number: "120045", Start: at(t, 9, 30), Name: "Jörg Müllerhuber", BirthDate: "1990-04-05"}
	tomorrow, yesterday := today, today
	tomorrow.Start, yesterday.Start = today.Start.AddDate(0, 0, 1), today.Start.AddDate(0, 0, -1)
	days, err := k.Import(t.Context(), "brandt", []appointments.Appointment{yesterday, today, tomorrow}, at(t, 7, 0))
	if err != nil || len(days) != 2 || days[0] != "2026-03-02" || days[1] != "2026-03-03" {
		t.Fatalf("imported %v, %v", days, err)
	}
	if b, err := k.Book(t.Context(), "2026-03-02"); err != nil || len(b) != 1 || !b[0].Start.Equal(today.Start) || b[0].Name != today.Name || b[0].BirthDate != today.BirthDate {
		t.Errorf("the day has %v, %v", b, err)
	}
	for _, file := range files(t, dir) {
		if bytes.Contains(file, []byte("llerhuber")) || bytes.Contains(file, []byte("1990-04-05")) {
			t.Error("a name or a date of birth stands in clear on the disk")
		}
	}
	if err := k.Forget(t.Context(), "2026-03-03"); err != nil {
		t.Fatal(err)
	}
	if b, err := k.Book(t.Context(), "2026-03-02"); err != nil || len(b) != 0 {
		t.Errorf("after its day: %v, %v", b, err)
	}
	if b, err := k.Book(t.Context(), "2026-03-03"); err != nil || len(b) != 1 {
		t.Errorf("the next day: %v, %v", b, err)
	}
}

func TestWhatIsImportedAgainTakesThePlaceOfItsDay(t *testing.T) {
	k := kept(t, t.TempDir())
	first := appointments.Appointment{Number: "1", Start: at(t, 9, 0), Name: "Ng"}
	second := appointments.Appointment{Number: "2", Start: at(t, 9, 0), Name: "Ng"}
	for _, a := range []appointments.Appointment{first, second} {
		if _, err := k.Import(t.Context(), "brandt", []appointments.Appointment{a}, at(t, 7, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := k.Book(t.Context(), "2026-03-02"); err != nil || len(b) != 1 || b[0].Number != "2" {
		t.Errorf("kept %v, %v", b, err)
	}
}

// A backup holds no keys: whoever has the database alone, or a key that was erased since, reads nothing and stops nothing.
func TestAppointmentsWhoseKeyIsGoneAreNone(t *testing.T) {
	k := kept(t, t.TempDir())
	if _, err := k.Import(t.Context(), "brandt", []appointments.Appointment{{Number: "1", Start: at(t, 9, 0)}}, at(t, 7, 0)); err != nil {
		t.Fatal(err)
	}
	other := kept(t, t.TempDir())
	k.Vault = other.Vault
	if b, err := k.Book(t.Context(), "2026-03-02"); err != nil || len(b) != 0 {
		t.Errorf("read %v, %v", b, err)
	}
}

func files(t *testing.T, dir string) (all [][]byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all = append(all, content)
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	return all
}
