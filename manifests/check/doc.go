// Package check holds the tests of the manifests: they need no cluster.
package check
