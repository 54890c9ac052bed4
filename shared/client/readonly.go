package client

// ReadOnly is a member of a request that only the server writes. Whoever read
// the resource may send it back with what they changed: its value does not
// count. Sent by ourselves it is left out (json: omitzero).
type ReadOnly struct{}

// UnmarshalJSON takes any value.
func (*ReadOnly) UnmarshalJSON([]byte) error { return nil }
