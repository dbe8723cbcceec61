// Package demo sets up a back office to try: everything that it needs is made in one folder on the first run and found
// there again on the next.
//
//	pki/ca.pem, pki/ca.key            the development CA
//	pki/server.pem, pki/server.key    the back office's certificate, for localhost
//	pki/station-1.pem, .key           the certificate of station foyer://utopia/station-1
//	office.toml                       the office file of Utopia
//	office.key                        the office's age identity
//	backoffice.toml                   the configuration, as for "backoffice serve"
//	users.json                        who can sign in, with passwords
//	data/                             what the back office keeps; keys.db in it are the check-ins' keys
package demo

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"github.com/foyer-station/foyer/backoffice"
	"github.com/foyer-station/foyer/backoffice/ca"
	"github.com/foyer-station/foyer/backoffice/durable"
	"github.com/foyer-station/foyer/backoffice/office"
	"github.com/foyer-station/foyer/backoffice/staff"
)

const configText = `# Configuration of a demonstration. The console has no certificate here and so listens on loopback only.

office = "office.toml"
identity = "office.key"
data = "data"
keys = "data/keys.db"
retention = "96h"

[stations]
listen = "127.0.0.1:7443"
certificate = "pki/server.pem"
key = "pki/server.key"
client_ca = "pki/ca.pem"

[console]
listen = "127.0.0.1:8080"
`

// User is somebody who can sign in to the demonstration.
type User struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// Prepare makes what is missing under dir and gives the configuration and everyone who can sign in. Now is the time from
// which new certificates hold.
func Prepare(ctx context.Context, dir string, now time.Time) (backoffice.Config, []User, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return backoffice.Config{}, nil, fmt.Errorf("demo folder: %w", err)
	}
	err := errors.Join(
		once(filepath.Join(dir, "office.toml"), func() ([]byte, error) { return office.Example, nil }),
		once(filepath.Join(dir, "backoffice.toml"), func() ([]byte, error) { return []byte(configText), nil }),
		once(filepath.Join(dir, "office.key"), newIdentity))
	if err != nil {
		return backoffice.Config{}, nil, err
	}
	config, err := backoffice.ReadConfig(filepath.Join(dir, "backoffice.toml"))
	if err != nil {
		return config, nil, err
	}
	o, err := backoffice.ReadOffice(config)
	if err != nil {
		return config, nil, err
	}
	if err := certify(filepath.Join(dir, "pki"), o.ID, now); err != nil {
		return config, nil, err
	}
	users, err := users(ctx, config, filepath.Join(dir, "users.json"), o)
	return config, users, err
}

// once writes a file unless it exists.
func once(path string, content func() ([]byte, error)) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, err := content()
	if err != nil {
		return err
	}
	return durable.Write(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

func newIdentity() ([]byte, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("office identity: %w", err)
	}
	return fmt.Appendf(nil, "# public key: %s\n%s\n", identity.Recipient(), identity), nil
}

func certify(dir, office string, now time.Time) error {
	authority, err := ca.OpenAuthority(dir, now)
	if err != nil {
		return err
	}
	return errors.Join(authority.Server("server", "localhost", "127.0.0.1", "::1"), authority.Station(office, "station-1"))
}

// users lets every caseworker of the office sign in with a password that users.json remembers.
func users(ctx context.Context, c backoffice.Config, path string, o *office.Office) ([]User, error) {
	err := once(path, func() ([]byte, error) {
		var users []User
		for _, w := range o.Caseworkers {
			users = append(users, User{w.ID, rand.Text()[:20]})
		}
		if err := addAccounts(ctx, c, o, users); err != nil {
			return nil, err
		}
		return json.MarshalIndent(users, "", "  ")
	})
	if err != nil {
		return nil, fmt.Errorf("demo users: %w", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("demo users: %w", err)
	}
	var users []User
	return users, json.Unmarshal(text, &users)
}

func addAccounts(ctx context.Context, c backoffice.Config, o *office.Office, users []User) error {
	s, err := backoffice.OpenStore(ctx, c)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, u := range users {
		hash, err := staff.Hash(u.Password)
		if err != nil {
			return err
		}
		if err := backoffice.AddAccount(ctx, s, o, u.Name, hash, time.Now()); err != nil {
			return err
		}
	}
	return nil
}
