package problem

// Fields collects the first message of each field of a form that breaks a rule.
// A function that checks forms embeds it beside the rules of its own.
type Fields map[string]string

// Add notes what is wrong with a field, unless something is already.
func (f Fields) Add(name, message string) {
	if _, ok := f[name]; !ok {
		f[name] = message
	}
}

// Err is the problem that the fields make up, nil when there is none.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return Invalid(f)
}
