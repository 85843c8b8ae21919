package org.gatefold.data.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.gatefold.data.transform.SeriesTransform.Difference;
import org.gatefold.data.transform.SeriesTransform.Log;
import org.gatefold.data.transform.SeriesTransform.SquareRoot;
import org.junit.jupiter.api.Test;

class TransformChainTest {
    @Test
    void differencesAgainstHandComputedValues() {
        double[] series = {1, 4, 9, 16, 25};
        assertThat(new Difference(1).apply(series)).containsExactly(3, 5, 7, 9);
        assertThat(new Difference(3).apply(series)).containsExactly(15, 21);
        assertThat(TransformChain.of(new SquareRoot(), new Difference(1)).apply(series))
                .containsExactly(1, 1, 1, 1);
        assertThat(TransformChain.of(new Difference(2), new Difference(1)).apply(series))
                .containsExactly(4, 4);
    }

    @Test
    void restoresDifferencesFromTheValuesBefore() {
        assertThat(new Difference(1).restore(new double[] {7, 10}, new double[] {2, -1}))
                .containsExactly(12, 11);
        assertThat(new Difference(2).restore(new double[] {7, 10}, new double[] {1, 1, 1}))
                .containsExactly(8, 11, 9);
    }

    @Test
    void aForecastBelowZeroBecomesZero() {
        assertThat(new SquareRoot().restore(new double[0], new double[] {-3, 2}))
                .containsExactly(0, 4);
    }

    /** Transforms that lose up to 12 values each, on positive series. */
    @Provide
    Arbitrary<TransformChain> chains() {
        Arbitrary<SeriesTransform> first = Arbitraries.of(new Log(), new SquareRoot(), new Difference(1));
        Arbitrary<List<SeriesTransform>> more = Arbitraries.integers()
                .between(1, 12)
                .map(lag -> (SeriesTransform) new Difference(lag))
                .list()
                .ofMaxSize(2);
        return first.flatMap(head -> more.map(tail -> {
            SeriesTransform[] all = new SeriesTransform[tail.size() + 1];
            all[0] = head;
            for (int i = 0; i < tail.size(); i++) {
                all[i + 1] = tail.get(i);
            }
            return TransformChain.of(all);
        }));
    }

    @Provide
    Arbitrary<double[]> series() {
        return Arbitraries.doubles()
                .between(1, 1000)
                .ofScale(3)
                .array(double[].class)
                .ofMinSize(45)
                .ofMaxSize(80);
    }

    @Property
    void leadsBackWhatItTransformed(@ForAll("chains") TransformChain chain, @ForAll("series") double[] series) {
        double[] transformed = chain.apply(series);
        assertThat(transformed).hasSize(series.length - chain.lost());
        int known = 40;
        double[] restored = chain.restore(
                Arrays.copyOf(series, known),
                Arrays.copyOfRange(transformed, known - chain.lost(), transformed.length));
        assertThat(restored).containsExactly(Arrays.copyOfRange(series, known, series.length), within(1e-6));
    }

    @Test
    void boundsTheRoundingOfASteadySeries() {
        double[] rising = new double[500];
        double[] growing = new double[500];
        double[] squares = new double[500];
        for (int row = 0; row < rising.length; row++) {
            rising[row] = (1_000_000 + row) / 10.0;
            growing[row] = 0.3 * Math.pow(1.02, row);
            squares[row] = (0.7 * row + 0.1) * (0.7 * row + 0.1);
        }
        requireConstant(TransformChain.of(new Difference(1)), rising, 0.1);
        requireConstant(TransformChain.of(new Difference(12)), rising, 1.2);
        requireConstant(TransformChain.of(new Difference(3), new Difference(1)), rising, 0);
        requireConstant(TransformChain.of(new Log(), new Difference(1)), growing, Math.log(1.02));
        requireConstant(TransformChain.of(new SquareRoot(), new Difference(1)), squares, 0.7);
    }

    private static void requireConstant(TransformChain chain, double[] series, double value) {
        double[] transformed = chain.apply(series);
        double bound = chain.rounding(series);
        assertThat(Arrays.stream(transformed).distinct().count())
                .as("rounding makes values differ")
                .isGreaterThan(1);
        assertThat(transformed).containsOnly(new double[] {value}, within(bound));
        assertThat(bound).isLessThan(1e-6);
        assertThat(Scaler.fit(Scaler.Kind.STANDARD, transformed, 0, transformed.length, bound)
                        .scale())
                .isEqualTo(1);
    }

    @Property
    void parsesItsOwnLabels(@ForAll("chains") TransformChain chain) {
        assertThat(TransformChain.parse(chain.labels())).isEqualTo(chain);
    }

    @Test
    void refusesWhatItCannotTransform() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Log().apply(new double[] {1, 0}))
                .withMessage("logarithm: expected positive values, got 0.0 at row 2; the square root takes zeros too");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SquareRoot().apply(new double[] {-1}))
                .withMessage("square root: expected values that are not negative, got -1.0 at row 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Difference(0))
                .withMessage("lag: expected at least 1, got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Difference(3).apply(new double[3]))
                .withMessage("difference: expected more than 3 values, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransformChain.of(new Difference(3)).restore(new double[2], new double[1]))
                .withMessage("before: expected at least 3 values, got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SeriesTransform.parse("cube"))
                .withMessage("transform: expected log, sqrt or difference(LAG), got 'cube'");
    }
}
