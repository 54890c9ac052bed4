package view

import (
	"time"

	"hce.co/ui/view/component"
)

// Operation shows the state of the system.
type Operation struct {
	Page
	System System
}

// System is the state of the functions and of what waits to be done.
type System struct {
	At        time.Time
	Functions []Function
	Backlog   []Backlog
	Jobs      []Job

	BacklogUnknown, JobsUnknown bool // who knows of them did not answer
}

// Function is a part of the system.
type Function struct {
	Name    string
	Healthy bool
	Detail  string // "base de datos: versión 9", "no responde"
	Latency time.Duration
	Version string
}

// Backlog is what an outbox holds.
type Backlog struct {
	Type    string // of event
	Waiting int
	Oldest  time.Time
	Late    bool // older than the flush allows
}

// Job is a PDF in the making.
type Job struct {
	ID        string
	State     string // code of catalog.DocumentStates
	Attempts  int
	Requested time.Time
	Failure   string // of the last attempt
}

func (f Function) badge() component.Badge {
	if f.Healthy {
		return component.Badge{Tone: component.Good, Text: "En servicio"}
	}
	return component.Badge{Tone: component.Danger, Text: "Fuera de servicio"}
}

func (f Function) latency() string {
	if f.Latency == 0 {
		return ""
	}
	return f.Latency.Round(time.Millisecond).String()
}
