package admission

import (
	"hce.co/shared/audit"
	"hce.co/shared/auth"
	"hce.co/shared/db"
	"hce.co/shared/event"
	"hce.co/shared/service"
)

// Config is everything that admission reads from its environment.
type Config struct {
	Service service.Config
	Auth    auth.Config
	DB      db.Config
	Event   event.Config
	Audit   audit.Config
}
