package service

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestClientIP(t *testing.T) {
	cluster := []string{"10.0.0.0/8", "192.0.2.10", "fd00::/8"}
	for _, tt := range []struct {
		name      string
		trusted   []string
		remote    string
		forwarded []string
		want      string
	}{
		{"nobody in between", cluster, "198.51.100.7:5000", nil, "198.51.100.7"},
		{"spoofed, no proxy is trusted", nil, "198.51.100.7:5000", []string{"203.0.113.1"}, "198.51.100.7"},
		{"spoofed past the proxies", cluster, "198.51.100.7:5000", []string{"203.0.113.1"}, "198.51.100.7"},
		{"through one proxy", cluster, "10.1.2.3:5000", []string{"203.0.113.1"}, "203.0.113.1"},
		{"through two proxies", cluster, "10.1.2.3:5000", []string{"203.0.113.1, 192.0.2.10"}, "203.0.113.1"},
		{"two headers", cluster, "10.1.2.3:5000", []string{"203.0.113.1", "192.0.2.10"}, "203.0.113.1"},
		{"spoofed through a proxy", cluster, "10.1.2.3:5000", []string{"10.9.9.9, 127.0.0.1, 203.0.113.1"}, "203.0.113.1"},
		{"spoofed as one of the proxies", cluster, "10.1.2.3:5000", []string{"203.0.113.9, 203.0.113.1"}, "203.0.113.1"},
		{"only proxies", cluster, "10.1.2.3:5000", []string{"10.0.0.5"}, "10.0.0.5"},
		{"rubbish from the proxy", cluster, "10.1.2.3:5000", []string{"203.0.113.1, unknown"}, "10.1.2.3"},
		{"rubbish before the client", cluster, "10.1.2.3:5000", []string{"' OR 1=1 --, 203.0.113.1"}, "203.0.113.1"},
		{"an empty header", cluster, "10.1.2.3:5000", []string{""}, "10.1.2.3"},
		{"IPv6", cluster, "[fd00::1]:5000", []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv6 in IPv4 clothes", cluster, "[::ffff:10.1.2.3]:5000", []string{"::ffff:203.0.113.1"}, "203.0.113.1"},
		{"a zone, which may hold any text", cluster, "10.1.2.3:5000", []string{"fe80::1%" + strings.Repeat("x", 500)}, "fe80::1"},
		{"a zone of the peer", cluster, "[fe80::1%eth0]:5000", nil, "fe80::1"},
		{"a socket without an address", cluster, "@", []string{"203.0.113.1"}, ""},
		{"a whole network by one address", []string{"192.0.2.10"}, "192.0.2.11:5000", []string{"203.0.113.1"}, "192.0.2.11"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rt := NewRouter(Config{TrustedProxies: tt.trusted}, Guard{}, nil)
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = tt.remote
			r.Header["X-Forwarded-For"] = tt.forwarded
			r.Header.Set("X-Real-Ip", "203.0.113.200")
			r.Header.Set("Forwarded", "for=203.0.113.201")
			if got := rt.clientIP(r); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestConfigValidate(t *testing.T) {
	if err := (Config{TrustedProxies: []string{"10.0.0.0/8", "192.0.2.1", "fd00::/8", "::1"}}).Validate(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "proxy", "10.0.0.0/33", "10.0.0", "0.0.0.0/0,10.0.0.1", "10.0.0.1:80"} {
		if err := (Config{TrustedProxies: []string{"10.0.0.1", bad}}).Validate(); err == nil {
			t.Errorf("%q is taken for a proxy", bad)
		}
	}
}
