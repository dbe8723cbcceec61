package postgres_test

import (
	"bytes"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// line is a way to the server that can be cut.
type line struct {
	dsn string // by this way

	mu   sync.Mutex
	word []byte // what a client says when it is to be cut; nil for never
	late bool   // only when the server has answered
}

// cutLine makes a way to the server that a DSN names.
func cutLine(t *testing.T, straight string) *line {
	t.Helper()
	there, rest, _ := strings.Cut(strings.TrimPrefix(straight, "host="), " ")
	here := t.TempDir()
	const socket = ".s.PGSQL.5432"
	listener, err := net.Listen("unix", filepath.Join(here, socket))
	if err != nil {
		t.Fatal(err)
	}
	l := &line{dsn: "host=" + here + " " + rest + " pool_max_conns=1"} // one, so that it is known which is cut
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", filepath.Join(there, socket))
			if err != nil {
				client.Close()
				continue
			}
			all.Go(func() { l.carry(client, server) })
		}
	})
	t.Cleanup(func() { // after the stores that use it
		listener.Close()
		all.Wait()
	})
	return l
}

// cutAt cuts the next connection whose client says a word, before the server hears it or before the client hears the answer.
func (l *line) cutAt(word string, late bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.word, l.late = []byte(word), late
}

// hears says whether it is time to cut, and how.
func (l *line) hears(said []byte) (cut, late bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.word == nil || !bytes.Contains(said, l.word) {
		return false, false
	}
	l.word = nil
	return true, l.late
}

// carry carries what both say until one hangs up, or is cut.
func (l *line) carry(client, server net.Conn) {
	var answers sync.WaitGroup
	defer answers.Wait()
	defer client.Close()
	defer server.Close()
	muted := make(chan struct{})
	answered := make(chan struct{})
	answers.Go(func() {
		defer client.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			select {
			case <-muted: // it has done what it was asked
				close(answered)
				return
			default:
			}
			if err != nil {
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	})
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		cut, late := l.hears(buf[:n])
		if cut && !late {
			return
		}
		if cut {
			close(muted)
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
		if cut {
			<-answered
			return
		}
	}
}
