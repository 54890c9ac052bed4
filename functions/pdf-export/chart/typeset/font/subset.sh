#!/bin/sh
# Makes HCESans-*.ttf: Liberation Sans 2 cut down to the characters a chart can hold, without hinting.
# usage: ./subset.sh DIR, where DIR holds LiberationSans-{Regular,Bold}.ttf; needs fonttools (pyftsubset).
# The subset has a name of its own because the OFL reserves "Liberation" for the unmodified fonts.
set -eu
cd "$(dirname "$0")"
for weight in Regular Bold; do
	pyftsubset "$1/LiberationSans-$weight.ttf" --output-file="HCESans-$weight.ttf" \
		--unicodes=U+0020-024F,U+02B0-036F,U+0370-03FF,U+0400-045F,U+1E00-1EFF,U+2000-206F,U+2070-209F,U+20A0-20CF,U+2100-214F,U+2150-218F,U+2190-21FF,U+2200-22FF,U+2300-23FF,U+25A0-25FF,U+2600-26FF,U+FB01-FB02 \
		--no-hinting --layout-features= --drop-tables+=GSUB,GPOS,GDEF,kern,FFTM --name-IDs='*' --notdef-outline
	/usr/bin/python3 - "HCESans-$weight.ttf" "$weight" <<'PY'
import sys
from fontTools.ttLib import TTFont
path, weight = sys.argv[1:]
font = TTFont(path, recalcTimestamp=False)
names = font["name"]
names.names = [n for n in names.names if n.platformID == 3 and n.langID == 0x409]
for i, text in {1: "HCE Sans", 2: weight, 3: "HCE Sans " + weight, 4: "HCE Sans " + weight,
                6: "HCESans-" + weight, 10: "Subset of a font licensed under the SIL Open Font License 1.1"}.items():
    names.setName(text, i, 3, 1, 0x409)
font.save(path)
PY
done
