/** The kinds of COCO, in the order of the network's outputs. */
export const COCO_LABELS: readonly string[] = [
  ...['person', 'bicycle', 'car', 'motorcycle', 'airplane', 'bus', 'train', 'truck', 'boat', 'traffic light'],
  ...['fire hydrant', 'stop sign', 'parking meter', 'bench', 'bird', 'cat', 'dog', 'horse', 'sheep', 'cow'],
  ...['elephant', 'bear', 'zebra', 'giraffe', 'backpack', 'umbrella', 'handbag', 'tie', 'suitcase', 'frisbee'],
  ...['skis', 'snowboard', 'sports ball', 'kite', 'baseball bat', 'baseball glove', 'skateboard', 'surfboard'],
  ...['tennis racket', 'bottle', 'wine glass', 'cup', 'fork', 'knife', 'spoon', 'bowl', 'banana', 'apple'],
  ...['sandwich', 'orange', 'broccoli', 'carrot', 'hot dog', 'pizza', 'donut', 'cake', 'chair', 'couch'],
  ...['potted plant', 'bed', 'dining table', 'toilet', 'tv', 'laptop', 'mouse', 'remote', 'keyboard'],
  ...['cell phone', 'microwave', 'oven', 'toaster', 'sink', 'refrigerator', 'book', 'clock', 'vase'],
  ...['scissors', 'teddy bear', 'hair drier', 'toothbrush'],
]

const ODD_PLURALS: Readonly<Record<string, string>> = {
  person: 'people',
  knife: 'knives',
  mouse: 'mice',
  sheep: 'sheep',
  skis: 'pairs of skis',
  scissors: 'pairs of scissors',
  broccoli: 'heads of broccoli',
}
const ODD_SINGULARS: Readonly<Record<string, string>> = {
  skis: 'a pair of skis',
  scissors: 'a pair of scissors',
  broccoli: 'a head of broccoli',
}
const NUMBERS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
]

/** Words for what was found, the most certain first: "a person, two cups and a dining table". */
export function caption(labels: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const parts = [...counts].map(([label, count]) => (count === 1 ? single(label) : `${number(count)} ${plural(label)}`))
  const last = parts.pop()
  if (last === undefined) return 'nothing that this model knows'
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`
}

const number = (count: number) => NUMBERS[count] ?? String(count)
const single = (label: string) => ODD_SINGULARS[label] ?? `${/^[aeiou]/.test(label) ? 'an' : 'a'} ${label}`
const plural = (label: string) => ODD_PLURALS[label] ?? `${label}${/(s|ch|sh)$/.test(label) ? 'es' : 's'}`
