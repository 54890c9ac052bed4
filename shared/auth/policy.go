package auth

import "slices"

// Role is what somebody is in the clinic.
type Role string

// The roles.
const (
	Patient      Role = "paciente"      // consults their own record
	Registrar    Role = "admisionista"  // registers patients and admissions
	Physician    Role = "medico"        // writes notes and diagnoses
	RecordsClerk Role = "resultados"    // consults and exports records
	Admin        Role = "administrador" // accounts, reviews, the trail
	Operator     Role = "operador"      // watches the system, sees no record
	Producer     Role = "productor"     // a system that posts events
	Restricted   Role = "restringido"   // anybody, until they set a password of their own or a second factor
)

// Roles lists what an administrator can make of a person, in the order forms
// show it.
func Roles() []Role {
	return []Role{Patient, Registrar, Physician, RecordsClerk, Admin, Operator}
}

// EventTypes lists the types of event that a producer can be let post: those
// that a function of ours receives from outside.
func EventTypes() []string {
	return []string{"co.hce.resultado.emitido.v1", "co.hce.pdf.solicitado.v1"}
}

// Permission is what a route asks for. The zero value is denied to everybody,
// so a route that forgets its permission is closed.
type Permission int

// The permissions: one for each thing that can be done.
const (
	Denied     Permission = iota
	Public                // anyone, signed in or not
	Internal              // the platform: probes and the broker; never routed by ui
	SignedIn              // anyone with a valid token, about who they are and the end of that
	OwnAccount            // a person, about their own account; with SignedIn all that a restricted token is good for
	ReadPatient
	SearchPatients
	RegisterPatient
	UpdatePatient
	IssueCode
	BreakGlass
	ReviewAccess
	ReadTrail
	ReadAdmissions
	Admit
	Triage
	Transfer
	Discharge
	ReadCensus
	WriteNote
	ReadChart
	SearchCodes
	ExportChart
	ManageUsers
	ManageProducers
	PostEvents
	WatchSystem
	RevokeExport
	MergeRecords
)

// policy is the whole of who may do what; rules about one record (their own,
// in relation to it) come on top, in each function.
var policy = map[Permission][]Role{
	SignedIn:        {Patient, Registrar, Physician, RecordsClerk, Admin, Operator, Producer, Restricted},
	OwnAccount:      {Patient, Registrar, Physician, RecordsClerk, Admin, Operator, Restricted},
	ReadPatient:     {Patient, Registrar, Physician, RecordsClerk},
	SearchPatients:  {Registrar, Physician, RecordsClerk},
	RegisterPatient: {Registrar, Physician},
	UpdatePatient:   {Registrar},
	IssueCode:       {Registrar},
	BreakGlass:      {Physician},
	ReviewAccess:    {Admin},
	ReadTrail:       {Patient, Admin},
	ReadAdmissions:  {Patient, Registrar, Physician, RecordsClerk},
	Admit:           {Registrar, Physician},
	Triage:          {Registrar, Physician},
	Transfer:        {Registrar, Physician},
	Discharge:       {Registrar, Physician},
	ReadCensus:      {Registrar, Physician, RecordsClerk},
	WriteNote:       {Physician},
	ReadChart:       {Patient, Physician, RecordsClerk},
	SearchCodes:     {Registrar, Physician, RecordsClerk, Admin},
	ExportChart:     {Patient, Physician, RecordsClerk},
	ManageUsers:     {Admin},
	ManageProducers: {Admin},
	PostEvents:      {Producer},
	WatchSystem:     {Operator, Admin},
	RevokeExport:    {Patient, Physician, RecordsClerk, Admin},
	MergeRecords:    {Registrar, Admin},
}

// Allows reports whether one of roles has the permission.
func Allows(p Permission, roles []Role) bool {
	if p == Public || p == Internal {
		return true
	}
	return slices.ContainsFunc(policy[p], func(r Role) bool { return slices.Contains(roles, r) })
}
