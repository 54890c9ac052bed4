// Command login runs the clinic's door.
package main

import (
	"hce.co/functions/login"
	"hce.co/shared/service"
)

func main() { service.Main(login.New()) }
