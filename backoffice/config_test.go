package backoffice_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
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
		`trusted_proxies = ["192.0.2.7/32", "fd00::/8"]`:                    "",
		`trusted_proxies = ["::ffff:192.0.2.7/128", "::ffff:10.0.0.0/104"]`: "",
		`trusted_proxies = ["::ffff:0:0/96"]`:                               "covers every address",
		`trusted_proxies = ["::ffff:0:0/90"]`:                               "::ffff:0.0.0.0/90",
		`trusted_proxies = ["192.0.2.7"]`:                                   "192.0.2.7",
		`trusted_proxies = ["0.0.0.0/0"]`:                                   "covers every address",
		`trusted_proxies = ["::/0"]`:                                        "covers every address",
		`trusted_proxies = ["proxy.office.example"]`:                        "proxy.office.example",
		`trusted_proxy = ["192.0.2.7/32"]`:                                  "unknown key",
		"[sign_in]\nsecond_factor = [\"lead\", \"admin\"]":                  "",
		"[sign_in]\norigin = \"https://console.office.example\"":            "",
		"[sign_in]\norigin = \"http://console.office.example\"":             "sign_in.origin",
		"[sign_in]\norigin = \"https://console.office.example/path\"":       "sign_in.origin",
		"[sign_in]\norigin = \"https://192.0.2.7\"":                         "sign_in.origin",
		"[sign_in]\nsecond_factor = [\"boss\"]":                             "sign_in.second_factor",
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

func TestAProxyMayBeWrittenAsAnIPv6Address(t *testing.T) {
	path := filepath.Join(t.TempDir(), "backoffice.toml")
	lines := config + `trusted_proxies = ["::ffff:192.0.2.7/128", "::FFFF:a00:0/104", "fd00::/8"]`
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := backoffice.ReadConfig(path)
	if err != nil || fmt.Sprint(c.Console.TrustedProxies) != "[192.0.2.7/32 10.0.0.0/8 fd00::/8]" {
		t.Errorf("%v, %v", c.Console.TrustedProxies, err)
	}
}

func TestTheManualsConfigurationIsReadAndHasEveryKey(t *testing.T) {
	manual, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(manual), "```toml\n")
	text, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the manual has no configuration")
	}
	path := filepath.Join(t.TempDir(), "backoffice.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := backoffice.ReadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ = strings.Cut(rest, "```toml\n[store]")
	inPostgres, _, _ := strings.Cut(rest, "```")
	if err := os.WriteFile(path, []byte(text+"[store]"+inPostgres), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err = backoffice.ReadConfig(path); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(inPostgres, "postgres = ") {
		t.Error("the manual leaves out store.postgres")
	}
	c.Store.Postgres = "one of both may be set" // and is there, as seen
	wantSet(t, "", reflect.ValueOf(c))
}

// wantSet fails for each key of a table that is left out.
func wantSet(t *testing.T, table string, v reflect.Value) {
	t.Helper()
	for i := range v.NumField() {
		key := table + v.Type().Field(i).Tag.Get("toml")
		switch {
		case v.Field(i).IsZero():
			t.Errorf("the manual leaves out %s", key)
		case v.Field(i).Kind() == reflect.Struct:
			wantSet(t, key+".", v.Field(i))
		}
	}
}
