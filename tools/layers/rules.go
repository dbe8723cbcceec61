package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

const module = "github.com/foyer-station/foyer/"

// mayUse lists, for a room, the other rooms that it may import. cmd wires and may use all.
var mayUse = map[string][]string{
	"mrz":        {},
	"emrtd":      {},
	"devices":    {},
	"proto":      {},
	"scrub":      {},
	"disk":       {},
	"verify":     {"emrtd", "mrz"},
	"inspection": {"verify", "emrtd", "mrz", "devices"},
	"kiosk":      {"inspection", "verify", "emrtd", "mrz", "devices", "proto", "scrub", "disk"},
	"hwtest":     {"devices", "proto", "verify"},
	"ui":         {"kiosk", "hwtest", "devices", "proto"},
	"backoffice": {"proto", "verify", "mrz", "scrub", "disk"},
	"emulate":    {"mrz", "verify", "devices", "proto"},
}

// within lists, for a package, all of ours that it may import: rooms, and packages of its own room. One that is not here may import
// every package of its room, and what its room may.
var within = map[string][]string{
	"devices/stu/protocol": {"devices"},

	"kiosk/flow":            {},
	"kiosk/config":          {"kiosk/pin"},
	"kiosk/pin":             {},
	"kiosk/journal":         {"proto", "scrub", "disk"},
	"kiosk/link":            {"kiosk/journal", "proto"},
	"kiosk/link/officetest": {"proto"},
	"kiosk/link/linktest":   {"kiosk/journal", "kiosk/link", "proto"},
	"kiosk/technician":      {"proto"},
	"kiosk/bench":           {"proto"},
	"kiosk/lastseen":        {"devices"},

	"backoffice/appointments":    {"backoffice/store", "backoffice/vault", "mrz"},
	"backoffice/ca":              {},
	"backoffice/client":          {},
	"backoffice/durable":         {},
	"backoffice/graceful":        {},
	"backoffice/loglimit":        {},
	"backoffice/sqlite":          {},
	"backoffice/staff":           {},
	"backoffice/waiting":         {},
	"backoffice/routing":         {"verify"},
	"backoffice/routing/dayplay": {"backoffice/routing", "verify"},
	"backoffice/replay":          {"backoffice/office", "backoffice/queue", "backoffice/routing", "backoffice/store", "verify"},
	"backoffice/office":          {"backoffice/queue", "backoffice/routing", "mrz", "proto", "verify"},
	"backoffice/store":           {"backoffice/auditlog", "backoffice/durable", "backoffice/queue", "backoffice/routing", "backoffice/sqlite", "backoffice/staff", "proto", "verify"},
	"backoffice/queue":           {},
	"backoffice/auditlog":        {"backoffice/durable", "backoffice/queue"},
	"backoffice/postgres":        {"backoffice/auditlog", "backoffice/queue", "backoffice/routing", "backoffice/sqlite", "backoffice/staff", "backoffice/store", "proto"},
	"backoffice/postgres/pgtest": {},
	"backoffice/vault":           {"backoffice/durable", "backoffice/sqlite", "scrub"},
	"backoffice/store/storetest": {"backoffice/auditlog", "backoffice/queue", "backoffice/routing", "backoffice/staff", "backoffice/store", "proto", "verify"},
	"backoffice/vault/vaulttest": {"backoffice/vault"},
	"backoffice/console":         {"backoffice/client", "backoffice/graceful", "backoffice/loglimit", "backoffice/office", "backoffice/queue", "backoffice/routing", "backoffice/staff", "backoffice/store", "backoffice/vault", "backoffice/web", "mrz", "proto", "verify"},
	"backoffice/web":             {"backoffice/graceful", "backoffice/loglimit"},
	"backoffice/display":         {"backoffice/office", "backoffice/store", "backoffice/web"},
	"backoffice/ticketview":      {"backoffice/client", "backoffice/office", "backoffice/store", "backoffice/web", "proto"},
	"backoffice/metrics":         {"backoffice/graceful", "backoffice/intake", "backoffice/store", "proto"},
	"backoffice/intake": {
		"backoffice/appointments", "backoffice/durable", "backoffice/loglimit", "backoffice/office", "backoffice/routing", "backoffice/sqlite", "backoffice/store",
		"backoffice/vault", "backoffice/waiting", "disk", "mrz", "proto", "scrub", "verify",
	},

	"verify/code":    {},
	"verify/picture": {"mrz"},
	"verify/wording": {"verify"},

	"ui/lang":  {},
	"ui/text":  {},
	"ui/theme": {"ui/text"},
}

