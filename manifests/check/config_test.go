package check

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// variable is what a function reads from its environment.
type variable struct{ required, defaulted bool }

// unset are variables without default that the manifests leave alone.
var unset = map[string]string{
	"DATABASE_ROLE":  "each function signs in as its own role",
	"LISTEN_ADDRESS": "the queue-proxy comes by the pod's address",
	"PORT":           "Knative sets it",
	"K_SERVICE":      "Knative sets it",
	"K_REVISION":     "Knative sets it",
	"HOSTNAME":       "the container runtime sets it",

	"OTEL_EXPORTER_OTLP_ENDPOINT": "only where there is a collector",
	"OTEL_EXPORTER_OTLP_HEADERS":  "a collector in the cluster asks for none",
	"OTEL_METRIC_EXPORT_INTERVAL": "OpenTelemetry has a default",
	"OTEL_SDK_DISABLED":           "telemetry is off without an endpoint",
	"OTEL_SERVICE_NAME":           "a function goes by its name in Knative",
}

// reads returns the variables that a function reads: those of its Config, and
// of what that is made of, and those that every function, or OpenTelemetry's
// SDK in it, reads at its start.
func reads(t testing.TB, fn function) map[string]variable {
	t.Helper()
	vars := map[string]variable{}
	for _, name := range started(t) {
		vars[name] = variable{}
	}
	if !collect(t, filepath.Join(root, "shared/telemetry"), "Config", vars) {
		t.Fatal("shared/telemetry: there is no type Config")
	}
	vars["OTEL_METRIC_EXPORT_INTERVAL"] = variable{}
	if !collect(t, filepath.Join(root, fn.code), "Config", vars) {
		t.Fatalf("%s: there is no type Config", fn.code)
	}
	return vars
}

// collect adds the variables of a struct type in the package at dir.
func collect(t testing.TB, dir, typ string, into map[string]variable) bool {
	t.Helper()
	found := false
	for _, file := range parse(t, dir) {
		imports := map[string]string{}
		for _, i := range file.Imports {
			path, _ := strconv.Unquote(i.Path.Value)
			imports[filepath.Base(path)] = path
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != typ {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				found = true
				for _, field := range s.Fields.List {
					collectField(t, dir, imports, field, into)
				}
			}
			return false
		})
	}
	return found
}

func collectField(t testing.TB, dir string, imports map[string]string, field *ast.Field, into map[string]variable) {
	if name, v, ok := tagged(field); ok {
		into[name] = v
		return
	}
	switch typ := field.Type.(type) { // a struct of more of them
	case *ast.Ident:
		collect(t, dir, typ.Name, into)
	case *ast.SelectorExpr:
		if rest, ok := strings.CutPrefix(imports[fmt.Sprint(typ.X)], "hce.co/"); ok {
			collect(t, filepath.Join(root, rest), typ.Sel.Name, into)
		}
	}
}

// tagged reads a field's env tag.
func tagged(field *ast.Field) (string, variable, bool) {
	if field.Tag == nil {
		return "", variable{}, false
	}
	text, _ := strconv.Unquote(field.Tag.Value)
	value, ok := reflect.StructTag(text).Lookup("env")
	if !ok {
		return "", variable{}, false
	}
	name, options, _ := strings.Cut(value, ",")
	_, defaulted := reflect.StructTag(text).Lookup("envDefault")
	return name, variable{required: strings.Contains(options, "required"), defaulted: defaulted}, true
}

// started are the variables that service.Main reads.
func started(t testing.TB) []string {
	t.Helper()
	var names []string
	for _, file := range parse(t, filepath.Join(root, "shared/service")) {
		ast.Inspect(file, func(n ast.Node) bool {
			var holder string
			var arg ast.Expr
			switch n := n.(type) {
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Getenv" {
					holder, arg = "env", n.Args[0]
				}
			case *ast.IndexExpr:
				holder, arg = fmt.Sprint(n.X), n.Index
			}
			if lit, ok := arg.(*ast.BasicLit); ok && holder == "env" && lit.Kind == token.STRING {
				name, _ := strconv.Unquote(lit.Value)
				names = append(names, name)
			}
			return true
		})
	}
	if len(names) == 0 {
		t.Fatal("service.Main reads nothing: has it moved?")
	}
	return names
}

// parse reads the Go files of a folder, without its tests.
func parse(t testing.TB, dir string) []*ast.File {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}
