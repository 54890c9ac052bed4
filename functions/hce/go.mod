module hce.co/functions/hce

go 1.26.0

require (
	hce.co/functions/admission v0.0.0
	hce.co/functions/login v0.0.0
	hce.co/functions/notes v0.0.0
	hce.co/functions/patient v0.0.0
	hce.co/functions/pdf-export v0.0.0
	hce.co/shared v0.0.0
	hce.co/ui v0.0.0
)

replace (
	hce.co/functions/admission => ../admission
	hce.co/functions/login => ../login
	hce.co/functions/notes => ../notes
	hce.co/functions/patient => ../patient
	hce.co/functions/pdf-export => ../pdf-export
	hce.co/shared => ../../shared
	hce.co/ui => ../../ui
)
