"""Tries `integers.py`, on which proofs rest: whatever has a solution must never be refuted in whole numbers.

Random terms of words get random values for what they leave open, and a query is made that is true of these values.
"""

import random
import sys

import z3

from integers import Whole

QUERIES = 200
# Of z3's own units: less than a second.
LIMIT = 300_000
# Narrow words overflow often, and end in all the corners of a division.
BITS = 6
BINARY = (
    *(lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, z3.UDiv, z3.URem),
    *(lambda a, b: a & b, lambda a, b: a << b, z3.LShR, lambda a, b: a + (1 << BITS) // 3 * b),
)
CLAIMS = (lambda a, b: a == b, lambda a, b: a != b, z3.ULE, z3.ULT, z3.UGE, z3.UGT)


def term(words, depth):
    if depth == 0:
        return random.choice((*words, z3.BitVecVal(random.choice((0, 1, 2, 10, (1 << BITS) - 1)), BITS)))
    kind = random.randrange(12)
    one = term(words, depth - 1)
    if kind == 0:
        return ~one
    if kind == 1:
        return z3.If(claim(words, depth - 1), one, term(words, depth - 1))
    if kind == 2:
        top = random.randrange(BITS)
        part = z3.Extract(top, random.randrange(top + 1), one)
        return z3.ZeroExt(BITS - part.size(), part) if random.random() < 0.5 else widened(part)
    return random.choice(BINARY)(one, term(words, depth - 1))


def widened(part):
    return part if part.size() == BITS else z3.Concat(z3.BitVecVal(0, BITS - part.size()), part)


def claim(words, depth):
    kind = random.randrange(6)
    if kind == 0:
        return z3.Not(claim(words, depth))
    if kind == 1:
        return random.choice((z3.And, z3.Or, z3.Implies))(claim(words, depth), claim(words, depth))
    return random.choice(CLAIMS)(term(words, depth), term(words, depth))


def true_query():
    """Claims, and values that they are true of."""
    words = z3.BitVecs("a b c", BITS)
    values = {word.decl().name(): random.randrange(1 << BITS) for word in words}
    given = [(word, z3.BitVecVal(values[word.decl().name()], BITS)) for word in words]
    claims = [claim(words, 2)]
    narrow = words[0] == widened(z3.Extract(BITS // 2, 0, words[0]))
    true = [each if holds(each, given) else z3.Not(each) for each in claims]
    return true + [narrow] * holds(narrow, given), values


def holds(each, given):
    return z3.is_true(z3.simplify(z3.substitute(each, *given)))


def excludes(query, values):
    """Whether what is made of the query is false of the values."""
    whole = Whole()
    facts = z3.And(*whole.query(query), True)
    known = [(number, z3.IntVal(values[word.decl().name()])) for word, number in whole.inputs()]
    solver = z3.Solver()
    solver.set("rlimit", LIMIT)
    solver.add(z3.substitute(facts, *known))
    return solver.check() == z3.unsat


if __name__ == "__main__":
    seed = sys.argv[1] if len(sys.argv) > 1 else str(random.SystemRandom().randrange(1 << 64))
    random.seed(seed)
    for _ in range(QUERIES):
        query, values = true_query()
        if excludes(query, values):
            sys.exit(f"integers.py excludes {values}, which is a solution (seed {seed}): {query}")
    print(f"{QUERIES} queries with a solution, none refuted in whole numbers (seed {seed})")
