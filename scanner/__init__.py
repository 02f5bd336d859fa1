"""The scanner room: pictures in, findings out. No Flask, no SQL, no network; honorcard is the only room below."""
