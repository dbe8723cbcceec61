package picture

import (
	"bytes"
	"os"
	"syscall"
	"testing"
	"time"
)

// Children that are not what they should be, by what they are called.
const (
	hangs   = "foyer test: hangs"
	floods  = "foyer test: floods"
	crashes = "foyer test: crashes"
	lies    = "foyer test: lies"
	lingers = "foyer test: answers and stays"
)

func TestMain(m *testing.M) {
	ServeIfChild()
	switch os.Args[0] {
	case hangs:
		time.Sleep(time.Hour)
	case floods:
		for {
			os.Stdout.Write(bytes.Repeat([]byte(magic), 1<<16))
		}
	case crashes:
		syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		time.Sleep(time.Hour)
	case lies:
		os.Stdout.WriteString(magic + "\x00\xff\xff\xff\xff\xff\xff\xff\xff")
		time.Sleep(time.Hour)
	case lingers:
		os.Stdout.WriteString(magic + "\x00\x00\x00\x00\x01\x00\x00\x00\x01abcd")
		os.Stdout.Close()
		time.Sleep(time.Hour)
	default:
		os.Exit(m.Run())
	}
}
