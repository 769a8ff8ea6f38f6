"""Entries of EXIF blocks and of TIFFs, as bytes, to compare what is carried with what was there."""

import struct

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
POINTERS = {34665: "exif", 34853: "gps", 40965: "interoperability"}
CHANGED = {256, 257, 274, 0xA002, 0xA003, 0x9214, 0xA214, *POINTERS}


def block_entries(block):
    """Map the directory's name and the tag to type, count and bytes."""
    order = "<" if block[:2] == b"II" else ">"
    found, waiting = {}, [("first", struct.unpack_from(order + "I", block, 4)[0])]
    while waiting:
        name, start = waiting.pop()
        for number in range(struct.unpack_from(order + "H", block, start)[0]):
            offset = start + 2 + 12 * number
            tag, kind, count = struct.unpack_from(order + "HHI", block, offset)
            length = SIZES[kind] * count
            at = offset + 8 if length <= 4 else struct.unpack_from(order + "I", block, offset + 8)[0]
            found[name, tag] = (kind, count, block[at : at + length])
            if tag in POINTERS:
                waiting.append((POINTERS[tag], struct.unpack_from(order + "I", block, offset + 8)[0]))
    return found


def comparable(block, source):
    """Entries of a block, without those that pixels of another size change and without those that `source` lacks."""
    wanted = block_entries(source)
    return {key: value for key, value in block_entries(block).items() if key in wanted and key[1] not in CHANGED}
