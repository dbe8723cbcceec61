// Command layers checks that packages import only what the house's plan allows (docs/architecture.md): which room may
// use which, where Fyne and the libraries in C may be linked, no init functions, no package that is called after
// nothing. It reads what `go list` knows of the module in the current folder and prints a line for each defect; exit
// status 1 when there is one.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

func main() {
	packages, err := list()
	if err != nil {
		fmt.Fprintln(os.Stderr, "layers:", err)
		os.Exit(3)
	}
	defects := check(packages)
	defects = append(defects, initFunctions(packages)...)
	for _, d := range defects {
		fmt.Println(d)
	}
	if len(defects) > 0 {
		os.Exit(1)
	}
}

// A pkg is what go list says of one package of the module.
type pkg struct {
	Dir, ImportPath, Name string
	GoFiles, CgoFiles     []string
	Imports, Deps         []string
}

func list() ([]pkg, error) {
	cmd := exec.Command("go", "list", "-json=Dir,ImportPath,Name,GoFiles,CgoFiles,Imports,Deps", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var packages []pkg
	for d := json.NewDecoder(out); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, errors.Join(err, cmd.Wait())
		}
		packages = append(packages, p)
	}
	return packages, cmd.Wait()
}

func initFunctions(packages []pkg) []string {
	var defects []string
	for _, p := range packages {
		for _, f := range slices.Concat(p.GoFiles, p.CgoFiles) {
			text, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err == nil && declaresInit(text) {
				defects = append(defects, fmt.Sprintf("%s: %s declares init", p.ImportPath, f))
			}
		}
	}
	return defects
}
