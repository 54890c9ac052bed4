// Command ui runs the public door.
package main

import (
	"hce.co/shared/service"
	"hce.co/ui"
)

func main() { service.Main(ui.New()) }
