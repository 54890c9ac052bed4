package check

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"strconv"
	"testing"

	eventing "knative.dev/eventing/pkg/apis/eventing/v1"
	sources "knative.dev/eventing/pkg/apis/sources/v1"
	duck "knative.dev/pkg/apis/duck/v1"
)

// TestEventsArrive: every destination is a Service of ours whose routing table
// has the path, and what cannot be delivered is retried, then kept.
func TestEventsArrive(t *testing.T) {
	eachCombination(t, func(t *testing.T, objects []object) {
		for name, trigger := range find[eventing.Trigger](objects) {
			arrives(t, "Trigger "+name, &trigger.Spec.Subscriber)
			if trigger.Spec.Filter == nil || trigger.Spec.Filter.Attributes["type"] == "" {
				t.Errorf("Trigger %s takes every event", name)
			}
		}
		for name, ping := range find[sources.PingSource](objects) {
			arrives(t, "PingSource "+name, &ping.Spec.Sink)
		}
		for name, broker := range find[eventing.Broker](objects) {
			d := broker.Spec.Delivery
			if d == nil || deref(d.Retry) < 3 || deref(d.BackoffPolicy) != "exponential" || d.BackoffDelay == nil || d.DeadLetterSink == nil {
				t.Fatalf("Broker %s: delivery %+v", name, d)
			}
			if kept(t) { // until a function keeps them, the path only says where they will go
				arrives(t, "the dead letter sink of "+name, d.DeadLetterSink)
			}
		}
		for _, typ := range received(t) {
			found := false
			for _, trigger := range find[eventing.Trigger](objects) {
				found = found || trigger.Spec.Filter.Attributes["type"] == typ
			}
			if !found {
				t.Errorf("no Trigger brings %s, which has a receiver", typ)
			}
		}
	})
}

// kept reports whether any function keeps events that nobody could take.
func kept(t *testing.T) bool {
	for _, fn := range all {
		if routes(t, fn)["POST /eventos/muertos"] {
			return true
		}
	}
	return false
}

func arrives(t *testing.T, what string, d *duck.Destination) {
	t.Helper()
	if d.Ref == nil || d.Ref.Kind != "Service" || d.Ref.APIVersion != "serving.knative.dev/v1" || d.URI == nil {
		t.Errorf("%s leads to no path of a function", what)
		return
	}
	for _, fn := range all {
		if fn.name == d.Ref.Name {
			if !routes(t, fn)["POST "+d.URI.Path] {
				t.Errorf("%s: %s has no route POST %s", what, fn.name, d.URI.Path)
			}
			return
		}
	}
	t.Errorf("%s: there is no function %s", what, d.Ref.Name)
}

// routes are the patterns of a function's routing table.
func routes(t testing.TB, fn function) map[string]bool {
	found := map[string]bool{}
	for _, file := range parse(t, filepath.Join(root, fn.code)) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 3 {
				return true
			}
			if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "on" {
				if lit, ok := call.Args[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					pattern, _ := strconv.Unquote(lit.Value)
					found[pattern] = true
				}
			}
			return true
		})
	}
	if len(found) == 0 {
		t.Errorf("%s: no routing table", fn.name)
	}
	return found
}

// received are the types of event that the clinic in one process delivers: what
// functions/hce subscribes, a cluster has to bring as well.
func received(t testing.TB) []string {
	values := constants(t, filepath.Join(root, "shared/event"))
	var types []string
	for _, file := range parse(t, filepath.Join(root, "functions/hce")) {
		ast.Inspect(file, func(n ast.Node) bool {
			kv, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Type" {
				if sel, ok := kv.Value.(*ast.SelectorExpr); ok && values[sel.Sel.Name] != "" {
					types = append(types, values[sel.Sel.Name])
				}
			}
			return true
		})
	}
	return types
}

// constants are the constants of text in a package.
func constants(t testing.TB, dir string) map[string]string {
	values := map[string]string{}
	for _, file := range parse(t, dir) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range spec.Names {
				if i < len(spec.Values) {
					if lit, ok := spec.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
						values[name.Name], _ = strconv.Unquote(lit.Value)
					}
				}
			}
			return true
		})
	}
	return values
}
