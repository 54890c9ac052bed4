// Package client calls a function of this system over HTTP and JSON.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"hce.co/shared/problem"
	"hce.co/shared/telemetry"
)

// Client reaches one function.
type Client struct {
	Base string // URL without a path
	HTTP *http.Client
}

// Caller is on whose behalf a call is made.
type Caller struct {
	Token        string // access token
	RequestID    string // so that one click is one id in every log
	ForwardedFor string // X-Forwarded-For: the address of the person
}

type callerKey struct{}

// As returns ctx for calls on behalf of a caller.
func As(ctx context.Context, c Caller) context.Context { return context.WithValue(ctx, callerKey{}, c) }

// Option changes a request before it is sent.
type Option func(*http.Request)

// IfMatch makes an update conditional on the version that the caller saw.
func IfMatch(version int) Option {
	return func(r *http.Request) { r.Header.Set("If-Match", `"`+strconv.Itoa(version)+`"`) }
}

// IdempotencyKey makes a retry of the same write safe. An empty key changes
// nothing.
func IdempotencyKey(key string) Option {
	return func(r *http.Request) {
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
	}
}

// Query adds a parameter to the address.
func Query(name, value string) Option {
	return func(r *http.Request) {
		q := r.URL.Query()
		q.Set(name, value)
		r.URL.RawQuery = q.Encode()
	}
}

// Header sets a header.
func Header(name, value string) Option {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

const maxAnswer = 64 << 20 // bytes: more than any answer of ours

// Send makes a call and returns the answer's body. body is encoded as JSON,
// url.Values as a form; nil sends none. An answer of 400 or more comes back as
// the *problem.Error that it states.
func (c Client) Send(ctx context.Context, method, path string, body any, opts ...Option) ([]byte, http.Header, error) {
	var payload io.Reader
	contentType := ""
	switch b := body.(type) {
	case nil:
	case url.Values:
		payload, contentType = bytes.NewBufferString(b.Encode()), "application/x-www-form-urlencoded"
	default:
		j, err := json.Marshal(b)
		if err != nil {
			return nil, nil, fmt.Errorf("encode request: %w", err)
		}
		payload, contentType = bytes.NewReader(j), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, method, c.Base+path, payload)
	if err != nil {
		return nil, nil, fmt.Errorf("call %s: %w", method, withoutURL(err))
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if caller, ok := ctx.Value(callerKey{}).(Caller); ok {
		for name, value := range map[string]string{"X-Request-Id": caller.RequestID, "X-Forwarded-For": caller.ForwardedFor} {
			if value != "" {
				req.Header.Set(name, value)
			}
		}
		if caller.Token != "" {
			req.Header.Set("Authorization", "Bearer "+caller.Token)
		}
	}
	for _, o := range opts {
		o(req)
	}
	telemetry.Inject(ctx, req.Header)
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return nil, nil, problem.Unavailable(fmt.Errorf("call function: %w", withoutURL(err)))
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, nil, problem.Unavailable(fmt.Errorf("read answer: %w", err))
	}
	if resp.StatusCode >= 400 {
		return nil, resp.Header, problem.Read(resp, answer)
	}
	if resp.StatusCode >= 300 { // the router puts right an address with a part that is empty or dots, which names nothing
		return nil, resp.Header, problem.NotFound("No existe.")
	}
	return answer, resp.Header, nil
}

// withoutURL leaves out the URL that net/http puts into its errors: it names a
// record, and errors are logged.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// Call is Send with the answer's JSON read into T.
func Call[T any](ctx context.Context, c Client, method, path string, body any, opts ...Option) (T, http.Header, error) {
	var v T
	answer, h, err := c.Send(ctx, method, path, body, opts...)
	if err != nil {
		return v, h, err
	}
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &v); err != nil {
			return v, h, fmt.Errorf("decode answer: %w", err)
		}
	}
	return v, h, nil
}

var nextLink = regexp.MustCompile(`<[^>]*[?&]despues=([^&>]*)[^>]*>; *rel="next"`)

// Next returns the cursor of the page after this one, "" on the last.
func Next(h http.Header) string {
	for _, l := range h.Values("Link") {
		if m := nextLink.FindStringSubmatch(l); m != nil {
			if s, err := url.QueryUnescape(m[1]); err == nil {
				return s
			}
		}
	}
	return ""
}

// Page is the query string that asks for the page after cursor.
func Page(limit int, after string) string {
	q := url.Values{}
	if limit > 0 {
		q.Set("limite", strconv.Itoa(limit))
	}
	if after != "" {
		q.Set("despues", after)
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}
