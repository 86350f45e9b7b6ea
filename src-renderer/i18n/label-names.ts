/** German words of the colorizer's labels; its manifest names them in English. */

const classes: Record<string, string> = {
  sky: 'Himmel',
  tree: 'Baum',
  grass: 'Gras',
  ground: 'Boden',
  road: 'Straße',
  building: 'Gebäude',
  'mountain rock': 'Berg, Fels',
  water: 'Wasser',
  snow: 'Schnee',
  person: 'Person',
  skin: 'Haut',
  hair: 'Haar',
  clothes: 'Kleidung',
  'animal other': 'anderes Tier',
  bird: 'Vogel',
  cat: 'Katze',
  dog: 'Hund',
  livestock: 'Vieh',
  vehicle: 'Fahrzeug',
  'bicycle motorcycle': 'Fahrrad, Motorrad',
  boat: 'Boot',
  aeroplane: 'Flugzeug',
  'flower plant': 'Blume, Pflanze',
  food: 'Essen',
  furniture: 'Möbel',
  wall: 'Wand',
  floor: 'Fußboden',
  ceiling: 'Decke',
  'window door mirror': 'Fenster, Tür, Spiegel',
  'sign pole fence': 'Schild, Pfosten, Zaun',
  'book paper': 'Buch, Papier',
  'electronics appliance': 'Gerät',
  'object other': 'anderer Gegenstand',
  textile: 'Stoff',
  'bag accessory': 'Tasche, Zubehör',
  void: 'unbekannt',
};

const hues: Record<string, string> = {
  neutral: 'neutral',
  red: 'rot',
  orange: 'orange',
  yellow: 'gelb',
  olive: 'oliv',
  green: 'grün',
  teal: 'petrol',
  cyan: 'türkis',
  azure: 'azur',
  blue: 'blau',
  violet: 'violett',
  magenta: 'magenta',
  pink: 'rosa',
};

const strengths: Record<string, (hue: string) => string> = {
  greyish: (hue) => `grau${hue}`,
  pale: (hue) => `blass${hue}`,
  vivid: (hue) => `kräftig ${hue}`,
};

/** "pale blue 2" → "blassblau 2"; undefined if a word is not known. */
function colourName(text: string): string | undefined {
  const [, strength, hue, number] = /^(?:(\w+) )?([a-z]+)( \d+)?$/.exec(text) ?? [];
  const word = hues[hue ?? ''];
  const way = strength === undefined ? (same: string) => same : strengths[strength];
  return word && way && `${way(word)}${number ?? ''}`;
}

/**
 * A label's name as a page shows it: "sky, pale blue" is "Himmel, blassblau". A name or a part of one
 * that is not known stays as it is.
 */
export function labelName(name: string, locale: string): string {
  if (locale !== 'de') return name;
  const comma = name.lastIndexOf(', ');
  const of = name.slice(0, Math.max(0, comma));
  const colour = comma < 0 ? name : name.slice(comma + 2);
  const shown = colourName(colour) ?? classes[colour] ?? colour;
  return comma < 0 ? shown : `${classes[of] ?? of}, ${shown}`;
}
