package chip_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/foyer-station/foyer/emulate/chip"
)

// terminal is a reader written from Doc 9303-11 alone, for talking to the chip.
type terminal struct {
	t        testing.TB
	card     *chip.Chip
	cipher   chip.Cipher
	enc, mac []byte // session keys; nil without secure messaging
	counter  *big.Int
	extended bool       // ask for more than 256 bytes
	expected []byte     // Le of the next command under secure messaging, instead of the largest; empty for none
	scalars  []*big.Int // the next private keys, instead of random ones
	padded   bool       // send DH public keys in the prime's length, against Doc 9303-11, 9.4.1
}

func newTerminal(t testing.TB, card *chip.Chip) *terminal { return &terminal{t: t, card: card} }

func (r *terminal) scalar(g *group) *big.Int {
	if len(r.scalars) == 0 {
		return g.scalar(r.t)
	}
	n := r.scalars[0]
	r.scalars = r.scalars[1:]
	return n
}

func (r *terminal) encode(g *group, public member) []byte {
	if r.padded {
		return g.shared(public)
	}
	return g.encode(public)
}

func derive(c chip.Cipher, secret []byte, purpose uint32) []byte {
	input := binary.BigEndian.AppendUint32(slices.Clone(secret), purpose)
	short, long := sha1.Sum(input), sha256.Sum256(input)
	switch c {
	case chip.AES192:
		return long[:24]
	case chip.AES256:
		return long[:]
	}
	return short[:16]
}

