// Package sysfs is what Linux tells of devices in files, and where it keeps their nodes (Linux, Documentation/admin-guide/sysfs-rules.rst).
package sysfs

import (
	"os"
	"path/filepath"
	"strings"
)

// Tree is where that is. The zero value is /sys and /dev.
type Tree struct{ Sys, Dev string }

// Path is a path below /sys.
func (t Tree) Path(elements ...string) string { return below(t.Sys, "/sys", elements) }

// Node is a path below /dev.
func (t Tree) Node(elements ...string) string { return below(t.Dev, "/dev", elements) }

func below(folder, usual string, elements []string) string {
	if folder == "" {
		folder = usual
	}
	return filepath.Join(append([]string{folder}, elements...)...)
}

// Attribute is what a file in a folder below /sys says, 4,096 bytes at most, without the space around it; empty where it says nothing.
func Attribute(folder, name string) string {
	const page = 4096
	file, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return ""
	}
	defer file.Close()
	text := make([]byte, page)
	n, _ := file.Read(text) // the kernel gives all of it at once; an error is of a device that says nothing
	return strings.TrimSpace(string(text[:max(n, 0)]))
}
