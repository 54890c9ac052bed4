// Command notes runs the chart.
package main

import (
	"hce.co/functions/notes"
	"hce.co/shared/service"
)

func main() { service.Main(notes.New()) }
