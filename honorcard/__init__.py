"""The rules of the honor card: values in, values out. No web framework, no SQL, no clock, no network, no pictures."""
