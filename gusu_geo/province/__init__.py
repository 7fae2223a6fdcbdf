"""Many districts of one region: cut, judged on many processes or machines, added up.

Every district is an ordinary study, run by ``pipeline.run``; what is here decides what each is
given, where it runs, and what all of them together say.
"""
