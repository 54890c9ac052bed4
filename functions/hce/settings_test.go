package hce

import "testing"

func TestHowManyHashesAtOnce(t *testing.T) {
	for given, ok := range map[string]bool{"": true, "3": true, "0": false, "-1": false, "dos": false} {
		s, err := ReadSettings(map[string]string{"PASSWORD_MAX_CONCURRENT": given})
		if (err == nil) != ok {
			t.Errorf("PASSWORD_MAX_CONCURRENT=%q: %v", given, err)
		}
		if ok && s.Hashes < 1 || given == "3" && s.Hashes != 3 {
			t.Errorf("PASSWORD_MAX_CONCURRENT=%q makes %d at once", given, s.Hashes)
		}
	}
}
