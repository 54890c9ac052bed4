package chart

import "time"

// Patient is the person whom the record is about (paciente).
type Patient struct {
	// RecordID is the number of the record, documento_id ("CC-1032456789").
	RecordID string
	Version  int

	CreatedAt, UpdatedAt time.Time
	UpdatedBy            string

	DocumentType   Coded
	DocumentNumber string
	// OtherDocuments are those the person had before or has besides (identificador).
	OtherDocuments []Identifier

	FirstSurname, SecondSurname string
	FirstName, SecondName       string
	// PreferredName is nombre_identitario.
	PreferredName string

	BirthDate Date
	// BirthTime is the hour of birth as it is to be printed ("14:35").
	BirthTime      string
	BiologicalSex  Coded
	GenderIdentity Coded
	Nationalities  []Coded

	Address       string
	Neighbourhood string
	Municipality  Coded
	Department    Coded
	Country       Coded
	// Zone is "urbana" or "rural": its codes differ between RIPS and RDA and are not printed.
	Zone string

	Ethnicity       Coded
	EthnicCommunity Coded
	Disabilities    []Coded
	Occupation      Coded
	MaritalStatus   Coded

	Phone, Mobile, Email string

	// BloodGroup is A, B, AB or O; RhFactor "+" or "-".
	BloodGroup, RhFactor string

	// Payer is entidad_pertenece: the EPS or other EAPB.
	Payer             Coded
	AffiliationRegime Coded
	UserType          Coded

	EmergencyContact Contact
	// Guardian is the responsable.
	Guardian Contact

	// AdvanceDirective is voluntad_anticipada, DonationOpposition is oposicion_donacion (Ley 1805 de 2016).
	// nil when nothing is on record.
	AdvanceDirective   *Declaration
	DonationOpposition *Declaration

	Deceased   bool
	DeceasedAt time.Time
	Inactive   bool
	// MergedInto is the record that this one was merged into (fusionado_en).
	MergedInto string
	// MergedFrom are the records merged into this one, whose entries stand among its own.
	MergedFrom []string
}

// Identifier is one identity document of a person.
type Identifier struct {
	Type    Coded
	Number  string
	Since   time.Time
	Current bool
}

// Contact is somebody to call.
type Contact struct{ Name, Relationship, Phone string }

// IsZero tells that nobody is named.
func (c Contact) IsZero() bool { return c == Contact{} }

// Declaration is a will on record, or its explicit absence when Made is false.
type Declaration struct {
	Made   bool
	On     Date
	Detail string
}

// AllergyDenial is the statement that the patient denies allergies.
type AllergyDenial struct {
	At time.Time
	By string
}

// Allergy is an intolerance on record (alergia).
type Allergy struct {
	// Kind is 01 medicamento … 06 otra.
	Kind        Coded
	Substance   string
	Reaction    string
	Criticality string
	Status      string
	RecordedAt  time.Time
	RecordedBy  string
}

// Medication is one line of treatment (medicamento).
type Medication struct {
	// Name is the international non-proprietary name (DCI), CUM its code in Colombia.
	Name, CUM      string
	Dose, DoseUnit string
	Route          Coded
	Frequency      string
	Duration       string
	Quantity       string
	Status         string
	PrescribedBy   string
	PrescribedAt   time.Time
}

// Problem is a diagnosis of the problem list.
type Problem struct {
	// Code is CIE-10 with its dot (A05.9).
	Code, Description string
	Type, Role        Coded
	FirstAt, LastAt   time.Time
	RecordedBy        string
}
