package door_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// machine is a computer that runs in software, with a console on which root is signed in, and a monitor by which things are
// plugged in and keys are pressed. What it writes to its disk is forgotten.
type machine struct {
	t       *testing.T
	console net.Conn
	monitor net.Conn
	ended   chan error
	asked   int
}

// boot starts the machine of a folder that packaging/door/image filled, and waits for a prompt.
func boot(t *testing.T, dir string) *machine {
	t.Helper()
	sockets := t.TempDir()
	console, monitor := filepath.Join(sockets, "console"), filepath.Join(sockets, "monitor")
	qemu := exec.Command("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "2500", "-M", "q35",
		"-nodefaults", "-device", "VGA", "-display", "none", "-device", "qemu-xhci", "-nic", "none", "-no-reboot",
		"-kernel", filepath.Join(dir, "vmlinuz"), "-initrd", filepath.Join(dir, "initrd"),
		"-append", "root=/dev/vda rw console=tty1 console=ttyS0 mitigations=off",
		"-drive", "if=virtio,format=raw,snapshot=on,file="+filepath.Join(dir, "disk.img"),
		"-serial", "unix:"+console+",server=on,wait=off", "-monitor", "unix:"+monitor+",server=on,wait=off")
	qemu.Stderr = os.Stderr
	if err := qemu.Start(); err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, ended: make(chan error, 1)}
	go func() { m.ended <- qemu.Wait() }()
	m.console, m.monitor = dial(t, console), dial(t, monitor)
	t.Cleanup(func() {
		qemu.Process.Kill()
		<-m.ended
		m.console.Close()
		m.monitor.Close()
	})
	m.until(regexp.MustCompile(`root@door:~# `), 5*time.Minute)
	m.run("PS1=; stty cols 400 -echo; bind 'set enable-bracketed-paste off'; dmesg -n 1; export SYSTEMD_COLORS=0 SYSTEMD_PAGER=")
	return m
}

func dial(t *testing.T, path string) net.Conn {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("unix", path)
		if err == nil {
			return conn
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// until reads the console up to what the pattern matches.
func (m *machine) until(pattern *regexp.Regexp, within time.Duration) string {
	m.t.Helper()
	m.console.SetReadDeadline(time.Now().Add(within))
	var read strings.Builder
	for buffer := make([]byte, 4096); ; {
		n, err := m.console.Read(buffer)
		read.Write(buffer[:n])
		if pattern.MatchString(read.String()) {
			return read.String()
		}
		if err != nil {
			m.t.Fatalf("console: %v, after\n%s", err, read.String())
		}
	}
}

// run has the console's shell run a command, and gives what it said.
func (m *machine) run(command string) string {
	m.t.Helper()
	m.asked++
	if _, err := fmt.Fprintf(m.console, "%s; echo END''%d\n", command, m.asked); err != nil {
		m.t.Fatal(err)
	}
	end := fmt.Sprintf("END%d", m.asked)
	said := m.until(regexp.MustCompile(end+`\r?\n`), 6*time.Minute)
	before, _, _ := strings.Cut(said, end)
	return strings.ReplaceAll(before, "\r", "")
}

// becomes waits until a command says what it is to say.
func (m *machine) becomes(command, want string) {
	m.t.Helper()
	var said string
	for end := time.Now().Add(6 * time.Minute); time.Now().Before(end); time.Sleep(time.Second) {
		if said = m.run(command); strings.Contains(said, want) {
			return
		}
	}
	m.t.Fatalf("%s: never said %q, at last:\n%s\n%s", command, want, said, m.run("systemctl status foyer-x foyer-kiosk -n 20"))
}

// do is a command of the monitor: device_add, sendkey.
func (m *machine) do(command string) {
	m.t.Helper()
	if _, err := io.WriteString(m.monitor, command+"\n"); err != nil {
		m.t.Fatal(err)
	}
	m.monitor.SetReadDeadline(time.Now().Add(time.Minute))
	prompt := regexp.MustCompile(`\(qemu\) $`)
	var read strings.Builder
	for buffer := make([]byte, 4096); !prompt.MatchString(read.String()) || !strings.Contains(read.String(), "\n"); {
		n, err := m.monitor.Read(buffer)
		read.Write(buffer[:n])
		if err != nil {
			m.t.Fatalf("monitor: %v, after %s", err, read.String())
		}
	}
}
