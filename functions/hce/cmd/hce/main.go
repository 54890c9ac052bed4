// Command hce runs the whole clinic in one process, with PostgreSQL and the
// hashing of passwords beside it.
package main

import (
	"os"

	"hce.co/functions/hce"
	"hce.co/functions/hce/hasher"
	"hce.co/shared/service"
)

func main() {
	if hasher.Asked(os.Args) {
		hasher.Serve(os.Stdin, os.Stdout)
		return
	}
	clinic := hce.New()
	clinic.Program, _ = os.Executable() // if nobody knows, passwords are hashed here
	service.Main(clinic)
}
