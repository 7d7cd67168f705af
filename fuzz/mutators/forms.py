"""Changes of forms (`application/x-www-form-urlencoded`): parameters, their names and values, and other ways to write the same."""

from random import Random

from fuzz.mutators.octets import change_octets

__all__ = ["change_form"]

_STRANGE = (b"%00", b"%ff", b"%c3%a9", b"%ed%a0%80", b"%", b"%zz", b"+", b"=", b";", b"&&", b"\x00", b"\xc3\xa9", b"[]", b"A" * 3000)
_MANY = b"&".join(b"p%d=1" % number for number in range(60))


def change_form(random: Random, form: bytes) -> bytes:
    """The form with one to three of its parameters changed, left out, doubled, moved or written otherwise."""
    for _ in range(random.randint(1, 3)):
        parts = form.split(b"&")
        place = random.randrange(len(parts))
        match random.randrange(8):
            case 0:
                parts.insert(random.randrange(len(parts) + 1), parts[place])
            case 1:
                del parts[place]
            case 2:
                parts.insert(random.randrange(len(parts)), parts.pop(place))
            case 3:
                name, _, value = parts[place].partition(b"=")
                other = random.choice(parts).partition(b"=")[2]
                parts[place] = name + b"=" + random.choice((b"", value + value, other))
            case 4:
                parts[place] = b"".join(b"%%%02X" % octet if random.random() < 0.3 else bytes((octet,)) for octet in parts[place])
            case 5:
                at = random.randrange(len(parts[place]) + 1)
                parts[place] = parts[place][:at] + random.choice(_STRANGE) + parts[place][at:]
            case 6:
                parts.append(_MANY)
            case _:
                parts[place] = change_octets(random, parts[place])
        form = b"&".join(parts)
    return form
