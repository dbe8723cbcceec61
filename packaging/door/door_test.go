// Package door_test installs a station in a virtual machine by the commands of docs/operations.md, and does to it what
// somebody at the door can do: make door.
package door_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// station boots the machine, installs the station as the documentation says, and waits until it serves.
func station(t *testing.T) *machine {
	t.Helper()
	dir := os.Getenv("FOYER_DOOR")
	if dir == "" {
		t.Skip("needs a virtual machine's disk: make door")
	}
	m := boot(t, dir)
	m.run("cd /foyer; cp kiosk hwtest /usr/bin/; useradd -m tina; useradd -m bob")
	m.run("systemd-run --unit office /foyer/backoffice demo --dir /foyer/office")
	m.becomes("ls office", "addresses.json")
	m.run("cp office/pki/station-1.key station.key; cp office/pki/station-1.pem station.pem; cp office/pki/ca.pem ca.pem")
	m.run("sed -i s/backoffice.example/localhost/ packaging/station.example.toml")
	for _, command := range installing(t) {
		without, _, _ := strings.Cut(command, " # ")
		m.run(without)
	}
	m.run("adduser --quiet tina foyer-technician; cd")
	m.becomes("systemctl is-active foyer-x foyer-kiosk | tr '\\n' ' '", "active active")
	return m
}

// installing gives the commands by which docs/operations.md installs a station, without those of apt: the disk has the
// packages.
func installing(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "## Installing a station")
	_, after, _ = strings.Cut(after, "```\napt install ")
	block, _, found := strings.Cut(after, "\n```")
	if !found {
		t.Fatal("docs/operations.md does not say how to install a station")
	}
	commands := strings.Split(strings.ReplaceAll(block, "\\\n", " "), "\n")
	return commands[1:]
}

func TestAStationAtTheDoor(t *testing.T) {
	m := station(t)
	since := m.run("cat /proc/sys/kernel/random/boot_id; systemctl show -P MainPID foyer-x foyer-kiosk")

	t.Run("runs nothing that visitors reach as root", func(t *testing.T) {
		said := m.run("ps -o user= -p $(systemctl show -P MainPID foyer-x),$(systemctl show -P MainPID foyer-kiosk)")
		if strings.Contains(said, "root") || !strings.Contains(said, "foyer-x") {
			t.Errorf("they run as\n%s", said)
		}
	})
	t.Run("takes no keyboard and no disk", func(t *testing.T) {
		m.do("device_add usb-kbd,id=keyboard")
		m.do("drive_add 0 if=none,id=stick,format=raw,file.driver=null-co,file.size=1M")
		m.do("device_add usb-storage,drive=stick,id=disk")
		m.becomes("lsusb -t", "Mass Storage, Driver=,")
		m.becomes("lsusb -t", "Human Interface Device, Driver=,")
		if said := m.run("ls /dev/sd* 2>&1"); !strings.Contains(said, "No such file") {
			t.Errorf("the disk is there: %s", said)
		}
		if said := m.run("cat /proc/bus/input/devices"); strings.Contains(said, "QEMU USB Keyboard") {
			t.Errorf("the keyboard is there:\n%s", said)
		}
		m.do("device_del keyboard") // the keys below are the built-in keyboard's
	})
	t.Run("goes on whatever keys are pressed", func(t *testing.T) {
		for _, keys := range []string{"alt-sysrq-s", "alt-sysrq-i", "alt-sysrq-k", "alt-sysrq-b", "ctrl-alt-f1", "alt-f2", "ctrl-alt-backspace", "power", "sleep", "alt-f4"} {
			m.do("sendkey " + keys)
		}
		for range 10 {
			m.do("sendkey ctrl-alt-delete")
		}
		m.do("system_powerdown")
		if now := m.run("cat /proc/sys/kernel/random/boot_id; systemctl show -P MainPID foyer-x foyer-kiosk"); now != since {
			t.Errorf("it was started again:\n%s\nbefore:\n%s", now, since)
		}
		if said := m.run("systemctl list-jobs; cat /sys/class/tty/tty0/active"); !strings.Contains(said, "No jobs") || !strings.Contains(said, "tty7") {
			t.Errorf("something was begun:\n%s", said)
		}
	})
	t.Run("lets a technician ask, and read nothing", func(t *testing.T) {
		if said := m.run("su tina -c hwtest"); !strings.Contains(said, "chip") {
			t.Errorf("a technician is told:\n%s", said)
		}
		if said := m.run("su bob -c 'hwtest 2>&1'"); !strings.Contains(said, "ermission denied") {
			t.Errorf("somebody else is told:\n%s", said)
		}
		for _, path := range []string{"/etc/foyer/station.key", "/run/foyer-x/authority", "/var/lib/foyer/journal.db"} {
			if said := m.run("su tina -c 'cat " + path + " 2>&1'"); !strings.Contains(said, "ermission denied") {
				t.Errorf("a technician reads %s", path)
			}
		}
	})
	t.Run("is started again when it hangs, and leaves no dump", func(t *testing.T) {
		m.run("kill -STOP $(systemctl show -P MainPID foyer-kiosk)")
		m.becomes("systemctl show -P NRestarts foyer-kiosk", "1")
		m.becomes("systemctl is-active foyer-kiosk", "active")
		if said := m.run("journalctl -u foyer-kiosk"); !strings.Contains(said, "Watchdog timeout") || strings.Contains(said, "dumped core") {
			t.Errorf("the journal says\n%s", said)
		}
	})
	t.Run("hears the keys of a machine that does not keep them out", func(t *testing.T) { // or nothing above was shown
		m.run("sysctl -q kernel.sysrq=1")
		m.do("sendkey alt-sysrq-b")
		select {
		case err := <-m.ended:
			m.ended <- err
		case <-time.After(time.Minute):
			t.Error("Alt+SysRq+B does nothing even where it may: the keys do not arrive")
		}
	})
}
