package chip

import (
	"bytes"
	"crypto/subtle"
	"io"
	"math/big"
)

// pace is one run of PACE on the chip's side (Doc 9303-11, 4.4), from MSE:Set AT on.
type pace struct {
	chip      *Chip
	info      PACEInfo
	domain    domain
	reference byte   // of the password
	password  []byte // f(pi), what the key for the nonce is derived from (9.7.3)

	nonce     []byte   // s
	mapping   *big.Int // SK.Map,IC; nil with the integrated mapping
	generator element
	own       []byte // PK.DH,IC as sent
	peer      []byte // PK.DH,IFD as received
	secret    []byte // K
}

// References of the passwords (Doc 9303-11, 4.4.4.1).
const (
	passwordMRZ = 0x01
	passwordCAN = 0x02
)

// setPACE is MSE:Set AT for mutual authentication: it prepares a run.
func (c *Chip) setPACE(template controlReference) response {
	if template.privateKeyReference == nil && c.options.has(NeedsReference) {
		return response{status: swInconsistentLength}
	}
	info, sw := c.selectPACE(template)
	if sw != swSuccess {
		return response{status: sw}
	}
	if sw := c.refusesVariant(info); sw != swSuccess {
		return response{status: sw}
	}
	p := &pace{chip: c, info: info}
	p.domain, _ = standardized(info.Parameters)
	switch {
	case bytes.Equal(template.publicKeyReference, []byte{passwordMRZ}):
		p.reference, p.password = passwordMRZ, c.mrz[:]
	case bytes.Equal(template.publicKeyReference, []byte{passwordCAN}) && c.options.CAN != "":
		p.reference, p.password = passwordCAN, []byte(c.options.CAN)
	default:
		return response{status: swReferenceNotFound}
	}
	c.protocol = p.encryptNonce
	if p.reference == passwordCAN && c.tries != c.options.CANTries {
		return response{status: swRetries | uint16(c.tries)}
	}
	return response{status: swSuccess}
}

// selectPACE finds the variant by its object identifier and, where that leaves a choice, its domain parameters.
func (c *Chip) selectPACE(template controlReference) (PACEInfo, uint16) {
	var found []PACEInfo
	status := swWrongData
	for _, info := range c.options.PACE {
		if !bytes.Equal(info.protocol(), template.mechanism) {
			continue
		}
		status = swReferenceNotFound
		if key := template.privateKeyReference; key == nil || bytes.Equal(key, []byte{byte(info.Parameters)}) {
			found = append(found, info)
		}
	}
	if len(found) != 1 {
		return PACEInfo{}, status
	}
	return found[0], swSuccess
}

// usable says whether the password may be tried now (TR-03110-3, B.14.1 and B.14.2). The last try needs a session
// that the other password has opened.
func (p *pace) usable() uint16 {
	switch c := p.chip; {
	case p.reference != passwordCAN || c.options.CANTries == 0:
	case c.tries == 0:
		return swBlocked
	case c.tries == 1 && c.session == nil:
		return swConditionsOfUse
	}
	return swSuccess
}

// encryptNonce is step 1.
func (p *pace) encryptNonce(data []byte, chained bool) (answer []byte, next step, sw uint16) {
	if len(data) != 0 || !chained {
		return nil, nil, swWrongData
	}
	if sw := p.usable(); sw != swSuccess {
		return nil, nil, sw
	}
	if sw := p.chip.refusesNonce(); sw != swSuccess {
		return nil, nil, sw
	}
	if p.chip.failed {
		p.chip.slowDown(SlowAfterFailure, pauseAfterFailure)
	}
	p.nonce = make([]byte, p.info.nonceSize())
	if _, err := io.ReadFull(p.chip.options.Random, p.nonce); err != nil {
		return nil, nil, swNoDiagnosis
	}
	block := p.info.Cipher.block(p.info.Cipher.deriveKey(p.password, keyForPassword))
	return object(0x80, encryptCBC(block, nil, p.nonce)), p.mapNonce, swSuccess
}

