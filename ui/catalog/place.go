package catalog

// Departments are the 32 departments and Bogotá, with their DIVIPOLA codes
// (DANE).
var Departments = Table{
	{"05", "Antioquia"}, {"08", "Atlántico"}, {"11", "Bogotá, D. C."}, {"13", "Bolívar"},
	{"15", "Boyacá"}, {"17", "Caldas"}, {"18", "Caquetá"}, {"19", "Cauca"}, {"20", "Cesar"},
	{"23", "Córdoba"}, {"25", "Cundinamarca"}, {"27", "Chocó"}, {"41", "Huila"},
	{"44", "La Guajira"}, {"47", "Magdalena"}, {"50", "Meta"}, {"52", "Nariño"},
	{"54", "Norte de Santander"}, {"63", "Quindío"}, {"66", "Risaralda"}, {"68", "Santander"},
	{"70", "Sucre"}, {"73", "Tolima"}, {"76", "Valle del Cauca"}, {"81", "Arauca"},
	{"85", "Casanare"}, {"86", "Putumayo"},
	{"88", "Archipiélago de San Andrés, Providencia y Santa Catalina"},
	{"91", "Amazonas"}, {"94", "Guainía"}, {"95", "Guaviare"}, {"97", "Vaupés"}, {"99", "Vichada"},
}

// Municipalities suggest the capitals and other large municipalities with their
// DIVIPOLA codes (DANE); any other is written by its five-digit code.
var Municipalities = Table{
	{"11001", "Bogotá, D. C."}, {"05001", "Medellín"}, {"76001", "Cali"}, {"08001", "Barranquilla"},
	{"13001", "Cartagena de Indias"}, {"68001", "Bucaramanga"}, {"54001", "San José de Cúcuta"},
	{"66001", "Pereira"}, {"47001", "Santa Marta"}, {"73001", "Ibagué"}, {"17001", "Manizales"},
	{"50001", "Villavicencio"}, {"41001", "Neiva"}, {"52001", "San Juan de Pasto"}, {"63001", "Armenia"},
	{"23001", "Montería"}, {"70001", "Sincelejo"}, {"20001", "Valledupar"}, {"19001", "Popayán"},
	{"15001", "Tunja"}, {"44001", "Riohacha"}, {"18001", "Florencia"}, {"27001", "Quibdó"},
	{"81001", "Arauca"}, {"85001", "Yopal"}, {"86001", "Mocoa"}, {"88001", "San Andrés"},
	{"91001", "Leticia"}, {"94001", "Inírida"}, {"95001", "San José del Guaviare"},
	{"97001", "Mitú"}, {"99001", "Puerto Carreño"},
	{"25754", "Soacha"}, {"08758", "Soledad"}, {"05088", "Bello"}, {"05360", "Itagüí"},
	{"05266", "Envigado"}, {"05615", "Rionegro"}, {"05045", "Apartadó"}, {"76109", "Buenaventura"},
	{"76520", "Palmira"}, {"76834", "Tuluá"}, {"76111", "Guadalajara de Buga"}, {"76147", "Cartago"},
	{"76364", "Jamundí"}, {"66170", "Dosquebradas"}, {"68276", "Floridablanca"}, {"68307", "Girón"},
	{"68547", "Piedecuesta"}, {"68081", "Barrancabermeja"}, {"25175", "Chía"}, {"25899", "Zipaquirá"},
	{"25269", "Facatativá"}, {"25290", "Fusagasugá"}, {"25307", "Girardot"}, {"15238", "Duitama"},
	{"15759", "Sogamoso"}, {"52835", "San Andrés de Tumaco"}, {"52356", "Ipiales"}, {"44430", "Maicao"},
	{"08433", "Malambo"}, {"13430", "Magangué"}, {"47189", "Ciénaga"}, {"23417", "Lorica"},
	{"54498", "Ocaña"}, {"41551", "Pitalito"},
}
