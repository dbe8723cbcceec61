package backoffice_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"go.yaml.in/yaml/v3"

	"github.com/foyer-station/foyer/backoffice/internal/checkintest"
)

// rule is an alert as Prometheus reads it.
type rule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func alerts(t *testing.T) (all []rule) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "packaging", "monitoring", "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var file struct {
		Groups []struct {
			Name  string
			Rules []rule
		}
	}
	strict := yaml.NewDecoder(f)
	strict.KnownFields(true)
	if err := strict.Decode(&file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

// panels are the expressions of the dashboard.
func panels(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "packaging", "monitoring", "dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			all = append(all, target.Expr)
		}
	}
	return all
}

// selected are the metrics that an expression selects, with the values of their labels that it names.
func selected(t *testing.T, expr string) map[string][]string {
	t.Helper()
	e, err := metricsql.Parse(expr)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	found := map[string][]string{}
	metricsql.VisitAll(e, func(e metricsql.Expr) {
		m, ok := e.(*metricsql.MetricExpr)
		if !ok {
			return
		}
		for _, filters := range m.LabelFilterss {
			name := ""
			for _, f := range filters {
				if f.Label == "__name__" {
					name = f.Value
				}
			}
			for _, f := range filters {
				if f.Label == "reason" || f.Label == "contract" {
					found[name] = append(found[name], strings.Split(f.Value, "|")...)
				}
			}
			found[name] = append(found[name], "")
		}
	})
	return found
}

func TestAlertsAndDashboardAskForMetricsThatThereAre(t *testing.T) {
	w := watchedOffice(t)
	send(t, w.station(t), checkintest.Staff(morning))
	there := string(w.ask(t))
	manual, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, ofStations, _ := strings.Cut(string(manual), "\nA station's metrics") // which hwtest's tests hold to be true
	exprs := panels(t)
	for _, r := range alerts(t) {
		exprs = append(exprs, r.Expr)
		if r.Alert == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["action"] == "" {
			t.Errorf("%+v lacks something", r)
		}
	}
	if len(exprs) < 25 {
		t.Fatalf("only %d expressions", len(exprs))
	}
	for _, expr := range exprs {
		for name, values := range selected(t, expr) {
			if name == "up" { // Prometheus' own
				continue
			}
			if !regexp.MustCompile(`(?m)^`+name+`[{ ]`).MatchString(there) && !strings.Contains(ofStations, "`"+name) {
				t.Errorf("%s: nothing tells %s", expr, name)
			}
			for _, v := range values {
				if v != "" && !strings.Contains(there, `="`+v+`"`) {
					t.Errorf("%s: no label of %s is %q", expr, name, v)
				}
			}
		}
	}
}

func TestEveryMetricThatSomebodyIsToBeCalledForHasAnAlert(t *testing.T) {
	manual, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(manual), "\n### Metrics\n")
	section, _, _ = strings.Cut(section, "\nA station's metrics")
	var asked []string
	for _, r := range alerts(t) {
		for name := range selected(t, r.Expr) {
			asked = append(asked, name)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `(foyer_[a-z_]+)[^|]*\\|[^|]*\\| (.*) \\|$").FindAllStringSubmatch(section, -1) {
		if name, when := row[1], row[2]; when != "as the office prefers" && !slices.Contains(asked, name) && name != "foyer_station_connections" {
			t.Errorf("somebody is to be called when %s: %s, and no alert does", name, when)
		}
	}
}

func TestAnOfficeSaysWhetherItIsAliveAndWhetherItTakesCheckIns(t *testing.T) {
	w := watchedOffice(t)
	at := strings.TrimSuffix(w.server.MetricsURL(), "/metrics")
	get := func(path string) (int, string) {
		t.Helper()
		r, err := http.Get(at + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, strings.TrimSpace(string(text))
	}
	for _, path := range []string{"/livez", "/readyz"} {
		if code, text := get(path); code != http.StatusOK || text != "ok" {
			t.Errorf("%s: %d %q", path, code, text)
		}
	}
	letGo := w.hold(t)
	code, text := get("/readyz")
	letGo()
	if code != http.StatusServiceUnavailable || text != "the store does not answer" {
		t.Errorf("while the store does not answer: %d %q", code, text)
	}
	if code, _ := get("/livez"); code != http.StatusOK {
		t.Errorf("it is alive all the same: %d", code)
	}
}

// hold keeps everybody else from writing to the office's database until letGo.
func (w *world) hold(t *testing.T) (letGo func()) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(w.config.Data, "backoffice.db")+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			t.Error(err)
		}
	}
}
