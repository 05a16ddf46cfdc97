"""The checker behind the shape hook: as in typing's own rules, an int does where a float is declared."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
