// Package client tells the clients of a public server apart by where their requests come from.
package client

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Of is where a request comes from: an IPv4 address, or the /64 of an IPv6 address, which is the smallest that one
// subscriber has. Behind trusted proxies it is the last address in X-Forwarded-For that is none of theirs; from anybody
// else the header is not believed. What cannot be read ends the search at the proxy that passed it on.
func Of(r *http.Request, trusted []netip.Prefix) netip.Prefix {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{} // all that cannot be told apart are one
	}
	at := plain(peer.Addr())
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(at) }) {
			break
		}
		next, ok := address(strings.TrimSpace(hop))
		if !ok {
			break
		}
		at = next
	}
	bits := 32
	if at.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(at, bits).Masked()
}

// address reads an address as proxies write it: with or without a port, IPv6 with or without brackets.
func address(text string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return plain(at.Addr()), true
	}
	if inner, ok := strings.CutPrefix(text, "["); ok {
		text = strings.TrimSuffix(inner, "]")
	}
	at, err := netip.ParseAddr(text)
	return plain(at), err == nil
}

// plain leaves out what makes one address look like several.
func plain(at netip.Addr) netip.Addr { return at.Unmap().WithZone("") }
