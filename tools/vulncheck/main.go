// Command vulncheck looks for known vulnerabilities in what the packages of the current module call, by govulncheck, which it is
// given, and says which data it had. Exit status 1: a module of go.mod has one that is called. Where no data can be had it says
// so, loudly, and that is no failure: a machine without a network must be able to build. Vulnerabilities of the Go that
// builds are told, with the Go to take for go.mod's toolchain line: where that line's Go cannot be had, no change of the tree mends them.
//
//	vulncheck -scanner bin/govulncheck [-tags LIST] PACKAGES...
//
// The data are those that $GOVULNDB names, or else https://vuln.go.dev, or else the module golang.org/x/vulndb, which comes
// from the Go proxy as any module.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// stored is the version of golang.org/x/vulndb that stands in where https://vuln.go.dev cannot be reached: raise it when the
// versions of docs/dependencies.md are looked at.
const stored = "golang.org/x/vulndb@v0.0.0-20261105234957-e22db6528018"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	scanner := flag.String("scanner", "bin/govulncheck", "the program govulncheck")
	tags := flag.String("tags", "", "build tags, separated by commas")
	flag.Parse()
	s := source{named: os.Getenv("GOVULNDB"), online: "https://vuln.go.dev", module: stored, patience: 10 * time.Second}
	status := run(ctx, s, scan{*scanner, *tags, flag.Args()}, os.Stdout)
	stop()
	os.Exit(status)
}

// run is the whole command but for the process; it gives the exit status.
func run(ctx context.Context, s source, do scan, out io.Writer) int {
	db, what, err := s.find(ctx)
	if err != nil {
		fmt.Fprintf(out, "vulncheck: NOT CHECKED for known vulnerabilities: no data can be had\n  %v\n"+
			"  try: set GOVULNDB to a database, as https://vuln.go.dev or a copy as file:///...\n", err)
		return 0
	}
	found, err := do.findings(ctx, db)
	if err != nil {
		fmt.Fprintf(out, "vulncheck: with %s: %v\n", what, err)
		return 3
	}
	return tell(out, what, found)
}

// tell writes what was found, and gives the exit status.
func tell(out io.Writer, what string, found []finding) (status int) {
	for _, f := range found {
		fmt.Fprintln(out, f)
		if f.called() && !f.ofGo() {
			status = 1
		}
	}
	fmt.Fprintf(out, "vulncheck: %d known vulnerabilities are called, %d of them in Go itself, and %d are not called; by %s\n",
		count(found, finding.called), count(found, func(f finding) bool { return f.called() && f.ofGo() }),
		count(found, func(f finding) bool { return !f.called() }), what)
	return status
}

func count(found []finding, is func(finding) bool) (n int) {
	for _, f := range found {
		if is(f) {
			n++
		}
	}
	return n
}
