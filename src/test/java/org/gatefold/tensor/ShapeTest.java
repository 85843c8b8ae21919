package org.gatefold.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ShapeTest {
    @Property
    void elementsAreTheProductOfTheDimensions(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 60) Integer> drawn) {
        int[] dimensions = array(drawn);
        Shape shape = Shape.of(dimensions);
        long product = 1;
        for (int dimension : dimensions) {
            product *= dimension;
        }
        assertThat(shape.elements()).isEqualTo(product);
        assertThat(shape.rows() * shape.last()).isEqualTo(product);
        assertThat(shape.rank()).isEqualTo(dimensions.length);
        assertThat(shape.toArray()).isEqualTo(dimensions);
        assertThat(shape.dim(-1)).isEqualTo(shape.last()).isEqualTo(shape.dim(dimensions.length - 1));
    }

    @Property
    void equalDimensionsMakeEqualShapes(
            @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 3) Integer> left,
            @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 3) Integer> right) {
        Shape a = Shape.of(array(left));
        Shape b = Shape.of(array(right));
        assertThat(a.equals(b)).isEqualTo(left.equals(right));
        if (left.equals(right)) {
            assertThat(a).hasSameHashCodeAs(b).hasToString(b.toString());
        }
    }

    @Property
    void dimensionsBelowOneAreRefused(@ForAll @IntRange(min = Integer.MIN_VALUE, max = 0) int bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(3, bad))
                .withMessage("shape [3, " + bad + "]: dimension 1 must be at least 1, got " + bad);
    }

    @Test
    void sharesNothingWithItsCaller() {
        int[] dimensions = {2, 3};
        Shape shape = Shape.of(dimensions);
        dimensions[0] = 9;
        shape.toArray()[1] = 9;
        assertThat(shape).hasToString("[2, 3]");
    }

    @Test
    void changesItsLastDimensionInACopy() {
        Shape shape = Shape.of(2, 3);
        assertThat(shape.withLast(7)).isEqualTo(Shape.of(2, 7));
        assertThat(shape.last()).isEqualTo(3);
    }

    @Test
    void wordsItsErrors() {
        assertThatIllegalArgumentException()
                .isThrownBy(Shape::of)
                .withMessage("shape: expected at least one dimension, got none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.require("x", Shape.of(4, 5), 4, 6))
                .withMessage("x: expected shape [4, 6], got [4, 5]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.requireRank("x", Shape.of(4), 3, "[T, B, features]"))
                .withMessage("x: expected shape [T, B, features], got [4]");
        assertThatThrownBy(() -> Shape.of(4, 5).dim(2))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("axis 2 of shape [4, 5]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(Integer.MAX_VALUE, Integer.MAX_VALUE, 2))
                .withMessage("shape [2147483647, 2147483647, 2]: more than 281474976710656 elements");
    }

    private static int[] array(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}
