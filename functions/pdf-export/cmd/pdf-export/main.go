// Command pdf-export runs the exports.
package main

import (
	pdfexport "hce.co/functions/pdf-export"
	"hce.co/shared/service"
)

func main() { service.Main(pdfexport.New()) }
