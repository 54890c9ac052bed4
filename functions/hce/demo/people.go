// Package demo invents people, and what brought them to the clinic, for trying
// the clinic out: plausible in Colombia, and nobody.
package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	patient "hce.co/functions/patient/api"
	"hce.co/shared/civil"
)

var (
	womenNames = []string{"María", "Luz", "Ana", "Sandra", "Claudia", "Paola", "Valentina", "Mariana", "Gloria", "Martha", "Isabella", "Sofía", "Camila", "Yolanda", "Rosa", "Catalina", "Daniela", "Natalia", "Salomé", "Nubia"}
	menNames   = []string{"José", "Luis", "Carlos", "Juan", "Jorge", "Andrés", "Santiago", "Samuel", "Jesús", "Miguel", "Óscar", "Fabián", "Mateo", "Nicolás", "Hernán", "Álvaro", "Édgar", "Wílmar", "Sebastián", "Emmanuel"}
	seconds    = []string{"", "Marina", "Fernanda", "Lucía", "Elena", "Beatriz", "Milena", "Esperanza"}
	secondsMen = []string{"", "Alberto", "David", "Enrique", "Eduardo", "Felipe", "Antonio", "Iván"}
	surnames   = []string{"Rodríguez", "Gómez", "González", "Martínez", "García", "López", "Hernández", "Sánchez", "Ramírez", "Pérez", "Díaz", "Muñoz", "Rojas", "Moreno", "Jiménez", "Vargas", "Castro", "Peña", "Cárdenas", "Ortiz", "Núñez", "Quiñones", "Caicedo", "Mosquera", "Ospina", "Restrepo", "Zuluaga", "Bolaños", "Córdoba", "Arrieta"}
	streets    = []string{"Calle", "Carrera", "Diagonal", "Transversal", "Avenida"}
	districts  = []string{"La Candelaria", "El Poblado", "San Antonio", "Chapinero", "Manga", "Granada", "Belén", "La Floresta", "Siete de Agosto", "El Prado"}
	cities     = []string{"11001", "05001", "76001", "08001", "13001", "68001", "66001", "17001", "52001", "54001"}
	jobs       = []string{"Docente", "Comerciante", "Conductor", "Enfermera", "Agricultor", "Ingeniera de sistemas", "Ama de casa", "Estudiante", "Vigilante", "Contador", "Pensionado", "Auxiliar de cocina"}
	states     = []string{"soltero", "casado", "union_libre", "separado", "divorciado", "viudo"}
	groups     = []string{"O", "O", "O", "O", "A", "A", "B", "AB"}
	kin        = []string{"madre", "padre", "hijo", "hija", "cónyuge", "hermano", "hermana"}
	insurers   = [][2]string{{"EPS010", "EPS Sura"}, {"EPS005", "EPS Sanitas"}, {"EPS037", "Nueva EPS"}, {"EPS002", "Salud Total"}, {"EPS008", "Compensar"}, {"ESS024", "Coosalud"}, {"ESS062", "Asmet Salud"}, {"EPSI03", "Asociación Indígena del Cauca"}}
)

// pick takes one of the values.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// Person invents the n-th person. The same r, n and today give the same person.
func Person(r *rand.Rand, n int, today time.Time) patient.Demographics {
	woman := r.IntN(2) == 0
	d := patient.Demographics{
		PrimerApellido: pick(r, surnames), SegundoApellido: pick(r, surnames), Nacionalidades: []string{"170"}, Pais: "170",
		Barrio: pick(r, districts), Municipio: pick(r, cities), Zona: "urbana", Etnia: "99", Discapacidades: []string{"08"},
		GrupoSanguineo: pick(r, groups), FactorRH: "+", RegimenAfiliacion: "contributivo", TipoUsuario: "01",
	}
	if woman {
		d.PrimerNombre, d.SegundoNombre, d.SexoBiologico, d.IdentidadGenero = pick(r, womenNames), pick(r, seconds), "02", "02"
	} else {
		d.PrimerNombre, d.SegundoNombre, d.SexoBiologico, d.IdentidadGenero = pick(r, menNames), pick(r, secondsMen), "01", "01"
	}
	age := r.IntN(88)
	birth := today.AddDate(-age, 0, -r.IntN(365))
	d.FechaNacimiento = birth.Format(civil.DateFormat)
	switch age = civil.Age(birth, today); {
	case age < 7:
		d.TipoDocumento, d.NumeroDocumento = "RC", strconv.Itoa(1_190_000_000+n*7919%1_000_000)
	case age < 18:
		d.TipoDocumento, d.NumeroDocumento = "TI", strconv.Itoa(1_095_000_000+n*7919%1_000_000)
	default:
		d.TipoDocumento, d.NumeroDocumento = "CC", strconv.Itoa(1_010_000_000+n*7919%9_000_000)
		d.Ocupacion, d.EstadoCivil = pick(r, jobs), pick(r, states)
		d.CorreoElectronico = strings.ToLower(ascii.Replace(d.PrimerNombre+"."+d.PrimerApellido)) + strconv.Itoa(n) + "@example.org"
	}
	if n%19 == 7 && age >= 18 {
		d.TipoDocumento, d.NumeroDocumento, d.Nacionalidades = "PT", strconv.Itoa(4_800_000+n), []string{"862"}
	}
	if r.IntN(6) == 0 {
		d.FactorRH = "-"
	}
	if r.IntN(4) == 0 {
		d.Zona, d.RegimenAfiliacion, d.TipoUsuario = "rural", "subsidiado", "04"
	}
	in := pick(r, insurers)
	d.EntidadCodigo, d.EntidadPertenece = in[0], in[1]
	d.Direccion = fmt.Sprintf("%s %d # %d-%d", pick(r, streets), 1+r.IntN(150), 1+r.IntN(99), 1+r.IntN(99))
	d.Celular = fmt.Sprintf("3%09d", r.IntN(1_000_000_000))
	contact := patient.Contact{
		Nombre: pick(r, append(womenNames, menNames...)) + " " + d.PrimerApellido, Parentesco: pick(r, kin), Telefono: fmt.Sprintf("3%09d", r.IntN(1_000_000_000)),
	}
	d.ContactoEmergencia = &contact
	if age < 18 {
		d.Responsable = &contact
	}
	return d
}

// ascii writes a name as an e-mail address has it.
var ascii = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ñ", "n", "Á", "a", "É", "e", "Ó", "o", "Ñ", "n")
