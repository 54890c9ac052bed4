package ui

import (
	"time"

	"hce.co/shared/config"
	"hce.co/shared/service"
)

// Config is everything that ui reads from its environment.
type Config struct {
	Service      service.Config
	LoginURL     string        `env:"LOGIN_URL"`      // cluster-local URLs of the functions
	PatientURL   string        `env:"PATIENT_URL"`    //
	AdmissionURL string        `env:"ADMISSION_URL"`  //
	NotesURL     string        `env:"NOTES_URL"`      //
	PDFExportURL string        `env:"PDF_EXPORT_URL"` //
	PublicURL    string        `env:"PUBLIC_URL" envDefault:"http://localhost:8080"`
	FormKey      config.Secret `env:"FORM_KEY"`                      // base64 of 32 bytes, the same for all instances: seals what was being written when a session ended, names renewals
	CallTimeout  time.Duration `env:"CALL_TIMEOUT" envDefault:"45s"` // of one call to a function, cold start included
}
