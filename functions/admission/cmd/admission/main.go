// Command admission runs the admissions.
package main

import (
	"hce.co/functions/admission"
	"hce.co/shared/service"
)

func main() { service.Main(admission.New()) }
