// Command hce runs the whole clinic in one process.
package main

import (
	"hce.co/functions/hce"
	"hce.co/shared/service"
)

func main() { service.Main(hce.New()) }
