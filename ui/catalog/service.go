package catalog

// Services suggest frequent health services of the REPS (Resolución
// 3100/2019); the clinic's own list comes from its configuration.
var Services = Table{
	{"1101", "Atención del parto"},
	{"1102", "Urgencias"},
	{"328", "Medicina general"},
	{"329", "Medicina interna"},
	{"342", "Pediatría"},
	{"320", "Ginecobstetricia"},
	{"304", "Cirugía general"},
	{"302", "Cardiología"},
	{"332", "Neurología"},
	{"339", "Ortopedia y/o traumatología"},
	{"345", "Psiquiatría"},
	{"129", "Hospitalización adultos"},
	{"130", "Hospitalización pediátrica"},
	{"110", "Cuidado intensivo adultos"},
	{"107", "Cuidado intermedio adultos"},
	{"105", "Cuidado intermedio neonatal"},
	{"108", "Cuidado intensivo neonatal"},
	{"109", "Cuidado intensivo pediátrico"},
}
