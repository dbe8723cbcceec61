package picture

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// confine takes from this process all that decoding does not need, for good. It must be called before a foreign byte is read.
func confine(t task) error {
	// The runtime opens its poller with the first timer, and could not any more.
	time.Sleep(time.Nanosecond)
	size, err := addressSpace()
	if err != nil {
		return err
	}
	if err := closeInherited(); err != nil {
		return err
	}
	// Where this computer has no memory left, it is this process that ends, and not the one that has the visitors.
	if err := os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0); err != nil {
		return err
	}
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		return err
	}
	spent := time.Duration(used.Utime.Nano()+used.Stime.Nano()).Truncate(time.Second) + time.Second
	for resource, most := range map[int]uint64{
		unix.RLIMIT_CORE:   0, // a dump would hold the picture
		unix.RLIMIT_FSIZE:  0,
		unix.RLIMIT_NOFILE: 3,
		unix.RLIMIT_CPU:    uint64((spent + t.cpu) / time.Second),
		unix.RLIMIT_AS:     size + t.memory,
	} {
		if err := unix.Prlimit(0, resource, &unix.Rlimit{Cur: most, Max: most}, nil); err != nil {
			return fmt.Errorf("limit %d: %w", resource, err)
		}
	}
	debug.SetMemoryLimit(int64(t.memory / 4 * 3)) // collect what is free before the bound is met
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return err
	}
	return allowComputingOnly()
}

// addressSpace is that of this process, in bytes: that of the race detector is enormous.
func addressSpace() (uint64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	pages, _, _ := strings.Cut(string(text), " ")
	n, err := strconv.ParseUint(pages, 10, 64)
	return n * uint64(os.Getpagesize()), err
}

// closeInherited closes what libraries in C, here or in the parent, left open, but for standard input and output, and the
// runtime's own poller.
func closeInherited() error {
	const folder = "/proc/self/fd"
	open, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range open {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil {
			return err
		}
		what, err := os.Readlink(filepath.Join(folder, entry.Name()))
		if fd > unix.Stderr && err == nil && !strings.HasPrefix(what, "anon_inode:[event") {
			if err := unix.Close(fd); err != nil {
				return fmt.Errorf("close %d: %w", fd, err)
			}
		}
	}
	return nil
}

// computing are the system calls of a program that computes, takes memory, and reads and writes what is open.
var computing = [...]uint32{
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_WRITEV, unix.SYS_CLOSE,
	unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MREMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE, unix.SYS_BRK,
	unix.SYS_FUTEX, unix.SYS_SCHED_YIELD, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_GETTIMEOFDAY,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_RESTART_SYSCALL,
	unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_SCHED_GETAFFINITY, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_GETRANDOM,
	unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_CTL, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
}

// Offsets in what a filter sees of a system call, struct seccomp_data (seccomp(2)).
const (
	callNumber  = 0
	callMachine = 4
	callFirst   = 16 // its first argument, the lower half
)

// allowComputingOnly lets all threads of this process make the calls of computing, start threads, and signal their own process.
// Any other fails, as if it were forbidden.
func allowComputingOnly() error {
	machine := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	answer := func(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }
	// unless goes on with the next instruction if the test holds, and skips some if not.
	unless := func(test uint16, k uint32, leaveOut uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, K: k, Jf: leaveOut}
	}
	allow, forbid := answer(unix.SECCOMP_RET_ALLOW), answer(unix.SECCOMP_RET_ERRNO|uint32(unix.EPERM))
	filter := []unix.SockFilter{
		load(callMachine), {Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: machine, Jt: 1}, forbid, load(callNumber),
	}
	for _, call := range computing {
		filter = append(filter, unless(unix.BPF_JEQ, call, 1), allow)
	}
	filter = append(filter,
		// The arguments of clone3 cannot be looked at; libraries that are told that it is not there use clone.
		unless(unix.BPF_JEQ, unix.SYS_CLONE3, 1), answer(unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS)),
		unless(unix.BPF_JEQ, unix.SYS_CLONE, 4), load(callFirst), unless(unix.BPF_JSET, unix.CLONE_THREAD, 1), allow, forbid,
		unless(unix.BPF_JEQ, unix.SYS_TGKILL, 4), load(callFirst), unless(unix.BPF_JEQ, uint32(os.Getpid()), 1), allow, forbid,
		forbid,
	)
	return install(filter)
}

// install puts a filter on all threads, none of which can gain a right any more by starting a program.
func install(filter []unix.SockFilter) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return errno
	}
	if thread != 0 {
		return fmt.Errorf("thread %d cannot be confined", thread)
	}
	return nil
}
