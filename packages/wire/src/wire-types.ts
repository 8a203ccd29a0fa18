import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/**
 * Throws unless every known field has the wire type of its declaration and no groups occur.
 * The protobuf runtime reads a field by its declaration alone, so two different byte strings could mean one message.
 */
export function checkWireTypes(schema: DescMessage, bytes: Uint8Array): void {
  const fields = fieldsOf(schema)
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    if (wireType === WireType.StartGroup || wireType === WireType.EndGroup) throw new Error('groups are not used')
    const field = fields.get(number)
    if (!field) {
      reader.skip(wireType, number)
      continue
    }
    if (wireType !== wireTypeOf(field) && !(isPackable(field) && wireType === WireType.LengthDelimited))
      throw new Error(`field ${number} has the wire type ${wireType}`)
    if (wireType !== WireType.LengthDelimited) {
      reader.skip(wireType, number)
      continue
    }
    const part = reader.bytes()
    const inner = innerMessage(field)
    if (inner) checkWireTypes(inner, part)
    else if (field.fieldKind === 'map') checkMapEntry(field, part)
  }
  if (reader.pos !== reader.len) throw new Error('a field is cut off')
}

function checkMapEntry(field: DescField & { fieldKind: 'map' }, bytes: Uint8Array): void {
  const reader = new BinaryReader(bytes)
  const expected = [
    scalarWireType(field.mapKey),
    field.mapKind === 'message'
      ? WireType.LengthDelimited
      : field.mapKind === 'scalar'
        ? scalarWireType(field.scalar)
        : WireType.Varint,
  ]
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    if (wireType !== expected[number - 1]) throw new Error('a map entry has a wrong field')
    if (number === 2 && field.mapKind === 'message') checkWireTypes(field.message, reader.bytes())
    else reader.skip(wireType, number)
  }
}

const innerMessage = (field: DescField): DescMessage | undefined =>
  field.fieldKind === 'message' || (field.fieldKind === 'list' && field.listKind === 'message')
    ? field.message
    : undefined

const isPackable = (field: DescField): boolean =>
  field.fieldKind === 'list' && wireTypeOf(field) !== WireType.LengthDelimited

function wireTypeOf(field: DescField): WireType {
  switch (field.fieldKind) {
    case 'scalar':
      return scalarWireType(field.scalar)
    case 'enum':
      return WireType.Varint
    case 'message':
    case 'map':
      return WireType.LengthDelimited
    case 'list':
      return field.listKind === 'scalar'
        ? scalarWireType(field.scalar)
        : field.listKind === 'enum'
          ? WireType.Varint
          : WireType.LengthDelimited
  }
}

function scalarWireType(scalar: ScalarType): WireType {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32
    default:
      return WireType.Varint
  }
}

const fieldsOf = (schema: DescMessage): ReadonlyMap<number, DescField> =>
  new Map(schema.fields.map((field) => [field.number, field]))
