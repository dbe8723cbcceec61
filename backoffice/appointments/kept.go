package appointments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/foyer-station/foyer/backoffice/store"
	"github.com/foyer-station/foyer/backoffice/vault"
)

// Store keeps sealed days. What each method promises stands at store.Store, which is one.
type Store interface {
	SetAppointments(ctx context.Context, d store.AppointmentDay, sealed []byte) error
	Appointments(ctx context.Context, day string) (sealed []byte, err error)
	AppointmentDays(ctx context.Context) ([]store.AppointmentDay, error)
	ForgetAppointments(ctx context.Context, day string) error
}

// Vault seals them, each day under a key of its own. What each method promises stands at vault.Vault, which is one.
type Vault interface {
	Seal(ctx context.Context, id string, clear []byte) ([]byte, error)
	Open(ctx context.Context, id string, sealed []byte) ([]byte, error)
	Erase(ctx context.Context, ids ...string) error
}

// Kept are the appointments that an office keeps, sealed, until their day is over.
type Kept struct {
	Store Store
	Vault Vault
	// Day is the office's day at a moment, YYYY-MM-DD.
	Day func(time.Time) string
}

// Import keeps appointments, each day's in place of what was kept for that day. It gives the days that it touched, in order. Those
// of a day that is over are passed over.
func (k Kept) Import(ctx context.Context, by string, all []Appointment, at time.Time) (days []string, err error) {
	of := map[string]Book{}
	for _, a := range all {
		day := k.Day(a.Start)
		if day < k.Day(at) {
			continue
		}
		if of[day] == nil {
			days = append(days, day)
		}
		of[day] = append(of[day], a)
	}
	for _, day := range days {
		if err := k.keep(ctx, by, day, of[day], at); err != nil {
			return nil, err
		}
	}
	return days, nil
}

func (k Kept) keep(ctx context.Context, by, day string, b Book, at time.Time) error {
	clear, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("keep appointments: %w", err)
	}
	defer wipe(clear)
	sealed, err := k.Vault.Seal(ctx, keyOf(day), clear)
	if err != nil {
		return fmt.Errorf("keep appointments: %w", err)
	}
	return k.Store.SetAppointments(ctx, store.AppointmentDay{Day: day, Count: len(b), ImportedBy: by, ImportedAt: at}, sealed)
}

// Book gives the appointments of a day; an empty one where none were imported, or where they are erased.
func (k Kept) Book(ctx context.Context, day string) (Book, error) {
	sealed, err := k.Store.Appointments(ctx, day)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	clear, err := k.Vault.Open(ctx, keyOf(day), sealed)
	if errors.Is(err, vault.ErrErased) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open appointments: %w", err)
	}
	defer wipe(clear)
	var b Book
	if err := json.Unmarshal(clear, &b); err != nil {
		return nil, fmt.Errorf("open appointments: %w", errors.New("not as they were kept")) // what JSON says may hold a name
	}
	return b, nil
}

// Forget erases the appointments of all days before one: the key first, so that what is left of them anywhere cannot be read.
func (k Kept) Forget(ctx context.Context, before string) error {
	days, err := k.Store.AppointmentDays(ctx)
	if err != nil {
		return err
	}
	for _, d := range days {
		if d.Day >= before {
			break
		}
		if err := k.Vault.Erase(ctx, keyOf(d.Day)); err != nil {
			return fmt.Errorf("forget appointments: %w", err)
		}
		if err := k.Store.ForgetAppointments(ctx, d.Day); err != nil {
			return err
		}
	}
	return nil
}

// keyOf names the key of a day as check-ins are named.
func keyOf(day string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("foyer:appointments:"+day)).String()
}

func wipe(b []byte) { clear(b) }
