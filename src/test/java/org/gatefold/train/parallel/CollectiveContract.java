package org.gatefold.train.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Collective} promises: one sum for all, in an order that is known, and the reason where a worker gives up. */
interface CollectiveContract {
    /** What became of workers of this kind. */
    <T> List<Workers.Outcome<T>> outcomes(int size, Workers.Work<T> work) throws Exception;

    /** The sums of {@link #numbers} of all workers, in the order that this kind promises. */
    float[] expected(int size, int count);

    /** What a worker adds. */
    static float[] numbers(int rank, int count) {
        float[] values = new float[count];
        Random random = new Random(rank);
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Counts below the number of workers leave parts empty; the largest is several buffers long and no multiple of anything. */
    @ParameterizedTest
    @CsvSource({"1, 7", "2, 0", "2, 1", "2, 300007", "3, 2", "3, 300007", "5, 3", "5, 200001"})
    default void sumsAreThoseOfTheOrderInEveryWorker(int size, int count) throws Exception {
        List<float[]> results = Workers.results(outcomes(size, workers -> {
            float[] values = Arrays.copyOf(numbers(workers.rank(), count), count + 3);
            values[count] = 42;
            workers.allReduce(values, count);
            assertThat(values[count]).isEqualTo(42);
            return Arrays.copyOf(values, count);
        }));
        float[] sums = expected(size, count);
        assertThat(results).allSatisfy(result -> assertThat(result).isEqualTo(sums));
    }

    /** Whatever the others are at: a word, or numbers of a sum that the one who gives up does not pass on. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1 << 20})
    default void whoGivesUpTellsAllOthersWhy(int numbers) throws Exception {
        List<Workers.Outcome<String>> outcomes = outcomes(4, workers -> {
            workers.barrier();
            if (workers.rank() == 2) {
                workers.abort("worker 2 gave up: its disk is full");
                return "gave up";
            }
            for (int i = 0; i < 10; i++) {
                if (numbers == 0) {
                    workers.barrier();
                } else {
                    workers.allReduce(new float[numbers], numbers);
                }
            }
            return "went on";
        });
        for (int rank : new int[] {0, 1, 3}) {
            assertThat(outcomes.get(rank).failure())
                    .isInstanceOf(CollectiveException.class)
                    .hasMessage("worker 2 gave up: its disk is full");
        }
        assertThat(outcomes.get(2).result()).isEqualTo("gave up");
    }
}
