package backoffice_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/backoffice"
)

const config = `
office = "office.toml"
identity = "office.key"
data = "data"
keys = "keys.db"
retention = "96h"
[stations]
listen = ":7443"
certificate = "server.pem"
key = "server.key"
client_ca = "ca.pem"
[console]
listen = "127.0.0.1:8080"
`

func TestWhatAnOfficeDecidesAboutItsConsoleIsCheckedAtTheStart(t *testing.T) {
	for lines, want := range map[string]string{
		"": "", `idle = "15m"`: "", `idle = "1m"`: "", `idle = "10h"`: "",
		`idle = "59s"`:         "console.idle",
		`idle = "-5m"`:         "console.idle",
		`idle = "11h"`:         "console.idle",
		`idle = "soon"`:        "idle",
		`trusted_proxies = []`: "",
		`trusted_proxies = ["192.0.2.7/32", "fd00::/8"]`: "",
		`trusted_proxies = ["192.0.2.7"]`:                "192.0.2.7",
		`trusted_proxies = ["0.0.0.0/0"]`:                "everybody",
		`trusted_proxies = ["::/0"]`:                     "everybody",
		`trusted_proxies = ["proxy.office.example"]`:     "proxy.office.example",
		`trusted_proxy = ["192.0.2.7/32"]`:               "unknown key",
	} {
		path := filepath.Join(t.TempDir(), "backoffice.toml")
		if err := os.WriteFile(path, []byte(config+lines), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := backoffice.ReadConfig(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", lines, err)
		}
	}
}
