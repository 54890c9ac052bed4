package login

import (
	"encoding/base64"
	"net/http"
	"regexp"

	"hce.co/shared/problem"
	"hce.co/shared/service"
)

// cursor writes a name as the place after it in a list, so that no client is
// tempted to make one up.
func cursor(name string) string { return base64.RawURLEncoding.EncodeToString([]byte(name)) }

// position reads which page of a list is asked for, and after which of its names;
// "" is the first page.
func position(r *http.Request, names *regexp.Regexp) (page service.Page, after string, err error) {
	page, err = service.ParsePage(r)
	if err != nil || page.After == "" {
		return page, "", err
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(page.After)
	if err != nil || !names.Match(b) {
		return page, "", problem.Invalid(map[string]string{"despues": "El cursor no es válido."})
	}
	return page, string(b), nil
}
