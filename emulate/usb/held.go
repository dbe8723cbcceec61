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
