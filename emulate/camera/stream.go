// Package camera answers below the camera drivers: it sends pictures over a local TCP port, and gives the GStreamer
// pipeline through which OpenCV reads them as it reads a camera. It needs neither, so it can run beside the kiosk.
//
// A [Hall] is the camera that sees the visitor; a [Glass] is the one under a document reader's glass, with its lamps.
// Both can be unplugged and plugged in again: then the connection breaks, and the driver sees the end of the stream.
package camera

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// stream sends frames at a steady rate to everyone who connects.
type stream struct {
	next     func() []byte // the next frame as it goes over the line
	interval time.Duration
	address  string

	mu       sync.Mutex
	listener net.Listener // nil while unplugged
	conns    map[net.Conn]bool
	serving  sync.WaitGroup
}

func newStream(fps int, next func() []byte) (*stream, error) {
	s := &stream{next: next, interval: time.Second / time.Duration(fps), address: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	if err := s.plug(); err != nil {
		return nil, err
	}
	s.address = s.listener.Addr().String() // a camera comes back where it was
	return s, nil
}

func (s *stream) plug() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return fmt.Errorf("plug camera in: %w", err)
	}
	s.listener = listener
	s.serving.Go(func() { s.accept(listener) })
	return nil
}

// unplug breaks every connection and returns when nothing is being sent any more.
func (s *stream) unplug() {
	s.mu.Lock()
	if s.listener != nil {
		s.listener.Close()
		s.listener = nil
	}
	for conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	s.serving.Wait()
}

func (s *stream) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return // unplugged
		}
		s.mu.Lock()
		if s.listener != listener {
			s.mu.Unlock()
			conn.Close()
			return
		}
		s.conns[conn] = true
		s.serving.Go(func() { s.send(conn) })
		s.mu.Unlock()
	}
}

func (s *stream) send(conn net.Conn) {
	defer func() {
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
		conn.Close()
	}()
	// What lies in the socket is what the reader sees late: no more than a frame.
	conn.(*net.TCPConn).SetWriteBuffer(len(s.next()))
	tick := time.NewTicker(s.interval)
	defer tick.Stop()
	for {
		if _, err := conn.Write(s.next()); err != nil {
			return
		}
		<-tick.C
	}
}
