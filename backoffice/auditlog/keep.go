package auditlog

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/foyer-station/foyer/backoffice/durable"
)

// maxFile is more than a key or a head takes, in bytes.
const maxFile = 4096

// ErrNoKey says that an office has no key yet: it has never served.
var ErrNoKey = errors.New("the office has no key for its log yet")

// ReadKey reads the office's key from a file: PKCS #8 in PEM (RFC 8410, 7). ErrNoKey where there is no file.
func ReadKey(path string) (ed25519.PrivateKey, error) {
	text, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoKey
	}
	if err != nil {
		return nil, fmt.Errorf("key of the log: %w", err)
	}
	defer clear(text)
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("key of the log %s: not a key in PEM", path)
	}
	defer clear(block.Bytes)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("key of the log %s: not an Ed25519 key in PKCS #8", path)
	}
	return key, nil
}

// OpenKey reads the office's key, and makes one where there is none.
func OpenKey(path string) (ed25519.PrivateKey, error) {
	key, err := ReadKey(path)
	if !errors.Is(err, ErrNoKey) {
		return key, err
	}
	if _, key, err = ed25519.GenerateKey(nil); err != nil {
		return nil, fmt.Errorf("key of the log: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("key of the log: %w", err)
	}
	defer clear(der)
	return key, durable.Write(path, func(w io.Writer) error { return pem.Encode(w, &pem.Block{Type: "PRIVATE KEY", Bytes: der}) })
}

// ReadHead reads the head that was signed last; nil where there is none.
func ReadHead(path string) (*Head, error) {
	text, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var h Head
	if err == nil {
		err = json.Unmarshal(text, &h)
	}
	if err != nil {
		return nil, fmt.Errorf("head of the log %s: %w", path, err)
	}
	return &h, nil
}

func writeHead(path string, h Head) error {
	return durable.Write(path, func(w io.Writer) error { return json.NewEncoder(w).Encode(h) })
}

// read reads a small file.
func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errors.New("too long")
	}
	return text, err
}
