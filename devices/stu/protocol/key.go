package protocol

import (
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the pads know no other hash function for OAEP
	"errors"
	"fmt"
	"io"
	"math/big"

	"filippo.io/bigmod"

	"github.com/foyer-station/foyer/devices"
)

// Keys of the exchange by RSA (430, 530, 540): the largest that the pads know. The pad makes a key for AES and encrypts it to a key
// of the host's, by OAEP with SHA-1.
const (
	RSABits      = 2048
	rsaType      = 2 // Protocol.hpp, AsymmetricKeyType
	oaepType     = 2 // AsymmetricPaddingType
	aesType      = 2 // SymmetricKeyType: 256 bits
	aesKeySize   = 32
	CommandSize  = 67 // of EncryptionCommand, and of its answer
	KeyState     = 16 // bytes of EncryptionStatus
	keyBlockSize = 64 // bytes of a number in one command
	calculating  = 0xfa
)

// Commands and parameters of EncryptionCommand.
const (
	commandSetType     = 1
	commandSetNumber   = 2
	commandGetNumber   = 4
	commandGenerate    = 5
	numberExponent     = 0
	numberModulus      = 1
	numberEncryptedKey = 2
)

func encryptionCommand(command, parameter, lengthOrIndex byte, data []byte) []byte {
	c := make([]byte, CommandSize)
	c[0], c[1], c[2] = command, parameter, lengthOrIndex
	copy(c[3:], data)
	return c
}

// OfferKey are the commands that give the pad the host's public key, in order. The key has RSABits.
func OfferKey(key *rsa.PublicKey) [][]byte {
	exponent := big.NewInt(int64(key.E)).Bytes()
	modulus := key.N.FillBytes(make([]byte, RSABits/8))
	all := [][]byte{
		encryptionCommand(commandSetType, aesType, oaepType<<6|rsaType, nil),
		encryptionCommand(commandSetNumber, numberExponent, byte(len(exponent)), exponent),
	}
	for ; len(modulus) > 0; modulus = modulus[keyBlockSize:] {
		all = append(all, encryptionCommand(commandSetNumber, numberModulus, keyBlockSize, modulus[:keyBlockSize]))
	}
	return all
}

// Generate is the command that has the pad make and encrypt a key.
func Generate() []byte { return encryptionCommand(commandGenerate, 0, 0, nil) }

// KeyProgress reads EncryptionStatus: whether the pad still computes, or why it cannot. The error is devices.ErrProtocol.
func KeyProgress(content []byte) (busy bool, err error) {
	if len(content) < KeyState {
		return false, fmt.Errorf("%w: encryption status of %d bytes", devices.ErrProtocol, len(content))
	}
	const exponentAt, modulusAt, cipherAt, resultAt = 3, 4, 5, 6
	for _, at := range []int{exponentAt, modulusAt, resultAt} {
		if content[at] != 0 {
			return false, fmt.Errorf("%w: the pad refuses the key: %d at %d of its encryption status", devices.ErrProtocol, content[at], at)
		}
	}
	if content[0] != aesType || content[1] != oaepType<<6|rsaType {
		return false, fmt.Errorf("%w: the pad did not take the types of the keys", devices.ErrProtocol)
	}
	switch content[cipherAt] {
	case 0:
		return false, nil
	case calculating:
		return true, nil
	}
	return false, fmt.Errorf("%w: the pad made no key: %d", devices.ErrProtocol, content[cipherAt])
}

// AskForKey is the command for a block of the encrypted key, counted from 0; the answer to EncryptionCommand has it.
func AskForKey(block int) []byte {
	return encryptionCommand(commandGetNumber, numberEncryptedKey, byte(block), nil)
}

// KeyBlock reads a block of the encrypted key: at most 64 bytes. The error is devices.ErrProtocol.
func KeyBlock(content []byte) ([]byte, error) {
	if len(content) < CommandSize || content[0] != commandGetNumber || content[1] != numberEncryptedKey {
		return nil, fmt.Errorf("%w: no block of a key", devices.ErrProtocol)
	}
	n := int(content[2])
	if n < 1 || n > keyBlockSize {
		return nil, fmt.Errorf("%w: a block of %d bytes of a key", devices.ErrProtocol, n)
	}
	return content[3 : 3+n], nil
}

