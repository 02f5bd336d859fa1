"""The card itself: number, signed text of the QR, sealed pack, the gate's decision, the printed sheet and the
slip."""
