"""The intake: one day's log files become rows of `logs.*`, read and redacted in one step.

`take.take` is the whole of it; what it stands on:

- `arrivals`  which files there are, which day each belongs to, which days are due
- `accounts`  what became of each file and of its lines
- `keeping_out` whose turns are dropped: erased on request, or past retention
- `reading`   one file, in a worker process, into the distinct messages and turns it holds
- `history`   messages of a conversation as a tree, so that a repeated history is stored once
- `state`     what earlier days left: spans seen, messages, entities
- `boundary`  from raw messages through the redactor to rows; nothing raw leaves it
- `reveal`    redacting again what was stored before a value was recognised
- `merge`     `logs.conversations` from turns and messages
"""
