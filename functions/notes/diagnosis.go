package notes

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hce.co/functions/notes/api"
)

// roles are what a diagnosis is in its note. relacionado stands for the next of
// the three that is free.
var roles = []string{"principal", "relacionado1", "relacionado2", "relacionado3", "ingreso", "egreso", "complicacion", "muerte"}

// alone are the roles that one diagnosis of a note may have at most.
var alone = []string{"principal", "relacionado1", "relacionado2", "relacionado3", "muerte"}

var codePattern = regexp.MustCompile(`^[A-Z][0-9]{2}(\.[0-9A-Z]{1,2})?$`)

// CanonicalCode writes a code of CIE-10 with its dot: RIPS has none, RDA has
// one. What is no code comes back as it came.
func CanonicalCode(s string) string {
	s = strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '.' || r == ' ' || r == '-' {
			return -1
		}
		return r
	}, s))
	// RIPS fills a category without subdivisions up with an X.
	if len(s) == 4 && s[3] == 'X' {
		s = s[:3]
	}
	if len(s) > 3 {
		s = s[:3] + "." + s[3:]
	}
	return s
}

// IsCode reports whether s is written as a code of CIE-10 is, with its dot.
func IsCode(s string) bool { return codePattern.MatchString(s) }

var plainRole = strings.NewReplacer("ó", "o", " ", "", "_", "")

func normaliseDiagnoses(ds []api.Diagnosis) {
	taken := map[string]bool{}
	for i := range ds {
		d := &ds[i]
		d.CIE10, d.Descripcion, d.Tipo = CanonicalCode(d.CIE10), line(d.Descripcion), line(d.Tipo)
		d.Rol = plainRole.Replace(strings.ToLower(line(d.Rol)))
		taken[d.Rol] = true
	}
	for i := range ds {
		for n := 1; ds[i].Rol == "relacionado" && n <= 3; n++ {
			if rol := fmt.Sprintf("relacionado%d", n); !taken[rol] {
				ds[i].Rol, taken[rol] = rol, true
			}
		}
	}
}

func checkDiagnoses(ds []api.Diagnosis, f fields) {
	if !f.count("diagnosticos", len(ds)) {
		return
	}
	seen := map[string]bool{}
	for i, d := range ds {
		switch {
		case d.CIE10 == "":
			f.Add(item("diagnosticos", i, "cie10"), "Elija un código CIE-10.")
		case !IsCode(d.CIE10):
			f.Add(item("diagnosticos", i, "cie10"), "Ese no es un código CIE-10.")
		case seen[d.CIE10+" "+d.Rol]:
			f.Add(item("diagnosticos", i, "cie10"), "Ese diagnóstico está repetido.")
		}
		seen[d.CIE10+" "+d.Rol] = true
		f.text(item("diagnosticos", i, "descripcion"), d.Descripcion, 500)
		f.oneOf(item("diagnosticos", i, "tipo"), d.Tipo, "01", "02", "03")
		switch {
		case d.Rol == "relacionado":
			f.Add(item("diagnosticos", i, "rol"), "Una nota lleva como máximo tres diagnósticos relacionados.")
		case slices.Contains(alone, d.Rol) && seen[d.Rol]:
			f.Add(item("diagnosticos", i, "rol"), "Solo un diagnóstico puede tener ese papel.")
		}
		f.oneOf(item("diagnosticos", i, "rol"), d.Rol, roles...)
		seen[d.Rol] = true
	}
}

// completeDiagnoses reports what the diagnoses lack for a signature.
func completeDiagnoses(c *api.Content, f fields) {
	principal := 0
	for i, d := range c.Diagnosticos {
		if d.Tipo == "" {
			f.Add(item("diagnosticos", i, "tipo"), "Diga si es impresión diagnóstica, confirmado nuevo o confirmado repetido.")
		}
		switch d.Rol {
		case "":
			f.Add(item("diagnosticos", i, "rol"), "Diga si es el diagnóstico principal, relacionado u otro.")
		case "principal":
			principal++
		}
	}
	if (c.Tipo == "ingreso" || c.Tipo == "egreso") && principal != 1 {
		f.Add("diagnosticos", "Una nota de "+c.Tipo+" lleva exactamente un diagnóstico principal.")
	}
}

// judgeDiagnoses names the diagnoses by their codes, and compares these with the
// patient's sex and age in years: a code that the other sex cannot have is
// refused, an unusual age is remarked.
func judgeDiagnoses(ds []api.Diagnosis, x facts, age int, f fields, w *warnings) {
	for i := range ds {
		d := &ds[i]
		name := item("diagnosticos", i, "cie10")
		code, ok := x.codes[d.CIE10]
		if !ok {
			f.Add(name, "El código "+d.CIE10+" no está en la tabla CIE-10.")
			continue
		}
		if d.Descripcion == "" {
			d.Descripcion = code.Descripcion
		}
		switch {
		case code.Sexo == "01" && x.Sex == "02":
			f.Add(name, "El código "+d.CIE10+" es solo de hombres, y la paciente es mujer.")
		case code.Sexo == "02" && x.Sex == "01":
			f.Add(name, "El código "+d.CIE10+" es solo de mujeres, y el paciente es hombre.")
		}
		if code.EdadMin != nil && age < *code.EdadMin || code.EdadMax != nil && age > *code.EdadMax {
			w.add(name, fmt.Sprintf("El código %s es poco usual a los %d años.", d.CIE10, age))
		}
	}
}

// codesOf lists the codes of a note, each once.
func codesOf(ds []api.Diagnosis) []string {
	var all []string
	for _, d := range ds {
		if !slices.Contains(all, d.CIE10) {
			all = append(all, d.CIE10)
		}
	}
	return all
}