// mapNonce is step 2.
func (p *pace) mapNonce(data []byte, chained bool) (answer []byte, next step, sw uint16) {
	value, ok := only(0x81, data)
	if !ok || !chained {
		return nil, nil, swWrongData
	}
	defer clear(p.nonce)
	if p.info.Mapping == IntegratedMapping {
		if len(value) != p.info.Cipher.keySize() {
			return nil, nil, swWrongData
		}
		if p.generator, ok = p.domain.fromField(p.info.Cipher.pseudoRandom(p.nonce, value, p.domain.field())); !ok {
			return nil, nil, swVerificationFailed
		}
		return object(0x82), p.agree, swSuccess
	}
	peer, ok := p.domain.decode(value)
	if !ok {
		return nil, nil, swWrongData
	}
	var err error
	if p.mapping, err = newScalar(p.chip.options.Random, p.domain.order()); err != nil {
		return nil, nil, swNoDiagnosis
	}
	base := p.domain.generator()
	p.generator = base.multiply(new(big.Int).SetBytes(p.nonce)).add(peer.multiply(p.mapping))
	if p.generator.neutral() {
		return nil, nil, swVerificationFailed
	}
	return object(0x82, base.multiply(p.mapping).encode()), p.agree, swSuccess
}

// agree is step 3.
func (p *pace) agree(data []byte, chained bool) (answer []byte, next step, sw uint16) {
	value, ok := only(0x83, data)
	if !ok || !chained {
		return nil, nil, swWrongData
	}
	peer, ok := p.domain.decode(value)
	if !ok {
		return nil, nil, swWrongData
	}
	private, err := newScalar(p.chip.options.Random, p.domain.order())
	if err != nil {
		return nil, nil, swNoDiagnosis
	}
	public := p.generator.multiply(private)
	p.own, p.peer = public.encode(), bytes.Clone(value)
	if bytes.Equal(p.own, peer.encode()) { // an echo (4.4.1)
		return nil, nil, swVerificationFailed
	}
	p.secret = peer.multiply(private).secret()
	return object(0x84, p.own), p.authenticate, swSuccess
}

// authenticate is step 4. The new session begins with the command after it.
func (p *pace) authenticate(data []byte, chained bool) (answer []byte, next step, sw uint16) {
	defer clear(p.secret)
	if chained {
		return nil, nil, swLastOfChain
	}
	value, ok := only(0x85, data)
	if !ok {
		return nil, nil, swWrongData
	}
	c, keys := p.chip, p.info.Cipher.protection(p.secret)
	if subtle.ConstantTimeCompare(value, keys.token(p.publicKey(p.own))) != 1 {
		return nil, nil, c.wrongPassword(p.reference)
	}
	if p.reference == passwordCAN {
		c.tries = c.options.CANTries
	}
	answer = object(0x86, keys.token(p.publicKey(p.peer)))
	if p.info.Mapping == ChipAuthenticationMapping {
		answer = append(answer, p.chipAuthenticationData()...)
	}
	c.basic.challenge = nil
	c.failed = false
	c.session = newSession(keys)
	return answer, nil, swSuccess
}

// wrongPassword counts a failure with the CAN; the MRZ has no counter.
func (c *Chip) wrongPassword(reference byte) uint16 {
	c.failed = true
	if reference != passwordCAN || c.options.CANTries == 0 {
		return swVerificationFailed
	}
	c.tries--
	return swRetries | uint16(c.tries)
}

// publicKey is the data object that an authentication token covers (Doc 9303-11, 4.4.3.4 and 9.4).
func (p *pace) publicKey(key []byte) []byte {
	body := object(0x49, objectIdentifier(p.info.protocol()), object(p.domain.tag(), key))
	return append([]byte{0x7F}, body...)
}

// chipAuthenticationData is the encrypted chip authentication data (Doc 9303-11, 4.4.3.5) as DO'8A'; a chip that does not
// know its private key has none to give.
func (p *pace) chipAuthenticationData() []byte {
	key, ok := p.chip.mappingKey(p.info.Parameters)
	if !ok {
		return nil
	}
	order := p.domain.order()
	data := new(big.Int).ModInverse(new(big.Int).SetBytes(key.Private), order)
	data.Mod(data.Mul(data, p.mapping), order)
	block := p.info.Cipher.block(p.info.Cipher.deriveKey(p.secret, keyForEncryption))
	vector := bytes.Repeat([]byte{0xFF}, block.BlockSize())
	block.Encrypt(vector, vector)
	return object(0x8A, encryptCBC(block, vector, padded(fixed(data, order), block.BlockSize())))
}