// UnwrapKey is the key for AES out of what the pad encrypted. In front of the key there may be more (Wacom's own sample takes the
// last bytes). The error is devices.ErrProtocol.
func UnwrapKey(key *rsa.PrivateKey, encrypted []byte) ([]byte, error) {
	plain, err := rsa.DecryptOAEP(sha1.New(), nil, key, encrypted, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: the pad's key: %w", devices.ErrProtocol, err)
	}
	defer clear(plain)
	if len(plain) < aesKeySize {
		return nil, fmt.Errorf("%w: the pad's key has %d bytes", devices.ErrProtocol, len(plain))
	}
	return append([]byte(nil), plain[len(plain)-aesKeySize:]...), nil
}

// Sizes of the exchange by Diffie-Hellman (300, 500, 520A), in bytes.
const (
	DHSize     = 16
	DHBaseSize = 2
)

// ErrNoKeys says that the pad's encryption is switched off: its prime is zero.
var ErrNoKeys = errors.New("the pad's encryption is switched off")

// Exchange is the host's half of a Diffie-Hellman exchange. The pads' groups have 128 bits: enough against somebody who reads the
// cable along, not against somebody who records it and computes.
type Exchange struct {
	modulus *bigmod.Modulus
	secret  []byte
	public  []byte
}

// NewExchange begins an exchange in the pad's group. Errors: ErrNoKeys, devices.ErrProtocol, and what the source of chance says.
func NewExchange(prime, base []byte, chance io.Reader) (*Exchange, error) {
	if len(prime) < DHSize || len(base) < DHBaseSize {
		return nil, fmt.Errorf("%w: a group of %d and %d bytes", devices.ErrProtocol, len(prime), len(base))
	}
	prime, base = prime[:DHSize], base[:DHBaseSize]
	if new(big.Int).SetBytes(prime).Sign() == 0 {
		return nil, ErrNoKeys
	}
	if prime[0] == 0 || prime[DHSize-1]&1 == 0 {
		return nil, fmt.Errorf("%w: no prime of 128 bits", devices.ErrProtocol)
	}
	modulus, err := bigmod.NewModulus(prime)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", devices.ErrProtocol, err)
	}
	e := &Exchange{modulus: modulus, secret: make([]byte, DHSize)}
	if _, err := io.ReadFull(chance, e.secret); err != nil {
		return nil, err
	}
	e.public, err = e.power(append(make([]byte, DHSize-DHBaseSize), base...))
	return e, err
}

// Public is what the pad is given: 16 bytes, big-endian, as all numbers here.
func (e *Exchange) Public() []byte { return e.public }

// Key is the key for AES that the pad's public number gives; the exchange is over then. The error is devices.ErrProtocol.
func (e *Exchange) Key(peer []byte) ([]byte, error) {
	defer clear(e.secret)
	if len(peer) < DHSize {
		return nil, fmt.Errorf("%w: a public number of %d bytes", devices.ErrProtocol, len(peer))
	}
	return e.power(peer[:DHSize])
}

// power raises a number to the secret. What has no secret to give (0, 1 and -1) is refused.
func (e *Exchange) power(number []byte) ([]byte, error) {
	n, err := bigmod.NewNat().SetBytes(number, e.modulus)
	if err != nil {
		return nil, fmt.Errorf("%w: a number outside of the group", devices.ErrProtocol)
	}
	if n.IsZero() == 1 || n.IsOne() == 1 || n.IsMinusOne(e.modulus) == 1 {
		return nil, fmt.Errorf("%w: a number that keeps no secret", devices.ErrProtocol)
	}
	return bigmod.NewNat().Exp(n, e.secret, e.modulus).Bytes(e.modulus), nil
}
