package cie10_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"hce.co/functions/notes/cie10"
	"hce.co/shared/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func age(n int) *int { return &n }

func TestReader(t *testing.T) {
	const sispro = "\ufeffTabla;Codigo;Nombre;Descripcion;Habilitado;Extra_I:AplicaASexo;Extra_II:EdadMinima;Extra_III:EdadMaxima\n" +
		"CIE10;A000;COLERA CLASICO;descripción larga;SI;A;0;599\n" +
		"CIE10;N40X;HIPERPLASIA DE LA PRÓSTATA;;SI;M;415;599\n" +
		"CIE10;O800;\"PARTO; ÚNICO\";;NO;F;409;460\n" +
		"CIE10;no es;x;;SI;A;;\n" +
		"CIE10;P599;ICTERICIA NEONATAL;;SI;;0;228\n"
	latin1, err := charmap.ISO8859_1.NewEncoder().String(strings.TrimPrefix(sispro, "\ufeff"))
	if err != nil {
		t.Fatal(err)
	}
	want := []cie10.Row{
		{Code: "A00.0", Description: "COLERA CLASICO", InForce: true},
		{Code: "N40", Description: "HIPERPLASIA DE LA PRÓSTATA", Sex: "01", MinAge: age(15), InForce: true},
		{Code: "O80.0", Description: "PARTO; ÚNICO", Sex: "02", MinAge: age(9), MaxAge: age(60)},
		{Code: "P59.9", Description: "ICTERICIA NEONATAL", MaxAge: age(0), InForce: true},
	}
	for name, text := range map[string]string{"UTF-8": sispro, "Latin 1": latin1, "tabs": strings.ReplaceAll(strings.ReplaceAll(sispro, "PARTO; ", "PARTO\u00a7 "), ";", "\t")} {
		r, err := cie10.NewReader(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		var got []cie10.Row
		bad := 0
		for {
			row, err := r.Read()
			if errors.Is(err, cie10.ErrLine) {
				bad++
				continue
			}
			if err != nil {
				break
			}
			row.Description = strings.ReplaceAll(row.Description, "\u00a7", ";")
			got = append(got, row)
		}
		if diff := cmp.Diff(want, got); diff != "" || bad != 1 {
			t.Errorf("%s: %d bad lines\n%s", name, bad, diff)
		}
	}
	if _, err := cie10.NewReader(strings.NewReader("a,b\n1,2\n")); err == nil {
		t.Error("a table without codes was taken")
	}
	if _, err := cie10.NewReader(strings.NewReader("")); err == nil {
		t.Error("an empty file was taken")
	}
}

func TestImportWritesOverWhatIsThere(t *testing.T) {
	ctx := context.Background()
	pool := dbtest.Pool(t, "postgres")
	var text strings.Builder
	text.WriteString("codigo,descripcion,sexo\nJ20.9,Bronquitis aguda según la tabla,\nJ20.9,Bronquitis aguda de la última línea,\n")
	for a := 'A'; a <= 'L'; a++ {
		for n := range 100 {
			text.WriteString(string(a) + string(rune('0'+n/10)) + string(rune('0'+n%10)) + "Z,Código de prueba ñandú,F\n")
		}
	}
	n, err := cie10.Import(ctx, pool, strings.NewReader(text.String()))
	if err != nil || n.Written != 1201 || len(n.Skipped) != 0 {
		t.Fatalf("%+v, %v", n, err)
	}
	var description, folded string
	if err := pool.QueryRow(ctx, `SELECT descripcion, busqueda FROM historia_clinica.cie10 WHERE codigo = 'J20.9'`).Scan(&description, &folded); err != nil {
		t.Fatal(err)
	}
	if description != "Bronquitis aguda de la última línea" || folded != " bronquitis aguda de la ultima linea" {
		t.Errorf("%q, %q", description, folded)
	}
	var shipped, new int
	if err := pool.QueryRow(ctx, `SELECT count(*) FILTER (WHERE codigo = 'I10' AND descripcion LIKE 'Hipertensión%'),
		count(*) FILTER (WHERE busqueda LIKE '% nandu%' AND sexo = '02') FROM historia_clinica.cie10`).Scan(&shipped, &new); err != nil {
		t.Fatal(err)
	}
	if shipped != 1 || new != 1200 {
		t.Errorf("%d, %d", shipped, new)
	}
}
