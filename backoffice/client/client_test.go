package client_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice/client"
)

func TestAClientIsTheLastAddressThatIsNoTrustedProxy(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		peer string
		via  []string
		want string
	}{
		{"192.0.2.1:5000", nil, "192.0.2.1/32"},
		{"192.0.2.1:5000", []string{"198.51.100.1"}, "192.0.2.1/32"}, // not trusted
		{"10.0.0.1:5000", nil, "10.0.0.1/32"},
		{"10.0.0.1:5000", []string{"198.51.100.1"}, "198.51.100.1/32"},
		{"10.0.0.1:5000", []string{"198.51.100.1, 10.9.9.9"}, "198.51.100.1/32"},
		{"10.0.0.1:5000", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1/32"}, // the left was said by the client
		{"10.0.0.1:5000", []string{"1.1.1.1", "198.51.100.1"}, "198.51.100.1/32"},
		{"10.0.0.1:5000", []string{"10.1.1.1, 10.2.2.2"}, "10.1.1.1/32"},
		{"10.0.0.1:5000", []string{"198.51.100.1:443"}, "198.51.100.1/32"},
		{"10.0.0.1:5000", []string{"[2001:db8:1:2:3::4]:443"}, "2001:db8:1:2::/64"},
		{"10.0.0.1:5000", []string{"[2001:db8:1:2:3::4]"}, "2001:db8:1:2::/64"},
		{"10.0.0.1:5000", []string{"2001:db8:1:2:ffff::4"}, "2001:db8:1:2::/64"},
		{"10.0.0.1:5000", []string{"::ffff:198.51.100.1"}, "198.51.100.1/32"},
		{"10.0.0.1:5000", []string{"fe80::1%eth0"}, "fe80::/64"},
		{"10.0.0.1:5000", []string{"198.51.100.1, unknown"}, "10.0.0.1/32"},
		{"10.0.0.1:5000", []string{"198.51.100.1, _hidden, 10.2.2.2"}, "10.2.2.2/32"},
		{"10.0.0.1:5000", []string{""}, "10.0.0.1/32"},
		{"10.0.0.1:5000", []string{"198.51.100.1,"}, "10.0.0.1/32"},
		{"10.0.0.1:5000", []string{strings.Repeat("10.0.0.1,", 1500) + "198.51.100.1"}, "198.51.100.1/32"},
		{"[::ffff:10.0.0.1]:5000", []string{"198.51.100.1"}, "198.51.100.1/32"},
		{"[fd00::1%eth0]:5000", []string{"198.51.100.1"}, "198.51.100.1/32"},
		{"[2001:db8::1]:5000", []string{"198.51.100.1"}, "2001:db8::/64"},
		{"@", nil, "invalid Prefix"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.via}}
		if got := client.Of(r, trusted).String(); got != c.want {
			t.Errorf("%s via %.60q is %s, not %s", c.peer, c.via, got, c.want)
		}
	}
}
