package backoffice

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/foyer-station/foyer/backoffice/console"
	"github.com/foyer-station/foyer/backoffice/staff"
)

// Config is the back office's configuration file (TOML). Relative paths are meant from the folder of the file.
type Config struct {
	Office   string `toml:"office"`   // the office file
	Identity string `toml:"identity"` // age identities, one a line, the present one first
	// Data is the folder of databases, sealed files and uploads; Keys is the database of the check-ins' keys, which no backup
	// may hold.
	Data string `toml:"data"`
	Keys string `toml:"keys"`
	// Retention is how long after its confirmation a check-in is erased, finished or not: "96h"; at least 24h, since a
	// station may be that late.
	Retention Duration `toml:"retention"`
	Stations  struct {
		Listen      string `toml:"listen"`
		Certificate string `toml:"certificate"`
		Key         string `toml:"key"`
		ClientCA    string `toml:"client_ca"` // who issues the stations' certificates
		// Denied is a file of stations, or certificates of stations, that are not served; empty for none. Its lines hold from
		// the next call on, without a restart, and end what runs within a second.
		Denied string `toml:"denied"`
		// NumbersADay is how many ticket numbers one station may lease a day, of the office's 9,999, and how many visitors it may
		// hand in; 0 for 1,000.
		NumbersADay int `toml:"numbers_a_day"`
		// GigabytesADay is how much one station may upload a day, in 2^30 bytes; 0 for 20, which are 106 of the largest check-ins.
		GigabytesADay int64 `toml:"gigabytes_a_day"`
	} `toml:"stations"`
	Console    ConsoleConfig    `toml:"console"`
	SignIn     SignInConfig     `toml:"sign_in"`
	Display    DisplayConfig    `toml:"display"`
	TicketView TicketViewConfig `toml:"ticket_view"`
	Store      StoreConfig      `toml:"store"`
	Metrics    struct {
		// Listen is where a monitoring system on the same machine asks, over HTTP at /metrics; empty for none. Loopback only.
		Listen string `toml:"listen"`
	} `toml:"metrics"`
}

// AuditKey is the file of the key with which the office signs its log, beside the check-ins' keys: no backup may hold it.
func (c Config) AuditKey() string { return c.Keys + ".audit" }

// AuditHead is the file with the head of the log that was signed last.
func (c Config) AuditHead() string { return c.Keys + ".audit-head" }

// ConsoleConfig is where and how staff work.
type ConsoleConfig struct {
	Listen string `toml:"listen"`
	// Certificate and Key may be empty when the console listens on loopback only, behind a proxy.
	Certificate string `toml:"certificate"`
	Key         string `toml:"key"`
	// Idle is after how long without a key or a click the console locks: "15m", which it is when it is left out.
	Idle Duration `toml:"idle"`
	// TrustedProxies are the networks of the proxies whose X-Forwarded-For says where a request comes from. Left out, they
	// are loopback where the console has no certificate, and none where it has one.
	TrustedProxies []netip.Prefix `toml:"trusted_proxies"`
}

// SignInConfig is what is asked of who signs in.
type SignInConfig struct {
	// SecondFactor are the roles whose holders need a second factor beside the password: "admin", "lead". Others may have one.
	SecondFactor []staff.Role `toml:"second_factor"`
	// Origin is where staff find the console in their browsers, "https://console.office.example"; passkeys are made for it, and
	// there are none where it is left out.
	Origin string `toml:"origin"`
}

func (c SignInConfig) check() error {
	for _, r := range c.SecondFactor {
		if !slices.Contains(staff.Roles(), r) {
			return fmt.Errorf("sign_in.second_factor: there is no role %q", r)
		}
	}
	if c.Origin == "" {
		return nil
	}
	if err := console.CheckOrigin(c.Origin); err != nil {
		return fmt.Errorf("sign_in.origin: %w", err)
	}
	return nil
}

// trusted are the proxies that are believed.
func (c ConsoleConfig) trusted() []netip.Prefix { return trusted(c.TrustedProxies, c.Certificate) }

// trusted are the proxies that a listener believes.
func trusted(proxies []netip.Prefix, certificate string) []netip.Prefix {
	if proxies == nil && certificate == "" {
		return []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8), netip.PrefixFrom(netip.IPv6Loopback(), 128)}
	}
	return proxies
}

// plain writes a network of IPv4 addresses that is written as one of IPv6 as what it is: requests come from IPv4 addresses.
func plain(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= mapped {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped)
	}
	return p
}

// mapped is how many bits stand before an IPv4 address that is written as an IPv6 address.
const mapped = 96

func (c ConsoleConfig) check() error {
	if idle := c.Idle.Duration; idle != 0 && (idle < console.MinIdle || idle > console.MaxIdle) {
		return fmt.Errorf("console.idle must be between %v and %v", console.MinIdle, console.MaxIdle)
	}
	return checkProxies("console", c.TrustedProxies)
}

// checkProxies writes networks as what they are, and refuses those that would have anybody believed.
func checkProxies(section string, proxies []netip.Prefix) error {
	for i, p := range proxies {
		proxies[i] = plain(p)
		switch p = proxies[i]; {
		case p.Bits() == 0:
			return fmt.Errorf("%s.trusted_proxies: %s covers every address, so that anybody could claim to come from anywhere", section, p)
		case p.Addr().Is4In6():
			return fmt.Errorf("%s.trusted_proxies: %s is not a network of proxies: write an IPv4 network as one", section, p)
		}
	}
	return nil
}

// Duration is a time.Duration that a file writes as "96h".
type Duration struct{ time.Duration }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	d.Duration, err = time.ParseDuration(string(text))
	return err
}

// ReadConfig reads a configuration file. Unknown and missing keys are errors.
func ReadConfig(path string) (Config, error) {
	var c Config
	meta, err := toml.DecodeFile(path, &c)
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return Config{}, fmt.Errorf("configuration: unknown key %s", extra[0])
	}
	for _, key := range [][]string{
		{"office"}, {"identity"}, {"data"}, {"keys"}, {"retention"}, {"stations", "listen"}, {"stations", "certificate"},
		{"stations", "key"}, {"stations", "client_ca"}, {"console", "listen"},
	} {
		if !meta.IsDefined(key...) {
			return Config{}, fmt.Errorf("configuration: %s is missing", toml.Key(key))
		}
	}
	if n := c.Stations.NumbersADay; n < 0 || n > 9999 {
		return Config{}, fmt.Errorf("configuration: stations.numbers_a_day must be 1 to 9999")
	}
	if n := c.Stations.GigabytesADay; n < 0 || n > 1<<20 {
		return Config{}, fmt.Errorf("configuration: stations.gigabytes_a_day must be 1 to %d", 1<<20)
	}
	if c.Retention.Duration < abandoned {
		return Config{}, fmt.Errorf("configuration: retention is shorter than %v: visitors would be erased while they wait", abandoned)
	}
	for _, check := range []func() error{c.Console.check, c.SignIn.check, c.Display.check, c.TicketView.check} {
		if err := check(); err != nil {
			return Config{}, fmt.Errorf("configuration: %w", err)
		}
	}
	if err := c.Store.check(meta.IsDefined("store")); err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	dir := filepath.Dir(path)
	for _, p := range []*string{
		&c.Office, &c.Identity, &c.Data, &c.Keys, &c.Stations.Certificate, &c.Stations.Key, &c.Stations.ClientCA,
		&c.Stations.Denied, &c.Console.Certificate, &c.Console.Key, &c.Display.Certificate, &c.Display.Key, &c.TicketView.Certificate, &c.TicketView.Key, &c.Store.PostgresFile,
	} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
	return c, nil
}
