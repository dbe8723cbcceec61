package protocol

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"

	"github.com/foyer-station/foyer/devices"
)

// blockSize is that of AES: encrypted samples come in single blocks.
const blockSize = aes.BlockSize

// Session reads the encrypted samples of one capture. Each block is encrypted by itself (ECB) and bears the id of its session, so
// that what another key or an earlier session left is told apart. It hides what is written from whoever listens on the cable; it
// does not keep blocks of the same session from being repeated or left out: numbers do that, where the pad has them.
type Session struct {
	id    uint32
	block cipher.Block
}

// NewSession begins a session under a key of 16, 24 or 32 bytes, and clears the key. The cipher keeps its own copy, which is
// given up with the session: Go has no way to overwrite it.
func NewSession(key []byte, id uint32) (*Session, error) {
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", devices.ErrProtocol, err)
	}
	return &Session{id: id, block: block}, nil
}

// Start is the content of StartCapture.
func (s *Session) Start() []byte { return binary.BigEndian.AppendUint32(nil, s.id) }

// Open decrypts a message. It reports false for one that is not encrypted, or not of this session. Samples beyond what the pad
// said that it can measure are left out.
func (s *Session) Open(m Message, size devices.PadSize) ([]Pen, bool) {
	if !m.Encrypted() {
		return nil, false
	}
	var plain [blockSize]byte
	defer clear(plain[:])
	s.block.Decrypt(plain[:], m.Content[:blockSize])
	idAt := 0
	if m.Report == PenDataTimedEncrypted {
		idAt = 12
	}
	if binary.BigEndian.Uint32(plain[idAt:]) != s.id {
		return nil, false
	}
	if m.Report == PenDataTimedEncrypted {
		return within(size, decodePen(plain[:10])), true
	}
	first, second := plain[4:10], plain[10:16]
	if m.Report == PenDataEncrypted {
		return within(size, decodePen(first), decodePen(second)), true
	}
	numbered := func(sample, number []byte) Pen {
		var whole [8]byte
		copy(whole[:], sample)
		copy(whole[6:], number)
		defer clear(whole[:])
		return decodePen(whole[:])
	}
	numbers := m.Content[blockSize:]
	return within(size, numbered(first, numbers[:2]), numbered(second, numbers[2:])), true
}
