package link

import (
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// cable is between a station and an office. Pulled, it carries nothing and tells nobody; what is connected later goes
// through a new one.
type cable struct {
	to string

	mu     sync.Mutex
	pulled chan struct{}
}

func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.pulled)
	c.pulled = make(chan struct{})
}

func (c *cable) carry(from net.Conn, wait *sync.WaitGroup) {
	c.mu.Lock()
	pulled := c.pulled
	c.mu.Unlock()
	to, err := net.Dial("tcp", c.to)
	if err != nil {
		from.Close()
		return
	}
	for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
		wait.Go(func() {
			buffer := make([]byte, 32<<10)
			for {
				n, err := pair[0].Read(buffer)
				if err != nil {
					to.Close()
					from.Close()
					return
				}
				select {
				case <-pulled:
				default:
					io.Writer(pair[1]).Write(buffer[:n]) // a write that fails is seen by the next read
				}
			}
		})
	}
}

func TestAConnectionThatDiedWithoutAWordIsGivenUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address, config := serve(t, o)
	c := &cable{to: address, pulled: make(chan struct{})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			c.carry(conn, &wait)
		}
	})
	s := start(t, listener.Addr().String(), config, filepath.Join(t.TempDir(), "journal.db"))
	t.Cleanup(func() { s.stop(); listener.Close() })
	until(t, "the link", s.Linked)
	c.pull()
	until(t, "being cut off", func() bool { return !s.Linked() })
	began := time.Now()
	for !s.Linked() {
		if time.Since(began) > time.Minute {
			t.Fatal("the dead connection is still used")
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Logf("linked again after %v", time.Since(began).Round(time.Second))
}
