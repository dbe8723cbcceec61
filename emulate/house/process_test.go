package house

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// owner makes the test's own program one that starts another, says which, and waits to be killed.
const owner = "FOYER_TEST_OWNER"

func TestMain(m *testing.M) {
	if os.Getenv(owner) != "" {
		p, err := start(io.Discard, nil, "sleep", "600")
		if err != nil {
			panic(err)
		}
		fmt.Println(p.cmd.Process.Pid)
		<-p.done
		return
	}
	os.Exit(m.Run())
}

// TestNoProgramOutlivesAnOwnerWhoIsKilled: it would keep its ports from the next house.
func TestNoProgramOutlivesAnOwnerWhoIsKilled(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), owner+"=1")
	says, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(says).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	parent.Process.Kill()
	parent.Wait()
	for deadline := time.Now().Add(time.Minute); isRunning(child); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			syscall.Kill(child, syscall.SIGKILL)
			t.Fatal("it runs on")
		}
	}
}

// isRunning tells a program from one that has ended and that nobody waited for.
func isRunning(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(text), ") ")
	return !strings.HasPrefix(state, "Z")
}