func blockOf(t testing.TB, c chip.Cipher, key []byte) cipher.Block {
	t.Helper()
	var block cipher.Block
	var err error
	if c == chip.TripleDES {
		block, err = des.NewTripleDESCipher(slices.Concat(key, key[:8]))
	} else {
		block, err = aes.NewCipher(key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return block
}

func fill(data []byte, size int) []byte {
	out := append(slices.Clone(data), 0x80)
	return append(out, make([]byte, (size-len(out)%size)%size)...)
}

// checksum is the retail MAC or CMAC of a message; with whole, the message is whole blocks already.
func checksum(t testing.TB, c chip.Cipher, key, message []byte, whole bool) []byte {
	t.Helper()
	if c == chip.TripleDES {
		if !whole {
			message = fill(message, 8)
		}
		first, second := blockOf(t, c, slices.Concat(key[:8], key[:8])), blockOf(t, c, slices.Concat(key[8:], key[8:]))
		sum := make([]byte, 8)
		for block := range slices.Chunk(message, 8) {
			for i := range sum {
				sum[i] ^= block[i]
			}
			first.Encrypt(sum, sum)
		}
		second.Decrypt(sum, sum)
		first.Encrypt(sum, sum)
		return sum
	}
	block := blockOf(t, c, key)
	subkey := make([]byte, 16)
	block.Encrypt(subkey, subkey)
	rounds := 1
	if len(message) == 0 || len(message)%16 != 0 {
		message, rounds = fill(message, 16), 2
	}
	k := new(big.Int).SetBytes(subkey)
	for range rounds {
		if k.Lsh(k, 1); k.BitLen() > 128 {
			k.SetBit(k, 128, 0)
			k.Xor(k, big.NewInt(0x87))
		}
	}
	k.FillBytes(subkey)
	message = slices.Clone(message)
	for i, b := range subkey {
		message[len(message)-16+i] ^= b
	}
	out := make([]byte, len(message))
	cipher.NewCBCEncrypter(block, make([]byte, 16)).CryptBlocks(out, message)
	return out[len(out)-16:][:8]
}

func tlv(tag int, parts ...[]byte) []byte {
	value := bytes.Join(parts, nil)
	var out []byte
	if tag > 0xFF {
		out = append(out, byte(tag>>8))
	}
	out = append(out, byte(tag))
	switch n := len(value); {
	case n < 128:
		out = append(out, byte(n))
	case n < 256:
		out = append(out, 0x81, byte(n))
	default:
		out = append(out, 0x82, byte(n>>8), byte(n))
	}
	return append(out, value...)
}

// find gives the value of a data object with a one-byte tag, nil if there is none.
func find(data []byte, tag byte) []byte {
	for len(data) >= 2 {
		head, length := 2, int(data[1])
		switch length {
		case 0x81:
			head, length = 3, int(data[2])
		case 0x82:
			head, length = 4, int(data[2])<<8|int(data[3])
		}
		if data[0] == tag {
			return data[head : head+length]
		}
		data = data[head+length:]
	}
	return nil
}

// command is class, instruction and parameters with data and the largest Le, in extended length where data needs it.
func command(header string, data []byte) []byte {
	var out []byte
	if _, err := fmt.Sscanf(header, "%x", &out); err != nil {
		panic(err)
	}
	if len(data) > 255 {
		return slices.Concat(out, []byte{0, byte(len(data) >> 8), byte(len(data))}, data, []byte{0, 0})
	}
	if len(data) > 0 {
		out = append(append(out, byte(len(data))), data...)
	}
	return append(out, 0)
}

// send transmits a command, under secure messaging if there is a session.
func (r *terminal) send(header string, data []byte) ([]byte, uint16) {
	r.t.Helper()
	if r.enc != nil {
		return r.sendProtected(header, data)
	}
	return split(r.t, r.card.Transmit(context.Background(), command(header, data)))
}

func split(t testing.TB, response []byte) ([]byte, uint16) {
	t.Helper()
	if len(response) < 2 {
		t.Fatalf("response %x", response)
	}
	n := len(response) - 2
	return response[:n], binary.BigEndian.Uint16(response[n:])
}

// protected is the next command as it goes over the link.
func (r *terminal) protected(header string, data []byte) []byte {
	r.t.Helper()
	block := blockOf(r.t, r.cipher, r.enc)
	size := block.BlockSize()
	clear := command(header, nil)[:4]
	clear[0] |= 0x0C
	var body []byte
	counter := r.count(size)
	if len(data) > 0 {
		filled := fill(data, size)
		cipher.NewCBCEncrypter(block, r.vector(block, counter)).CryptBlocks(filled, filled)
		body = tlv(0x87, []byte{1}, filled)
	}
	switch le := r.expected; {
	case le == nil:
		body = append(body, 0x97, 1, 0)
	case len(le) > 0:
		body = append(body, tlv(0x97, le)...)
	}
	r.expected = nil
	mac := checksum(r.t, r.cipher, r.mac, slices.Concat(counter, fill(clear, size), fill(body, size)), true)
	body = append(body, tlv(0x8E, mac)...)
	raw := command(fmt.Sprintf("%x", clear), body)
	if r.extended && len(body) <= 255 {
		raw = slices.Concat(clear, []byte{0, 0, byte(len(body))}, body, []byte{0, 0})
	}
	return raw
}

func (r *terminal) sendProtected(header string, data []byte) ([]byte, uint16) {
	r.t.Helper()
	block := blockOf(r.t, r.cipher, r.enc)
	size := block.BlockSize()
	answer, sw := split(r.t, r.card.Transmit(context.Background(), r.protected(header, data)))
	if len(answer) == 0 {
		return nil, sw
	}
	counter := r.count(size)
	authentic := answer[:len(answer)-10]
	mac := checksum(r.t, r.cipher, r.mac, slices.Concat(counter, fill(authentic, size)), true)
	if !bytes.Equal(find(answer, 0x8E), mac) {
		r.t.Fatalf("response to %s has a wrong MAC", header)
	}
	if inner := binary.BigEndian.Uint16(find(answer, 0x99)); inner != sw {
		r.t.Fatalf("response to %s says %04X inside and %04X outside", header, inner, sw)
	}
	cryptogram := find(answer, 0x87)
	if cryptogram == nil {
		return nil, sw
	}
	plain := slices.Clone(cryptogram[1:])
	cipher.NewCBCDecrypter(block, r.vector(block, counter)).CryptBlocks(plain, plain)
	return plain[:bytes.LastIndexByte(plain, 0x80)], sw
}

// sendExtended transmits a protected command whose response is longer than 256 bytes.
func (r *terminal) sendExtended(header string, data []byte) ([]byte, uint16) {
	r.t.Helper()
	r.extended = true
	defer func() { r.extended = false }()
	return r.send(header, data)
}

func (r *terminal) count(size int) []byte {
	r.counter.Add(r.counter, big.NewInt(1))
	return r.counter.FillBytes(make([]byte, size))
}

func (r *terminal) vector(block cipher.Block, counter []byte) []byte {
	vector := make([]byte, block.BlockSize())
	if r.cipher != chip.TripleDES {
		block.Encrypt(vector, counter)
	}
	return vector
}

// restart begins secure messaging with keys from a secret.
func (r *terminal) restart(c chip.Cipher, secret []byte) {
	r.cipher, r.counter = c, new(big.Int)
	r.enc, r.mac = derive(c, secret, 1), derive(c, secret, 2)
}

func protocolOf(info chip.PACEInfo) []byte {
	arc := byte(1) + 2*byte(info.Mapping)
	if info.Parameters >= 8 {
		arc++
	}
	return []byte{0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, arc, byte(info.Cipher)}
}

// mrzPassword is the digest of the MRZ information of the document in [published].
func mrzPassword() []byte {
	digest := sha1.Sum([]byte("L898902C<369080619406236")) // Doc 9303-11, D.2
	return digest[:]
}

// pace runs PACE with the password under the reference, and gives the status of the first step that fails, or of the
// last. DO'8A' of the last step and the chip's mapping key come back with it.
func (r *terminal) pace(info chip.PACEInfo, reference byte, password []byte) (status uint16, data, mapped []byte) {
	r.t.Helper()
	template := slices.Concat(tlv(0x80, protocolOf(info)), tlv(0x83, []byte{reference}),
		tlv(0x84, []byte{byte(info.Parameters)}))
	if _, sw := r.send("0022C1A4", template); sw != 0x9000 && sw>>4 != 0x63C {
		return sw, nil, nil
	}
	answer, sw := r.send("10860000", tlv(0x7C))
	if sw != 0x9000 {
		return sw, nil, nil
	}
	nonce := slices.Clone(find(find(answer, 0x7C), 0x80))
	block := blockOf(r.t, info.Cipher, derive(info.Cipher, password, 3))
	cipher.NewCBCDecrypter(block, make([]byte, block.BlockSize())).CryptBlocks(nonce, nonce)
	g := groupOf(r.t, info.Parameters)
	base, mapped := r.mapNonce(g, info, nonce)

	private := r.scalar(g)
	own := r.encode(g, g.times(base, private))
	answer, sw = r.send("10860000", tlv(0x7C, tlv(0x83, own)))
	if sw != 0x9000 {
		return sw, nil, mapped
	}
	peer := find(find(answer, 0x7C), 0x84)
	secret := g.shared(g.times(g.decode(peer), private))
	tag := 0x84
	if g.elliptic() {
		tag = 0x86
	}
	key := derive(info.Cipher, secret, 2)
	token := func(public []byte) []byte {
		message := tlv(0x7F49, tlv(0x06, protocolOf(info)), tlv(tag, public))
		return checksum(r.t, info.Cipher, key, message, false)
	}
	answer, sw = r.send("00860000", tlv(0x7C, tlv(0x85, token(peer))))
	if sw != 0x9000 {
		return sw, nil, mapped
	}
	if !bytes.Equal(find(find(answer, 0x7C), 0x86), token(own)) {
		r.t.Fatalf("%+v: the chip's token is wrong", info)
	}
	r.restart(info.Cipher, secret)
	return sw, find(find(answer, 0x7C), 0x8A), mapped
}

// mapNonce is step 2 on the terminal's side: the generator, and the chip's public key of the mapping.
func (r *terminal) mapNonce(g *group, info chip.PACEInfo, nonce []byte) (member, []byte) {
	r.t.Helper()
	if info.Mapping == chip.IntegratedMapping {
		random := make([]byte, len(derive(info.Cipher, nil, 0)))
		if _, err := rand.Read(random); err != nil {
			r.t.Fatal(err)
		}
		if _, sw := r.send("10860000", tlv(0x7C, tlv(0x81, random))); sw != 0x9000 {
			r.t.Fatalf("%+v: map nonce: %04X", info, sw)
		}
		return g.encodeNumber(pseudoRandom(r.t, info.Cipher, nonce, random, g.p)), nil
	}
	private := r.scalar(g)
	answer, sw := r.send("10860000", tlv(0x7C, tlv(0x81, g.encode(g.times(g.base, private)))))
	if sw != 0x9000 {
		r.t.Fatalf("%+v: map nonce: %04X", info, sw)
	}
	mapped := find(find(answer, 0x7C), 0x82)
	shared := g.times(g.decode(mapped), private)
	return g.add(g.times(g.base, new(big.Int).SetBytes(nonce)), shared), mapped
}

// pseudoRandom is Rp(s,t) of figure 2 in Doc 9303-11, 4.4.3.3.2.
func pseudoRandom(t testing.TB, c chip.Cipher, nonce, random []byte, p *big.Int) *big.Int {
	t.Helper()
	constants := []string{"a668892a7c41e3ca739f40b057d85904", "a4e136ac725f738b01c1f60217c188ad"}
	if c == chip.AES192 || c == chip.AES256 {
		constants = []string{"d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676",
			"54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517"}
	}
	encrypt := func(key, data []byte) []byte {
		block := blockOf(t, c, key)
		out := make([]byte, len(data))
		cipher.NewCBCEncrypter(block, make([]byte, block.BlockSize())).CryptBlocks(out, data)
		return out
	}
	key := encrypt(random, nonce)
	var x []byte
	for rounds := (p.BitLen() + 64 + 8*len(nonce) - 1) / (8 * len(nonce)); rounds > 0; rounds-- {
		key = key[:len(random)]
		x = append(x, encrypt(key, unhex(t, constants[1]))...)
		key = encrypt(key, unhex(t, constants[0]))
	}
	return new(big.Int).Mod(new(big.Int).SetBytes(x), p)
}

// read selects the application and reads the beginning of a file by its short identifier.
func (r *terminal) read(shortID byte) []byte {
	r.t.Helper()
	if _, sw := r.send("00A4040C", unhex(r.t, "A0000002471001")); sw != 0x9000 {
		r.t.Fatalf("select the application: %04X", sw)
	}
	content, sw := r.send(fmt.Sprintf("00B0%02X00", 0x80|shortID), nil)
	if sw != 0x9000 {
		r.t.Fatalf("read file %02X: %04X", shortID, sw)
	}
	return content
}
