package sysfs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-station/foyer/devices/sysfs"
)

func TestATreeIsLinuxsUnlessItIsAnother(t *testing.T) {
	for want, got := range map[string]string{
		"/sys/class/tty": sysfs.Tree{}.Path("class", "tty"), "/dev/input/event0": sysfs.Tree{}.Node("input", "event0"),
		"/a/class": sysfs.Tree{Sys: "/a"}.Path("class"), "/b/null": sysfs.Tree{Dev: "/b"}.Node("null"),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestAnAttributeIsALineAndNeverMoreThanAPage(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{"serial": " 4711\n", "endless": strings.Repeat("x", 10000)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := sysfs.Attribute(folder, "serial"); got != "4711" {
		t.Errorf("%q", got)
	}
	if got := sysfs.Attribute(folder, "endless"); len(got) != 4096 {
		t.Errorf("%d bytes", len(got))
	}
	if got := sysfs.Attribute(folder, "none"); got != "" {
		t.Errorf("%q", got)
	}
}
