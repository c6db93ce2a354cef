"""What the redaction finds, what it leaves and how fast it is, side by side with Presidio: `python -m benchmarks.redaction`.

`sets` is annotated text, `logs` the planted values, `peers` the same as Presidio leaves them, `speed` messages per CPU-second
and memory, `layers` what each layer adds, `spoiling` whether scores stay what they were; `targets` compares it all with what
was aimed at.
"""
