package vault

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"filippo.io/age"
)

// columns is how many characters of base64 a line of a stanza's body has; a shorter one is the last.
const columns = 64

// header is that of an age file whose file key (16 bytes) is sealed to a recipient. Package age writes one only together with a file
// key of its own making.
//
// Source: age-encryption.org/v1, sections "Header", "Recipient stanza" and "Header MAC".
func header(fileKey []byte, to age.Recipient) ([]byte, error) {
	stanzas, err := to.Wrap(fileKey)
	if err != nil {
		return nil, fmt.Errorf("seal file key: %w", err)
	}
	var b bytes.Buffer
	b.WriteString("age-encryption.org/v1\n")
	for _, s := range stanzas {
		fmt.Fprintf(&b, "-> %s\n", strings.Join(append([]string{s.Type}, s.Args...), " "))
		body := base64.RawStdEncoding.EncodeToString(s.Body)
		for ; len(body) >= columns; body = body[columns:] {
			fmt.Fprintln(&b, body[:columns])
		}
		fmt.Fprintln(&b, body)
	}
	b.WriteString("---")
	key, err := hkdf.Key(sha256.New, fileKey, nil, "header", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("seal file key: %w", err)
	}
	defer clear(key)
	mac := hmac.New(sha256.New, key)
	mac.Write(b.Bytes())
	fmt.Fprintf(&b, " %s\n", base64.RawStdEncoding.EncodeToString(mac.Sum(nil)))
	return b.Bytes(), nil
}
