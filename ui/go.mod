module hce.co/ui

go 1.26.0

require (
	github.com/a-h/templ v0.3.977
	github.com/google/uuid v1.6.0
	github.com/gorilla/schema v1.4.1
)

require (
	github.com/caarlos0/env/v11 v11.4.2 // indirect
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
)

require (
	github.com/a-h/parse v0.0.0-20250122154542-74294addb73e // indirect
	github.com/andybalholm/brotli v1.1.0 // indirect
	github.com/cenkalti/backoff/v4 v4.3.0 // indirect
	github.com/cli/browser v1.3.0 // indirect
	github.com/fatih/color v1.16.0 // indirect
	github.com/fsnotify/fsnotify v1.7.0 // indirect
	github.com/google/go-cmp v0.7.0
	github.com/mattn/go-colorable v0.1.13 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/natefinch/atomic v1.0.1 // indirect
	golang.org/x/mod v0.26.0 // indirect
	golang.org/x/net v0.62.0
	golang.org/x/sync v0.24.0
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/tools v0.35.0 // indirect
	hce.co/functions/admission v0.0.0
	hce.co/functions/login v0.0.0
	hce.co/functions/notes v0.0.0
	hce.co/functions/patient v0.0.0
	hce.co/functions/pdf-export v0.0.0
	hce.co/shared v0.0.0
)

tool github.com/a-h/templ/cmd/templ

replace hce.co/shared => ../shared

replace hce.co/functions/login => ../functions/login

replace hce.co/functions/patient => ../functions/patient

replace hce.co/functions/admission => ../functions/admission

replace hce.co/functions/notes => ../functions/notes

replace hce.co/functions/pdf-export => ../functions/pdf-export
