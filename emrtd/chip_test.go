package emrtd

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/big"
	"testing"
)

// testChip is an ePassport chip with BAC and, where pace is set, PACE, small and obedient; a test makes it misbehave
// through its hooks. Its primitives are those under test, which the worked examples hold against published values.
type testChip struct {
	files map[uint16][]byte
	// give is the most that one READ BINARY gives; 0 is as much as asked for.
	give int
	// refuse, when not nil, may answer a READ BINARY of so many bytes by a status word, naked or protected; the chip does
	// not count a command that it refuses naked.
	refuse func(expected, left int) (status uint16, naked, refused bool)
	// noShortIDs, when not 0, is what READ BINARY with a short file identifier is answered with.
	noShortIDs uint16
	// atrInfo is EF.ATR/INFO, nil where there is none; the chip then takes short length only.
	atrInfo []byte
	// instead, when not nil, may answer the n-th command, counted from 1, in the chip's place by returning true.
	instead func(n int) ([]byte, error, bool)
	// spoil, when not nil, may change the answer to the n-th command.
	spoil func(n int, answer []byte) []byte
	// plain, when not nil, may change data and status under secure messaging, before they are protected.
	plain func(n int, data []byte, status uint16) ([]byte, uint16)

	// cardAccess is EF.CardAccess, nil where there is none; the chip then answers noCardAccess.
	cardAccess   []byte
	noCardAccess uint16
	pace         *testPACE
	cardSecurity []byte // read while the application is not selected

	n       int
	seed    []byte
	nonce   []byte
	session *secureMessaging
	current []byte
	naked   bool // the answer to come
	// application says that it is selected; before, the master file is.
	application bool
}

func newTestChip(t testing.TB, files map[uint16][]byte) *testChip {
	t.Helper()
	password, err := exampleKey.password()
	if err != nil {
		t.Fatal(err)
	}
	return &testChip{files: files, seed: password.seed(), nonce: []byte("nonce IC"), noCardAccess: 0x6A82}
}

func (c *testChip) Transmit(_ context.Context, command []byte) ([]byte, error) {
	c.n++
	if c.instead != nil {
		if answer, err, done := c.instead(c.n); done {
			return answer, err
		}
	}
	answer := c.answer(command)
	if c.spoil != nil {
		answer = c.spoil(c.n, answer)
	}
	return answer, nil
}

func (c *testChip) answer(command []byte) []byte {
	switch {
	case command[0] == claSecure:
		return c.secure(command)
	case command[1] == insSelect && command[2] == 0x02:
		return c.selectInClear(command[5:7])
	case command[1] == insSelect:
		c.application = command[2] == 0x04
		return []byte{0x90, 0x00}
	case command[1] == insReadBinary && command[2]&0x80 != 0 && c.noShortIDs == 0:
		if answer := c.selectInClear([]byte{0, command[2] & 0x1F}); answer[0] != 0x90 {
			return answer
		}
		return c.readInClear(append([]byte{0, insReadBinary, 0, 0}, command[4:]...))
	case command[1] == insReadBinary:
		return c.readInClear(command)
	case c.pace != nil && command[1] == insManageSecurityEnvironment:
		return c.pace.manage(command)
	case c.pace != nil && command[1] == insGeneralAuthenticate:
		return c.generalAuthenticate(command)
	case command[1] == insGetChallenge:
		return append(bytes.Clone(c.nonce), 0x90, 0x00)
	case command[1] == insExternalAuthenticate:
		return c.authenticate(command[5 : 5+tokenSize+macSize])
	}
	return []byte{0x6D, 0x00}
}

// selectInClear selects EF.CardAccess or EF.ATR/INFO by the last byte of its identifier, and nothing else.
func (c *testChip) selectInClear(id []byte) []byte {
	switch {
	case id[1] == 0x1C && c.cardAccess != nil:
		c.current = c.cardAccess
	case id[1] == 0x1C:
		return binary.BigEndian.AppendUint16(nil, c.noCardAccess)
	case id[1] == 0x01 && c.atrInfo != nil:
		c.current = c.atrInfo
	default:
		return []byte{0x6A, 0x82}
	}
	return []byte{0x90, 0x00}
}

func (c *testChip) readInClear(command []byte) []byte {
	data, status := c.run(command, nil, int(command[4]))
	return binary.BigEndian.AppendUint16(bytes.Clone(data), status)
}

func (c *testChip) authenticate(data []byte) []byte {
	keys := cipher3DES.sessionKeys(c.seed)
	if !verified(keys.authenticate(data[:tokenSize]), data[tokenSize:]) {
		return []byte{0x63, 0x00}
	}
	token, _ := keys.decrypt(nil, data[:tokenSize])
	material := []byte("material of chip")
	secret := make([]byte, materialSize)
	for i := range secret {
		secret[i] = material[i] ^ token[16+i]
	}
	counter := append(bytes.Clone(c.nonce[4:]), token[4:8]...)
	c.session = &secureMessaging{keys: cipher3DES.sessionKeys(secret), ssc: counter}
	own := keys.encrypt(nil, append(append(bytes.Clone(c.nonce), token[:8]...), material...))
	return append(append(own, keys.authenticate(own)...), 0x90, 0x00)
}

