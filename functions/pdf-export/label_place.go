package pdfexport

import "hce.co/functions/pdf-export/chart"

// country is a country by its ISO 3166-1 numeric code. The code itself tells
// nobody anything, so it is printed only where there is no name.
func country(code string) chart.Coded {
	if name := countries[code]; name != "" {
		return chart.Coded{Text: name}
	}
	return chart.Coded{Code: code}
}

// departments and municipalities have DIVIPOLA codes (DANE); of the
// municipalities these are the capitals and the largest, any other is printed
// with its code.
var departments = labels{
	"05": "Antioquia", "08": "Atlántico", "11": "Bogotá, D. C.", "13": "Bolívar", "15": "Boyacá", "17": "Caldas",
	"18": "Caquetá", "19": "Cauca", "20": "Cesar", "23": "Córdoba", "25": "Cundinamarca", "27": "Chocó", "41": "Huila",
	"44": "La Guajira", "47": "Magdalena", "50": "Meta", "52": "Nariño", "54": "Norte de Santander", "63": "Quindío",
	"66": "Risaralda", "68": "Santander", "70": "Sucre", "73": "Tolima", "76": "Valle del Cauca", "81": "Arauca",
	"85": "Casanare", "86": "Putumayo", "88": "Archipiélago de San Andrés, Providencia y Santa Catalina", "91": "Amazonas",
	"94": "Guainía", "95": "Guaviare", "97": "Vaupés", "99": "Vichada",
}

var municipalities = labels{
	"05001": "Medellín", "05045": "Apartadó", "05088": "Bello", "05266": "Envigado", "05360": "Itagüí", "05615": "Rionegro",
	"08001": "Barranquilla", "08433": "Malambo", "08758": "Soledad", "11001": "Bogotá, D. C.",
	"13001": "Cartagena de Indias", "13430": "Magangué", "15001": "Tunja", "15238": "Duitama", "15759": "Sogamoso",
	"17001": "Manizales", "18001": "Florencia", "19001": "Popayán", "20001": "Valledupar", "23001": "Montería",
	"23417": "Lorica", "25175": "Chía", "25269": "Facatativá", "25290": "Fusagasugá", "25307": "Girardot",
	"25754": "Soacha", "25899": "Zipaquirá", "27001": "Quibdó", "41001": "Neiva", "41551": "Pitalito", "44001": "Riohacha",
	"44430": "Maicao", "47001": "Santa Marta", "47189": "Ciénaga", "50001": "Villavicencio", "52001": "San Juan de Pasto",
	"52356": "Ipiales", "52835": "San Andrés de Tumaco", "54001": "San José de Cúcuta", "54498": "Ocaña",
	"63001": "Armenia", "66001": "Pereira", "66170": "Dosquebradas", "68001": "Bucaramanga", "68081": "Barrancabermeja",
	"68276": "Floridablanca", "68307": "Girón", "68547": "Piedecuesta", "70001": "Sincelejo", "73001": "Ibagué",
	"76001": "Cali", "76109": "Buenaventura", "76111": "Guadalajara de Buga", "76147": "Cartago", "76364": "Jamundí",
	"76520": "Palmira", "76834": "Tuluá", "81001": "Arauca", "85001": "Yopal", "86001": "Mocoa", "88001": "San Andrés",
	"91001": "Leticia", "94001": "Inírida", "95001": "San José del Guaviare", "97001": "Mitú", "99001": "Puerto Carreño",
}

