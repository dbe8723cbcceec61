package stu

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-station/foyer/devices"
	"github.com/foyer-station/foyer/devices/stu/protocol"
)

// cipher is how what is written goes to the host.
type cipher int

const (
	inClear         cipher = iota // the pad cannot do else, or is not to
	byDiffieHellman               // 300, 500, 520A
	byRSA                         // 430, 530, 540
)

// ErrInClear says that a pad does not encrypt what is written, and is to.
var ErrInClear = fmt.Errorf("%w: the pad does not encrypt what is written", devices.ErrUnsupported)

// chooseCipher finds out how the pad encrypts, by agreeing on a key once. One that refuses writes in clear from now on, if it may;
// one that took a key now and refuses one later is broken.
func (p *Pad) chooseCipher(ctx context.Context) error {
	if p.driver.config.Encryption == Off {
		return nil
	}
	err := protocol.ErrNoKeys
	if p.cipher = offered(p.wire.sizes()); p.cipher != inClear {
		var key []byte
		key, err = p.agree(ctx)
		clear(key)
	}
	switch {
	case err == nil && p.cipher != inClear:
		return nil
	case err != nil && !errors.Is(err, devices.ErrProtocol) && !errors.Is(err, protocol.ErrNoKeys):
		return err
	case p.driver.config.Encryption == Required:
		return fmt.Errorf("%w: %v", ErrInClear, err)
	}
	p.cipher = inClear
	return nil
}

// offered is how a pad with these reports can encrypt. An STU-540 has those of the older way too.
func offered(sizes protocol.Sizes) cipher {
	switch {
	case !sizes.Has(protocol.StartCapture):
		return inClear
	case sizes.Has(protocol.EncryptionCommand) && sizes.Has(protocol.EncryptionStatus):
		return byRSA
	case sizes.Has(protocol.HostPublicKey) && sizes.Has(protocol.DevicePublicKey):
		return byDiffieHellman
	}
	return inClear
}

// agree makes a key with the pad.
func (p *Pad) agree(ctx context.Context) ([]byte, error) {
	if p.cipher == byRSA {
		return p.agreeByRSA(ctx)
	}
	return p.agreeByDiffieHellman(ctx)
}

func (p *Pad) agreeByRSA(ctx context.Context) ([]byte, error) {
	own, err := p.driver.key()
	if err != nil {
		return nil, err
	}
	for _, command := range append(protocol.OfferKey(&own.PublicKey), protocol.Generate()) {
		if err := p.set(ctx, protocol.EncryptionCommand, command...); err != nil {
			return nil, err
		}
	}
	err = p.until(ctx, func() (bool, error) {
		content, err := p.wire.get(ctx, protocol.EncryptionStatus, protocol.KeyState)
		if err != nil {
			return false, err
		}
		busy, err := protocol.KeyProgress(content)
		return !busy, err
	})
	if err != nil {
		return nil, err
	}
	var encrypted []byte
	for i := 0; len(encrypted) < protocol.RSABits/8; i++ {
		if err := p.set(ctx, protocol.EncryptionCommand, protocol.AskForKey(i)...); err != nil {
			return nil, err
		}
		content, err := p.wire.get(ctx, protocol.EncryptionCommand, protocol.CommandSize)
		if err != nil {
			return nil, err
		}
		part, err := protocol.KeyBlock(content)
		if err != nil {
			return nil, err
		}
		encrypted = append(encrypted, part...)
	}
	return protocol.UnwrapKey(own, encrypted)
}

func (p *Pad) agreeByDiffieHellman(ctx context.Context) ([]byte, error) {
	prime, err := p.wire.get(ctx, protocol.DHPrime, protocol.DHSize)
	if err != nil {
		return nil, err
	}
	base, err := p.wire.get(ctx, protocol.DHBase, protocol.DHBaseSize)
	if err != nil {
		return nil, err
	}
	exchange, err := protocol.NewExchange(prime, base, rand.Reader)
	if err != nil {
		return nil, err
	}
	if err := p.set(ctx, protocol.HostPublicKey, exchange.Public()...); err != nil {
		return nil, err
	}
	err = p.until(ctx, func() (bool, error) {
		code, err := p.status(ctx)
		return code != protocol.StatusCalculation, err
	})
	if err != nil {
		return nil, err
	}
	peer, err := p.wire.get(ctx, protocol.DevicePublicKey, protocol.DHSize)
	if err != nil {
		return nil, err
	}
	return exchange.Key(peer)
}

// until asks again and again until the pad is done with a key.
func (p *Pad) until(ctx context.Context, done func() (bool, error)) error {
	const pause = 10 * time.Millisecond
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for deadline := time.Now().Add(busyTime); time.Now().Before(deadline); {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fmt.Errorf("%w: no key", devices.ErrTimeout)
}

// session agrees on a key, for one capture under an id that no capture had.
func (p *Pad) session(ctx context.Context) (*protocol.Session, error) {
	key, err := p.agree(ctx)
	if err != nil {
		return nil, err
	}
	var id [4]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	return protocol.NewSession(key, binary.BigEndian.Uint32(id[:]))
}
