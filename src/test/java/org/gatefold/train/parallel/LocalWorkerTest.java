package org.gatefold.train.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalWorkerTest implements CollectiveContract {
    @Override
    public <T> List<Workers.Outcome<T>> outcomes(int size, Workers.Work<T> work) throws Exception {
        return Workers.local(size, work);
    }

    private static <T> List<T> run(int size, Workers.Work<T> work) throws Exception {
        return Workers.results(Workers.local(size, work));
    }

    @Override
    public float[] expected(int size, int count) {
        return expected(size, count, new float[] {1, 1, 1, 1, 1});
    }

    /** Sums in the order of the workers, each by its factor. */
    private static float[] expected(int size, int count, float[] factors) {
        float[] sums = new float[count];
        for (int rank = 0; rank < size; rank++) {
            float[] numbers = CollectiveContract.numbers(rank, count);
            for (int i = 0; i < count; i++) {
                float scaled = factors[rank] * numbers[i];
                sums[i] = rank == 0 ? scaled : sums[i] + scaled;
            }
        }
        return sums;
    }

    /** Numbers are rounded before they are added, and their sum again. */
    @Test
    void roundedSumsAreTheSameInEveryWorker() throws Exception {
        List<float[]> results = run(3, workers -> {
            float[] values = CollectiveContract.numbers(workers.rank(), 1001);
            workers.allReduce(values, values.length, Wire.BF16);
            return values;
        });
        for (int i = 0; i < 1001; i++) {
            float sum = 0;
            for (int rank = 0; rank < 3; rank++) {
                sum += Wire.BF16.rounded(CollectiveContract.numbers(rank, 1001)[i]);
            }
            assertThat(results.get(0)[i]).isEqualTo(Wire.BF16.rounded(sum));
        }
        assertThat(results).allSatisfy(result -> assertThat(result).isEqualTo(results.get(0)));
    }

    /** Two stretches, one of which has fewer numbers than there are workers, and what lies between and behind them. */
    @ParameterizedTest
    @CsvSource({"1, 9", "2, 9", "3, 1000", "4, 77"})
    void sumsOfTensorsAreThoseOfStretchesByFactors(int size, int count) throws Exception {
        float[] factors = {1, 0.5f, 3, -2};
        List<float[]> results = run(size, workers -> {
            try (Device device = Devices.cpu(1);
                    Scope scope = device.openScope("test")) {
                Tensor tensor = scope.f32("numbers", count);
                tensor.write(CollectiveContract.numbers(workers.rank(), count));
                workers.onDevice(device, scope, tensor)
                        .orElseThrow()
                        .sum(List.of(new Stretch(0, count - 5), new Stretch(count - 4, 2)), factors[workers.rank()]);
                // The others' devices are closed only after all have taken what they need.
                return tensor.toFloats();
            }
        });
        float[] sums = expected(size, count, factors);
        for (int rank = 0; rank < size; rank++) {
            float[] own = CollectiveContract.numbers(rank, count);
            for (int i = 0; i < count; i++) {
                boolean summed = i != count - 5 && i < count - 2;
                assertThat(results.get(rank)[i]).as("number %d", i).isEqualTo(summed ? sums[i] : own[i]);
            }
        }
    }

    @Test
    void wordsComeInOrderAndAreNotSharedWithTheirSpeaker() throws Exception {
        List<List<byte[]>> results = run(3, workers -> {
            byte[] mine = new byte[workers.rank()];
            Arrays.fill(mine, (byte) workers.rank());
            List<byte[]> told = workers.allGather(mine);
            Arrays.fill(mine, (byte) 9);
            workers.barrier();
            return told;
        });
        assertThat(results)
                .allSatisfy(told -> assertThat(told).containsExactly(new byte[0], new byte[] {1}, new byte[] {2, 2}));
    }

    @Test
    void whoClosesIsMissedByThoseThatWait() throws Exception {
        List<Workers.Outcome<String>> outcomes = Workers.local(2, workers -> {
            if (workers.rank() == 1) {
                return "is gone";
            }
            workers.allReduce(new float[3], 3);
            return "went on";
        });
        assertThat(outcomes.get(0).failure()).hasMessage("worker 1 is closed");
    }

    @Test
    void differentCallsAreNoticed() throws Exception {
        List<Workers.Outcome<String>> outcomes = Workers.local(2, workers -> {
            workers.allReduce(new float[10], workers.rank() == 0 ? 10 : 9);
            return "";
        });
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.failure())
                .isInstanceOf(CollectiveException.class)
                .hasMessage("worker 1: makes another call than worker 0: expected a sum of 10 numbers as F32, got a"
                        + " sum of 9 numbers as F32"));
    }

    @Test
    void anInterruptIsKeptAndBreaksNothing() throws Exception {
        List<Boolean> results = run(2, workers -> {
            Thread.currentThread().interrupt();
            float[] values = {1};
            workers.allReduce(values, 1);
            assertThat(values).containsExactly(2);
            return Thread.interrupted();
        });
        assertThat(results).containsExactly(true, true);
    }

    @Test
    void aGroupHasAMember() {
        assertThatThrownBy(() -> LocalWorker.group(0)).hasMessage("size: expected at least 1, got 0");
    }
}