// mayNot forbids packages that a room's rule would allow, to a package and all below it: to is one package or, with a slash behind it,
// all below that, but for those below from, and for one package if any.
var mayNot = []struct{ from, to, but, why string }{
	{"backoffice", "verify/", "verify/wording", "the back office uses verify's types, report and wording alone"},
	{"backoffice", "mrz/ocr", "", "the back office reads no pictures"},
	{"backoffice", "mrz/ocr/", "", "the back office reads no pictures"},
	{"emulate", "verify/", "", "emulate uses verify's types alone"},
	{"hwtest", "verify/", "verify/wording", "the self-test looks at devices, and uses verify's wording alone"},
	{"ui", "proto/", "proto/selftest", "the screen shows what a self-test tells, and knows no other contract"},
	{"cmd/doccheck", "kiosk", "", "doccheck reads documents by inspection"},
	{"verify/trust", "verify", "", "the trust store knows certificates, and neither documents nor checks"},
	{"verify/trust", "verify/", "", "the trust store knows certificates, and neither documents nor checks"},
}

// libraries says in which packages (with all below them) a library may be imported directly.
var libraries = []struct {
	prefix string
	in     []string
}{
	{"fyne.io/fyne/v2/app", []string{"cmd/kiosk"}},
	{"fyne.io/", []string{"ui", "cmd/kiosk"}},
	{"gocv.io/", []string{"devices", "mrz/ocr", "verify/page", "verify/picture", "verify/stamp", "verify/portrait"}},
	{"github.com/google/gousb", []string{"devices"}},
	{"github.com/ebfe/scard", []string{"devices"}},
	{"github.com/makiuchi-d/gozxing", []string{"verify/code", "ui/ticket"}},
	{"github.com/mattn/go-sqlite3", []string{"kiosk", "backoffice", "hwtest"}},
	{"github.com/jackc/pgx/", []string{"backoffice/postgres"}},
}

// neverLinked says what must not be among a package's dependencies, however deep.
var neverLinked = []struct{ from, prefix string }{
	{"cmd/backoffice", "gocv.io/"},
	{"backoffice", "gocv.io/"},
	{"emulate", "gocv.io/"},
	{"emulate", "github.com/google/gousb"},
}

var emptyNames = []string{"util", "utils", "helper", "helpers", "common", "misc"}

// check returns one line for each import against the plan.
func check(packages []pkg) []string {
	var defects []string
	for _, p := range packages {
		from, ok := strings.CutPrefix(p.ImportPath, module)
		if !ok {
			continue
		}
		if slices.Contains(emptyNames, p.Name) {
			defects = append(defects, fmt.Sprintf("%s: a package called %s says nothing", from, p.Name))
		}
		for _, to := range p.Imports {
			if why := forbidden(from, to); why != "" {
				defects = append(defects, fmt.Sprintf("%s imports %s: %s", from, strings.TrimPrefix(to, module), why))
			}
		}
		for _, rule := range neverLinked {
			if below(from, rule.from) && slices.ContainsFunc(p.Deps, func(d string) bool { return strings.HasPrefix(d, rule.prefix) }) {
				defects = append(defects, fmt.Sprintf("%s links %s", from, rule.prefix))
			}
		}
	}
	return defects
}

func forbidden(from, to string) string {
	for _, l := range libraries {
		if strings.HasPrefix(to, l.prefix) {
			if !slices.ContainsFunc(l.in, func(room string) bool { return below(from, room) }) {
				return "only " + strings.Join(l.in, ", ") + " may"
			}
			return ""
		}
	}
	own, ok := strings.CutPrefix(to, module)
	if !ok {
		return ""
	}
	for _, rule := range mayNot {
		exact := own == rule.to || strings.HasSuffix(rule.to, "/") && strings.HasPrefix(own, rule.to)
		if exact && own != rule.but && below(from, rule.from) && !below(own, rule.from) {
			return rule.why
		}
	}
	allowed, listed := within[from]
	if listed && !slices.ContainsFunc(allowed, func(a string) bool { return below(own, a) }) {
		return "not in its line of what it may"
	}
	if room(from) == "cmd" || room(from) == room(own) || slices.Contains(mayUse[room(from)], room(own)) {
		return ""
	}
	return "an arrow the wrong way"
}

func room(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

func below(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

func declaresInit(source []byte) bool {
	if !bytes.Contains(source, []byte("func init()")) || bytes.Contains(source[:min(len(source), 600)], []byte("Code generated")) {
		return false
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", source, 0)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Recv == nil && f.Name.Name == "init"
	})
}
