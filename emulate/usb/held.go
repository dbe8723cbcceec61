package usb

// Held tells whether a program has claimed an interface of the device at a port.
func (b *Bed) Held(port string) bool {
	b.mu.Lock()
	n := b.ports[port]
	b.mu.Unlock()
	if n == nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.claims) > 0
}

// Bound tells whether the kernel's drivers have all interfaces of the device at a port that they had when it was plugged in. A program
// that detached one has to give it back: the kernel does not take it by itself.
func (b *Bed) Bound(port string) bool {
	b.mu.Lock()
	n := b.ports[port]
	b.mu.Unlock()
	if n == nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.unbound) == 0
}