var countries = labels{
	"004": "Afganistán", "008": "Albania", "010": "Antártida", "012": "Argelia", "016": "Samoa Americana", "020": "Andorra",
	"024": "Angola", "028": "Antigua y Barbuda", "031": "Azerbaiyán", "032": "Argentina", "036": "Australia",
	"040": "Austria", "044": "Bahamas", "048": "Baréin", "050": "Bangladés", "051": "Armenia", "052": "Barbados",
	"056": "Bélgica", "060": "Bermudas", "064": "Bután", "068": "Bolivia", "070": "Bosnia y Herzegovina", "072": "Botsuana",
	"074": "Isla Bouvet", "076": "Brasil", "084": "Belice", "086": "Territorio Británico del Océano Índico",
	"090": "Islas Salomón", "092": "Islas Vírgenes Británicas", "096": "Brunéi", "100": "Bulgaria",
	"104": "Myanmar (Birmania)", "108": "Burundi", "112": "Bielorrusia", "116": "Camboya", "120": "Camerún",
	"124": "Canadá", "132": "Cabo Verde", "136": "Islas Caimán", "140": "República Centroafricana", "144": "Sri Lanka",
	"148": "Chad", "152": "Chile", "156": "China", "158": "Taiwán", "162": "Isla de Navidad", "166": "Islas Cocos",
	"170": "Colombia", "174": "Comoras", "175": "Mayotte", "178": "Congo", "180": "República Democrática del Congo",
	"184": "Islas Cook", "188": "Costa Rica", "191": "Croacia", "192": "Cuba", "196": "Chipre", "203": "Chequia",
	"204": "Benín", "208": "Dinamarca", "212": "Dominica", "214": "República Dominicana", "218": "Ecuador",
	"222": "El Salvador", "226": "Guinea Ecuatorial", "231": "Etiopía", "232": "Eritrea", "233": "Estonia",
	"234": "Islas Feroe", "238": "Islas Malvinas", "239": "Islas Georgia del Sur y Sandwich del Sur", "242": "Fiyi",
	"246": "Finlandia", "248": "Islas Aland", "250": "Francia", "254": "Guayana Francesa", "258": "Polinesia Francesa",
	"260": "Territorios Australes Franceses", "262": "Yibuti", "266": "Gabón", "268": "Georgia", "270": "Gambia",
	"275": "Territorios Palestinos", "276": "Alemania", "288": "Ghana", "292": "Gibraltar", "296": "Kiribati",
	"300": "Grecia", "304": "Groenlandia", "308": "Granada", "312": "Guadalupe", "316": "Guam", "320": "Guatemala",
	"324": "Guinea", "328": "Guyana", "332": "Haití", "334": "Islas Heard y McDonald", "336": "Ciudad del Vaticano",
	"340": "Honduras", "344": "RAE de Hong Kong (China)", "348": "Hungría", "352": "Islandia", "356": "India",
	"360": "Indonesia", "364": "Irán", "368": "Irak", "372": "Irlanda", "376": "Israel", "380": "Italia",
	"384": "Côte d’Ivoire", "388": "Jamaica", "392": "Japón", "398": "Kazajistán", "400": "Jordania", "404": "Kenia",
	"408": "Corea del Norte", "410": "Corea del Sur", "414": "Kuwait", "417": "Kirguistán", "418": "Laos", "422": "Líbano",
	"426": "Lesoto", "428": "Letonia", "430": "Liberia", "434": "Libia", "438": "Liechtenstein", "440": "Lituania",
	"442": "Luxemburgo", "446": "RAE de Macao (China)", "450": "Madagascar", "454": "Malaui", "458": "Malasia",
	"462": "Maldivas", "466": "Mali", "470": "Malta", "474": "Martinica", "478": "Mauritania", "480": "Mauricio",
	"484": "México", "492": "Mónaco", "496": "Mongolia", "498": "Moldavia", "499": "Montenegro", "500": "Montserrat",
	"504": "Marruecos", "508": "Mozambique", "512": "Omán", "516": "Namibia", "520": "Nauru", "524": "Nepal",
	"528": "Países Bajos", "531": "Curazao", "533": "Aruba", "534": "Sint Maarten", "535": "Caribe neerlandés",
	"540": "Nueva Caledonia", "548": "Vanuatu", "554": "Nueva Zelanda", "558": "Nicaragua", "562": "Níger",
	"566": "Nigeria", "570": "Niue", "574": "Isla Norfolk", "578": "Noruega", "580": "Islas Marianas del Norte",
	"581": "Islas menores alejadas de EE. UU.", "583": "Micronesia", "584": "Islas Marshall", "585": "Palaos",
	"586": "Pakistán", "591": "Panamá", "598": "Papúa Nueva Guinea", "600": "Paraguay", "604": "Perú", "608": "Filipinas",
	"612": "Islas Pitcairn", "616": "Polonia", "620": "Portugal", "624": "Guinea-Bisáu", "626": "Timor-Leste",
	"630": "Puerto Rico", "634": "Catar", "638": "Reunión", "642": "Rumanía", "643": "Rusia", "646": "Ruanda",
	"652": "San Bartolomé", "654": "Santa Elena", "659": "San Cristóbal y Nieves", "660": "Anguila", "662": "Santa Lucía",
	"663": "San Martín", "666": "San Pedro y Miquelón", "670": "San Vicente y las Granadinas", "674": "San Marino",
	"678": "Santo Tomé y Príncipe", "682": "Arabia Saudí", "686": "Senegal", "688": "Serbia", "690": "Seychelles",
	"694": "Sierra Leona", "702": "Singapur", "703": "Eslovaquia", "704": "Vietnam", "705": "Eslovenia", "706": "Somalia",
	"710": "Sudáfrica", "716": "Zimbabue", "724": "España", "728": "Sudán del Sur", "729": "Sudán",
	"732": "Sáhara Occidental", "740": "Surinam", "744": "Svalbard y Jan Mayen", "748": "Esuatini", "752": "Suecia",
	"756": "Suiza", "760": "Siria", "762": "Tayikistán", "764": "Tailandia", "768": "Togo", "772": "Tokelau",
	"776": "Tonga", "780": "Trinidad y Tobago", "784": "Emiratos Árabes Unidos", "788": "Túnez", "792": "Turquía",
	"795": "Turkmenistán", "796": "Islas Turcas y Caicos", "798": "Tuvalu", "800": "Uganda", "804": "Ucrania",
	"807": "Macedonia del Norte", "818": "Egipto", "826": "Reino Unido", "831": "Guernesey", "832": "Jersey",
	"833": "Isla de Man", "834": "Tanzania", "840": "Estados Unidos", "850": "Islas Vírgenes de EE. UU.",
	"854": "Burkina Faso", "858": "Uruguay", "860": "Uzbekistán", "862": "Venezuela", "876": "Wallis y Futuna",
	"882": "Samoa", "887": "Yemen", "894": "Zambia",
}
