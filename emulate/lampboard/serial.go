package lampboard

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/foyer-station/foyer/emulate/tty"
)

// Fault is a way in which a board on a serial line misbehaves, until it is Healthy again.
type Fault int32

// The faults.
const (
	Healthy Fault = iota
	Silent        // nothing is answered
	Refuses       // every command is refused
	Damaged       // every frame has a wrong bit
	Lossy         // every other frame has a wrong bit
	Noisy         // noise comes before every frame
	Endless       // noise comes without end, and nothing else
	Slow          // every answer takes slowAnswer
	Late          // every answer comes twice
	Short         // answers have half of their bytes
	Split         // every byte comes by itself
)

const slowAnswer = 60 * time.Millisecond

// writeTime is how long a host may leave what the board says unread; then it is lost, as it is on a real line.
const writeTime = 50 * time.Millisecond

// Serial is a board on a serial line.
type Serial struct {
	*Board
	line    *tty.Line
	fault   atomic.Int32
	frames  atomic.Int32
	serving sync.WaitGroup
	stop    chan struct{}
	once    sync.Once

	writing sync.Mutex
}

// NewSerial plugs a board into a serial line.
func NewSerial(b *Board) (*Serial, error) {
	line, err := tty.New()
	if err != nil {
		return nil, err
	}
	s := &Serial{Board: b, line: line, stop: make(chan struct{})}
	b.OnChange(func(state []byte) { s.send('i', 0, State, state) })
	s.serving.Go(s.serve)
	return s, nil
}

// Path is the device node that a driver opens.
func (s *Serial) Path() string { return s.line.Path() }

// Misbehave makes it do so from now on.
func (s *Serial) Misbehave(f Fault) {
	s.fault.Store(int32(f))
	if f == Endless {
		s.serving.Go(s.babble)
	}
}

func (s *Serial) misbehaves() Fault { return Fault(s.fault.Load()) }

// Close pulls the line out. It may be called twice.
func (s *Serial) Close() error {
	s.once.Do(func() { close(s.stop) })
	err := s.line.Close()
	s.serving.Wait()
	return err
}

func (s *Serial) babble() {
	for s.misbehaves() == Endless {
		select {
		case <-s.stop:
			return
		case <-time.After(time.Millisecond):
			s.write([]byte("\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a\xa5\x5a"))
		}
	}
}

func (s *Serial) serve() {
	var u unframer
	buffer := make([]byte, 256)
	for {
		n, err := s.line.Read(buffer)
		if err != nil {
			return
		}
		for _, b := range buffer[:n] {
			if command := u.next(b); len(command) >= 3 {
				s.obey(command[0], command[1], command[2], command[3:])
			}
		}
	}
}

// obey answers a command.
func (s *Serial) obey(kind, tag, id byte, content []byte) {
	switch s.misbehaves() {
	case Silent, Endless:
		return
	case Refuses:
		s.send('n', tag, id, nil)
		return
	case Slow:
		time.Sleep(slowAnswer)
	}
	answer, ok := []byte(nil), false
	switch kind {
	case 'g':
		answer = s.Get(id)
		ok = answer != nil
	case 's':
		ok = s.Set(id, content)
	}
	if !ok {
		s.send('n', tag, id, nil)
		return
	}
	if s.misbehaves() == Short {
		answer = answer[:len(answer)/2]
	}
	s.send('a', tag, id, answer)
	if s.misbehaves() == Late {
		s.send('a', tag, id, answer)
	}
}

// send sends a frame, as well as the line lets it.
func (s *Serial) send(kind, tag, id byte, content []byte) {
	f := framed(append([]byte{kind, tag, id}, content...))
	n := s.frames.Add(1)
	switch fault := s.misbehaves(); {
	case fault == Damaged, fault == Lossy && n%2 == 1:
		f[2] ^= 0x01
	case fault == Noisy:
		f = append([]byte("\x00noise\x7d\x7e\x7e\x7d\x7e{{{"), f...)
	case fault == Split:
		for _, b := range f {
			s.write([]byte{b})
			time.Sleep(100 * time.Microsecond)
		}
		return
	}
	s.write(f)
}

func (s *Serial) write(b []byte) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.line.SetWriteDeadline(time.Now().Add(writeTime))
	s.line.Write(b)
}

// crc is the frame check sequence of RFC 1662, appendix C.
func crc(content []byte) uint16 {
	fcs := uint16(0xffff)
	for _, b := range content {
		fcs ^= uint16(b)
		for range 8 {
			fcs = fcs>>1 ^ 0x8408*(fcs&1)
		}
	}
	return ^fcs
}

// framed is content as it goes over the line.
func framed(content []byte) []byte {
	check := crc(content)
	f := []byte{0x7e}
	for _, b := range append(content, byte(check), byte(check>>8)) {
		if b == 0x7e || b == 0x7d {
			f = append(f, 0x7d)
			b ^= 0x20
		}
		f = append(f, b)
	}
	return append(f, 0x7e)
}

// unframer finds frames.
type unframer struct {
	content []byte
	escaped bool
}

// next gives a frame's content when b ends a good one.
func (u *unframer) next(b byte) []byte {
	const most = 128
	switch {
	case b == 0x7e:
		content := u.content
		u.content, u.escaped = nil, false
		if n := len(content) - 2; n > 0 && crc(content[:n]) == uint16(content[n])|uint16(content[n+1])<<8 {
			return content[:n]
		}
	case b == 0x7d:
		u.escaped = true
	case len(u.content) < most:
		if u.escaped {
			b, u.escaped = b^0x20, false
		}
		u.content = append(u.content, b)
	}
	return nil
}
