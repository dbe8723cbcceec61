package emrtd

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"io"
	"math/big"
)

// testPACE is PACE from the chip's side, for the one variant that it is given. Its primitives are those under test, which
// the worked examples hold against published values.
type testPACE struct {
	variant  paceVariant
	password password
	random   io.Reader // nil is crypto/rand
	static   []byte    // private key for chip authentication mapping
	// selected is what the selection of PACE answers: 9000, or 63Cx.
	selected uint16
	// wantsReference refuses a selection without the reference of the domain parameters, by this status word.
	wantsReference uint16
	// spoil, when not nil, may change the data object that a step answers with.
	spoil func(tag byte, value []byte) []byte

	step       int
	nonce      []byte
	base       element
	mapPrivate []byte
	own        element
	theirs     []byte
	keys       sessionKeys
}

func (p *testPACE) draw(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(p.source(), b); err != nil {
		panic(err)
	}
	return b
}

func (p *testPACE) source() io.Reader {
	if p.random == nil {
		return rand.Reader
	}
	return p.random
}

func (p *testPACE) scalar() []byte {
	k, err := p.variant.group.scalar(p.source())
	if err != nil {
		panic(err)
	}
	return k
}

// manage answers MSE:Set AT.
func (p *testPACE) manage(command []byte) []byte {
	p.step = 0
	data := command[5:]
	mechanism, _ := findTLV(data, tagMechanism)
	reference, _ := findTLV(data, tagPassword)
	if !bytes.Equal(mechanism, p.variant.oid()) || !bytes.Equal(reference, []byte{p.password.reference}) {
		return []byte{0x6A, 0x88}
	}
	parameters, err := findTLV(data, tagReference)
	if err == nil && !bytes.Equal(parameters, big.NewInt(int64(p.variant.ParameterID)).Bytes()) {
		return []byte{0x6A, 0x88}
	}
	if err != nil && p.wantsReference != 0 {
		return binary.BigEndian.AppendUint16(nil, p.wantsReference)
	}
	p.step = 1
	return binary.BigEndian.AppendUint16(nil, p.selected)
}

// generalAuthenticate answers one step of PACE; after the last one the chip speaks secure messaging.
func (c *testChip) generalAuthenticate(command []byte) []byte {
	p := c.pace
	data, most := command[5:], 256
	if command[4] == 0 { // extended length
		data, most = command[7:], extendedLength
	}
	body, le, err := wantTLV(data, tagDynamic)
	if err != nil || (command[0] == claChained) != (p.step < 4) {
		return []byte{0x6A, 0x80}
	}
	if want := map[int]string{256: "\x00", extendedLength: "\x00\x00"}[most]; string(le) != want {
		return []byte{0x67, 0x00}
	}
	var objects []byte
	switch p.step {
	case 1:
		objects = p.give(tagNonce, p.encryptedNonce())
	case 2:
		objects = p.mapNonce(body)
	case 3:
		objects = p.agree(body)
	case 4:
		objects = p.finish(body)
	}
	p.step++
	if objects == nil {
		return []byte{0x63, 0x00}
	}
	if p.step == 5 {
		c.session = newSecureMessaging(p.keys)
	}
	answer := appendTLV(nil, tagDynamic, objects...)
	if len(answer) > most {
		return []byte{0x67, 0x00}
	}
	return append(answer, 0x90, 0x00)
}

func (p *testPACE) give(tag byte, value []byte) []byte {
	if p.spoil != nil {
		value = p.spoil(tag, value)
	}
	return appendTLV(nil, tag, value...)
}

func (p *testPACE) encryptedNonce() []byte {
	c := p.variant.cipher()
	p.nonce = p.draw(len(c.mappingConstant(0)))
	block := c.block(c.derive(p.password.encoded, counterPassword))
	return encryptCBC(block, make([]byte, block.BlockSize()), p.nonce)
}

func (p *testPACE) mapNonce(body []byte) []byte {
	data, err := findTLV(body, tagMapping)
	if err != nil {
		return nil
	}
	g := p.variant.group
	if p.variant.mapping() == mappingIntegrated {
		if p.base, err = integratedMapping(g, p.variant.cipher(), p.nonce, data); err != nil {
			return nil
		}
		return appendTLV(nil, tagMapping+1)
	}
	theirs, err := g.decode(data)
	if err != nil {
		return nil
	}
	p.mapPrivate = p.scalar()
	if p.base, err = genericMapping(g, p.nonce, theirs.multiply(p.mapPrivate)); err != nil {
		return nil
	}
	return p.give(tagMapping+1, g.generator().multiply(p.mapPrivate).encode())
}

func (p *testPACE) agree(body []byte) []byte {
	data, err := findTLV(body, tagEphemeralKey)
	if err != nil {
		return nil
	}
	theirs, err := p.variant.group.decode(data)
	if err != nil {
		return nil
	}
	private := p.scalar()
	p.own, p.theirs = p.base.multiply(private), data
	p.keys = p.variant.cipher().sessionKeys(theirs.multiply(private).secret())
	return p.give(tagEphemeralKey+1, p.own.encode())
}

func (p *testPACE) finish(body []byte) []byte {
	token, err := findTLV(body, tagToken)
	object := func(key []byte) []byte { return (&paceSession{paceVariant: p.variant}).publicKey(key) }
	if err != nil || !verified(p.keys.authenticate(object(p.own.encode())), token) {
		return nil
	}
	out := p.give(tagToken+1, p.keys.authenticate(object(p.theirs)))
	if p.variant.mapping() == mappingChipAuthentication {
		minusOne := bytes.Repeat([]byte{0xFF}, 16)
		out = append(out, p.give(tagChipData, p.keys.encrypt(minusOne, pad(p.chipAuthenticationData(), 16)))...)
	}
	return out
}

// chipAuthenticationData is CA_IC = SK_IC^-1 · SK_Map,IC modulo the order.
func (p *testPACE) chipAuthenticationData() []byte {
	c := p.variant.group.(ellipticGroup)
	order := c.Parameters().N
	v := new(big.Int).ModInverse(new(big.Int).SetBytes(p.static), order)
	v.Mul(v, new(big.Int).SetBytes(p.mapPrivate))
	return v.Mod(v, order).FillBytes(make([]byte, c.OrderSize()))
}
