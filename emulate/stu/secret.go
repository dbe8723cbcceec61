package stu

import (
	"crypto/aes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/binary"
	"math/big"
)

// Sizes and codes of the exchange by RSA (Protocol.hpp, EncryptionCommand).
const (
	keyCommandSize = 67
	keyBlock       = 64
	types          = 2<<6 | 2 // OAEP, 2048 bits
	aes256         = 2
)

// dhPrime and dhBase are a group of 128 bits, the largest prime below 2 to the 128th and a number: what real pads have in them is not
// public, and hosts ask for it.
const (
	dhPrime = "ffffffffffffffffffffffffffffff61"
	dhBase  = 5
)

// secret is what a pad has of encryption: keys, and a session.
type secret struct {
	exponent, modulus []byte // the host's
	typed             bool
	result            byte
	key, last         []byte // the last one stays known after its session
	encrypted         []byte // the key for the host
	asked             byte   // for which block of it
	public            []byte // of Diffie-Hellman
	thinking          int    // how often the pad still says that it computes
	session           uint32
	open              bool
	waiting           []sample // of two that go together
}

func (s *secret) capturing() bool { return s.open }

// calculates tells whether the pad is at it still, once a call.
func (s *secret) calculates() bool {
	if s.thinking == 0 {
		return false
	}
	s.thinking--
	return true
}

func (s *secret) get(id byte, m Mischief) ([]byte, bool) {
	switch id {
	case reportPrime:
		p, _ := new(big.Int).SetString(dhPrime, 16)
		if m == NoPrime {
			p = new(big.Int)
		}
		return p.FillBytes(make([]byte, 16)), true
	case reportBase:
		return []byte{0, dhBase}, true
	case reportDeviceKey:
		return s.public, s.public != nil
	case reportKeyStatus:
		status := make([]byte, 16)
		if s.typed {
			status[0], status[1] = aes256, types
		}
		if s.calculates() {
			status[5] = 0xfa
		}
		status[6] = s.result
		return status, true
	case reportKeyCommand:
		from := int(s.asked) * keyBlock
		if from >= len(s.encrypted) {
			return nil, false
		}
		answer := make([]byte, keyCommandSize)
		n := copy(answer[3:], s.encrypted[from:min(from+keyBlock, len(s.encrypted))])
		answer[0], answer[1], answer[2] = 4, 2, byte(n)
		return answer, true
	}
	return nil, false
}

func (s *secret) set(id byte, content []byte, m Mischief) bool {
	if m == RefusesKeys && (id == reportKeyCommand || id == reportHostKey) {
		return false
	}
	switch id {
	case reportKeyCommand:
		return s.command(content)
	case reportHostKey:
		return s.agree(content)
	case reportStartCapture:
		if s.key == nil {
			return false
		}
		s.session, s.open, s.waiting = binary.BigEndian.Uint32(content), true, nil
		if m == OtherSession {
			s.session++
		}
		return true
	case reportEndCapture:
		was := s.open
		s.open, s.key, s.last = false, nil, s.key
		return was
	}
	return false
}

// command is a step of the exchange by RSA.
func (s *secret) command(c []byte) bool {
	command, parameter, data := c[0], c[1], c[3:]
	n := min(int(c[2]), len(data))
	switch {
	case command == 1:
		*s = secret{typed: parameter == aes256 && c[2] == types}
		return s.typed
	case command == 2 && parameter == 0:
		s.exponent = append([]byte(nil), data[:n]...)
	case command == 2 && parameter == 1:
		s.modulus = append(s.modulus, data[:n]...)
	case command == 5:
		return s.generate()
	case command == 4 && parameter == 2:
		s.asked = c[2]
	default:
		return false
	}
	return true
}

// generate makes a key and encrypts it for the host, with something before it, as pads may.
func (s *secret) generate() bool {
	if len(s.modulus) != 256 || len(s.exponent) == 0 {
		s.result = 1
		return true
	}
	s.key = make([]byte, 32)
	rand.Read(s.key)
	host := &rsa.PublicKey{N: new(big.Int).SetBytes(s.modulus), E: int(new(big.Int).SetBytes(s.exponent).Int64())}
	encrypted, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, host, append([]byte{0, 0, 0, 1}, s.key...), nil)
	if err != nil {
		s.result = 1
	}
	s.encrypted, s.thinking = encrypted, 2
	return true
}

// agree makes the key out of the host's public number.
func (s *secret) agree(host []byte) bool {
	p, _ := new(big.Int).SetString(dhPrime, 16)
	own, err := rand.Int(rand.Reader, p)
	if err != nil {
		return false
	}
	*s = secret{
		public:   new(big.Int).Exp(big.NewInt(dhBase), own, p).FillBytes(make([]byte, 16)),
		key:      new(big.Int).Exp(new(big.Int).SetBytes(host), own, p).FillBytes(make([]byte, 16)),
		thinking: 2,
	}
	return true
}

// encrypted puts a sample into an encrypted report; nil where it waits for the one that goes with it.
func (t *Tablet) encrypted(s sample, last bool) []byte {
	block := make([]byte, aes.BlockSize)
	if t.option == optionTimesAndNumbers {
		copy(block, s.timed())
		binary.BigEndian.PutUint32(block[12:], t.secret.session)
		return append([]byte{reportPenTimedCrypt}, t.secret.seal(block)...)
	}
	if t.secret.waiting = append(t.secret.waiting, s); len(t.secret.waiting) == 1 {
		if !last {
			return nil
		}
		t.secret.waiting = append(t.secret.waiting, s) // an odd one goes twice
	}
	first, second := t.secret.waiting[0], t.secret.waiting[1]
	t.secret.waiting = nil
	binary.BigEndian.PutUint32(block, t.secret.session)
	copy(block[4:], first.pen[:])
	copy(block[10:], second.pen[:])
	sealed := t.secret.seal(block)
	if t.option != optionNumbers {
		return append([]byte{reportPenCrypt}, sealed...)
	}
	report := binary.BigEndian.AppendUint16(append([]byte{reportPenNumberCrypt}, sealed...), first.number)
	return binary.BigEndian.AppendUint16(report, second.number)
}

func (s *secret) seal(block []byte) []byte {
	c, err := aes.NewCipher(s.key)
	if err != nil {
		panic(err) // the key was made here
	}
	c.Encrypt(block, block)
	return block
}
