"""Where digests go: a terminal, an Atom file, a mailbox, a mail program, a web address.

takes:    a digest
gives:    it to one receiver, whole or not at all as far as that can be; or SinkFailed with the reason
does not: decide what is new, remember what was accepted
traps:    a message may come a second time under the same id, when a run was killed between sending it and noting that
"""
