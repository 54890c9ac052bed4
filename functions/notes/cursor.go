package notes

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// cursor is a place in a list that is ordered by an instant and an id, newest
// first.
type cursor struct {
	at time.Time
	id uuid.UUID
}

// compare tells which of two places comes first.
func (c cursor) compare(d cursor) int {
	return cmp.Or(d.at.Compare(c.at), bytes.Compare(d.id[:], c.id[:]))
}

// together makes one list of those of the records that make up a chart. Each is
// newest first, and so is what comes of them.
func together[T any](lists [][]T, place func(T) cursor) []T {
	if len(lists) == 1 {
		return lists[0]
	}
	all := []T{} // an empty list is one all the same
	for _, list := range lists {
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b T) int { return place(a).compare(place(b)) })
	return all
}

// newest stands before everything.
var newest = cursor{time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), uuid.Max}

const cursorSize = 8 + 16 // bytes: microseconds since 1970, id

// String writes the cursor so that no client is tempted to read it.
func (c cursor) String() string {
	b := binary.BigEndian.AppendUint64(nil, uint64(c.at.UnixMicro())) //nolint:gosec // two's complement both ways
	return base64.RawURLEncoding.EncodeToString(append(b, c.id[:]...))
}

// position reads which page of a list is asked for.
func position(r *http.Request) (service.Page, cursor, error) {
	page, err := service.ParsePage(r)
	if err != nil || page.After == "" {
		return page, newest, err
	}
	b, err := base64.RawURLEncoding.DecodeString(page.After)
	if err != nil || len(b) != cursorSize {
		return page, cursor{}, problem.Invalid(map[string]string{"despues": "El cursor no es válido."})
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(b))).UTC() //nolint:gosec // likewise
	if at.Year() < 1 || at.Year() > 9999 {
		return page, cursor{}, problem.Invalid(map[string]string{"despues": "El cursor no es válido."})
	}
	return page, cursor{at, uuid.UUID(b[8:])}, nil
}
