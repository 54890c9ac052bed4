package openapi

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hce.co/shared/service"
)

var update = flag.Bool("update", false, "write the members of the Go types into openapi.json; what else it says stays")

func document(t *testing.T) object {
	t.Helper()
	var doc object
	if err := json.Unmarshal(Document, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func schemas(doc object) object { return doc["components"].(object)["schemas"].(object) }

// Every schema is what the Go type behind it is as JSON.
func TestSchemasAreTheTypes(t *testing.T) {
	doc := document(t)
	all := schemas(doc)
	expected := map[string]object{}
	for name, v := range requests {
		expected[name] = plain(schemaOf(name, v, name != "SolicitudToken")) // OAuth ignores what it does not know
	}
	for name, v := range answers {
		expected[name] = plain(schemaOf(name, v, false))
	}
	if *update {
		for name, s := range expected {
			was, _ := all[name].(object)
			all[name] = merged(was, s)
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(doc); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("openapi.json", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for name, is := range expected {
		written, ok := all[name].(object)
		if !ok {
			t.Errorf("no schema %s: run go test ./openapi -run Types -update", name)
			continue
		}
		if diff := cmp.Diff(is, bare(written, is)); diff != "" {
			t.Errorf("%s is not its type: run go test ./openapi -run Types -update (-type +document):\n%s", name, diff)
		}
	}
	for name := range all {
		if expected[name] == nil && !slices.Contains(foreign, name) {
			t.Errorf("schema %s has no type", name)
		}
	}
}

// Every request that lacks nothing but its members can be read: no two of them
// have one name.
func TestRequestsCanBeRead(t *testing.T) {
	for name, v := range requests {
		if err := service.DecodeBytes([]byte("{}"), reflect.New(reflect.TypeOf(v)).Interface()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What other systems post is checked against these very schemas.
func TestEventSchemasAreThoseOfTheReceiver(t *testing.T) {
	all := schemas(document(t))
	for _, name := range []string{"co.hce.resultado.emitido.v1", "co.hce.pdf.solicitado.v1"} {
		b, err := os.ReadFile("../../shared/event/schema/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var want object
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		delete(want, "$schema")
		delete(want, "$id")
		if diff := cmp.Diff(want, all[name].(object)); diff != "" {
			t.Errorf("%s (-receiver +document):\n%s", name, diff)
		}
	}
}

var methods = []string{"get", "put", "post", "delete", "patch"}

// each runs check on every operation.
func each(t *testing.T, check func(t *testing.T, path, method string, op object)) {
	t.Helper()
	paths := document(t)["paths"].(object)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for method, op := range paths[path].(object) {
			t.Run(strings.ToUpper(method)+" "+path, func(t *testing.T) {
				if !slices.Contains(methods, method) {
					t.Fatalf("%s is no method", method)
				}
				check(t, path, method, op.(object))
			})
		}
	}
}

var inPath = regexp.MustCompile(`\{([^}]*)\}`)

func TestOperations(t *testing.T) {
	doc := document(t)
	seen := map[string]bool{}
	var tags []string
	for _, tag := range doc["tags"].([]any) {
		tags = append(tags, tag.(object)["name"].(string))
	}
	each(t, func(t *testing.T, path, method string, op object) {
		id, _ := op["operationId"].(string)
		if !regexp.MustCompile(`^[a-zA-Z0-9]+$`).MatchString(id) || seen[id] {
			t.Errorf("operationId %q is no name of its own", id)
		}
		seen[id] = true
		if s, _ := op["summary"].(string); s == "" {
			t.Error("no summary")
		}
		if of := op["tags"].([]any); len(of) != 1 || !slices.Contains(tags, of[0].(string)) {
			t.Errorf("tags %v are not of %v", of, tags)
		}
		var want, got []string
		for _, m := range inPath.FindAllStringSubmatch(path, -1) {
			want = append(want, m[1])
		}
		parameters, _ := op["parameters"].([]any)
		for _, p := range parameters {
			p := resolve(t, doc, p.(object))
			if p["in"] == "path" {
				got = append(got, p["name"].(string))
				if p["required"] != true {
					t.Errorf("parameter %s of the path is not required", p["name"])
				}
			}
			if p["schema"] == nil {
				t.Errorf("parameter %s has no schema", p["name"])
			}
		}
		if !slices.Equal(want, got) {
			t.Errorf("the path has %v, the parameters name %v", want, got)
		}
		success := false
		for status, r := range op["responses"].(object) {
			n, err := strconv.Atoi(status)
			if err != nil && status != "default" {
				t.Errorf("response %s", status)
			}
			success = success || n >= 200 && n < 300
			if d, _ := resolve(t, doc, r.(object))["description"].(string); d == "" {
				t.Errorf("response %s says nothing", status)
			}
		}
		if !success || op["responses"].(object)["default"] == nil {
			t.Error("no response of success, or none for any problem")
		}
		if method == "get" && op["requestBody"] != nil {
			t.Error("a GET has a body")
		}
		security, public := op["security"].([]any)
		if public && len(security) > 0 || public == (op["x-roles"] != nil) {
			t.Error("an operation is for anyone, or for roles")
		}
	})
}

func resolve(t *testing.T, doc, v object) object {
	t.Helper()
	ref, ok := v["$ref"].(string)
	if !ok {
		return v
	}
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		t.Fatalf("%s leads elsewhere", ref)
	}
	var at any = doc
	for part := range strings.SplitSeq(path, "/") {
		o, ok := at.(object)
		if !ok || o[part] == nil {
			t.Fatalf("%s leads nowhere", ref)
		}
		at = o[part]
	}
	return at.(object)
}

var setHeader = regexp.MustCompile(`\.(?:Set|Add)\("([A-Za-z-]+)",`)

// headersOf are the headers that the code of the functions sets.
func headersOf(t *testing.T) map[string]bool {
	t.Helper()
	set := map[string]bool{}
	for _, root := range []string{"../../functions", "../../shared"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			b, err := os.ReadFile(path)
			for _, m := range setHeader.FindAllSubmatch(b, -1) {
				set[string(m[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return set
}

// always are the headers that every response of a status has.
var always = map[string]string{"304": "ETag", "401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}

// A response names its headers as they are sent: the key is the name.
func TestHeadersAreReal(t *testing.T) {
	doc, set := document(t), headersOf(t)
	if len(set) < 15 {
		t.Fatalf("only %d headers are set anywhere: %v", len(set), set)
	}
	each(t, func(t *testing.T, _, _ string, op object) {
		for status, r := range op["responses"].(object) {
			headers, _ := resolve(t, doc, r.(object))["headers"].(object)
			for name, h := range headers {
				if !set[name] {
					t.Errorf("%s has %s, which no function sets", status, name)
				}
				if d, _ := resolve(t, doc, h.(object))["description"].(string); d == "" {
					t.Errorf("%s says nothing of %s", status, name)
				}
			}
			if name := always[status]; name != "" && headers[name] == nil {
				t.Errorf("%s comes with %s, and is described without", status, name)
			}
		}
	})
}

// Every reference leads somewhere, and every component is led to.
func TestReferences(t *testing.T) {
	doc := document(t)
	used := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case object:
			if ref, ok := v["$ref"].(string); ok {
				resolve(t, doc, v)
				used[ref] = true
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(doc)
	for kind, members := range doc["components"].(object) {
		if kind == "securitySchemes" {
			continue
		}
		for name := range members.(object) {
			if ref := "#/components/" + kind + "/" + name; !used[ref] {
				t.Errorf("nothing leads to %s", ref)
			}
		}
	}
}
