package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// fault is one thing that is wrong with a setting.
type fault struct {
	key  string // "devices.printer.width"
	text string // that says so, key and all
}

// Error implements error.
func (f fault) Error() string { return f.text }

// faulty is what is wrong with a setting, as "devices.printer.width is 5 dots".
func faulty(key, format string, args ...any) error {
	return fault{key, key + " " + fmt.Sprintf(format, args...)}
}

// unknown are the keys that no setting has, each with the one that may be meant. What stands in a table that is unknown itself is not told.
func unknown(undecoded []toml.Key) error {
	var all []error
	told := map[string]bool{}
	for _, key := range undecoded {
		table := slices.ContainsFunc(above(key), func(t string) bool { return told[t] })
		told[key.String()] = true
		if table {
			continue
		}
		text := "unknown key " + key.String()
		if meant := nearest(key, settings()); meant != "" {
			text += ": is " + meant + " meant?"
		}
		all = append(all, fault{key.String(), text})
	}
	return errors.Join(all...)
}

// above are the tables that a key stands in.
func above(key toml.Key) (all []string) {
	for i := 1; i < len(key); i++ {
		all = append(all, key[:i].String())
	}
	return all
}

// nearest is the setting that somebody may have meant: of the same table one that is spelt nearly so, or else the only one that is called
// so elsewhere; empty where there is none.
func nearest(key toml.Key, known []string) string {
	table, name := key[:len(key)-1].String(), key[len(key)-1]
	best, fewest := "", max(1, len(name)/3)
	var elsewhere []string
	for _, k := range known {
		in, called := "", k
		if i := strings.LastIndexByte(k, '.'); i >= 0 {
			in, called = k[:i], k[i+1:]
		}
		if called == name {
			elsewhere = append(elsewhere, k)
		}
		if d := edits(strings.ToLower(name), called); in == table && (d < fewest || d == fewest && best == "") {
			best, fewest = k, d
		}
	}
	if best == "" && len(elsewhere) == 1 {
		return elsewhere[0]
	}
	return best
}

// edits are the bytes that are to be put in, taken out, exchanged, or swapped with the next, to make a word of another (the distance of F. J. Damerau
// and V. I. Levenshtein, each place touched once).
func edits(a, b string) int {
	var before []int // the row before the last
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			kept := last[j]
			if a[i] != b[j] {
				kept++
			}
			row[j+1] = min(kept, row[j]+1, last[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// settings are all keys that a configuration may have, tables too.
func settings() []string { return keysOf(reflect.TypeFor[Config](), "") }

func keysOf(of reflect.Type, table string) (all []string) {
	for i := range of.NumField() {
		field := of.Field(i)
		switch tag := field.Tag.Get("toml"); {
		case tag == "-":
		case tag == "" && field.Anonymous:
			all = append(all, keysOf(field.Type, table)...)
		default:
			all = append(all, table+tag)
			if field.Type.Kind() == reflect.Struct {
				all = append(all, keysOf(field.Type, table+tag+".")...)
			}
		}
	}
	return all
}

// located is what is wrong with a file of that text, fault by fault with its line, in the order of the lines; nil where nothing is. What is
// missing has the line of its table.
func located(path, text string, wrong error) error {
	found := faults(wrong)
	if len(found) == 0 {
		return wrong
	}
	at := lines(text)
	type place struct {
		line int
		text string
	}
	var all []place
	for _, f := range found {
		line := at[f.key]
		for key := f.key; line == 0 && key != ""; line = at[key] {
			key = key[:max(0, strings.LastIndexByte(key, '.'))]
		}
		all = append(all, place{line, f.text})
	}
	slices.SortStableFunc(all, func(a, b place) int { return cmp.Compare(a.line, b.line) })
	var said []string
	for _, p := range all {
		if p.line > 0 {
			p.text = fmt.Sprintf("line %d: %s", p.line, p.text)
		}
		said = append(said, p.text)
	}
	if len(said) == 1 {
		return fmt.Errorf("configuration %s: %s", path, said[0])
	}
	return fmt.Errorf("configuration %s:\n  %s", path, strings.Join(said, "\n  "))
}

// faults takes joined errors apart.
func faults(err error) (all []fault) {
	if several, is := err.(interface{ Unwrap() []error }); is {
		for _, one := range several.Unwrap() {
			all = append(all, faults(one)...)
		}
		return all
	}
	var one fault
	if errors.As(err, &one) {
		all = append(all, one)
	}
	return all
}

// lines are the lines, from 1, on which a text that is TOML has its tables and keys: the decoder does not tell. Each line is read by itself; one
// that goes on in the next is read up to its value.
func lines(text string) map[string]int {
	at, table := map[string]int{}, ""
	for i, line := range strings.Split(text, "\n") {
		var nothing map[string]any
		meta, err := toml.Decode(line, &nothing)
		if name, _, is := strings.Cut(line, "="); err != nil && is {
			meta, err = toml.Decode(name+"= 0", &nothing)
		}
		if err != nil {
			continue
		}
		keys := meta.Keys()
		if header := strings.HasPrefix(strings.TrimSpace(line), "["); header && len(keys) > 0 {
			table = keys[len(keys)-1].String()
			keys, table = nil, table+"."
			first(at, strings.TrimSuffix(table, "."), i+1)
		}
		for _, key := range keys {
			first(at, table+key.String(), i+1)
		}
	}
	return at
}

// first notes where a key stands, unless it is known.
func first(at map[string]int, key string, line int) {
	if at[key] == 0 {
		at[key] = line
	}
}
