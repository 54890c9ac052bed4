// Package openapi holds the description of the wire that programs read.
package openapi

import _ "embed"

// Document is an OpenAPI 3.1 description of every route that can be reached from
// outside, as JSON.
//
//go:embed openapi.json
var Document []byte
