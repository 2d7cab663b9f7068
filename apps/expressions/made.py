"""Values that are made of others each time they are asked for, and held by nobody."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

Given = TypeVar("Given")
Value = TypeVar("Value")


class Made(Sequence[Value], Generic[Given, Value]):
    """The results of a function, one for each of the values given."""

    def __init__(self, make: Callable[[Given], Value], given: Sequence[Given]) -> None:
        self._make = make
        self._given = given

    def __len__(self) -> int:
        return len(self._given)

    def __iter__(self) -> Iterator[Value]:
        return map(self._make, self._given)

    @overload
    def __getitem__(self, place: int) -> Value: ...
    @overload
    def __getitem__(self, place: slice) -> list[Value]: ...
    def __getitem__(self, place: int | slice) -> Value | list[Value]:
        if isinstance(place, slice):
            return [self._make(each) for each in self._given[place]]
        return self._make(self._given[place])
