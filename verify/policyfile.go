package verify

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed policy.toml
var defaultPolicy []byte

// Bounds of a policy file and its lines, in bytes: the one that Foyer ships has about five thousand, and lines of less than two hundred.
// The library that reads TOML takes a minute over a key of twenty thousand parts.
const (
	maxPolicy     = 64 << 10
	maxPolicyLine = 4 << 10
)

// PolicyFault is one thing wrong in a policy file.
type PolicyFault struct {
	Line    int    `json:"line"` // from 1; the last line for what is missing
	Problem string `json:"problem"`
}

// Error implements error.
func (f PolicyFault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Problem) }

// PolicyError is everything that is wrong in a policy file, in the order of its lines.
type PolicyError []PolicyFault

// Error implements error; it has a line for each fault.
func (e PolicyError) Error() string {
	lines := make([]string, len(e))
	for i, fault := range e {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// DefaultPolicy is the policy that Foyer ships. Its ids are those of all checks that Foyer makes.
func DefaultPolicy() (*Policy, error) {
	p, faults := parsePolicy(string(defaultPolicy))
	if len(faults) > 0 {
		return nil, fmt.Errorf("the policy that Foyer ships: %w", faults)
	}
	return p.policy(), nil
}

// LoadPolicy reads a policy from a file, as ParsePolicy does. The error names the file, and is a [PolicyError] where the file
// could be read.
func LoadPolicy(path string) (*Policy, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxPolicy {
		return nil, fmt.Errorf("policy %s: not a file of at most %d bytes", path, maxPolicy)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	p, err := ParsePolicy(text)
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", path, err)
	}
	return p, nil
}

// ParsePolicy reads a policy: TOML, a name and [[check]] tables with id, level, about and where_supported. What it says of a
// check must be said of every check that Foyer makes, once, and of no other: one that is misspelt or left out would weigh
// nothing, and nobody would see it. So ids that are unknown, missing or repeated, unknown keys and levels, and
// where_supported on a check that is not mandatory are errors: all that are found, in a [PolicyError].
func ParsePolicy(text []byte) (*Policy, error) {
	p, faults := parsePolicy(string(text))
	if len(faults) > 0 {
		return nil, faults
	}
	shipped, err := DefaultPolicy()
	if err != nil {
		return nil, err
	}
	if faults := p.compare(shipped); len(faults) > 0 {
		return nil, faults
	}
	return p.policy(), nil
}

// policyFile is a policy with the lines on which its checks stand.
type policyFile struct {
	name   string
	checks []placedCheck
	lines  int // how many the file has
}

type placedCheck struct {
	PolicyCheck
	block *policyBlock
}

// policy is the file without its lines.
func (f *policyFile) policy() *Policy {
	p := &Policy{Name: f.name}
	for _, c := range f.checks {
		p.Checks = append(p.Checks, c.PolicyCheck)
	}
	return p
}

// policyBlock is a part of the file: what stands before the first [[check]], or one of them.
type policyBlock struct {
	text  string
	first int // its first line in the file, from 1
}

var checkHeader = regexp.MustCompile(`^\s*\[\[\s*["']?check["']?\s*\]\]\s*(#.*)?$`)

// cutPolicy cuts a policy at its [[check]] lines: the library that reads TOML gives a place for syntax alone.
func cutPolicy(text string) []policyBlock {
	blocks := []policyBlock{{first: 1}}
	for i, line := range strings.SplitAfter(text, "\n") {
		if checkHeader.MatchString(strings.TrimRight(line, "\r\n")) {
			blocks = append(blocks, policyBlock{first: i + 1})
		}
		blocks[len(blocks)-1].text += line
	}
	return blocks
}

// fault is a fault at the line of the block that has the key, or at its first.
func (b *policyBlock) fault(key, format string, values ...any) PolicyFault {
	assigned := regexp.MustCompile(`^\s*\[*\s*([\w-]+\.)*["']?` + regexp.QuoteMeta(key) + `["']?\s*[=.\]]`)
	at := b.first
	if i := slices.IndexFunc(strings.Split(b.text, "\n"), assigned.MatchString); i >= 0 {
		at += i
	}
	return PolicyFault{at, fmt.Sprintf(format, values...)}
}

// decode reads the block's TOML into v, where it has no other keys than these, in this case too, and their values are of these
// types, as toml.MetaData.Type names them.
func (b *policyBlock) decode(v any, keys map[string]string) (faults PolicyError) {
	meta, err := toml.Decode(b.text, &map[string]any{})
	if err != nil {
		return PolicyError{tomlFault(err, b.first)}
	}
	for _, key := range meta.Keys() {
		want, known := keys[key.String()]
		switch is := meta.Type(key...); {
		case !known:
			faults = append(faults, b.fault(key[len(key)-1], "unknown key %q", key))
		case is != want:
			faults = append(faults, b.fault(key[len(key)-1], "%q is of type %s, not %s", key, is, want))
		}
	}
	if len(faults) == 0 {
		if _, err := toml.Decode(b.text, v); err != nil {
			return PolicyError{tomlFault(err, b.first)}
		}
	}
	return faults
}

// tomlFault places what the TOML library says of a text that begins on that line of the file.
func tomlFault(err error, first int) PolicyFault {
	at := new(toml.ParseError)
	if !errors.As(err, at) {
		return PolicyFault{first, err.Error()}
	}
	return PolicyFault{first + max(at.Position.Line, 1) - 1, at.Message}
}

// parsePolicy reads the checks of a policy, whatever their ids.
func parsePolicy(text string) (*policyFile, PolicyError) {
	f := &policyFile{lines: strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1}
	lines := strings.Split(text, "\n")
	if long := slices.IndexFunc(lines, func(line string) bool { return len(line) > maxPolicyLine }); long >= 0 {
		return f, PolicyError{{long + 1, fmt.Sprintf("more than %d bytes in a line", maxPolicyLine)}}
	}
	if _, err := toml.Decode(text, &map[string]any{}); err != nil {
		return f, PolicyError{tomlFault(err, 1)}
	}
	blocks := cutPolicy(text)
	var head struct{ Name string }
	faults := blocks[0].decode(&head, map[string]string{"name": "String"})
	f.name = head.Name
	for i := range blocks[1:] {
		block := &blocks[i+1]
		var tables struct {
			Checks []PolicyCheck `toml:"check"`
		}
		wrong := block.decode(&tables, map[string]string{"check": "ArrayHash", "check.id": "String", "check.level": "String",
			"check.where_supported": "Bool", "check.about": "String"})
		switch {
		case len(wrong) > 0:
		case len(tables.Checks) > 1:
			wrong = PolicyError{{block.first, "another check begins below, and not with [[check]] on a line of its own"}}
		default:
			wrong = tables.Checks[0].faults(block)
			f.checks = append(f.checks, placedCheck{tables.Checks[0], block})
		}
		faults = append(faults, wrong...)
	}
	if len(faults) == 0 && len(f.checks) == 0 {
		faults = PolicyError{{f.lines, "no checks: each is a [[check]] table"}}
	}
	return f, faults
}

// faults are what is wrong in a check by itself.
func (c PolicyCheck) faults(block *policyBlock) (faults PolicyError) {
	if c.ID == "" {
		faults = append(faults, block.fault("id", "a check without an id"))
	}
	if !slices.Contains([]Level{Mandatory, Optional, Evaluatory}, c.Level) {
		faults = append(faults, block.fault("level", "check %q has level %q; there are %s, %s and %s",
			c.ID, c.Level, Mandatory, Optional, Evaluatory))
	}
	if c.WhereSupported && c.Level != Mandatory {
		faults = append(faults, block.fault("where_supported", "check %q has where_supported and is not mandatory", c.ID))
	}
	return faults
}

// compare gives what keeps the file from saying of each check of the shipped policy, and of no other, what it weighs.
func (f *policyFile) compare(shipped *Policy) (faults PolicyError) {
	stands := map[string]int{}
	for _, c := range f.checks {
		at := c.block.fault("id", "check %q is none that Foyer makes", c.ID)
		first, twice := stands[c.ID]
		switch {
		case !shipped.names(c.ID):
			faults = append(faults, at)
		case twice:
			faults = append(faults, PolicyFault{at.Line, fmt.Sprintf("check %q stands on line %d already", c.ID, first)})
		default:
			stands[c.ID] = at.Line
		}
	}
	for _, c := range shipped.Checks {
		if stands[c.ID] == 0 {
			faults = append(faults, PolicyFault{f.lines, fmt.Sprintf("check %q is missing, and would weigh nothing; Foyer ships it as %s", c.ID, c.Level)})
		}
	}
	return faults
}
