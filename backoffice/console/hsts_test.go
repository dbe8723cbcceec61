package console_test

import "testing"

func TestOnlyOverTLSABrowserIsToldToComeBackOverTLS(t *testing.T) {
	want := map[string]bool{"HTTP/1.1": false, "HTTP/1.1 over TLS": true, "HTTP/2": true, "HTTP/2 to a proxy": false}
	for way, open := range ways(setup{}) {
		t.Run(way, func(t *testing.T) {
			b := open(t)
			for _, path := range []string{"/", "/sign-in", "/assets/console.css", "/no-such-page"} {
				if header := b.get(path).header.Get("Strict-Transport-Security"); (header == "max-age=31536000") != want[way] {
					t.Errorf("%s says %q", path, header)
				}
			}
		})
	}
}
