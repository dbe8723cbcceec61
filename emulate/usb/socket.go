package usb

import (
	"fmt"
	"net"
	"sync"
)

// socket is where the preload brings the ioctls of whatever has one device number. Every number has its socket for as long
// as the bed is there: the preload looks for a device's file first and connects afterwards, and ends a program that then
// finds nobody. So no socket may come after a file, and none may go while a program can be between the two, however slow
// the machine is.
type socket struct {
	bed      *Bed
	listener *net.UnixListener

	mu   sync.Mutex
	node *node // the device that has the number, or had it last; nil when none ever had
}

func (b *Bed) listen(number int) (*socket, error) {
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: b.path("ioctl", devnode(number)), Net: "unix"})
	if err != nil {
		return nil, err
	}
	return &socket{bed: b, listener: listener}, nil
}

// listenForAll makes a socket for every device number, and answers on them until they are closed.
func (b *Bed) listenForAll() error {
	for number := firstNumber; number <= lastNumber; number++ {
		s, err := b.listen(number)
		if err != nil {
			b.stopListening()
			return fmt.Errorf("listen for device %d: %w", number, err)
		}
		b.sockets[number] = s
		b.serving.Go(s.accept)
	}
	return nil
}

func (b *Bed) stopListening() {
	for _, s := range b.sockets {
		s.listener.Close()
	}
}

// accept takes programs in until the bed closes.
func (s *socket) accept() {
	for {
		connection, err := s.listener.Accept()
		if err != nil {
			return
		}
		n := s.device()
		if n == nil || !s.bed.hold(connection) { // nobody who opened a file first, or the bed closes
			connection.Close()
			continue
		}
		s.bed.serving.Go(func() {
			defer s.bed.letGo(connection)
			n.admit(connection).serve()
		})
	}
}

func (s *socket) device() *node {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.node
}

// give lets a device have the number.
func (s *socket) give(n *node) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.node = n
}

// hold notes a program's connection, so that Close can end it. It says no once the bed closes.
func (b *Bed) hold(connection net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.held[connection] = true
	}
	return !b.closed
}

func (b *Bed) letGo(connection net.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.held, connection)
}

// hangUp ends the connections of the programs that still hold a device.
func (b *Bed) hangUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for connection := range b.held {
		connection.Close()
	}
}