// secure opens a protected command, runs it, and protects the answer.
func (c *testChip) secure(command []byte) []byte {
	body := command[5 : len(command)-1]
	if command[4] == 0 { // extended length
		if c.atrInfo == nil {
			return []byte{0x67, 0x00}
		}
		body = command[7 : len(command)-2]
	}
	counter := bytes.Clone(c.session.ssc)
	c.session.count()
	checksum := body[len(body)-macSize:]
	objects := body[:len(body)-macSize-2]
	header := pad(command[:4], c.session.keys.blockSize())
	if !verified(c.session.checksum(header, objects), checksum) {
		return []byte{0x69, 0x88}
	}
	var data []byte
	var expected int
	for rest := objects; len(rest) > 0; {
		tag, value, more, err := nextTLV(rest)
		if err != nil {
			return []byte{0x69, 0x87}
		}
		if tag == tagExpectedLength {
			expected = int(new(big.Int).SetBytes(value).Uint64())
		} else {
			data, _ = c.session.decipher(protected{cryptogram: value, tag: byte(tag)})
		}
		rest = more
	}
	c.naked = false
	answer, status := c.run(command, data, expected)
	if c.naked {
		c.session.ssc = counter
		return binary.BigEndian.AppendUint16(nil, status)
	}
	if c.plain != nil {
		answer, status = c.plain(c.n, answer, status)
	}
	return c.protect(answer, status)
}

func (c *testChip) run(command, data []byte, expected int) ([]byte, uint16) {
	if expected == 0 {
		expected = 256
	}
	offset := int(binary.BigEndian.Uint16(command[2:]))
	switch {
	case command[1] == insSelect && command[2] == 0x04:
		c.application = true
		return nil, statusOK
	case command[1] == insSelect:
		return nil, c.selectFile(binary.BigEndian.Uint16(data))
	case command[2]&0x80 != 0 && c.noShortIDs != 0:
		return nil, c.noShortIDs
	case command[2]&0x80 != 0:
		if status := c.selectFile(0x0100 | uint16(command[2]&0x1F)); status != statusOK {
			return nil, status
		}
		offset = 0
	case command[1] == insReadBinaryOdd:
		value, _, _ := wantTLV(data, tagOffset)
		given, status := c.read(int(new(big.Int).SetBytes(value).Int64()), expected-4)
		if given == nil {
			return nil, status
		}
		return wrap(tagDiscretionary, given), status
	}
	return c.read(offset, expected)
}

// selectFile makes a file the current one: EF.CardSecurity while the application is not selected.
func (c *testChip) selectFile(id uint16) uint16 {
	file, there := c.files[id]
	if !c.application {
		file, there = c.cardSecurity, true
	}
	if !there {
		return 0x6A82
	}
	c.current = file
	return statusOK
}

func (c *testChip) read(offset, expected int) ([]byte, uint16) {
	if offset >= len(c.current) {
		return nil, 0x6B00
	}
	if c.refuse != nil {
		status, naked, refused := c.refuse(expected, len(c.current)-offset)
		if refused {
			c.naked = naked
			return nil, status
		}
	}
	if c.give > 0 {
		expected = min(expected, c.give)
	}
	if rest := c.current[offset:]; len(rest) < expected {
		return rest, statusEndOfFile
	}
	return c.current[offset : offset+expected], statusOK
}

func (c *testChip) protect(data []byte, status uint16) []byte {
	c.session.count()
	var objects []byte
	if len(data) > 0 {
		cryptogram := c.session.keys.encrypt(c.session.ssc, pad(data, c.session.keys.blockSize()))
		objects = appendTLV(objects, tagCryptogram, append([]byte{1}, cryptogram...)...)
	}
	sw := binary.BigEndian.AppendUint16(nil, status)
	objects = appendTLV(objects, tagStatus, sw...)
	checksum := c.session.checksum(objects)
	return append(appendTLV(objects, tagChecksum, checksum...), sw...)
}

// wrap builds a data object of any length.
func wrap(tag uint32, parts ...[]byte) []byte {
	var out []byte
	for shift := 16; shift >= 0; shift -= 8 {
		if b := byte(tag >> shift); b != 0 {
			out = append(out, b)
		}
	}
	value := bytes.Join(parts, nil)
	switch n := len(value); {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	case n < 0x10000:
		out = append(out, 0x82, byte(n>>8), byte(n))
	default:
		out = append(out, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(out, value...)
}

// testFiles are the four files of a chip, of which only EF.COM can be understood; DG2 is of that many bytes in its value.
func testFiles(portrait int) map[uint16][]byte {
	return map[uint16][]byte{
		0x011D: wrap(tagSOD, []byte("signed")),
		0x011E: wrap(tagCOM, wrap(tagLDSVersion, []byte("0107")), wrap(tagUnicodeVersion, []byte("040000")), wrap(tagList, []byte("au"))),
		0x0101: wrap(tagDG1, []byte("the zone")),
		0x0102: wrap(tagDG2, bytes.Repeat([]byte("portrait"), portrait/8+1)[:portrait]),
	}
}

// testOrder are the files of testFiles in the order of reading.
func testOrder() []file { return []file{com(), sod(), dataGroup(1), dataGroup(2)} }
