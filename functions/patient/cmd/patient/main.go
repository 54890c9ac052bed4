// Command patient runs the registry.
package main

import (
	"hce.co/functions/patient"
	"hce.co/shared/service"
)

func main() { service.Main(patient.New()) }
