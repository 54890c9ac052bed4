// Package static serves the style sheet, the scripts and the icon of the pages
// under addresses that change with their content.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed app.css hce.js htmx.min.js favicon.svg
var files embed.FS

// asset is a file as it is sent.
type asset struct {
	plain, gzipped []byte
	mediaType      string
}

// table is read once, when the first page or asset is asked for.
type table struct {
	paths  map[string]string // "app.css" → "/static/app.1b2c….css"
	assets map[string]asset  // by path
}

var load = sync.OnceValue(func() table {
	t := table{paths: map[string]string{}, assets: map[string]asset{}}
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // an embedded folder is always there
	}
	for _, e := range entries {
		content, err := files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(e.Name())
		p := "/static/" + strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		t.paths[e.Name()] = p
		t.assets[p] = asset{plain: content, gzipped: compress(content), mediaType: mediaTypes[ext]}
	}
	return t
})

// mediaTypes stands here because those of the host's mime.types may differ.
var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func compress(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a valid level has no error
	_, _ = w.Write(content)                               // nor has a buffer
	_ = w.Close()
	return b.Bytes()
}

// Path returns the address of a file, which changes with its content:
// Path("app.css") is "/static/app.1b2c3d4e5f60.css". A file that does not exist
// is a mistake of the program, so it panics.
func Path(name string) string {
	p, ok := load().paths[name]
	if !ok {
		panic("static: no file " + strconv.Quote(name))
	}
	return p
}

// Size returns the bytes of a file as it is stored.
func Size(name string) int { return len(load().assets[Path(name)].plain) }

// Has reports whether there is a file at an address.
func Has(address string) bool {
	_, ok := load().assets[address]
	return ok
}

// Handler serves the files under /static/, to be kept for a year: a new content
// has a new address. An address of an older content is not found.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := load().assets[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.mediaType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		body := a.plain
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = a.gzipped
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body) // the client may have left
		}
	})
}
