"""Says in whole numbers what an SMT query says in words of bits, so that solvers of arithmetic can refute it.

Everything that the query allows is allowed by what is made of it, and perhaps more: what is not understood (arrays, bits that are
mixed) is left open. So a refutation of this is one of the query, and nothing else follows.
"""

import z3


class Whole:
    """A query's terms as numbers, each with its least and greatest value as far as they are known."""

    def __init__(self):
        self.terms = {}
        self.facts = []
        self.known = {}

    def fresh(self, low, high):
        number = z3.Int(f"n{len(self.terms)}_{len(self.facts)}")
        self.facts += [number >= low, number <= high]
        return number, low, high

    def wrapped(self, exact, low, high, bits):
        """What is left of a number in a word."""
        size = 1 << bits
        if 0 <= low and high < size:
            return exact, low, high
        rest, turns = self.fresh(0, size - 1), self.fresh(low // size, high // size)
        self.facts.append(exact == rest[0] + size * turns[0])
        return rest

    def term(self, word):
        if word.get_id() not in self.terms:
            # The word is kept, as its id would be given to another one.
            self.terms[word.get_id()] = (self.number(word), word)
        return self.terms[word.get_id()][0]

    def number(self, word):
        bits = word.size()
        kind = word.decl().kind()
        if z3.is_bv_value(word):
            return word.as_long(), word.as_long(), word.as_long()
        if kind == z3.Z3_OP_UNINTERPRETED and word.num_args() == 0:
            return self.fresh(0, self.known.get(word.decl().name(), (1 << bits) - 1))
        if kind == z3.Z3_OP_BADD:
            parts = [self.signed(part) for part in word.children()]
            return self.wrapped(*(sum(column) for column in zip(*parts)), bits)
        if kind == z3.Z3_OP_BSUB:
            (left, low, high), (right, least, most) = map(self.term, word.children())
            return self.wrapped(left - right, low - most, high - least, bits)
        if kind == z3.Z3_OP_BMUL:
            return self.wrapped(*self.product([self.term(part) for part in word.children()]), bits)
        if kind in (z3.Z3_OP_BUDIV, z3.Z3_OP_BUDIV_I):
            return self.quotient(*map(self.term, word.children()), bits)[0]
        if kind in (z3.Z3_OP_BUREM, z3.Z3_OP_BUREM_I):
            return self.quotient(*map(self.term, word.children()), bits)[1]
        if kind == z3.Z3_OP_CONCAT:
            total = (0, 0, 0)
            for part in word.children():
                total = tuple(before * (1 << part.size()) + own for before, own in zip(total, self.term(part)))
            return total
        if kind == z3.Z3_OP_EXTRACT:
            top, bottom = word.params()
            return self.cut(*self.term(word.arg(0)), top, bottom)
        if kind == z3.Z3_OP_ZERO_EXT:
            return self.term(word.arg(0))
        if kind == z3.Z3_OP_BNOT:
            inner, low, high = self.term(word.arg(0))
            top = (1 << bits) - 1
            return top - inner, top - high, top - low
        if kind == z3.Z3_OP_ITE:
            (left, low, high), (right, least, most) = self.term(word.arg(1)), self.term(word.arg(2))
            either = self.fresh(min(low, least), max(high, most))
            yes, no = self.claim(word.arg(0), True), self.claim(word.arg(0), False)
            self.facts += [z3.Or(no, either[0] == left), z3.Or(yes, either[0] == right)]
            return either
        return self.fresh(0, (1 << bits) - 1)

    def signed(self, word):
        """A summand; one with a factor like 2^256 - 1 is taken away rather than added."""
        if z3.is_bv_value(word):
            value = word.as_signed_long()
            return value, value, value
        if word.decl().kind() == z3.Z3_OP_BMUL and z3.is_bv_value(word.arg(0)) and word.arg(0).as_signed_long() < 0:
            factor = word.arg(0).as_signed_long()
            inner, low, high = self.product([self.term(part) for part in word.children()[1:]])
            return factor * inner, factor * high, factor * low
        return self.term(word)

    @staticmethod
    def product(parts):
        exact, low, high = parts[0]
        for number, least, most in parts[1:]:
            exact, low, high = exact * number, low * least, high * most
        return exact, low, high

    def quotient(self, over, under, bits):
        (number, low, high), (divisor, least, most) = over, under
        whole = self.fresh(0 if least == 0 else low // most, (1 << bits) - 1 if least == 0 else high // least)
        rest = self.fresh(0, high if least == 0 else most - 1)
        divided = [number == whole[0] * divisor + rest[0], rest[0] + 1 <= divisor]
        if least > 0:
            self.facts += divided
        else:
            self.facts += [z3.Or(divisor <= 0, z3.And(*divided))]
        return whole, rest

    def cut(self, number, low, high, top, bottom):
        """The bits from `top` down to `bottom`."""
        above = (0, 0, 0) if high < 1 << (top + 1) else self.fresh(low >> (top + 1), high >> (top + 1))
        if bottom == 0 and above == (0, 0, 0):
            return number, low, high
        most = (1 << (top + 1 - bottom)) - 1
        part = self.fresh(0, min(most, high >> bottom) if above == (0, 0, 0) else most)
        below = (0, 0, 0) if bottom == 0 else self.fresh(0, (1 << bottom) - 1)
        self.facts.append(number == above[0] * (1 << (top + 1)) + part[0] * (1 << bottom) + below[0])
        return part

    def claim(self, formula, holds):
        """What `formula`, or its contrary, says of numbers."""
        kind, parts = formula.decl().kind(), formula.children()
        if kind in (z3.Z3_OP_TRUE, z3.Z3_OP_FALSE):
            return z3.BoolVal((kind == z3.Z3_OP_TRUE) == holds)
        if kind == z3.Z3_OP_NOT:
            return self.claim(parts[0], not holds)
        if kind in (z3.Z3_OP_AND, z3.Z3_OP_OR):
            join = z3.And if (kind == z3.Z3_OP_AND) == holds else z3.Or
            return join(*(self.claim(part, holds) for part in parts))
        if kind == z3.Z3_OP_IMPLIES:
            return self.claim(z3.Or(z3.Not(parts[0]), parts[1]), holds)
        if kind == z3.Z3_OP_ITE:
            yes, no = self.claim(parts[0], True), self.claim(parts[0], False)
            return z3.And(z3.Or(no, self.claim(parts[1], holds)), z3.Or(yes, self.claim(parts[2], holds)))
        if kind in (z3.Z3_OP_EQ, z3.Z3_OP_DISTINCT) and z3.is_bv(parts[0]) and len(parts) == 2:
            left, right = self.term(parts[0])[0], self.term(parts[1])[0]
            if holds == (kind == z3.Z3_OP_EQ):
                return z3.And(left <= right, right <= left) if isinstance(left, int) else left == right
            return z3.Or(left + 1 <= right, right + 1 <= left)
        if kind in (z3.Z3_OP_ULEQ, z3.Z3_OP_ULT, z3.Z3_OP_UGEQ, z3.Z3_OP_UGT):
            left, right = self.term(parts[0])[0], self.term(parts[1])[0]
            if kind in (z3.Z3_OP_UGEQ, z3.Z3_OP_UGT):
                left, right = right, left
            strict = kind in (z3.Z3_OP_ULT, z3.Z3_OP_UGT)
            if not holds:
                left, right, strict = right, left, not strict
            return left + 1 <= right if strict else left <= right
        return z3.BoolVal(True)

    def inputs(self):
        """What the query leaves open, and the numbers of it."""
        for number, word in self.terms.values():
            if word.decl().kind() == z3.Z3_OP_UNINTERPRETED and word.num_args() == 0:
                yield word, number[0]

    def query(self, assertions):
        """All that follows from the assertions about numbers, as formulas."""
        for each in assertions:
            self.bound(each)
        claims = [self.claim(each, True) for each in assertions]
        return [fact for fact in self.facts + claims if not isinstance(fact, bool) or not fact]

    def bound(self, assertion):
        """Learns of `x = concat(0, extract(k, 0, x))`, as an argument narrower than a word is said to be."""
        if assertion.decl().kind() != z3.Z3_OP_EQ or not z3.is_bv(assertion.arg(0)):
            return
        name, value = assertion.children()
        if name.num_args() != 0 or value.decl().kind() != z3.Z3_OP_CONCAT or value.num_args() != 2:
            return
        zero, part = value.children()
        if z3.is_bv_value(zero) and zero.as_long() == 0 and part.decl().kind() == z3.Z3_OP_EXTRACT:
            if part.arg(0).eq(name) and part.params()[1] == 0:
                self.known[name.decl().name()] = (1 << part.size()) - 1
