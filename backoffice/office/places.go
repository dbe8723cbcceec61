package office

import (
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/foyer-station/foyer/backoffice/routing"
)

// maxFile is the most that an office file may have, in bytes.
const maxFile = 1 << 20

// entry is a header or a key of an office file, with all that belongs to it.
type entry struct {
	table string // "route", "service.name"; empty above all headers
	n     int    // which of its [[table]], from 0
	key   string // empty for a header
	line  int    // from 1
	end   int    // bytes of the file up to the next entry
}

var (
	header  = regexp.MustCompile(`^\[(\[?)\s*([^\]]+?)\s*\]`)
	keyForm = regexp.MustCompile(`^([^=#]+?)\s*=`)
)

// cut finds the headers and keys of a text that is TOML. The library that reads it gives a place for its syntax, and of tables that
// are repeated for the last one alone.
func cut(text string) []entry {
	entries := []entry{{line: 1}}
	counts := map[string]int{}
	var open nesting
	at := 0
	for i, line := range strings.SplitAfter(text, "\n") {
		trimmed := strings.TrimSpace(line)
		last := entries[len(entries)-1]
		at += len(line)
		if m := header.FindStringSubmatch(trimmed); open.none() && m != nil {
			if m[1] != "" {
				counts[m[2]]++
			}
			parent, _, _ := strings.Cut(m[2], ".")
			entries = append(entries, entry{table: m[2], n: max(0, counts[parent]-1), line: i + 1})
		} else {
			if m := keyForm.FindStringSubmatch(trimmed); open.none() && m != nil {
				entries = append(entries, entry{last.table, last.n, strings.ReplaceAll(m[1], " ", ""), i + 1, 0})
			}
			open.read(line)
		}
		entries[len(entries)-1].end = at
	}
	return entries
}

// nesting is what is open at the end of a line of TOML.
type nesting struct {
	quote    string // of a text of several lines: """ or '''
	brackets int
}

func (n nesting) none() bool { return n.quote == "" && n.brackets == 0 }

// read goes on by a line.
func (n *nesting) read(line string) {
	for line != "" {
		if n.quote != "" {
			line = n.leave(line)
			continue
		}
		switch c := line[0]; {
		case c == '#':
			return
		case strings.HasPrefix(line, `"""`), strings.HasPrefix(line, "'''"):
			n.quote, line = line[:3], line[3:]
			continue
		case c == '"' || c == '\'':
			line = line[closing(line[1:], c)+1:]
			continue
		case c == '[' || c == '{':
			n.brackets++
		case c == ']' || c == '}':
			n.brackets--
		}
		line = line[1:]
	}
}

// leave looks for the end of a text of several lines, and gives what follows it.
func (n *nesting) leave(line string) string {
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' && n.quote[0] == '"' {
			i++
		} else if strings.HasPrefix(line[i:], n.quote) {
			i += len(n.quote)
			for i < len(line) && line[i] == n.quote[0] { // quotes that belong to the text
				i++
			}
			n.quote = ""
			return line[i:]
		}
	}
	return ""
}

// closing is how much of a line belongs to a text of one line, its closing quote included.
func closing(rest string, quote byte) int {
	for i := 0; i < len(rest); i++ {
		if rest[i] == '\\' && quote == '"' {
			i++
		} else if rest[i] == quote {
			return i + 1
		}
	}
	return len(rest)
}

// line is where a fault stands: the line of its key, else that of its table.
func line(entries []entry, f *routing.Fault) int {
	table := 0
	for _, e := range entries {
		if e.n != f.N {
			continue
		}
		path := strings.TrimPrefix(e.table+"."+e.key, f.Table+".")
		switch {
		case f.Key != "" && (e.table == f.Table || e.table == f.Table+"."+f.Key) && (path == f.Key || strings.HasPrefix(path, f.Key+".")):
			return e.line
		case e.table == f.Table && table == 0:
			table = e.line
		}
	}
	return max(table, 1)
}

// placed puts the line before what is wrong with an office file.
func placed(text []byte, err error) error {
	if fault, ok := errors.AsType[*routing.Fault](err); ok {
		return fmt.Errorf("office file: line %d: %w", line(cut(string(text)), fault), err)
	}
	return fmt.Errorf("office file: %w", err)
}

// decode reads TOML, and refuses keys that nothing reads.
func decode(text string, to any) error {
	meta, err := toml.Decode(text, to)
	if err != nil {
		return err
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return fmt.Errorf("unknown key %s", extra[0])
	}
	return nil
}

// misread places what decode refuses a text for. But for the syntax, it is given as much of the file as it takes to be refused.
func misread(text string, err error) error {
	if syntax, ok := errors.AsType[toml.ParseError](err); ok && !isTOML(text) {
		return fmt.Errorf("office file: line %d: %s", syntax.Position.Line, syntax.Message)
	}
	entries := cut(text)
	n := sort.Search(len(entries)-1, func(i int) bool { return decode(text[:entries[i].end], new(Office)) != nil })
	if upTo := decode(text[:entries[n].end], new(Office)); upTo != nil {
		err = upTo
	}
	says := err.Error()
	if m := ownPlace.FindString(says); m != "" {
		says = entries[n].key + ": " + says[len(m):]
	}
	return fmt.Errorf("office file: line %d: %s", entries[n].line, says)
}

// ownPlace is where the library that reads TOML believes that it is.
var ownPlace = regexp.MustCompile(`^toml: (?:line \d+ )?\(last key "[^"]*"\): `)

func isTOML(text string) bool {
	var all map[string]any
	_, err := toml.Decode(text, &all)
	return err == nil
}
